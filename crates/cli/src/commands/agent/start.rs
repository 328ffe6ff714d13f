//! Becomes an agent in the foreground, or makes a child that is one.

use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use keyfob_config::env::{Environment, Name};
use keyfob_daemon::linked::Helper;
use keyfob_daemon::{Ended, Open, Options, Ready, Signals};
use keyfob_keys::HashKind;
use keyfob_sys::activation;
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::process::{self, Forked, Readiness, fork_with_report};
use keyfob_transport::{Listener, Notifier, unix};

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
            Stay::Background => match self.background(environment, None) {
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
            self.take_inherited(environment).map_err(|error| self.fatal(with_causes(&error)))?;
        let activated = inherited.is_some();
        let (open, at, socket): (Open, _, _) = match inherited {
            Some(descriptor) => (open_inherited(descriptor), None, None),
            None => {
                let chosen = self.choose(environment)?;
                (open_at(&chosen), Some(chosen.path), Some(chosen.shown))
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

    /// Makes the child and waits until it serves.
    pub(crate) fn background(
        &self,
        environment: &Environment,
        until: Option<OwnedFd>,
    ) -> Result<Started, Failure> {
        let settings = self.settings(environment)?;
        let chosen = self.choose(environment)?;
        match fork_with_report() {
            Ok(Forked::Child(readiness)) => {
                let exit = self.child(environment, &settings, &chosen, readiness, until);
                // The child was made in the middle of a command and must not go on with it.
                std::process::exit(exit.code().into());
            }
            Ok(Forked::Parent(startup)) => {
                let pid = startup.child();
                match startup.wait() {
                    Ok(_) => Ok(Started { pid, socket: chosen.shown }),
                    Err(keyfob_sys::Error::Start(words)) => Err(self.failure(words)),
                    Err(error) => Err(self.failure(with_causes(&error))),
                }
            }
            Err(error) => Err(self.failure(with_causes(&error))),
        }
    }

    /// What the child does until it ends.
    fn child(
        &self,
        environment: &Environment,
        settings: &rules::Start,
        chosen: &Chosen,
        readiness: Readiness,
        until: Option<OwnedFd>,
    ) -> Exit {
        let prepared = process::detach().map_err(|error| error.to_string()).and_then(|()| {
            logging::start(&settings.settings.agent, false).map_err(|error| with_causes(&error))
        });
        let log = match prepared {
            Ok(log) => log,
            Err(words) => {
                let _ = readiness.failed(&words);
                return Exit::Failure;
            }
        };
        // Not a reason to stop: programs started later inherit a descriptor more.
        let _ = process::close_others_on_exec();
        // Whoever comes first tells the parent: the agent that serves, or the error.
        let readiness = Arc::new(Mutex::new(Some(readiness)));
        let (teller, words) = (Arc::clone(&readiness), log.clone());
        let ready: Ready = Box::new(move || {
            words.inspect(Spool::write_apart);
            if let Some(readiness) = take(&teller) {
                // A parent that is gone needs no answer.
                let _ = readiness.ready(b"");
            }
        });
        let hangup_reloads = self.hangup_reloads();
        let signals = Signals { interrupt_ends: false, hangup_reloads, activated: false };
        let open = (open_at(chosen), Some(chosen.path.clone()));
        let options = self.options(environment, settings, open, ready, signals, until);
        let ended = keyfob_daemon::run(options).map_err(|error| {
            let words = self.voice.start_failure(&error, &chosen.shown);
            tracing::error!(problem = words, "the agent ended");
            words
        });
        log.inspect(Spool::end);
        match ended {
            Ok(_) => Exit::Ended,
            Err(words) => {
                if let Some(readiness) = take(&readiness) {
                    let _ = readiness.failed(&words);
                }
                Exit::Failure
            }
        }
    }

    /// Starts the agent and becomes the command.
    fn run_command(&self, command: &[OsString], environment: &Environment) -> Exit {
        let Some((program, arguments)) = command.split_first() else {
            return Exit::Failure;
        };
        // Of the process the command will be, taken before there is a child.
        let until = match process::watch(std::process::id()) {
            Ok(until) => until,
            Err(error) => {
                return self.failure(format!("cannot watch the command: {error}")).report();
            }
        };
        let started = match self.background(environment, Some(until)) {
            Ok(started) => started,
            Err(failure) => return failure.report(),
        };
        let error = Command::new(program)
            .args(arguments)
            .env(Name::SshAuthSock.as_str(), &started.socket)
            .env(Name::SshAgentPid.as_str(), started.pid.to_string())
            .exec();
        let name = program.to_string_lossy();
        match self.voice {
            Voice::OpenSsh => output::note(format!("{name}: {}", files::reason(&error))),
            Voice::Keyfob => output::fact(format!("cannot run {name}: {}", files::reason(&error))),
        }
        Exit::Failure
    }

    fn options(
        &self,
        environment: &Environment,
        settings: &rules::Start,
        (open, socket): (Open, Option<PathBuf>),
        ready: Ready,
        signals: Signals,
        until: Option<OwnedFd>,
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

    /// The socket of a service manager, under the original's conditions.
    fn take_inherited(
        &self,
        environment: &Environment,
    ) -> Result<Option<OwnedFd>, keyfob_sys::Error> {
        if matches!(self.place, Place::At(_)) {
            return Ok(None);
        }
        let names = [Name::ListenPid, Name::ListenFds, Name::ListenFdNames, Name::NotifySocket];
        let [pid, descriptors, ..] = names.map(|name| environment.raw(name));
        let inherited = activation::take(pid, descriptors)?;
        // They are about this process; a helper it starts must not believe them.
        process::forget_variables(&names.map(Name::as_str))?;
        Ok(inherited)
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

/// Opens the socket when the agent asks for it.
fn open_at(chosen: &Chosen) -> Open {
    let Chosen { path, own_folder, .. } = chosen.clone();
    Box::new(move || {
        let bound = match unix::bind(&path) {
            Ok(listener) => listener,
            Err(error) => {
                remove_folder(&path, own_folder);
                return Err(error);
            }
        };
        let bound = if own_folder { bound.with_its_folder() } else { bound };
        Ok(vec![bound.into()])
    })
}

/// A folder made for a socket that did not come to be.
fn remove_folder(socket: &std::path::Path, own: bool) {
    if let (true, Some(folder)) = (own, socket.parent())
        && let Err(error) = std::fs::remove_dir(folder)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!(%error, "an empty folder stays");
    }
}

fn open_inherited(descriptor: OwnedFd) -> Open {
    Box::new(move || Ok(vec![Listener::from_owned_fd(descriptor)?.into()]))
}

fn take<T>(cell: &Mutex<Option<T>>) -> Option<T> {
    cell.lock().unwrap_or_else(PoisonError::into_inner).take()
}
