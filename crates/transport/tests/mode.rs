//! The socket's mode, watched while it is made. A program of its own, because it changes the
//! process's umask.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use keyfob_transport::unix::reserve;
use rustix::fs::Mode;

/// Lost without it: between bind and chmod another user connects, and stays connected.
#[test]
fn w4_the_socket_is_private_in_every_moment_of_its_life() {
    let folder = tempfile::tempdir().unwrap();
    rustix::process::umask(Mode::empty());
    let path = folder.path().join("s");
    let (done, seen) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    if let Ok(metadata) = std::fs::symlink_metadata(&path) {
                        assert_eq!(metadata.mode() & 0o7777, 0o600);
                        seen.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let _done = Done(&done);
        for _ in 0..2000 {
            drop(reserve(&path).unwrap());
        }
    });
    let seen = seen.into_inner();
    assert!(seen > 100, "seen only {seen} times");
}

/// Ends the watchers, also when the test fails.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
