//! The agent as a command sees it: one method for each thing it can be asked.
//!
//! Turns messages into results. Prints nothing and does not choose which
//! agent to call.

use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfob_keys::Secret;
use keyfob_protocol::details::Details;
use keyfob_protocol::hosts::{HostsReply, HostsRequest};
use keyfob_protocol::log::LogStatus;
use keyfob_protocol::refusals::Refused;
use keyfob_protocol::security::Process;
use keyfob_protocol::settings::SettingsStatus;
use keyfob_protocol::{
    AddIdentity, Extension, Identity, Reply, Request, SignRequest, StoreReply, StoreRequest,
};
#[cfg(feature = "watch")]
use keyfob_protocol::{WatchReply, WatchRequest};
use keyfob_sys::peer::{self, Credentials};
use keyfob_transport::client::{self, Client};
use zeroize::Zeroizing;

use crate::process_name::{is_keyfob, is_service_manager};

/// Why the agent did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It said no, and the protocol has no room for a reason.
    #[error("agent refused operation")]
    Refused,
    /// The connection failed.
    #[error(transparent)]
    Broken(#[from] client::Error),
    /// Its answer, or our request, is not a message.
    #[error("the agent's answer makes no sense: {0}")]
    Garbled(#[from] keyfob_protocol::Error),
    /// Its answer is a message, but to another question.
    #[error("the agent answered another question than was asked")]
    OffTopic,
}

/// GNOME's agent: that of gcr 3.41 (Debian 12) ends by a segmentation fault, keys and all, when it
/// is asked for an extension. None of its versions serves one that we would ask for.
const ENDED_BY_EXTENSIONS: &str = "gcr-ssh-agent";

/// Where it listens for systemd, which is then the process that the kernel names.
const ITS_SOCKET: &str = "gcr/ssh";

/// How long an agent is waited for that is only looked at: one that hangs is told of as one that is not
/// there.
const LOOKING: Duration = Duration::from_secs(5);

/// A connection to an agent.
pub(crate) struct Connection {
    client: Client,
    /// Whether the agent can be asked for extensions.
    is_robust: bool,
}

impl Connection {
    /// Connects to the socket at a path.
    pub(crate) fn open(path: &Path) -> Result<Self, client::Error> {
        Client::connect(path).map(|client| Self::over(client, path))
    }

    /// The same for who only tells how an agent is, and has something to tell without it too.
    pub(crate) fn open_to_look(path: &Path) -> Result<Self, client::Error> {
        Self::open_within(path, LOOKING)
    }

    /// The same, and neither the connection nor any answer is waited for longer than this.
    pub(crate) fn open_within(path: &Path, patience: Duration) -> Result<Self, client::Error> {
        Client::connect_within(path, Some(patience)).map(|client| Self::over(client, path))
    }

    fn over(client: Client, path: &Path) -> Self {
        let mut connection = Self { client, is_robust: true };
        let program = connection.listener().and_then(|pid| peer::executable(pid).ok());
        let is_called = |program: PathBuf| program.ends_with(ENDED_BY_EXTENSIONS);
        connection.is_robust = !path.ends_with(ITS_SOCKET) && !program.is_some_and(is_called);
        connection
    }

    /// Who listens, by the kernel's word.
    pub(crate) fn credentials(&self) -> Option<Credentials> {
        peer::credentials(&self.client).ok()
    }

    /// The process that made the socket, by the kernel's word, unless it is in a namespace we do not
    /// see. It may be the service manager that starts the agent, and not the agent.
    pub(crate) fn listener(&self) -> Option<u32> {
        self.credentials()?.pid
    }

    /// The agent's process: who listens, or, where a service manager made the socket, whom that has
    /// started, by the agent's own word. A service manager is nobody's to end: with it ends the session.
    pub(crate) fn process(&mut self) -> Option<u32> {
        let listener = self.listener()?;
        // Every shell that starts comes by here: what is plain is not asked.
        if is_keyfob(listener) {
            return Some(listener);
        }
        // What an agent in a container says of itself is another process here.
        let is_child = |pid: &u32| peer::parent(*pid).is_ok_and(|parent| parent == listener);
        match self.security() {
            Ok(Some(process)) if is_child(&process.number) => Some(process.number),
            _ => Some(listener).filter(|pid| !is_service_manager(*pid)),
        }
    }

    /// The agent's answer to a whole frame of somebody else's, as a whole frame.
    pub(crate) fn relay(&mut self, frame: &[u8]) -> Result<Zeroizing<Vec<u8>>, client::Error> {
        self.client.relay(frame)
    }

    /// The keys it shows.
    pub(crate) fn identities(&mut self) -> Result<Vec<Identity>, Error> {
        match self.ask(&Request::Identities)? {
            Reply::Identities(list) => Ok(list),
            other => Err(unexpected(&other)),
        }
    }

    /// The keys with their constraints; `None` from agents that are not keyfob.
    pub(crate) fn details(&mut self) -> Result<Option<Details>, Error> {
        match self.ask(&Request::Extension(Extension::Details))? {
            Reply::Details(details) => Ok(Some(details)),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// Whether it is locked; `None` from agents that do not say.
    pub(crate) fn is_locked(&mut self) -> Option<bool> {
        self.details().ok().flatten().map(|details| details.locked)
    }

    /// The names of the extensions it serves.
    pub(crate) fn extensions(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        match self.ask(&Request::Extension(Extension::Query))? {
            Reply::Extensions(names) => Ok(names),
            Reply::Success => Ok(Vec::new()),
            other => Err(unexpected(&other)),
        }
    }

    /// Gives it a key.
    pub(crate) fn add(&mut self, identity: AddIdentity) -> Result<(), Error> {
        self.tell(&Request::Add(Box::new(identity)))
    }

    /// Makes it forget one key.
    pub(crate) fn remove(&mut self, blob: &[u8]) -> Result<(), Error> {
        self.tell(&Request::Remove(blob))
    }

    /// Makes it forget all keys, of protocol 1 too: the agent may be another's.
    pub(crate) fn remove_all(&mut self) -> Result<(), Error> {
        let result = self.tell(&Request::RemoveAll);
        let _ = self.tell(&Request::RemoveAllV1);
        result
    }

    /// Locks it.
    pub(crate) fn lock(&mut self, passphrase: Secret) -> Result<(), Error> {
        self.tell(&Request::Lock(passphrase))
    }

    /// Unlocks it.
    pub(crate) fn unlock(&mut self, passphrase: Secret) -> Result<(), Error> {
        self.tell(&Request::Unlock(passphrase))
    }

    /// About the key store; `None` from agents that have none to speak of, and where the request
    /// comes from another machine.
    pub(crate) fn store(&mut self, request: StoreRequest<'_>) -> Result<Option<StoreReply>, Error> {
        match self.ask(&Request::Extension(Extension::Store(request)))? {
            Reply::Store(reply) => Ok(Some(reply)),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// What it refused lately; `None` from agents that do not say.
    pub(crate) fn refusals(&mut self) -> Result<Option<Vec<Refused>>, Error> {
        match self.ask(&Request::Extension(Extension::Refusals))? {
            Reply::Refusals(refusals) => Ok(Some(refusals)),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// Which settings it runs with; `None` from agents that do not tell.
    pub(crate) fn settings(&mut self) -> Result<Option<SettingsStatus>, Error> {
        match self.ask(&Request::Extension(Extension::Settings))? {
            Reply::Settings(status) => Ok(Some(status).filter(|status| !status.path.is_empty())),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// Its process, and what protects it; `None` from agents that do not tell, and where the request
    /// comes from another machine or through a profile's socket.
    pub(crate) fn security(&mut self) -> Result<Option<Process>, Error> {
        match self.ask(&Request::Extension(Extension::Security))? {
            Reply::Security(process) => Ok(Some(process)),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// Where its log stands; `None` from agents that do not tell, or have none.
    pub(crate) fn log(&mut self) -> Result<Option<LogStatus>, Error> {
        match self.ask(&Request::Extension(Extension::Log))? {
            Reply::Log(status) => Ok(Some(*status).filter(|status| status.there)),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// About what is remembered of hosts; `None` from agents that remember nothing, and where the
    /// request comes from another machine or through a profile's socket.
    pub(crate) fn hosts(&mut self, request: HostsRequest) -> Result<Option<HostsReply>, Error> {
        match self.ask(&Request::Extension(Extension::Hosts(request)))? {
            Reply::Hosts(reply) => Ok(Some(reply)),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// What goes on in it; `None` from agents that let nobody look on, and where the request comes
    /// from another machine or through a profile's socket.
    #[cfg(feature = "watch")]
    pub(crate) fn watch(&mut self, request: WatchRequest<'_>) -> Result<Option<WatchReply>, Error> {
        match self.ask(&Request::Extension(Extension::Watch(request)))? {
            Reply::Watch(reply) => Ok(Some(*reply)),
            Reply::Failure | Reply::ExtensionFailure => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    /// The connection itself, for who sends before the last reply has come.
    #[cfg(feature = "watch")]
    pub(crate) fn into_client(self) -> Client {
        self.client
    }

    /// A signature blob by one of its keys.
    pub(crate) fn sign(&mut self, key: &[u8], data: &[u8], flags: u32) -> Result<Vec<u8>, Error> {
        match self.ask(&Request::Sign(SignRequest { key, data, flags }))? {
            Reply::Signature(blob) => Ok(blob),
            other => Err(unexpected(&other)),
        }
    }

    fn tell(&mut self, request: &Request<'_>) -> Result<(), Error> {
        match self.ask(request)? {
            Reply::Success => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    fn ask(&mut self, request: &Request<'_>) -> Result<Reply, Error> {
        if !self.is_robust && matches!(request, Request::Extension(_)) {
            return Ok(Reply::Failure);
        }
        let frame = request.encode()?;
        Ok(Reply::decode(&self.client.request(&frame)?)?)
    }
}

fn unexpected(reply: &Reply) -> Error {
    match reply {
        Reply::Failure | Reply::ExtensionFailure => Error::Refused,
        _ => Error::OffTopic,
    }
}
