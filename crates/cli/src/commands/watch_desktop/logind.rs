//! What systemd's logind says on the system bus (org.freedesktop.login1(5)).
//!
//! Whose session an agent belongs to is not always to be found out: one that systemd started for
//! the user belongs to none. So all sessions of its user count: any screen that is locked locks, and
//! the end of the last session is the end.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_lite::StreamExt as _;
use keyfob_daemon::desktop::{Event, Wishes};
use keyfob_sys::user;
use serde::de::DeserializeOwned;
use tokio::time::{interval, timeout};
use zbus::message::{Message, Type};
use zbus::zvariant::{DynamicType, OwnedFd, OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, MessageStream};

use super::say;
use super::sessions::{Sessions, is_of_a_person};

const BUS: &str = "org.freedesktop.DBus";
const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const SESSION: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// How long logind may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Messages that wait while we wait for an answer: more than there are in that time.
const WAITING: usize = 1024;

/// How often it is asked whether sessions are ending: it does not say so by itself, and one whose
/// programs go on (ours among them) is not removed.
const LOOKS: Duration = Duration::from_secs(30);

/// Why logind cannot be heard.
#[derive(Debug)]
pub(super) enum Error {
    Bus(zbus::Error),
    Late,
    Left,
}

impl From<zbus::Error> for Error {
    fn from(error: zbus::Error) -> Self {
        Self::Bus(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(error) => write!(f, "{error}"),
            Self::Late => f.write_str("it does not answer"),
            Self::Left => f.write_str("it has left the bus"),
        }
    }
}

/// The delay that keeps the machine awake until the agent has locked, while it is held.
#[derive(Debug, Clone, Default)]
pub(super) struct Delay(Arc<Mutex<Option<OwnedFd>>>);

impl Delay {
    /// The machine may sleep.
    pub(super) fn release(&self) {
        self.set(None);
    }

