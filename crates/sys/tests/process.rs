//! Forking, detaching and taking over a socket, in a process with one thread.
//!
//! The usual test harness runs tests in threads, where [`keyfob_sys::process::fork`] refuses.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::multiple_unsafe_ops_per_block,
    reason = "tests"
)]

use keyfob_sys::process::{Fork, Forked, Readiness, detach, fork, fork_with_report};
use keyfob_sys::{Error, activation, locked::LockedBytes, process};
use rustix::process::{Pid, WaitOptions, waitpid};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixListener;

type Case = (&'static str, fn());

/// In this order: the last one spoils the process for forking.
const CASES: [Case; 10] = [
    ("the_child_is_another_process", the_child_is_another_process),
    ("the_parent_learns_when_the_child_is_ready", the_parent_learns_when_the_child_is_ready),
    ("the_parent_learns_why_the_child_is_not", the_parent_learns_why_the_child_is_not),
    ("a_child_that_dies_is_not_waited_for_in_vain", a_child_that_dies_is_not_waited_for_in_vain),
    ("a_detached_process_holds_nothing_of_its_shell", a_detached_process_holds_nothing),
    ("an_orphan_notices_that_its_parent_is_gone", an_orphan_notices),
    ("a_child_ends_with_the_pipe_it_hangs_on", a_child_ends_with_the_pipe),
    ("a_handed_over_socket_is_taken_once", a_handed_over_socket_is_taken_once),
    ("threads_forbid_a_fork", threads_forbid_a_fork),
    ("secrets_forbid_a_fork", secrets_forbid_a_fork),
];

fn main() {
    for (name, case) in CASES {
        case();
        println!("test {name} ... ok");
    }
    println!("\ntest result: ok. {} passed; 0 failed; 0 ignored", CASES.len());
}

/// Runs `work` in a child and returns its report.
fn in_child(work: impl FnOnce(Readiness)) -> Result<Vec<u8>, Error> {
    match fork_with_report().unwrap() {
        Forked::Parent(startup) => {
            let child = startup.child();
            let report = startup.wait();
            exit_status(child);
            report
        }
        Forked::Child(readiness) => {
            work(readiness);
            std::process::exit(0);
        }
    }
}

fn exit_status(child: u32) -> Option<i32> {
    let child = Pid::from_raw(child.cast_signed());
    waitpid(child, WaitOptions::empty()).unwrap().unwrap().1.exit_status()
}

fn the_child_is_another_process() {
    let before = std::process::id();
    match fork().unwrap() {
        Fork::Child => std::process::exit(if std::process::id() == before { 1 } else { 7 }),
        Fork::Parent(child) => assert_eq!(exit_status(child), Some(7)),
    }
}

fn the_parent_learns_when_the_child_is_ready() {
    let report = in_child(|readiness| readiness.ready(b"/run/a b\xff.sock").unwrap());
    assert_eq!(report.unwrap(), b"/run/a b\xff.sock");
}

fn the_parent_learns_why_the_child_is_not() {
    let report = in_child(|readiness| readiness.failed("no such folder").unwrap());
    assert_eq!(report.unwrap_err().to_string(), "the agent did not start: no such folder");
}

fn a_child_that_dies_is_not_waited_for_in_vain() {
    let report = in_child(|_readiness| std::process::abort());
    assert!(report.unwrap_err().to_string().contains("before it was ready"));
}

fn a_detached_process_holds_nothing() {
    let report = in_child(|readiness| {
        detach().unwrap();
        let mut facts = Vec::new();
        for stream in 0..3 {
            facts.push(std::fs::read_link(format!("/proc/self/fd/{stream}")).unwrap());
        }
        facts.push(std::env::current_dir().unwrap());
        let session = keyfob_sys::peer::status(std::process::id()).unwrap().session;
        facts.push(format!("{}", session == std::process::id()).into());
        readiness.ready(format!("{facts:?}").as_bytes()).unwrap();
    });
    let facts = String::from_utf8(report.unwrap()).unwrap();
    assert_eq!(facts, r#"["/dev/null", "/dev/null", "/dev/null", "/", "true"]"#);
}

fn an_orphan_notices() {
    // Child and grandchild: the grandchild's parent ends while it watches.
    let report = in_child(|readiness| {
        let parent = std::process::id();
        if fork().unwrap() == Fork::Child {
            let watched = process::watch_parent(parent).unwrap();
            let limit = rustix::event::Timespec { tv_sec: 10, tv_nsec: 0 };
            let mut poll = [rustix::event::PollFd::new(&watched, rustix::event::PollFlags::IN)];
            let count = rustix::event::poll(&mut poll, Some(&limit)).unwrap();
            readiness.ready(if count == 1 { b"noticed" } else { b"missed" }).unwrap();
            std::process::exit(0);
        }
        // Long enough for the grandchild to begin watching.
        std::thread::sleep(std::time::Duration::from_millis(300));
    });
    assert_eq!(report.unwrap(), b"noticed");
}

/// Lost without this: a helper that holds a passphrase and outlives who gave it.
fn a_child_ends_with_the_pipe() {
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    match fork().unwrap() {
        Fork::Child => {
            drop(writer);
            process::end_with(reader.as_fd()).unwrap();
            std::thread::sleep(std::time::Duration::from_secs(20));
            std::process::exit(0);
        }
        Fork::Parent(child) => {
            let child = Pid::from_raw(child.cast_signed());
            std::thread::sleep(std::time::Duration::from_millis(200));
            let early = waitpid(child, WaitOptions::NOHANG).unwrap();
            assert!(early.is_none(), "it ended while the pipe was held");
            drop(writer);
            let (_, status) = waitpid(child, WaitOptions::empty()).unwrap().unwrap();
            assert_eq!(status.terminating_signal(), Some(rustix::process::Signal::IO.as_raw()));
        }
    }
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    drop(writer);
    let error = process::end_with(reader.as_fd()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "it was closed before");
}

fn a_handed_over_socket_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let report = in_child(|readiness| {
        // Descriptor 3 may be the report's pipe: move that out of the way first, as the tests'
        // only other descriptor.
        // SAFETY: plain descriptor numbers; the child ends right after.
        let moved = unsafe { libc::fcntl(3, libc::F_DUPFD, 10) };
        // SAFETY: as above; 3 is replaced by the listening socket, as the service manager does.
        assert_eq!(unsafe { libc::dup2(listener.as_raw_fd(), 3) }, 3);
        let own = std::process::id().to_string();
        let take = || activation::take(Some(own.as_ref()), Some("1".as_ref()));
        let socket = take().unwrap().unwrap();
        let flags = rustix::io::fcntl_getfd(&socket).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC), "children would inherit it");
        assert!(take().unwrap_err().to_string().contains("already"), "two owners");
        let answer = format!("{}", socket.as_raw_fd());
        std::mem::forget(socket);
        if moved >= 0 {
            // SAFETY: as above: the pipe goes back to its number.
            unsafe { libc::dup2(moved, 3) };
        }
        readiness.ready(answer.as_bytes()).unwrap();
    });
    assert_eq!(report.unwrap(), b"3");
}

fn threads_forbid_a_fork() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || receiver.recv().is_err());
    assert!(fork().unwrap_err().to_string().contains("2 threads"));
    drop(sender);
    thread.join().unwrap();
}

fn secrets_forbid_a_fork() {
    let secret = LockedBytes::new(32).unwrap();
    assert!(fork().unwrap_err().to_string().contains("secrets"));
    drop(secret);
    assert!(fork().is_err(), "the memory is still there for the next secret");
}
