//! A background agent is this program once more, without a console, that stays in its foreground:
//! Windows has no `fork`. It is there when its pipe answers.

use std::ffi::OsString;
use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyfob_config::env::{Environment, Name};
use keyfob_config::settings::AgentSettings;
use keyfob_daemon::Open;
use keyfob_sys::signals::Held;
use keyfob_sys::windows::console;
use keyfob_sys::windows::job::Job;
use keyfob_transport::{Listener, SocketError, cygwin, pageant, wsl};

use super::super::place::Chosen;
use super::{Failure, Start, Started};
use crate::commands::pageant_window;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::voice::Voice;
use crate::voice::agents::with_causes;
use crate::{files, finding};

/// `DETACHED_PROCESS`: no console, so that it does not end with the one it was started at.
const DETACHED: u32 = 0x0000_0008;
/// `CREATE_NEW_PROCESS_GROUP`: Ctrl-C at that console is not for it.
const OWN_GROUP: u32 = 0x0000_0200;

/// How long it may take until it serves.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks at whether it does.
const PAUSE: Duration = Duration::from_millis(10);

impl Start {
    /// Starts it and waits until it serves.
    pub(crate) fn background(&self, environment: &Environment) -> Result<Started, Failure> {
        // At a logon, or from a menu, nobody reads what a window of ours would show.
        console::leave_own();
        self.background_in(None, environment)
    }

    /// The same; it ends with this job.
    fn background_in(
        &self,
        job: Option<&Job>,
        environment: &Environment,
    ) -> Result<Started, Failure> {
        // What is wrong with them is told here, where somebody reads it.
        self.settings(environment)?;
        let chosen = self.choose(environment)?;
        if Connection::open(&chosen.path).is_ok() {
            let words = format!("an agent listens at {} already", chosen.shown.display());
            return Err(self.failure(words));
        }
        let program = std::env::current_exe().map_err(|error| self.unstarted(&error))?;
        let mut child = Command::new(program)
            .args(self.arguments(&chosen))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .creation_flags(DETACHED | OWN_GROUP)
            .spawn()
            .map_err(|error| self.unstarted(&error))?;
        if let Some(job) = job
            && let Err(error) = job.take(&child)
        {
            let _ = child.kill();
            return Err(self.unstarted(&error));
        }
        self.wait_for(&mut child, &chosen)?;
        Ok(Started { pid: child.id(), socket: chosen.shown })
    }

    /// The command line of an agent like this that stays in the foreground.
    fn arguments(&self, chosen: &Chosen) -> Vec<OsString> {
        // Called by the name `ssh-agent` the program is nothing else.
        let command = (self.voice == Voice::Keyfob).then_some("agent");
        let mut arguments: Vec<OsString> = command.into_iter().map(Into::into).collect();
        arguments.push("-D".into());
        // Only the agent at keyfob's own place serves profiles, and it is known by not being named.
        if !self.serves_profiles() {
            arguments.extend(["-a".into(), chosen.path.clone().into()]);
        }
        if let Some(lifetime) = self.lifetime {
            arguments.extend(["-t".into(), lifetime.to_string().into()]);
        }
        if let Some(hash) = self.hash {
            arguments.extend(["-E".into(), hash.name().to_lowercase().into()]);
        }
        arguments
    }

