//! Tells how things are: the key store, the agent, and when it locks itself.

use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_protocol::log::LogStatus;
use keyfob_protocol::security::{Measure, Process};
use keyfob_protocol::settings::SettingsStatus;
use keyfob_protocol::{StoreRequest, store::StoreStatus};
use keyfob_sys::os_text;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::connection::Connection;
use crate::exit::Exit;
use crate::json;
use crate::key_store::Place;
use crate::voice::{shown, shown_path, status as words};
use crate::{finding, output};

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    /// As JSON.
    pub(crate) json: bool,
    /// What protects the agent's process, instead.
    pub(crate) security: bool,
}

#[derive(Serialize)]
struct Measures {
    measures: Vec<MeasureDocument>,
}

#[derive(Serialize)]
struct MeasureDocument {
    name: String,
    on: bool,
    /// How far it goes, or why it is not in place.
    reason: String,
}

/// Everything that was found out.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where the store is; none if there is none.
    pub(crate) store: Option<PathBuf>,
    /// Whether the login of this account opens it.
    pub(crate) by_account: bool,
    /// The agent; none if none answers.
    pub(crate) agent: Option<Agent>,
}

/// An agent that answers.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) socket: PathBuf,
    pub(crate) process: Option<u32>,
    /// How many keys it shows.
    pub(crate) keys: usize,
    /// Whether it is locked with a passphrase of its own.
    pub(crate) locked: bool,
    /// What it says of the store; none from agents that know of none.
    pub(crate) store: Option<StoreStatus>,
    /// What it says of its settings; none from agents that do not tell.
    pub(crate) settings: Option<SettingsStatus>,
    /// What is wrong with its log; none where all is well.
    pub(crate) log: Option<LogStatus>,
}

#[derive(Serialize)]
struct Document {
    store: Option<String>,
    /// Whether the login of this account opens it, without the passphrase.
    store_by_account: bool,
    store_locked: Option<bool>,
    store_keys: Option<u32>,
    /// Seconds since 1970.
    store_since: Option<u64>,
    next_lock: Option<u64>,
    agent: Option<AgentDocument>,
    settings: Option<SettingsDocument>,
    /// What is wrong with the log of the agent; none where all is well.
    log: Option<LogDocument>,
}

#[derive(Serialize)]
struct AgentDocument {
    socket: String,
    pid: Option<u32>,
    keys: usize,
    locked: bool,
}

#[derive(Serialize)]
struct SettingsDocument {
    file: String,
    /// Why the file as it is now does not count.
    problem: Option<String>,
    /// What counts only for the next agent.
    need_new_agent: Option<String>,
    /// Seconds since 1970.
    since: u64,
}

#[derive(Serialize)]
struct LogDocument {
    /// Why it cannot be written; none where the disk does not answer, or room was short for a moment.
    problem: Option<String>,
    /// Seconds since 1970.
    since: Option<u64>,
    /// Lines that are missing.
    missing: u64,
    /// Lines that wait for a disk that does not answer.
    waiting: u64,
}

impl Status {
    /// Tells it. Exit 2 says that no agent answers, as everywhere.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        if self.security {
            return self.tell_security(environment);
        }
        let Ok(place) = Place::of(environment) else {
            return Exit::Failure;
        };
        let store = match place.find() {
            Ok(store) => Some(store),
            Err(keyfob_keystore::Error::NoStore(_)) => None,
            Err(error) => return crate::key_store::failed(&error),
        };
        // What cannot be known here is told where somebody opens it.
        let by_account = store.as_ref().is_some_and(|it| it.opens_by_account().unwrap_or(false));
        let store = store.map(|store| store.folder().to_owned());
        let found = Found { store, by_account, agent: agent(environment) };
        if self.json {
            output::data(&document(&found));
        } else {
            words::tell(&found);
        }
        if found.agent.is_some() { Exit::Success } else { Exit::NoAgent }
    }

    /// What the agent says of itself: whoever listens in its place can say anything.
    fn tell_security(self, environment: &Environment) -> Exit {
        let Some(mut connection) = connection(environment) else {
            words::no_agent();
            return Exit::NoAgent;
        };
        let Ok(Some(Process { measures, .. })) = connection.security() else {
            crate::output::fact("this agent does not tell what protects it");
            return Exit::Failure;
        };
        if self.json {
            let measures = measures.iter().map(measure).collect();
            output::data(&json::document(&Measures { measures }));
        } else {
            words::tell_security(&measures);
        }
        Exit::Success
    }
}

fn socket(environment: &Environment) -> Option<PathBuf> {
    environment.auth_sock().or_else(|| finding::own_socket(environment).ok())
}

fn connection(environment: &Environment) -> Option<Connection> {
    Connection::open_to_look(&socket(environment)?).ok()
}

fn measure(measure: &Measure) -> MeasureDocument {
    let Measure { name, on, reason } = measure;
    MeasureDocument { name: shown(name), on: *on, reason: shown(reason) }
}

fn agent(environment: &Environment) -> Option<Agent> {
    let socket = socket(environment)?;
    let mut connection = Connection::open_to_look(&socket).ok()?;
    let details = connection.details().ok()?;
    let (keys, locked) = match details {
        Some(details) => (details.identities.len(), details.locked),
        None => (connection.identities().ok()?.len(), false),
    };
    let store = connection.store(StoreRequest::Status).ok()?.map(|reply| reply.status);
    let store = store.filter(|status| !status.folder.is_empty());
    let settings = connection.settings().ok()?;
    let log = connection.log().ok()?.filter(is_in_trouble);
    let process = connection.process();
    Some(Agent { socket, process, keys, locked, store, settings, log })
}

fn document(found: &Found) -> Zeroizing<Vec<u8>> {
    let status = found.agent.as_ref().and_then(|agent| agent.store.as_ref());
    let document = Document {
        store: found.store.as_deref().map(shown_path),
        store_by_account: found.by_account,
        store_locked: status.map(|status| status.locked),
        store_keys: status.map(|status| status.keys),
        store_since: status.map(|status| status.since).filter(|since| *since > 0),
        next_lock: status.map(|status| status.next_lock).filter(|next| *next > 0),
        agent: found.agent.as_ref().map(|agent| AgentDocument {
            socket: shown_path(&agent.socket),
            pid: agent.process,
            keys: agent.keys,
            locked: agent.locked,
        }),
        settings: found.agent.as_ref().and_then(|agent| agent.settings.as_ref()).map(settings),
        log: found.agent.as_ref().and_then(|agent| agent.log.as_ref()).map(log),
    };
    json::document(&document)
}

fn settings(status: &SettingsStatus) -> SettingsDocument {
    let text = |text: &[u8]| Some(shown(text)).filter(|text| !text.is_empty());
    SettingsDocument {
        file: shown(&status.path),
        problem: text(&status.problem),
        need_new_agent: text(&status.fixed),
        since: status.since,
    }
}

/// Lines that merely wait are no trouble: the next ones always do.
fn is_in_trouble(status: &LogStatus) -> bool {
    !status.problem.is_empty() || status.lost > 0 || !status.written
}

fn log(status: &LogStatus) -> LogDocument {
    LogDocument {
        problem: Some(shown(&status.problem)).filter(|text| !text.is_empty()),
        since: Some(status.since).filter(|since| *since > 0),
        missing: status.lost,
        waiting: status.queued,
    }
}

/// The folder an agent speaks of.
pub(crate) fn folder(status: &StoreStatus) -> PathBuf {
    os_text::path(&status.folder)
}
