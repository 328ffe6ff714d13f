//! Tells a shell where the agent is, and starts one if there is none.
//!
//! Ten shells that do this at once end with one agent: the socket is bound by
//! one of them, and the others use it.

use std::path::Path;
use std::time::{Duration, Instant};

use keyfob_config::env::{Environment, Name};
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::peer;

use super::agent::{Place, Start, Stay, profile_socket};
use crate::connection::Connection;
use crate::exit::Exit;
use crate::shell::Shell;
use crate::voice::{Voice, shown_path};
use crate::{finding, output};

/// How long the agent of another shell may take to accept.
const PATIENCE: Duration = Duration::from_secs(2);

/// For which shell.
#[derive(Debug, Clone)]
pub(crate) struct Env {
    /// As said; guessed otherwise.
    pub(crate) shell: Option<Shell>,
    /// Of which profile; of the agent's own socket otherwise.
    pub(crate) profile: Option<String>,
}

impl Env {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let shell = self.shell.unwrap_or_else(|| calling_shell(environment));
        let socket = match finding::own_socket(environment) {
            Ok(socket) => socket,
            Err(error) => {
                output::fact(error.to_string());
                return Exit::Failure;
            }
        };
        let pid = match running(&socket) {
            Some(pid) => pid,
            None => match start(&socket, shell, environment) {
                Ok(pid) => pid,
                Err(exit) => return exit,
            },
        };
        let socket = match self.profile.map(|name| profile_socket(environment, &name)) {
            None => finding::for_shell(shell, socket, environment),
            Some(Ok(socket)) if running(&socket).is_none() => return not_served(&socket, pid),
            Some(Ok(socket)) => socket,
            Some(Err(words)) => {
                output::fact(words);
                return Exit::Failure;
            }
        };
        let mut lines = shell.set(Name::SshAuthSock.as_str(), socket.as_os_str().as_bytes());
        match pid {
            Some(pid) => {
                lines.extend(shell.set(Name::SshAgentPid.as_str(), pid.to_string().as_bytes()));
            }
            // That of another agent would be ended by who wants to end this one.
            None if environment.get(Name::SshAgentPid).is_some() => {
                lines.extend(shell.unset(Name::SshAgentPid.as_str()).into_bytes());
            }
            None => {}
        }
        output::data(&lines);
        if output::stdout_is_terminal() {
            output::hint(evaluate(shell));
        }
        Exit::Success
    }
}

/// The settings have the profile, and the agent that runs is from before that.
fn not_served(socket: &Path, pid: Option<u32>) -> Exit {
    output::fact(format!("no agent serves the profile's socket {}", shown_path(socket)));
    let this = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
    output::hint(format!("profiles count when an agent starts: end this one{this} first"));
    Exit::Failure
}

/// The agent that listens there; its process may be hidden from us. Of one that a service manager starts
/// and ends when it is time, the number does not last, and ending it is not the shell's.
fn running(socket: &Path) -> Option<Option<u32>> {
    let mut connection = Connection::open_to_look(socket).ok()?;
    let process = connection.process();
    Some(process.filter(|_| process == connection.listener()))
}

fn start(socket: &Path, shell: Shell, environment: &Environment) -> Result<Option<u32>, Exit> {
    let start = Start {
        voice: Voice::Keyfob,
        place: Place::Own,
        stay: Stay::Background,
        shell,
        lifetime: None,
        hash: None,
    };
    match start.background(environment) {
        Ok(started) => Ok(Some(started.pid)),
        // Most likely another shell was faster. If nobody listens, it was a real failure.
        Err(failure) => wait_for(socket).ok_or_else(|| failure.report()),
    }
}

fn wait_for(socket: &Path) -> Option<Option<u32>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = running(socket);
        if found.is_some() || Instant::now() >= deadline {
            return found;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The family of the shell that called: the parent's program knows best,
/// `SHELL` is what the user logs in with. Windows has PowerShell.
pub(crate) fn calling_shell(environment: &Environment) -> Shell {
    let parent = peer::parent(std::process::id()).and_then(peer::executable).ok();
    let of_parent = parent.and_then(|program| Shell::of_program(program.as_os_str()));
    of_parent
        .or_else(|| environment.get(Name::Shell).and_then(Shell::of_program))
        .unwrap_or(if cfg!(windows) { Shell::Pwsh } else { Shell::Sh })
}

/// How a person makes the shell read the lines.
fn evaluate(shell: Shell) -> String {
    let line = shell.take_over(b"keyfob");
    format!("these lines are for the shell: {}", String::from_utf8_lossy(&line))
}