    fn set(&self, held: Option<OwnedFd>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

/// logind, listened to.
pub(super) struct Logind {
    connection: Connection,
    wishes: Wishes,
    /// Who has its name: others may send what looks like its signals.
    owner: String,
    signals: MessageStream,
    owners: MessageStream,
    sessions: Sessions,
    delay: Delay,
}

impl Logind {
    /// Connects, subscribes, and looks how things are.
    pub(super) async fn connect(wishes: Wishes) -> Result<Self, Error> {
        let connection = within(Connection::system()).await?;
        let of_logind = MatchRule::builder().msg_type(Type::Signal).sender(NAME)?.build();
        let of_bus = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(BUS)?
            .member("NameOwnerChanged")?
            .arg(0, NAME)?
            .build();
        let stream = |rule| within(MessageStream::for_match_rule(rule, &connection, Some(WAITING)));
        // Before anything is asked: what changes meanwhile is heard.
        let (owners, signals) = (stream(of_bus).await?, stream(of_logind).await?);
        let call = connection.call_method(
            Some(BUS),
            "/org/freedesktop/DBus",
            Some(BUS),
            "GetNameOwner",
            &NAME,
        );
        let owner: String = body(&within(call).await?)?;
        let (sessions, delay) = (Sessions::default(), Delay::default());
        let mut logind = Self { connection, wishes, owner, signals, owners, sessions, delay };
        logind.look_around().await?;
        Ok(logind)
    }

    /// What holds the machine awake.
    pub(super) fn delay(&self) -> Delay {
        self.delay.clone()
    }

    /// Says what happens, until it cannot be heard any more.
    pub(super) async fn watch(mut self) -> Error {
        let mut looks = interval(LOOKS);
        loop {
            let done = tokio::select! {
                signal = self.signals.next() => match signal {
                    Some(Ok(signal)) => self.hear(&signal).await,
                    Some(Err(error)) => Err(error.into()),
                    None => Err(Error::Left),
                },
                _ = self.owners.next() => Err(Error::Left),
                _ = looks.tick(), if self.wishes.logout => self.look_for_ends().await,
            };
            if let Err(error) = done {
                return error;
            }
        }
    }

    async fn look_around(&mut self) -> Result<(), Error> {
        if self.wishes.suspend {
            self.hold().await?;
        }
        type Listed = Vec<(String, u32, String, String, OwnedObjectPath)>;
        let sessions: Listed = self.call(PATH, MANAGER, "ListSessions", &()).await?;
        for (_, uid, _, _, path) in sessions {
            if uid == user::effective_uid() {
                self.note(path.as_str()).await?;
            }
        }
        if self.wishes.screen {
            for path in self.sessions.paths() {
                if self.property(&path, "LockedHint").await? == Some(true) {
                    say(&Event::ScreenLocked);
                }
            }
        }
        Ok(())
    }

    async fn hear(&mut self, signal: &Message) -> Result<(), Error> {
        let header = signal.header();
        let is_real = header.sender().is_some_and(|sender| sender.as_str() == self.owner);
        let (Some(interface), Some(member), Some(path), true) =
            (header.interface(), header.member(), header.path(), is_real)
        else {
            return Ok(());
        };
        match (interface.as_str(), member.as_str()) {
            (MANAGER, "PrepareForSleep") if self.wishes.suspend => match body(signal)? {
                true => say(&Event::Sleep),
                false => {
                    self.hold().await?;
                    say(&Event::Resume);
                }
            },
            (MANAGER, "SessionNew") => {
                let (_, path): (String, OwnedObjectPath) = body(signal)?;
                // One that is gone before we look was none.
                let owner = self.property::<(u32, OwnedObjectPath)>(path.as_str(), "User").await?;
                if owner.is_some_and(|(uid, _)| uid == user::effective_uid()) {
                    self.note(path.as_str()).await?;
                }
            }
            (MANAGER, "SessionRemoved") => {
                let (_, path): (String, OwnedObjectPath) = body(signal)?;
                self.gone(path.as_str());
            }
            (SESSION, "Lock") if self.wishes.screen && self.sessions.has(path.as_str()) => {
                say(&Event::ScreenLocked);
            }
            (PROPERTIES, "PropertiesChanged") if self.sessions.has(path.as_str()) => {
                self.changed(signal).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn changed(&mut self, signal: &Message) -> Result<(), Error> {
        type Changes = (String, std::collections::HashMap<String, OwnedValue>, Vec<String>);
        let (interface, changes, unsaid): Changes = body(signal)?;
        if interface != SESSION {
            return Ok(());
        }
        let locked = changes.get("LockedHint").and_then(|value| bool::try_from(value).ok());
        if self.wishes.screen && locked == Some(true) {
            say(&Event::ScreenLocked);
        }
        // One that ends is not active any more.
        let has = |name: &str| changes.contains_key(name) || unsaid.iter().any(|one| one == name);
        if self.wishes.logout && (has("Active") || has("State")) {
            self.look_for_ends().await?;
        }
        Ok(())
    }

    /// Sessions that are ending count as gone: their person is.
    async fn look_for_ends(&mut self) -> Result<(), Error> {
        for path in self.sessions.paths() {
            let state: Option<String> = self.property(&path, "State").await?;
            if state.is_none_or(|state| state == "closing") {
                self.gone(&path);
            }
        }
        Ok(())
    }

    async fn note(&mut self, path: &str) -> Result<(), Error> {
        let class: Option<String> = self.property(path, "Class").await?;
        if class.is_some_and(|class| is_of_a_person(&class)) {
            self.sessions.add(path);
        }
        Ok(())
    }

    fn gone(&mut self, path: &str) {
        if self.sessions.remove(path) && self.wishes.logout {
            say(&Event::SessionEnded);
        }
    }

    /// Asks for time to lock. Without it there may be none; the rest works all the same.
    async fn hold(&mut self) -> Result<(), Error> {
        let what = ("sleep", "keyfob", "locks the keys before the machine sleeps", "delay");
        match self.call::<OwnedFd>(PATH, MANAGER, "Inhibit", &what).await {
            Ok(held) => self.delay.set(Some(held)),
            Err(Error::Bus(zbus::Error::MethodError(name, text, _))) => {
                let text = text.unwrap_or_else(|| name.to_string());
                say(&Event::Problem(format!(
                    "sleep cannot be delayed until all is locked: {text}"
                )));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// `None` when there is no such object (any more), or it has another type.
    async fn property<T: TryFrom<OwnedValue>>(
        &self,
        path: &str,
        name: &str,
    ) -> Result<Option<T>, Error> {
        match self.call::<OwnedValue>(path, PROPERTIES, "Get", &(SESSION, name)).await {
            Ok(value) => Ok(T::try_from(value).ok()),
            Err(Error::Bus(zbus::Error::MethodError(..))) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn call<T: DeserializeOwned + zbus::zvariant::Type>(
        &self,
        path: &str,
        interface: &str,
        method: &str,
        arguments: &(impl serde::Serialize + DynamicType),
    ) -> Result<T, Error> {
        let call =
            self.connection.call_method(Some(NAME), path, Some(interface), method, arguments);
        body(&within(call).await?)
    }
}

fn body<T: DeserializeOwned + zbus::zvariant::Type>(message: &Message) -> Result<T, Error> {
    Ok(message.body().deserialize()?)
}

async fn within<T>(work: impl Future<Output = zbus::Result<T>>) -> Result<T, Error> {
    Ok(timeout(PATIENCE, work).await.map_err(|_| Error::Late)??)
}
