//! The walls around the reader of linked key files, tried from inside: each attempt in a process
//! of its own, made once where it must succeed and once where it must not.
//!
//! Lost without these: that the walls stand. A reader that a hostile file takes over would open
//! other keys, send them away, or reach into the agent.
//!
//! Forks: a process with one thread, without the usual harness.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]
#![cfg_attr(not(target_os = "linux"), allow(unused, reason = "there are no walls to try"))]

#[cfg(target_os = "linux")]
mod filter;
#[path = "../../src/sandbox.rs"]
mod sandbox;
#[cfg(target_os = "linux")]
#[path = "../../src/syscalls.rs"]
mod syscalls;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::process::Command;

use keyfob_daemon::linked::Walls;
use keyfob_sys::process::{Fork, fork};
use rustix::process::{
    Pid, Signal, WaitOptions, getppid, kill_process, test_kill_process, waitpid,
};

/// What can be tried, and how it is called.
type Attempt = (&'static str, fn(&Surroundings) -> io::Result<()>);

/// What there is to reach for, opened before there were walls.
struct Surroundings {
    file: File,
    pipe: OwnedFd,
    listener: TcpListener,
    abstract_name: SocketAddr,
    _abstract_listener: UnixListener,
}

/// Beyond the reach of Landlock too, where it is whole.
const OUTSIDE: &[Attempt] = &[
    ("opening a file", |_| File::open("/etc/passwd").map(drop)),
    ("opening itself", |_| File::open("/proc/self/exe").map(drop)),
    ("looking into a folder", |_| std::fs::read_dir("/").map(drop)),
    ("making a file", |_| File::create(std::env::temp_dir().join("kf-walls")).map(drop)),
    ("connecting to a port", |around| TcpStream::connect(around.listener.local_addr()?).map(drop)),
    ("listening at a port", |_| TcpListener::bind("127.0.0.1:0").map(drop)),
    ("an abstract socket", |around| UnixStream::connect_addr(&around.abstract_name).map(drop)),
    ("a signal to the parent", |_| {
        Ok(kill_process(getppid().ok_or(io::ErrorKind::NotFound)?, Signal::CONT)?)
    }),
    ("starting a program", |_| {
        Command::new("/bin/true").stdin(std::process::Stdio::inherit()).status().map(drop)
    }),
];

/// Beyond the reach of the filter as well.
const CALLS: &[Attempt] = &[
    ("a datagram", |_| UdpSocket::bind("127.0.0.1:0").map(drop)),
    ("a pair of sockets", |_| UnixStream::pair().map(drop)),
    ("asking for a process", |_| Ok(test_kill_process(getppid().ok_or(io::ErrorKind::NotFound)?)?)),
    ("a copy of a descriptor", |around| around.file.try_clone().map(drop)),
    ("reading another descriptor", |around| {
        Ok(rustix::io::read(&around.pipe, &mut [0_u8; 1][..]).map(drop)?)
    }),
    ("writing into the file", |around| match (&around.file).write_all(b"x") {
        // It was opened for reading; without walls that is the answer.
        Err(error) if error.raw_os_error() == Some(9) => Ok(()),
        other => other,
    }),
    ("becoming visible", |_| {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        Ok(set_dumpable_behavior(DumpableBehavior::Dumpable)?)
    }),
    ("a thread", |_| std::thread::Builder::new().spawn(|| {}).map(drop)),
    ("the time it may take", |_| {
        use rustix::process::{Resource, getrlimit, setrlimit};
        Ok(setrlimit(Resource::Cpu, getrlimit(Resource::Cpu))?)
    }),
];

fn main() {
    #[cfg(target_os = "linux")]
    linux();
    #[cfg(not(target_os = "linux"))]
    println!("\ntest result: ok. 0 passed; 0 failed; 0 ignored");
}

#[cfg(target_os = "linux")]
fn linux() {
    let cases: [(&str, fn()); 5] = [
        ("without_walls_every_attempt_succeeds", without_walls_every_attempt_succeeds),
        ("landlock_alone_keeps_what_is_outside_there", landlock_alone_keeps_what_is_outside_there),
        ("within_all_walls_every_attempt_is_the_end", within_all_walls_every_attempt_is_the_end),
        ("the_open_file_is_read_and_answered", the_open_file_is_read_and_answered),
        ("memory_has_an_end", memory_has_an_end),
    ];
    let cases = [&filter::CASES[..], &cases].concat();
    for (name, case) in &cases {
        case();
        println!("test {name} ... ok");
    }
    println!("\ntest result: ok. {} passed; 0 failed; 0 ignored", cases.len());
}

fn surroundings() -> Surroundings {
    let (pipe, writer) = rustix::pipe::pipe().unwrap();
    rustix::io::write(writer, b"x").unwrap();
    let name = format!("kf-walls-{}-{:?}", std::process::id(), std::time::Instant::now());
    let abstract_name = SocketAddr::from_abstract_name(name).unwrap();
    Surroundings {
        file: File::open("/etc/passwd").unwrap(),
        pipe,
        listener: TcpListener::bind("127.0.0.1:0").unwrap(),
        _abstract_listener: UnixListener::bind_addr(&abstract_name).unwrap(),
        abstract_name,
    }
}

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Code(i32),
    Signal(i32),
}

