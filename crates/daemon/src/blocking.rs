//! The threads for work that takes long: there before anybody needs them, and kept.
//!
//! Where no thread can be made (a limit on processes or on address space is reached, by whatever
//! else the user runs) the runtime panics as soon as the first such work is to begin, and loses the
//! thread that served clients with it. With a few that never end it queues the work for them instead:
//! it is done later, and nothing is lost. A pool of our own would need its own way to hand a serving
//! thread's clients on, which `block_in_place` has.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{block_in_place, spawn_blocking};
use tokio::time::timeout;

use crate::limits::{CATCH_UP_WITHIN, KEPT_THREADS, MAX_BLOCKING_THREADS};
use crate::turns::Turn;

/// Longer than any agent runs: a thread that ends could not be had again.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A runtime with so many threads that serve, and those for long work waiting.
///
/// # Errors
/// When so many threads cannot be had.
pub(crate) fn runtime(workers: usize) -> io::Result<Runtime> {
    can_be_had(workers + KEPT_THREADS)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .thread_keep_alive(FOR_EVER)
        .enable_all()
        .build()?;
    keep_waiting(&runtime);
    Ok(runtime)
}

/// The runtime has no other way to fail here than a panic.
fn can_be_had(threads: usize) -> io::Result<()> {
    let gate = RwLock::new(());
    let shut = gate.write();
    thread::scope(|scope| {
        let started = (0..threads).try_for_each(|_| {
            let thread = thread::Builder::new();
            let waits = || drop(gate.read().unwrap_or_else(PoisonError::into_inner));
            thread.spawn_scoped(scope, waits).map(drop)
        });
        drop(shut);
        started
    })
}

/// None of them can take a second piece of work while the gate is shut, so each gets a thread.
fn keep_waiting(runtime: &Runtime) {
    let gate = Arc::new(RwLock::new(()));
    let _shut = gate.write();
    for _ in 0..KEPT_THREADS {
        let gate = Arc::clone(&gate);
        drop(runtime.spawn_blocking(move || {
            drop(gate.read().unwrap_or_else(PoisonError::into_inner));
        }));
    }
}

/// Does work that may take long on this thread, whose clients another one is woken to serve.
///
/// Short work is done before that one is awake, and the runtime starts one more for the next piece:
/// so the turn goes on until the threads have caught up. It ends all the same where they cannot,
/// because all that can be had are held up.
pub(crate) fn in_turn<T>(turn: Option<Turn>, work: impl FnOnce() -> T) -> T {
    in_turn_for(CATCH_UP_WITHIN, turn, work)
}

fn in_turn_for<T>(at_most: Duration, turn: Option<Turn>, work: impl FnOnce() -> T) -> T {
    let done = block_in_place(work);
    // It stands behind the clients in the threads' queue.
    let caught_up = spawn_blocking(|| ());
    drop(tokio::spawn(async move {
        let _ = timeout(at_most, caught_up).await;
        drop(turn);
    }));
    done
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::turns::Turns;

    /// Longer than anything takes here.
    const LONG: Duration = Duration::from_secs(60);

    /// A runtime that has one thread besides those that serve, and it waits for this to be dropped.
    fn with_the_one_thread_held_up() -> (Runtime, mpsc::Sender<()>) {
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).max_blocking_threads(1).enable_time();
        let runtime = runtime.build().unwrap();
        let (release, held) = mpsc::channel();
        drop(runtime.spawn_blocking(move || held.recv()));
        (runtime, release)
    }

    /// Lost otherwise: many who log in at once leave as many threads behind as there can be, each with
    /// its stack, and these never end.
    #[test]
    fn a_turn_goes_on_until_the_threads_have_caught_up() {
        let (runtime, release) = with_the_one_thread_held_up();
        let turns = Turns::new(1);
        let work = async move {
            in_turn_for(LONG, turns.next(None).await, || ());
            let ended_early = turns.free(None).is_some();
            drop(release);
            (ended_early, timeout(LONG, turns.next(None)).await.is_ok())
        };
        let ended = runtime.block_on(runtime.spawn(work)).unwrap();
        assert_eq!(ended, (false, true));
    }

    /// Lost otherwise: one file system that hangs, where no more threads can be had, and no key is
    /// added and no login begins until it goes on.
    #[test]
    fn a_turn_ends_where_every_thread_is_held_up() {
        let (runtime, release) = with_the_one_thread_held_up();
        let turns = Turns::new(1);
        let work = async move {
            in_turn(turns.next(None).await, || ());
            timeout(LONG, turns.next(None)).await.is_ok()
        };
        assert!(runtime.block_on(runtime.spawn(work)).unwrap());
        drop(release);
    }
}
