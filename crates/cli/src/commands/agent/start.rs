//! Becomes an agent in the foreground, or makes a child that is one.

#[cfg_attr(unix, path = "start/unix.rs")]
#[cfg_attr(windows, path = "start/windows.rs")]
mod system;

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use keyfob_config::env::{Environment, Name};
use keyfob_daemon::linked::Helper;
use keyfob_daemon::{Ended, Open, Options, Ready, Signals};
use keyfob_keys::HashKind;
use keyfob_sys::os_handle::Owned;
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_transport::Notifier;

use super::logging::{self, Spool};
use super::place::{Chosen, Place};
use super::profiles;
use super::rules::{self, Flags};
use crate::asking;
use crate::exit::Exit;
use crate::shell::Shell;
use crate::voice::Voice;
use crate::voice::agents::with_causes;
use crate::{files, output};

/// What kind of agent is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    /// Whose words.
    pub(crate) voice: Voice,
    /// Where it listens.
    pub(crate) place: Place,
    /// In which process it runs.
    pub(crate) stay: Stay,
    /// The shell that evaluates what is printed.
    pub(crate) shell: Shell,
    /// Lifetime of keys that bring none.
    pub(crate) lifetime: Option<u32>,
    /// The hash of fingerprints in questions.
    pub(crate) hash: Option<HashKind>,
}

/// In which process it runs, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stay {
    /// In this one; `debug` logs everything.
    Foreground { debug: bool },
    /// In a child, until it is told to end.
    Background,
    /// In a child, as long as this command runs, which takes our place.
    While(Vec<OsString>),
}

/// Why there is no agent, not yet told: another one may serve as well.
#[derive(Debug)]
pub(crate) struct Failure {
    voice: Voice,
    words: String,
    advice: Option<String>,
    exit: Exit,
}

/// A child that serves.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) pid: u32,
    pub(crate) socket: PathBuf,
}

impl Failure {
    /// What it is, in words.
    #[cfg_attr(not(windows), allow(dead_code, reason = "of Windows' `keyfob install`"))]
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    /// Tells it.
    pub(crate) fn report(self) -> Exit {
        match (self.voice, self.exit) {
            (Voice::OpenSsh, Exit::Fatal) => output::log_line(&self.words),
            (voice, _) => voice.not_started(&self.words),
        }
        if let Some(advice) = self.advice {
            output::hint(advice);
        }
        self.exit
    }
}