/// Runs it in a child, which ends with the number it returns.
fn in_child(work: impl FnOnce(&Surroundings) -> i32) -> End {
    let around = surroundings();
    match fork().unwrap() {
        Fork::Child => std::process::exit(work(&around)),
        Fork::Parent(child) => {
            let child = Pid::from_raw(child.cast_signed());
            let (_, status) = waitpid(child, WaitOptions::empty()).unwrap().unwrap();
            match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => End::Code(code),
                (_, signal) => End::Signal(signal.unwrap()),
            }
        }
    }
}

/// 0 for what succeeded, 1 for what the system did not permit, 2 for another failure.
fn code_of(result: io::Result<()>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => 1,
        Err(_) => 2,
    }
}

fn without_walls_every_attempt_succeeds() {
    for (what, attempt) in OUTSIDE.iter().chain(CALLS) {
        assert_eq!(in_child(|around| code_of(attempt(around))), End::Code(0), "{what}");
    }
}

#[cfg(target_os = "linux")]
fn landlock_alone_keeps_what_is_outside_there() {
    const NO_LANDLOCK: i32 = 77;
    for (what, attempt) in OUTSIDE {
        let end = in_child(|around| match sandbox::system::wall_off().unwrap() {
            Walls::Whole => code_of(attempt(around)),
            _ => NO_LANDLOCK,
        });
        if end == End::Code(NO_LANDLOCK) {
            println!("skipped: this kernel has no Landlock, or an old one");
            return;
        }
        assert_eq!(end, End::Code(1), "{what}");
    }
    // What is open stays open: the file would not be read otherwise.
    let end = in_child(|around| {
        sandbox::system::wall_off().unwrap();
        let mut text = Vec::new();
        i32::from((&around.file).read_to_end(&mut text).is_err() || text.is_empty())
    });
    assert_eq!(end, End::Code(0));
}

fn within_all_walls_every_attempt_is_the_end() {
    for (what, attempt) in OUTSIDE.iter().chain(CALLS) {
        let end = in_child(|around| {
            sandbox::confine(around.file.as_fd()).unwrap();
            code_of(attempt(around))
        });
        assert_eq!(end, End::Signal(Signal::SYS.as_raw()), "{what}");
    }
}

fn the_open_file_is_read_and_answered() {
    let end = in_child(|around| {
        sandbox::confine(around.file.as_fd()).unwrap();
        // Not to its end: that would ask for the size first, which is another call.
        let mut text = [0; 64];
        let count = (&around.file).read(&mut text).unwrap();
        // As much as a derivation takes, and small pieces beside it.
        let large = vec![1_u8; 1 << 30];
        let small: Vec<Vec<u8>> = (0..1000).map(|size| vec![1; size]).collect();
        println!("(this line comes from within)");
        i32::from(count == 0 || large[large.len() - 1] != 1 || small.len() != 1000)
    });
    assert_eq!(end, End::Code(0));
}

/// A file that makes a parser take all there is ends that parser, not the machine's other
/// programs.
fn memory_has_an_end() {
    let end = in_child(|around| {
        sandbox::confine(around.file.as_fd()).unwrap();
        let mut all: Vec<u8> = Vec::new();
        i32::from(all.try_reserve_exact(3 << 30).is_ok())
    });
    assert_ne!(end, End::Code(1), "three gigabytes were given");
}
