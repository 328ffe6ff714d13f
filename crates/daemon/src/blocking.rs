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

use crate::limits::{KEPT_THREADS, MAX_BLOCKING_THREADS};

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
