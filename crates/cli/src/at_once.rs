//! The same work on many things, on all cores at once.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How much can be done at the same time.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Does it with so many threads, this one among them, and gives what came of it in the order of the
/// things. A thread that cannot be had is done without.
pub(crate) fn all<T: Sync, R: Send>(
    things: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(things.len()));
    let take_part = || {
        while let Some((at, thing)) = take(things, &next) {
            let result = work(thing);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(things.len()) {
            if thread::Builder::new().spawn_scoped(scope, take_part).is_err() {
                break;
            }
        }
        take_part();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn take<'t, T>(things: &'t [T], next: &AtomicUsize) -> Option<(usize, &'t T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((at, things.get(at)?))
}

#[cfg(test)]
mod tests {
    use std::sync::Condvar;
    use std::time::Duration;

    use super::*;

    /// Each waits until all are under way, which they never are one after the other.
    #[test]
    fn as_many_are_under_way_as_there_are_threads_and_the_order_stays() {
        const THREADS: usize = 4;
        let (under_way, changed) = (Mutex::new(0), Condvar::new());
        let results = all(&[5, 6, 7, 8], THREADS, |number| {
            let mut count = under_way.lock().unwrap();
            *count += 1;
            changed.notify_all();
            let limit = Duration::from_secs(60);
            let waited = changed.wait_timeout_while(count, limit, |count| *count < THREADS);
            assert!(!waited.unwrap().1.timed_out(), "they do not begin together");
            number * 2
        });
        assert_eq!(results, [10, 12, 14, 16]);
    }

    #[test]
    fn nothing_to_do_and_more_to_do_than_threads() {
        assert!(all(&[] as &[u8], 4, |number| *number).is_empty());
        let many: Vec<usize> = (0..100).collect();
        assert_eq!(all(&many, 3, |number| *number), many);
    }
}
