//! Several agents start at the same path: one of them runs in the end, and none loses its socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod child;

use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use child::Process;
use keyfob_transport::unix::{BindError, Bound, reserve};

const STARTS: usize = 20;
const ROUNDS: usize = 200;

#[test]
fn w4_of_twenty_threads_exactly_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    for round in 0..ROUNDS {
        leave_a_dead_socket_in_every_other(round, &path);
        let barrier = Barrier::new(STARTS);
        let results: Vec<Result<Bound, BindError>> = thread::scope(|scope| {
            let start = || {
                barrier.wait();
                reserve(&path)
            };
            let starts: Vec<_> = (0..STARTS).map(|_| scope.spawn(start)).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        let (winners, losers): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(winners.len(), 1, "round {round}");
        assert!(winners[0].as_ref().is_ok_and(Bound::still_ours), "round {round}");
        for loser in losers {
            assert!(matches!(loser, Err(BindError::Live { .. })), "round {round}: {loser:?}");
        }
        UnixStream::connect(&path).unwrap();
    }
}

#[test]
fn w4_of_twenty_processes_exactly_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let mut starts: Vec<Process> = (0..STARTS).map(|_| Process::start("racer", &path)).collect();
    for start in &mut starts {
        assert_eq!(start.hear(), "there");
    }
    for round in 0..ROUNDS {
        leave_a_dead_socket_in_every_other(round, &path);
        starts.iter_mut().for_each(|start| start.tell("start"));
        let said: Vec<String> = starts.iter_mut().map(Process::hear).collect();
        let won = said.iter().filter(|said| *said == "won").count();
        let live = said.iter().filter(|said| *said == "live").count();
        assert_eq!((won, live), (1, STARTS - 1), "round {round}: {said:?}");
        UnixStream::connect(&path).unwrap();
        starts.iter_mut().for_each(|start| start.tell("end"));
        for start in &mut starts {
            assert_eq!(start.hear(), "ended");
        }
        assert!(!path.exists(), "round {round}");
    }
}

#[test]
fn the_socket_of_a_killed_agent_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run/s");
    let mut owner = Process::start("racer", &path);
    assert_eq!(owner.hear(), "there");
    owner.tell("start");
    assert_eq!(owner.hear(), "won");
    assert!(matches!(reserve(&path), Err(BindError::Live { .. })));
    drop(owner);
    assert!(path.exists(), "SIGKILL leaves the file");
    let successor = reserve(&path).unwrap();
    assert!(successor.still_ours());
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
}

fn leave_a_dead_socket_in_every_other(round: usize, path: &Path) {
    let _ = std::fs::remove_file(path);
    if round % 2 == 1 {
        drop(UnixListener::bind(path).unwrap());
    }
}

/// Not a test by itself: what the processes above do.
#[test]
fn child_process() {
    let Some((_, path)) = child::role() else { return };
    let mut bound = None;
    child::say("there");
    while let Some(told) = child::hear() {
        match told.as_str() {
            "start" => match reserve(&path) {
                Ok(made) => {
                    bound = Some(made);
                    child::say("won");
                }
                Err(BindError::Live { .. }) => child::say("live"),
                Err(other) => child::say(&format!("{other:?}")),
            },
            _ => {
                drop(bound.take());
                child::say("ended");
            }
        }
    }
}
