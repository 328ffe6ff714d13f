//! Tells why the agent said no: `ssh` itself can only say that it did.

use keyfob_config::env::Environment;
use keyfob_protocol::refusals::Refused;
use keyfob_sys::local_time;
use serde::Serialize;
use zeroize::Zeroizing;

use super::hosts::own_socket;
use crate::exit::Exit;
use crate::json;
use crate::voice::{Voice, shown};
use crate::{finding, output};

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Why {
    /// As JSON.
    pub(crate) json: bool,
    /// The last so many; 0 for all.
    pub(crate) last: usize,
}

#[derive(Serialize)]
struct Document {
    refusals: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    /// Seconds since 1970.
    time: u64,
    reason: String,
}

impl Why {
    /// Tells it, the newest last.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let mut connection = match finding::connect(environment, Voice::Keyfob) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        let refusals = match connection.refusals() {
            Ok(Some(refusals)) => refusals,
            Ok(None) => {
                output::fact("this agent does not say why it refuses something");
                output::hint(own_socket());
                return Exit::Failure;
            }
            Err(error) => {
                output::fact(error.to_string());
                return Exit::Failure;
            }
        };
        self.tell(newest(&refusals, self.last));
        Exit::Success
    }

    fn tell(self, refusals: &[Refused]) {
        if self.json {
            output::data(&document(refusals));
        } else if refusals.is_empty() {
            output::note("The agent has refused nothing.");
            // What ssh calls "Permission denied" is often a key that was not offered.
            output::hint("keyfob explain HOST   tells which keys a host is offered");
            output::hint("keyfob log   has what an agent before this one refused");
        }
        for Refused { unix, reason } in refusals.iter().filter(|_| !self.json) {
            let time = local_time::at(*unix).map(|time| time.to_string()).unwrap_or_default();
            output::data_line(format!("{time}  {}", shown(reason)));
        }
    }
}

/// The last so many, or all of them.
fn newest<T>(all: &[T], last: usize) -> &[T] {
    match last {
        0 => all,
        last => all.get(all.len().saturating_sub(last)..).unwrap_or_default(),
    }
}

fn document(refusals: &[Refused]) -> Zeroizing<Vec<u8>> {
    let line = |refused: &Refused| Line { time: refused.unix, reason: shown(&refused.reason) };
    let document = Document { refusals: refusals.iter().map(line).collect() };
    json::document(&document)
}

#[cfg(test)]
mod tests {
    use super::newest;

    /// Lost otherwise: "The agent has refused nothing" where it has, which `keyfob log -n 0` taught to
    /// ask for.
    #[test]
    fn none_of_them_means_all_as_in_the_log() {
        assert_eq!(newest(&[1, 2, 3], 0), [1, 2, 3]);
        assert_eq!(newest(&[1, 2, 3], 2), [2, 3]);
        assert_eq!(newest(&[1, 2, 3], 9), [1, 2, 3]);
    }
}
