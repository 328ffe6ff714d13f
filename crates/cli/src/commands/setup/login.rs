//! A login by the system's own `ssh`, to see that a host takes a key and that the agent signs.
//!
//! What `ssh -v` says tells which key that was. Only keys are tried: a password would prove nothing.
//! `ssh` asks on the terminal by itself, and not at all where there is none.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use keyfob_config::env::Name;
use keyfob_prompt::terminal;

use super::Walk;
use super::agent::Agent;
use super::report::Part;
use crate::commands::doctor;
use crate::commands::install::State;
use crate::output;
use crate::voice::installing::no_ssh;
use crate::voice::{setting_up as words, shown};

/// How long a host may take to answer, in seconds.
const PATIENCE: u32 = 15;

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Login {
    /// Type and fingerprint of the key the host took.
    pub(crate) key: Option<String>,
    /// Whether the agent signed with it.
    pub(crate) by_agent: bool,
    /// Whether the host let us in.
    pub(crate) is_in: bool,
    /// Whether the key was right, and the host wants more.
    pub(crate) wants_more: bool,
    /// What `ssh` and the host said to people.
    pub(crate) said: Vec<String>,
}

impl Walk<'_> {
    /// The step.
    pub(super) fn log_in(&mut self) {
        output::heading(words::TEST);
        if self.setup.host.is_none() && self.asks() {
            words::about_test();
        }
        let Some(host) = self.choose_host() else {
            self.report.test.part = self.left(words::NO_HOST);
            return;
        };
        let name = shown(host.as_encoded_bytes());
        let target = shown(doctor::destination(&host).as_encoded_bytes());
        self.report.test.host = Some(name.clone());
        let asks = terminal::is_there() && !self.setup.manner.yes;
        let arguments = arguments(&host, asks);
        if self.is_dry() {
            self.would(&words::would_log_in(&target));
            self.report.test.part = Part::new(State::Would);
            return;
        }
        words::logging_in(&target);
        let part = match self.try_login(&arguments) {
            Ok(login) => {
                words::login(&name, &target, &login);
                self.report.test.fingerprint = login.key.as_deref().and_then(fingerprint);
                self.report.test.by_agent = login.key.is_some().then_some(login.by_agent);
                match login.is_in || login.wants_more {
                    true => Part::new(State::Done),
                    false => Part::because(State::Failed, words::NOT_IN),
                }
            }
            Err(why) => Part::because(State::Failed, why),
        };
        self.report.test.part = part;
    }

    fn try_login(&mut self, arguments: &[OsString]) -> Result<Login, String> {
        let Some(ssh) = self.environment.program("ssh") else {
            return Err(no_ssh(&io::ErrorKind::NotFound.into()));
        };
        let mut agent = Agent::reach(self.environment).map_err(|_| words::NO_AGENT.to_owned())?;
        if let Some(passphrase) = self.opening.passphrase() {
            agent.unlock(passphrase);
        }
        run(&ssh, arguments, &agent.socket).map_err(|error| no_ssh(&error))
    }
}

/// Of "ED25519 SHA256:...", as ssh names a key.
fn fingerprint(key: &str) -> Option<String> {
    key.split(' ').find(|word| word.contains(':')).map(str::to_owned)
}

fn arguments(host: &OsStr, asks: bool) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["-v".into(), "-T".into()];
    let patience = format!("ConnectTimeout={PATIENCE}");
    let mut options = vec!["PreferredAuthentications=publickey", &patience];
    // A connection that is open already proves nothing, and one that stays open is waited for, as long
    // as somebody is at its other end.
    options.extend(["ControlPath=none", "ClearAllForwardings=yes", "ServerAliveInterval=15"]);
    options.extend((!asks).then_some("BatchMode=yes"));
    arguments.extend(options.into_iter().flat_map(|option| ["-o".into(), option.into()]));
    // Whatever follows is a host, even with a dash in front.
    arguments.extend([OsString::from("--"), doctor::destination(host)]);
    arguments
}

