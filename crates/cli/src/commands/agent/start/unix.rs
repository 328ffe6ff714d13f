//! Makes a child by `fork`, and takes over the socket of a service manager.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use keyfob_config::env::{Environment, Name};
use keyfob_config::settings::AgentSettings;
use keyfob_daemon::{Open, Ready, Signals};
use keyfob_sys::activation;
use keyfob_sys::process::{self, Forked, Readiness, fork_with_report};
use keyfob_transport::{Listener, unix};

use super::super::logging::{self, Spool};
use super::super::place::{Chosen, Place};
use super::super::rules;
use super::{Failure, Start, Started};
use crate::exit::Exit;
use crate::voice::agents::with_causes;

impl Start {
    /// Makes the child and waits until it serves.
    pub(crate) fn background(&self, environment: &Environment) -> Result<Started, Failure> {
        self.background_until(environment, None)
    }

    fn background_until(
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
    pub(super) fn run_command(&self, command: &[OsString], environment: &Environment) -> Exit {
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
        let started = match self.background_until(environment, Some(until)) {
            Ok(started) => started,
            Err(failure) => return failure.report(),
        };
        let error = Command::new(program)
            .args(arguments)
            .env(Name::SshAuthSock.as_str(), &started.socket)
            .env(Name::SshAgentPid.as_str(), started.pid.to_string())
            .exec();
        self.not_run(program, &error)
    }

    /// The socket of a service manager, under the original's conditions.
    pub(super) fn inherited(
        &self,
        environment: &Environment,
    ) -> Result<Option<Open>, keyfob_sys::Error> {
        if matches!(self.place, Place::At(_)) {
            return Ok(None);
        }
        #[cfg(target_os = "macos")]
        if let Some(socket) = activation::take_of_launchd()? {
            return Ok(Some(open_inherited(socket)));
        }
        let names = [Name::ListenPid, Name::ListenFds, Name::ListenFdNames, Name::NotifySocket];
        let [pid, descriptors, ..] = names.map(|name| environment.raw(name));
        let inherited = activation::take(pid, descriptors)?;
        // They are about this process; a helper it starts must not believe them.
        process::forget_variables(&names.map(Name::as_str))?;
        Ok(inherited.map(open_inherited))
    }
}

/// Nothing else: PuTTY's programs come by the socket too.
pub(super) fn beside(
    open: Open,
    _own: Option<&Path>,
    _settings: &AgentSettings,
    _environment: &Environment,
) -> Open {
    open
}

/// Opens the socket when the agent asks for it.
pub(super) fn open_at(chosen: &Chosen) -> Open {
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
fn remove_folder(socket: &Path, own: bool) {
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