impl Start {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        match &self.stay {
            Stay::Foreground { debug } => {
                self.foreground(environment, *debug).unwrap_or_else(Failure::report)
            }
            Stay::Background => match self.background(environment) {
                Ok(started) => {
                    let socket = started.socket.as_os_str().as_bytes();
                    self.voice.announce(self.shell, Some(socket), started.pid, false);
                    Exit::Success
                }
                Err(failure) => failure.report(),
            },
            Stay::While(command) => self.run_command(command, environment),
        }
    }

    fn foreground(&self, environment: &Environment, debug: bool) -> Result<Exit, Failure> {
        let settings = self.settings(environment)?;
        let log = logging::start(&settings.settings.agent, debug)
            .map_err(|error| self.failure(with_causes(&error)))?;
        let inherited =
            self.inherited(environment).map_err(|error| self.fatal(with_causes(&error)))?;
        let activated = inherited.is_some();
        let (open, at, socket): (Open, _, _) = match inherited {
            Some(open) => (open, None, None),
            None => {
                let chosen = self.choose(environment)?;
                (system::open_at(&chosen), Some(chosen.path), Some(chosen.shown))
            }
        };
        let (voice, shell, shown) = (self.voice, self.shell, socket.clone());
        let words = log.clone();
        let ready: Ready = Box::new(move || {
            words.inspect(Spool::write_apart);
            let path = shown.as_ref().map(|path| path.as_os_str().as_bytes());
            voice.announce(shell, path, std::process::id(), true);
        });
        let hangup_reloads = self.hangup_reloads() && !has_terminal();
        let signals = Signals { interrupt_ends: true, hangup_reloads, activated };
        let options = self.options(environment, &settings, (open, at), ready, signals, None);
        let ended = keyfob_daemon::run(options);
        log.inspect(Spool::end);
        match ended {
            Ok(Ended::ByManager) => Ok(Exit::Success),
            Ok(_) => Ok(Exit::Ended),
            Err(error) => {
                Err(self.failure(self.voice.start_failure(&error, &socket.unwrap_or_default())))
            }
        }
    }

    fn options(
        &self,
        environment: &Environment,
        settings: &rules::Start,
        (open, socket): (Open, Option<PathBuf>),
        ready: Ready,
        signals: Signals,
        until: Option<Owned>,
    ) -> Options {
        rules::choose_memory(&settings.settings);
        let notifier = Notifier::new(environment.get(Name::NotifySocket)).unwrap_or_else(|error| {
            tracing::warn!(%error, "the service manager cannot be told");
            Notifier::default()
        });
        let flags = Flags { lifetime: self.lifetime, hash: self.hash };
        let mut sockets: Vec<PathBuf> = socket.into_iter().collect();
        let open = match self.serves_profiles() {
            true => {
                let profiles = &settings.settings.profile;
                let own = sockets.first().map(PathBuf::as_path);
                let open = system::beside(open, own, &settings.settings.agent, environment);
                sockets.extend(profiles::places(environment, profiles));
                profiles::beside(open, environment, profiles)
            }
            false => open,
        };
        Options {
            open,
            sockets,
            sandbox: settings.settings.agent.sandbox,
            ready,
            rules: rules::rules(&settings.settings, flags),
            notifier,
            surroundings: asking::surroundings(environment),
            store: rules::store(environment),
            reload: rules::reload(settings, flags),
            signals,
            helper: Helper::of_this_program(),
            log: rules::log(environment),
            desktop: rules::desktop(environment),
            until,
        }
    }

    /// The sockets of profiles belong to the agent that serves keyfob's own: another one beside it
    /// would take them from it.
    fn serves_profiles(&self) -> bool {
        self.voice == Voice::Keyfob && self.place == Place::Own
    }

    /// `ssh-agent` ends by it.
    fn hangup_reloads(&self) -> bool {
        self.voice == Voice::Keyfob
    }

    fn settings(&self, environment: &Environment) -> Result<rules::Start, Failure> {
        rules::settings(environment).map_err(|error| Failure {
            advice: error.hint().map(str::to_owned),
            ..self.failure(error.to_string())
        })
    }

    fn choose(&self, environment: &Environment) -> Result<Chosen, Failure> {
        self.place.choose(environment, self.voice).map_err(|nowhere| match nowhere.fatal {
            true => self.fatal(nowhere.words),
            false => self.failure(nowhere.words),
        })
    }

    /// Tells why the command of an agent that was to end with it does not run.
    fn not_run(&self, program: &OsStr, error: &io::Error) -> Exit {
        let (name, why) = (program.to_string_lossy(), files::reason(error));
        match self.voice {
            Voice::OpenSsh => output::note(format!("{name}: {why}")),
            Voice::Keyfob => output::fact(format!("cannot run {name}: {why}")),
        }
        Exit::Failure
    }

    fn failure(&self, words: String) -> Failure {
        Failure { voice: self.voice, words, advice: None, exit: Exit::Failure }
    }

    fn fatal(&self, words: String) -> Failure {
        Failure { exit: Exit::Fatal, ..self.failure(words) }
    }
}

/// Whether a person sees it at a terminal: it ends then when that hangs up, which is the same
/// signal as the one that tells a daemon to read its settings again.
fn has_terminal() -> bool {
    std::io::stdin().is_terminal() || output::stdout_is_terminal() || output::stderr_is_terminal()
}