fn run(ssh: &Path, arguments: &[OsString], agent: &Path) -> io::Result<Login> {
    let mut command = Command::new(ssh);
    command.args(arguments).env(Name::SshAuthSock.as_str(), agent).stdin(Stdio::null());
    let ended = command.output()?;
    let mut login = Login::of(&String::from_utf8_lossy(&ended.stderr));
    let greeting = String::from_utf8_lossy(&ended.stdout).into_owned();
    login.said.extend(greeting.lines().map(str::to_owned));
    // Any other code is that of the host: some let nobody stay, and say so by it.
    login.is_in &= ended.status.code().is_some_and(|code| code != 255);
    Ok(login)
}

impl Login {
    /// By what `ssh -v` said.
    fn of(text: &str) -> Self {
        let mut login = Self::default();
        for line in text.lines().map(|line| line.trim_end_matches('\r')) {
            if let Some(key) = line.strip_prefix("debug1: Server accepts key: ") {
                login.takes(key);
            } else if line.starts_with("Authenticated to ") {
                login.is_in = true;
            } else if line.starts_with("Authenticated using ") {
                login.wants_more |= line.contains("with partial success");
            } else if !is_noise(line) {
                login.said.push(line.to_owned());
            }
        }
        login
    }

    /// A path or a comment, the type, the fingerprint, and where it came from.
    fn takes(&mut self, line: &str) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let at = words.iter().rposition(|word| word.starts_with("SHA256:"));
        let Some(at) = at.filter(|at| *at > 0) else { return };
        self.key = Some(shown(format!("{} {}", words[at - 1], words[at]).as_bytes()));
        self.by_agent = words[at + 1..].contains(&"agent");
    }
}

/// Lines that `ssh` says to who looks for faults.
fn is_noise(line: &str) -> bool {
    const BEGINNINGS: [&str; 5] =
        ["debug", "OpenSSH_", "Transferred: ", "Bytes per second: ", "Pseudo-terminal will not "];
    line.trim().is_empty() || BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCEPTED: &str =
        "debug1: Server accepts key: a comment ED25519 SHA256:abc explicit agent\n";

    #[test]
    fn the_key_is_told_and_whose_it_was() {
        let text = format!(
            "OpenSSH_9.2p1 Debian\ndebug1: Connecting\n{ACCEPTED}\
             Authenticated to host ([127.0.0.1]:22) using \"publickey\".\r\n\
             debug1: pledge\nHi me! You may not stay.\nTransferred: sent 1, received 2 bytes\n"
        );
        let login = Login::of(&text);
        assert_eq!(login.key.as_deref(), Some("ED25519 SHA256:abc"));
        assert!(login.is_in && login.by_agent && !login.wants_more);
        assert_eq!(login.said, ["Hi me! You may not stay."]);
    }

    #[test]
    fn a_file_is_not_the_agent_and_half_a_login_is_none() {
        let text = "debug1: Server accepts key: /a b/agent RSA SHA256:abc\n\
                    Authenticated using \"publickey\" with partial success.\n\
                    me@host: Permission denied (keyboard-interactive).\n";
        let login = Login::of(text);
        assert!(!login.by_agent && !login.is_in && login.wants_more, "{login:?}");
        assert_eq!(login.said, ["me@host: Permission denied (keyboard-interactive)."]);
        assert_eq!(Login::of("debug1: Server accepts key: odd\n"), Login::default());
    }

    #[test]
    fn a_host_is_a_host_and_nothing_is_asked_without_a_terminal() {
        let words = |asks| {
            let all = arguments(OsStr::new("-oProxyCommand=x"), asks);
            all.into_iter().map(|it| it.into_string().unwrap_or_default()).collect::<Vec<_>>()
        };
        assert!(words(false).contains(&"BatchMode=yes".to_owned()));
        assert!(!words(true).contains(&"BatchMode=yes".to_owned()));
        assert_eq!(words(true).last_chunk(), Some(&["--".to_owned(), "-oProxyCommand=x".into()]));
    }
}
