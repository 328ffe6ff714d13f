//! Starts the agent, keeps it going, ends it.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::available_parallelism;

use keyfob_agent::{Agent, Policy};
use keyfob_sys::hardening;
use keyfob_transport::{Listener, descriptors};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::driver::Driver;
use crate::limits::LONGEST_NAP;
use crate::options::{Ended, Options, Rules, Signals};
use crate::{Error, audit, clock};

/// Runs the agent until a signal, the service manager or its parent ends it.
///
/// Builds its own runtime: call it in a process without other threads, after
/// forking. Protects the process (no core dump, no debugger) before the first
/// key can arrive.
///
/// # Errors
///
/// When no listener could be opened, no memory to seal keys in could be had, or
/// the system refused the runtime or a signal handler.
pub fn run(options: Options) -> Result<Ended, Error> {
    let report = hardening::protect_process();
    for (what, outcome) in
        [("hiding its memory", report.hidden), ("forbidding core files", report.no_core)]
    {
        if let Err(error) = outcome {
            tracing::warn!(what, %error, "process protection is incomplete");
        }
    }
    if let Err(error) = descriptors::raise_limit() {
        tracing::warn!(%error, "the limit of open connections stays low");
    }
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(workers(cores())).enable_all().build()?;
    let ended = runtime.block_on(serve(options))?;
    // Dialogs and signatures that are still open end with the process.
    runtime.shutdown_background();
    Ok(ended)
}

fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Two at least: a question to a file system that hangs, whether the key store has changed, keeps
/// one of them for as long, and the others must be served.
fn workers(cores: usize) -> usize {
    cores.max(2)
}

async fn serve(options: Options) -> Result<Ended, Error> {
    let Options { open, ready, rules, notifier, surroundings, store, signals, helper, until } =
        options;
    let mut ends = Ends::new(signals, until)?;
    let agent = Agent::new(policy(&rules))?;
    let driver = Driver::new(agent, rules.clone(), &surroundings, store, helper, cores());
    let driver = Arc::new(driver);
    driver.store().refresh(driver.agent());
    let listeners = open()?;
    let mut tasks = JoinSet::new();
    for listener in listeners {
        tasks.spawn(accept(listener, Arc::clone(&driver)));
    }
    tasks.spawn(keep_time(Arc::clone(&driver), rules.clone()));
    ready();
    tell("ready", notifier.ready());
    let ended = loop {
        match ends.next().await {
            Event::End(ended) => break ended,
            Event::DropKeys => {
                audit::note_own(&driver.drop_all(), rules.fingerprint_hash);
            }
        }
    };
    tell("stopping", notifier.stopping());
    // Dropping the accept tasks drops the listeners, which remove their socket
    // files, before the process is gone.
    tasks.shutdown().await;
    Ok(ended)
}

/// The service manager is told what it may miss: the agent runs without it.
fn tell(what: &str, outcome: std::io::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(what, %error, "the service manager could not be told");
    }
}

fn policy(rules: &Rules) -> Policy {
    Policy {
        default_lifetime: rules.default_lifetime,
        allow_rsa_sha1: rules.allow_rsa_sha1,
        idle_wipe: rules.idle_wipe,
    }
}

/// Serves one listener, each client in its own task.
async fn accept(listener: Listener, driver: Arc<Driver>) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Connections that are open go on; new ones cannot come.
                tracing::error!(%error, "the socket can no longer accept clients");
                return;
            }
        };
        let driver = Arc::clone(&driver);
        tokio::spawn(async move {
            let ending = Connection::new(stream).serve(&driver).await;
            tracing::debug!(%ending, "connection ended");
        });
    }
}

/// Drops keys when their time is up and wipes signing objects that rest.
async fn keep_time(driver: Arc<Driver>, rules: Rules) {
    loop {
        let now = clock::moment();
        let tick = driver.agent().tick(now);
        for record in &tick.expired {
            audit::note_own(record, rules.fingerprint_hash);
        }
        let locks_at = driver.store().locks_at();
        if locks_at.is_some_and(|moment| moment <= now) {
            driver.lock_by_itself();
        }
        let next = match (tick.next, locks_at.filter(|moment| *moment > now)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        match next {
            None => driver.changed().await,
            Some(next) => {
                tokio::select! {
                    () = sleep(now.until(next).min(LONGEST_NAP)) => {}
                    () = driver.changed() => {}
                }
            }
        }
    }
}

enum Event {
    End(Ended),
    DropKeys,
}

/// Everything that ends the agent or empties it.
struct Ends {
    signals: Signals,
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
    drop_keys: Signal,
    until: Option<oneshot::Receiver<()>>,
}

impl Ends {
    fn new(signals: Signals, until: Option<OwnedFd>) -> Result<Self, Error> {
        Ok(Self {
            signals,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            drop_keys: signal(SignalKind::user_defined1())?,
            until: until.map(watch).transpose()?,
        })
    }

    async fn next(&mut self) -> Event {
        let by_manager = self.signals.activated;
        loop {
            tokio::select! {
                _ = self.terminate.recv() => {
                    return Event::End(if by_manager { Ended::ByManager } else { Ended::BySignal });
                }
                _ = self.hangup.recv() => return Event::End(Ended::BySignal),
                _ = self.interrupt.recv() => {
                    // A daemon ignores the Ctrl-C that was meant for the shell.
                    if self.signals.interrupt_ends {
                        return Event::End(Ended::BySignal);
                    }
                }
                _ = self.drop_keys.recv() => return Event::DropKeys,
                () = gone(self.until.as_mut()) => return Event::End(Ended::WithParent),
            }
        }
    }
}

/// Returns when the watched process has ended; never when none is watched.
async fn gone(process: Option<&mut oneshot::Receiver<()>>) {
    match process {
        // An error is a watcher that died: the safe reading is "ended" too.
        Some(ended) => drop(ended.await),
        None => std::future::pending().await,
    }
}

/// Waits for a process in a thread of its own: at once and without polling. The
/// runtime's own way to wait for a foreign descriptor is `unsafe`.
fn watch(process: OwnedFd) -> std::io::Result<oneshot::Receiver<()>> {
    let (ended, receiver) = oneshot::channel();
    std::thread::Builder::new().name("parent".to_owned()).spawn(move || {
        loop {
            let mut fds = [PollFd::new(&process, PollFlags::IN)];
            if poll(&mut fds, None) != Err(Errno::INTR) {
                break;
            }
        }
        // Nobody listens any more when the agent is ending already.
        let _ = ended.send(());
    })?;
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lost otherwise: on a machine of one core a key store on a server that is gone stops the
    /// agent.
    #[test]
    fn one_that_hangs_leaves_another_to_serve() {
        assert_eq!([1, 2, 8].map(workers), [2, 2, 8]);
    }
}
