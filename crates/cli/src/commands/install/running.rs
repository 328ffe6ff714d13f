//! An agent that runs already, and holds keys that would be gone with it.

use std::path::Path;
use std::time::{Duration, Instant};

use keyfob_protocol::details::{Details, Place};
use keyfob_sys::process;

use super::step::{State, Step, What};
use super::work::{Stop, Work};
use crate::connection::Connection;
use crate::files::reason;
use crate::voice::moving_in as words;

/// How long an agent may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What would be lost with an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// So many keys of this session; those of the key store come back.
    Keys(usize),
    /// It is locked and does not say.
    Unknown,
}

/// Asks the agent at this socket.
fn holds(connection: &mut Connection) -> Holds {
    match connection.details() {
        Ok(Some(Details { locked: true, .. })) => Holds::Unknown,
        Ok(Some(details)) => {
            let session = |place: &Place| !matches!(place, Place::Store { .. });
            Holds::Keys(details.identities.iter().filter(|key| session(&key.place)).count())
        }
        Ok(None) => connection.identities().map_or(Holds::Unknown, |keys| Holds::Keys(keys.len())),
        Err(_) => Holds::Unknown,
    }
}

impl Work {
    /// Ends the agent that listens where the service manager is to listen: it would take the
    /// name, and nobody would find that agent and its keys any more.
    pub(super) fn make_way(&mut self, socket: &Path) -> Result<(), Stop> {
        let Ok(mut connection) = Connection::open(socket) else { return Ok(()) };
        let subject = words::agent_at(socket);
        let Some(pid) = connection.process() else {
            return Err(self.failed(What::EndAgent, subject, words::AGENT_OUT_OF_REACH));
        };
        let holds = holds(&mut connection);
        drop(connection);
        if holds != Holds::Keys(0) && !self.may(&words::end_question(Some(pid), holds)) {
            self.tell(Step::new(What::EndAgent, State::Left, subject).because(words::KEPT_RUNNING));
            return Err(Stop);
        }
        if !self.is_dry() {
            if let Err(error) = process::terminate(pid) {
                return Err(self.failed(What::EndAgent, subject, reason(&error)));
            }
            if !is_gone(socket) {
                return Err(self.failed(What::EndAgent, subject, words::DOES_NOT_END));
            }
        }
        let step = Step::new(What::EndAgent, self.doing(), subject);
        let asks = self.is_dry() && holds != Holds::Keys(0);
        self.tell(if asks { step.because(words::ASKS_FIRST) } else { step });
        Ok(())
    }
}

#[cfg(not(windows))]
impl Work {
    /// Asks before a service manager ends its agent, which may hold keys.
    pub(super) fn may_stop(&mut self, socket: Option<&Path>, service: &str) -> Result<(), Stop> {
        let holds = match socket.map(Connection::open) {
            Some(Ok(mut connection)) => holds(&mut connection),
            _ => Holds::Unknown,
        };
        if holds == Holds::Keys(0) || self.may(&words::end_question(None, holds)) {
            if self.is_dry() && holds != Holds::Keys(0) {
                let step = Step::new(What::EndAgent, State::Would, service.to_owned());
                self.tell(step.because(words::ASKS_FIRST));
            }
            return Ok(());
        }
        let step = Step::new(What::EndAgent, State::Left, service.to_owned());
        self.tell(step.because(words::KEPT_RUNNING));
        Err(Stop)
    }
}

fn is_gone(socket: &Path) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Connection::open(socket).is_ok() {
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}
