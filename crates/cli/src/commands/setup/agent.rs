//! The agent that a login is tried with: the one of this user, started if need be, and its store
//! unlocked where the walk knows the passphrase.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_protocol::StoreRequest;
use secrecy::ExposeSecret as _;

use crate::connection::Connection;
use crate::exit::Exit;
use crate::voice::{setting_up as words, storing};
use crate::{finding, output};

/// An agent that answers.
pub(super) struct Agent {
    /// Where it listens.
    pub(super) socket: PathBuf,
    connection: Connection,
}

impl Agent {
    /// Finds it, or starts it.
    pub(super) fn reach(environment: &Environment) -> Result<Self, Exit> {
        let socket = finding::own_socket(environment).map_err(|error| {
            output::fact(error.to_string());
            Exit::Failure
        })?;
        if let Ok(connection) = Connection::open(&socket) {
            return Ok(Self { socket, connection });
        }
        start()?;
        match Connection::open(&socket) {
            Ok(mut connection) => {
                words::agent_started(connection.process());
                Ok(Self { socket, connection })
            }
            Err(_) => {
                words::no_agent(&socket);
                Err(Exit::NoAgent)
            }
        }
    }

    /// Opens its store, so that nobody types the passphrase once more. Where that fails the agent
    /// asks for it itself, or says why.
    pub(super) fn unlock(&mut self, passphrase: &Secret) {
        let status = self.connection.store(StoreRequest::Status);
        if status.is_ok_and(|reply| reply.is_some_and(|reply| reply.status.locked)) {
            let _progress = storing::deriving();
            let _ = self.connection.store(StoreRequest::Unlock(passphrase.expose_secret()));
        }
    }
}

/// By a process of its own: a copy of this one would keep what was typed here.
fn start() -> Result<(), Exit> {
    let program = std::env::current_exe();
    let env = |program| {
        let mut command = Command::new(program);
        command.args(["env", "--shell", "sh"]).stdin(Stdio::null()).stdout(Stdio::null()).status()
    };
    match program.and_then(env) {
        Ok(status) if status.success() => Ok(()),
        // It has said why.
        Ok(_) => Err(Exit::Failure),
        Err(error) => {
            words::not_started(&error);
            Err(Exit::Failure)
        }
    }
}
