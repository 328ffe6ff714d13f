//! Removes sockets of agents that died from `~/.ssh/agent` (`ssh-agent -u`).

#[cfg_attr(unix, path = "tidy/unix.rs")]
#[cfg_attr(windows, path = "tidy/windows.rs")]
mod system;

use keyfob_config::env::Environment;
use keyfob_sys::user;

use crate::exit::Exit;
use crate::output;
use crate::voice::Voice;

pub(super) use system::sockets;

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
