//! Tells how things are: the key store, the agent, and when it locks itself.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_protocol::{StoreRequest, store::StoreStatus};
use serde::Serialize;

use crate::connection::Connection;
use crate::exit::Exit;
use crate::key_store::Place;
use crate::voice::{shown_path, status as words};
use crate::{finding, output};

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    /// As JSON.
    pub(crate) json: bool,
}

/// Everything that was found out.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where the store is; none if there is none.
    pub(crate) store: Option<PathBuf>,
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
}

#[derive(Serialize)]
struct Document {
    store: Option<String>,
    store_locked: Option<bool>,
    store_keys: Option<u32>,
    /// Seconds since 1970.
    store_since: Option<u64>,
    next_lock: Option<u64>,
    agent: Option<AgentDocument>,
}

#[derive(Serialize)]
struct AgentDocument {
    socket: String,
    pid: Option<u32>,
    keys: usize,
    locked: bool,
}

impl Status {
    /// Tells it. Exit 2 says that no agent answers, as everywhere.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let Ok(place) = Place::of(environment) else {
            return Exit::Failure;
        };
        let store = match place.find() {
            Ok(store) => Some(store.folder().to_owned()),
            Err(keyfob_keystore::Error::NoStore(_)) => None,
            Err(error) => return crate::key_store::failed(&error),
        };
        let found = Found { store, agent: agent(environment) };
        if self.json {
            output::data(&document(&found));
        } else {
            words::tell(&found);
        }
        if found.agent.is_some() { Exit::Success } else { Exit::NoAgent }
    }
}

fn agent(environment: &Environment) -> Option<Agent> {
    let socket = environment.auth_sock().or_else(|| finding::own_socket(environment).ok())?;
    let mut connection = Connection::open(&socket).ok()?;
    let details = connection.details().ok()?;
    let (keys, locked) = match details {
        Some(details) => (details.identities.len(), details.locked),
        None => (connection.identities().ok()?.len(), false),
    };
    let store = connection.store(StoreRequest::Status).ok()?.map(|reply| reply.status);
    let store = store.filter(|status| !status.folder.is_empty());
    Some(Agent { socket, process: connection.agent_process(), keys, locked, store })
}

fn document(found: &Found) -> Vec<u8> {
    let status = found.agent.as_ref().and_then(|agent| agent.store.as_ref());
    let document = Document {
        store: found.store.as_deref().map(shown_path),
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
    };
    // Plain structs of plain fields: serialising them cannot fail.
    let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The folder an agent speaks of.
pub(crate) fn folder(status: &StoreStatus) -> &Path {
    Path::new(OsStr::from_bytes(&status.folder))
}