    fn wait_for(&self, child: &mut Child, chosen: &Chosen) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A pipe is there a moment before whatever else the agent listens at; an answer is not.
            let met = Connection::open_within(&chosen.path, PATIENCE).ok();
            let own = met.filter(|it| it.listener() == Some(child.id()));
            if own.is_some_and(|mut it| it.details().is_ok()) {
                return Ok(());
            }
            let words = match child.try_wait() {
                Ok(None) if Instant::now() < deadline => {
                    std::thread::sleep(PAUSE);
                    continue;
                }
                Ok(None) => {
                    let _ = child.kill();
                    format!("the agent did not serve within {} seconds", PATIENCE.as_secs())
                }
                Ok(Some(status)) => format!("the agent ended at once ({status})"),
                Err(error) => return Err(self.unstarted(&error)),
            };
            let advice = Some("keyfob agent -d   tells why, in the foreground".to_owned());
            return Err(Failure { advice, ..self.failure(words) });
        }
    }

    fn unstarted(&self, error: &std::io::Error) -> Failure {
        self.failure(format!("the agent cannot be started: {}", files::reason(error)))
    }

    /// Starts the agent, runs the command and ends as it does, and the agent with it. Windows puts no
    /// program in another one's place, so this one waits.
    pub(super) fn run_command(&self, command: &[OsString], environment: &Environment) -> Exit {
        let Some((program, arguments)) = command.split_first() else {
            return Exit::Failure;
        };
        let started = Job::new().map_err(|error| self.unstarted(&error)).and_then(|job| {
            let started = self.background_in(Some(&job), environment)?;
            Ok((job, started))
        });
        let (job, started) = match started {
            Ok(started) => started,
            Err(failure) => return failure.report(),
        };
        let running = Command::new(program)
            .args(arguments)
            .env(Name::SshAuthSock.as_str(), &started.socket)
            .env(Name::SshAgentPid.as_str(), started.pid.to_string())
            .spawn();
        // The command's own matter, of which it may want to end or not.
        let held = Held::new();
        let ended = running.and_then(|mut it| it.wait());
        drop(held);
        drop(job);
        if self.serves_profiles() {
            finding::tidy_sockets(environment);
        }
        match ended {
            Ok(status) => std::process::exit(status.code().unwrap_or(1)),
            Err(error) => self.not_run(program, &error),
        }
    }

    /// No service manager hands one on.
    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "elsewhere it can fail")]
    pub(super) fn inherited(
        &self,
        _environment: &Environment,
    ) -> Result<Option<Open>, keyfob_sys::Error> {
        Ok(None)
    }
}

/// Opens what `open` opens, and what other programs look for that are to find the agent at `own`: the
/// pipe to which the account's variable may lead, Pageant's pipe and window, a socket of Cygwin's kind,
/// and one for WSL 1 where it is wished for. What cannot be had is told in the log and keeps the agent
/// from nothing else.
pub(super) fn beside(
    open: Open,
    own: Option<&Path>,
    settings: &AgentSettings,
    environment: &Environment,
) -> Open {
    let Some(own) = own.map(Path::to_owned) else { return open };
    let for_cygwin = finding::cygwin_socket(environment);
    let for_wsl = finding::wsl_socket(environment).filter(|_| settings.wsl_socket);
    Box::new(move || {
        let mut sockets = open()?;
        if let Some(path) = finding::own_pipe().filter(|path| *path != own) {
            match keyfob_transport::bind(&path) {
                Ok(listener) => sockets.push(listener.into()),
                Err(error) => tracing::warn!(%error, "a variable that leads there leads nowhere"),
            }
        }
        match pageant::pipe().map(|path| keyfob_transport::bind(&path)) {
            Ok(Ok(listener)) => sockets.push(listener.into()),
            Ok(Err(error)) => tracing::warn!(%error, "PuTTY's programs do not find this agent"),
            Err(error) => tracing::warn!(%error, "PuTTY's programs do not find this agent"),
        }
        if let Err(error) = pageant_window::start(&own) {
            tracing::warn!(%error, "no window for PuTTY's older programs");
        }
        if let Some(path) = for_cygwin {
            let bound = cygwin::bind(&path).map(Listener::Cygwin);
            sockets.extend(had(bound, "git's own ssh does not find this agent").map(Into::into));
        }
        if let Some(path) = for_wsl {
            let bound = wsl::bind(&path).map(Listener::Wsl);
            sockets.extend(had(bound, "programs of WSL 1 do not find this agent").map(Into::into));
        }
        Ok(sockets)
    })
}

/// The listener, or none and what that means for others.
fn had(bound: Result<Listener, SocketError>, otherwise: &str) -> Option<Listener> {
    bound.inspect_err(|error| tracing::warn!(error = with_causes(error), "{otherwise}")).ok()
}

/// Opens the pipe when the agent asks for it.
pub(super) fn open_at(chosen: &Chosen) -> Open {
    let path = chosen.path.clone();
    Box::new(move || Ok(vec![keyfob_transport::bind(&path)?.into()]))
}
