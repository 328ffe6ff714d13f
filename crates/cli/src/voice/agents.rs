//! Words about agents: finding, starting, ending and tidying up after them.

use std::io::{self, ErrorKind};
use std::path::Path;

use keyfob_transport::BindError;
use keyfob_transport::client;

#[cfg(unix)]
use super::shown_path;
use super::{Voice, leading};
use crate::files;
use crate::output::{data, fact, hint, log_line, note};
use crate::shell::Shell;

impl Voice {
    /// No variable says where an agent is.
    pub(crate) fn no_agent_named(self) {
        match self {
            Self::OpenSsh => note("Could not open a connection to your authentication agent."),
            Self::Keyfob => {
                fact(if cfg!(windows) {
                    "there is no agent: none listens at the pipe of OpenSSH"
                } else {
                    "there is no agent: SSH_AUTH_SOCK is not set"
                });
                hint(leading::START);
            }
        }
    }

    /// The agent that was named does not answer.
    pub(crate) fn agent_unreachable(self, error: &client::Error) {
        match self {
            Self::OpenSsh => note(format!("Error connecting to agent: {}", connect_reason(error))),
            Self::Keyfob => {
                fact(error.to_string());
                hint(leading::START);
            }
        }
    }

    /// Nowhere to put a socket, or to look for stale ones.
    pub(crate) fn no_home(self) {
        match self {
            Self::OpenSsh => log_line("Couldn't determine home directory"),
            Self::Keyfob => fact("no home directory: HOME is not set"),
        }
    }

    /// Why an agent could not start: the words its parent prints.
    pub(crate) fn start_failure(self, error: &keyfob_daemon::Error, wanted: &Path) -> String {
        match (self, error) {
            (Self::OpenSsh, keyfob_daemon::Error::Bind(error)) => bind_reason(error, wanted),
            _ => with_causes(error),
        }
    }

    /// Prints those words.
    pub(crate) fn not_started(self, words: &str) {
        match self {
            Self::OpenSsh => note(words),
            Self::Keyfob => {
                fact(words);
                if words.starts_with("another process listens") {
                    hint(leading::line(RUNNING));
                }
                if words.contains("a socket's path may have") {
                    hint(SHORTER);
                }
            }
        }
    }

    /// The lines a shell evaluates: where the agent is and which process it is.
    ///
    /// In the foreground nobody can evaluate them before it ends; they inform.
    pub(crate) fn announce(self, shell: Shell, socket: Option<&[u8]>, pid: u32, foreground: bool) {
        let number = pid.to_string();
        let mut lines = Vec::new();
        if let Some(socket) = socket {
            lines.extend(match self {
                Self::OpenSsh => shell.set_as_openssh("SSH_AUTH_SOCK", socket),
                Self::Keyfob => shell.set("SSH_AUTH_SOCK", socket),
            });
        }
        if !foreground {
            lines.extend(shell.set("SSH_AGENT_PID", number.as_bytes()));
        }
        lines.extend_from_slice(shell.say(&format!("Agent pid {number}")).as_bytes());
        data(&lines);
    }

    /// The agent was told to end.
    pub(crate) fn ended(self, shell: Shell, pid: u32) {
        let lines = [shell.unset("SSH_AUTH_SOCK"), shell.unset("SSH_AGENT_PID")].concat();
        data(format!("{lines}{}", shell.say(&format!("Agent pid {pid} killed"))).as_bytes());
    }

    /// `SSH_AGENT_PID` leads to nobody who could be told.
    pub(crate) fn not_ended(self, why: &NotEnded<'_>) {
        let words = match why {
            NotEnded::Unset => "SSH_AGENT_PID not set, cannot kill agent".to_owned(),
            NotEnded::BadNumber { text, why } => {
                format!("SSH_AGENT_PID=\"{text}\", which is not a good PID: {why}")
            }
            NotEnded::Unreachable(error) => format!("kill: {}", kill_reason(error)),
        };
        match self {
            Self::OpenSsh => note(words),
            Self::Keyfob => fact(words),
        }
    }
}

/// Why no agent was ended.
#[derive(Debug)]
pub(crate) enum NotEnded<'a> {
    /// The variable is not there.
    Unset,
    /// Its value names no process.
    BadNumber { text: &'a str, why: &'static str },
    /// The process is gone, or somebody else's.
    Unreachable(&'a io::Error),
}

const SHORTER: &str =
    "set XDG_RUNTIME_DIR to a folder of yours with a short path and mode 0700, or use -a PATH";

const RUNNING: &str = "leads to the one at the usual place; with -T another one starts";

/// The system's word for a connection that was not made.
fn connect_reason(error: &client::Error) -> String {
    match error {
        client::Error::NotFound { .. } => "No such file or directory".to_owned(),
        client::Error::Refused { .. } => "Connection refused".to_owned(),
        client::Error::Permission { .. } => "Permission denied".to_owned(),
        // The original cuts a path that is too long, and then does not find it.
        client::Error::Connect { source, .. } if source.kind() == ErrorKind::InvalidFilename => {
            "No such file or directory".to_owned()
        }
        client::Error::Connect { source, .. } => files::reason(source),
        _ => "communication with agent failed".to_owned(),
    }
}

fn kill_reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "No such process".to_owned(),
        _ => files::reason(error),
    }
}

/// What `ssh-agent` says of a socket it cannot have.
#[cfg(unix)]
fn bind_reason(error: &BindError, wanted: &Path) -> String {
    use keyfob_transport::unix::FolderError;
    let reason = match error {
        BindError::TooLong { .. } => {
            return format!(
                "unix_listener: path \"{}\" too long for Unix domain socket",
                shown_path(wanted)
            );
        }
        BindError::Live { .. } | BindError::NotASocket { .. } | BindError::Foreign { .. } => {
            "Address already in use".to_owned()
        }
        BindError::Folder(
            FolderError::Create { source, .. } | FolderError::Open { source, .. },
        )
        | BindError::Probe { source, .. }
        | BindError::Create { source, .. } => files::reason(source),
        other => other.to_string(),
    };
    format!("unix_listener: cannot bind to path {}: {reason}", shown_path(wanted))
}

/// There is no program whose words these are.
#[cfg(windows)]
fn bind_reason(error: &BindError, _wanted: &Path) -> String {
    with_causes(error)
}

/// An error and what lies under it, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.contains(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        cause = inner.source();
    }
    words
}
