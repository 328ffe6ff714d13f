//! Installs public keys on a server, so that they open it: the work of `ssh-copy-id`, over one
//! connection of the system's own `ssh`.
//!
//! Whether a key is there already is found out on the server, not by trying to log in: another
//! key could do that too.

mod keys;
mod script;

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use keyfob_config::env::Environment;

use crate::exit::Exit;
use crate::output;
use crate::voice::{installing as words, raw_data};
use keys::Chosen;

pub(crate) use script::Answer;

/// Which keys go where.
#[derive(Debug, Clone)]
pub(crate) struct CopyId {
    /// `[USER@]HOST`, as ssh takes it.
    pub(crate) host: OsString,
    /// Key files; none for the agent's keys, or else the newest of the usual files.
    pub(crate) keys: Vec<PathBuf>,
    /// Where sshd listens.
    pub(crate) port: Option<u16>,
    /// Options for ssh.
    pub(crate) options: Vec<OsString>,
    /// Whether it is only shown what would be done.
    pub(crate) dry_run: bool,
}

impl CopyId {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let chosen = match keys::choose(&self.keys, environment) {
            Ok(chosen) => chosen,
            Err(exit) => return exit,
        };
        if self.dry_run {
            words::would(&self.host, &self.ssh_arguments());
            chosen.iter().for_each(|key| output::data_line(raw_data(&key.line)));
            return Exit::Success;
        }
        match self.send(&chosen) {
            Ok(answered) => self.tell(&chosen, &answered),
            Err(error) => {
                let _ = words::no_ssh(&error);
                Exit::Failure
            }
        }
    }

    /// What stands between `ssh` and the command.
    fn ssh_arguments(&self) -> Vec<OsString> {
        let mut arguments = Vec::new();
        if let Some(port) = self.port {
            arguments.extend(["-p".into(), port.to_string().into()]);
        }
        for option in &self.options {
            arguments.extend(["-o".into(), option.clone()]);
        }
        // Whatever follows is a host, even with a dash in front.
        arguments.extend([OsStr::new("--").to_owned(), self.host.clone()]);
        arguments
    }

    /// The keys go in by standard input: ssh asks on the terminal.
    fn send(&self, chosen: &[Chosen]) -> std::io::Result<Output> {
        let mut ssh = Command::new("ssh")
            .args(self.ssh_arguments())
            .arg(script::command())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = ssh.stdin.take() {
            for key in chosen {
                // An ssh that is gone says why itself.
                let _ = stdin.write_all(&key.line).and_then(|()| stdin.write_all(b"\n"));
            }
        }
        ssh.wait_with_output()
    }

    fn tell(&self, chosen: &[Chosen], answered: &Output) -> Exit {
        let answers = script::answers(&answered.stdout, chosen.len());
        for (key, answer) in chosen.iter().zip(&answers) {
            match answer {
                Some(answer) => words::answered(&key.name, &self.host, *answer),
                None => words::unanswered(&key.name),
            }
        }
        let whole = answers.iter().all(Option::is_some);
        if whole && answered.status.success() {
            words::done(&self.host, self.port);
            return Exit::Success;
        }
        words::failed(&self.host, answered.status.code(), answers.iter().any(Option::is_some));
        Exit::Failure
    }
}
