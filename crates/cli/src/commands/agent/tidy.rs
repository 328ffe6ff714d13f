//! Removes sockets of agents that died from `~/.ssh/agent` (`ssh-agent -u`).

use std::path::Path;
use std::time::SystemTime;

use keyfob_config::env::Environment;
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::user;
use keyfob_transport::stale::{Hosts, clean};

use crate::exit::Exit;
use crate::output;
use crate::voice::Voice;
use crate::voice::agents::with_causes;

/// How far it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tidy {
    /// Whose words.
    pub(crate) voice: Voice,
    /// Sockets made on other machines that share the home, too.
    pub(crate) all_hosts: bool,
}

impl Tidy {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let Some(home) = environment.home().or_else(user::home_directory) else {
            self.voice.no_home();
            return Exit::Fatal;
        };
        match sockets(&home, self.all_hosts) {
            Ok(()) => {
                output::data_line("Deleted stale agent sockets in ~/.ssh/agent");
                Exit::Success
            }
            Err(words) => {
                self.voice.not_started(&words);
                Exit::Failure
            }
        }
    }
}

/// Removes them; also done before a new one is made.
pub(super) fn sockets(home: &Path, all_hosts: bool) -> Result<(), String> {
    let host = user::host_name();
    let hosts = if all_hosts { Hosts::All } else { Hosts::Only(host.as_bytes()) };
    clean(home, hosts, SystemTime::now()).map(drop).map_err(|error| with_causes(&error))
}
