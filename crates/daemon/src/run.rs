//! Starts the agent, keeps it going, ends it.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;

use keyfob_agent::Agent;
use keyfob_protocol::security::Measure;
use keyfob_sys::room::{self, Room};
use keyfob_sys::{hardening, user};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::driver::Driver;
use crate::ends::{Ends, Event};
use crate::limits::LONGEST_NAP;
use crate::options::{Ended, Options};
use crate::{Error, accepting, blocking, clock, closing, desktop, remembering};

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
        [("hiding its memory", &report.hidden), ("forbidding core files", &report.no_core)]
    {
        if let Err(error) = outcome {
            tracing::warn!(what, %error, "process protection is incomplete");
        }
    }
    #[cfg(unix)]
    if let Err(error) = keyfob_transport::descriptors::raise_limit() {
        tracing::warn!(%error, "the limit of open connections stays low");
    }
    // The user database may be one that takes a library, or a network, to ask.
    let home = user::home_directory();
    // Before there is memory for secrets, which a copy of this process must not have.
    let (options, given_up) = closing::close_in(options, &report);
    match room::reserve() {
        Ok(Room { each, wanted }) if each < wanted => {
            let mib = each >> 20;
            tracing::warn!("a limit on address space leaves room for {mib} MiB of secrets only");
        }
        Ok(_) => {}
        Err(error) => tracing::error!(%error, "there is no room for secrets"),
    }
    let cores = cores();
    let runtime = blocking::runtime(workers(cores))?;
    let ended = runtime.block_on(serve(options, home, given_up, cores))?;
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

async fn serve(
    options: Options,
    home: Option<PathBuf>,
    given_up: Vec<Measure>,
    cores: usize,
) -> Result<Ended, Error> {
    let Options {
        open,
        ready,
        rules,
        notifier,
        surroundings,
        store,
        reload,
        signals,
        helper,
        log,
        desktop,
        until,
        ..
    } = options;
    let mut ends = Ends::new(signals, until)?;
    let agent = Agent::new(rules.policy())?;
    let driver = Driver::new(agent, rules, &surroundings, store, helper, cores);
    let driver = driver.at_home(home.as_deref()).having_given_up(given_up);
    let driver = Arc::new(driver.with_settings(reload).with_log(log));
    // Once more: they may have changed since they were read for the start.
    driver.read_settings();
    driver.store().refresh(driver.agent()).await;
    let listeners = open()?;
    let mut tasks = JoinSet::new();
    for socket in listeners {
        tasks.spawn(accepting::serve(socket, Arc::clone(&driver)));
    }
    tasks.spawn(remembering::keep(Arc::clone(&driver)));
    tasks.spawn(keep_time(Arc::clone(&driver)));
    tasks.spawn(keep_settings(Arc::clone(&driver)));
    let freed = Arc::clone(driver.freed());
    tasks.spawn(async move { freed.give_back().await });
    if desktop.is_some() {
        tasks.spawn(desktop::watch(Arc::clone(&driver)));
    }
    ready();
    tell("ready", notifier.ready());
    let ended = loop {
        match ends.next().await {
            Event::End(ended) => break ended,
            Event::DropKeys => {
                driver.note_own(&driver.drop_all());
            }
            Event::ReadSettings => driver.read_settings(),
        }
    };
    tell("stopping", notifier.stopping());
    // Dropping the accept tasks drops the listeners, which remove their socket
    // files, before the process is gone.
    tasks.shutdown().await;
    remembering::save(&driver).await;
    driver.end_log().await;
    Ok(ended)
}

/// The service manager is told what it may miss: the agent runs without it.
fn tell(what: &str, outcome: std::io::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(what, %error, "the service manager could not be told");
    }
}

/// Drops keys when their time is up and wipes signing objects that rest.
async fn keep_time(driver: Arc<Driver>) {
    loop {
        let now = clock::moment();
        let tick = driver.agent().tick(now);
        for record in &tick.expired {
            driver.note_own(record);
            driver.changes().happened();
        }
        let locks_at = driver.store().locks_at();
        let due = locks_at.filter(|(moment, _)| *moment <= now);
        if let Some((_, cause)) = due {
            // A moment later there is nothing to seal it under.
            remembering::save(&driver).await;
            driver.lock_because(cause);
        }
        let later = locks_at.map(|(moment, _)| moment).filter(|moment| *moment > now);
        let next = match (tick.next, later) {
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

/// Takes changed settings over though nobody asks for anything.
async fn keep_settings(driver: Arc<Driver>) {
    loop {
        driver.settings().time_to_look().await;
        driver.look_at_settings();
    }
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
