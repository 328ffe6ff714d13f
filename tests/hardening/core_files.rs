//! A crash of the agent.
//!
//! Lost without this: every key that was in memory, to a file that lies in some folder, in a
//! crash collector's store or in a bug report, for years.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use keyfob_testkit::harness::skip;
use keyfob_testkit::{Case, KeyType, Run, RunningAgent, World, case};
use rustix::process::{Pid, Signal, kill_process};

use keyfob_testkit::user::wait_for_program;

pub(crate) const CASES: &[Case] = &[
    case!(an_agent_that_aborts_leaves_no_core),
    case!(an_agent_that_faults_leaves_no_core),
    case!(a_daemon_that_aborts_leaves_no_core),
];

fn an_agent_that_aborts_leaves_no_core(world: &World) {
    dies_without_a_core(world, Signal::ABORT);
}

fn an_agent_that_faults_leaves_no_core(world: &World) {
    dies_without_a_core(world, Signal::SEGV);
}

fn a_daemon_that_aborts_leaves_no_core(world: &World) {
    if !ordinary_process_dumps(world, Signal::ABORT) {
        skip("this system writes no core of any process");
    }
    let before = cores(world);
    let socket = world.unused("agent");
    let output = unlimited(world, "ssh-agent").arg("-a").arg(&socket).output();
    let pid = keyfob_testkit::Announcement::parse(&output).pid;
    world.adopt(pid);
    kill_process(pid, Signal::ABORT).unwrap();
    world.waits_until("it ends", Duration::from_secs(5), || {
        !fs::exists(format!("/proc/{}", pid.as_raw_nonzero())).unwrap()
    });
    assert_eq!(cores(world), before);
}

fn dies_without_a_core(world: &World, signal: Signal) {
    if !ordinary_process_dumps(world, signal) {
        skip("this system writes no core of any process");
    }
    let before = cores(world);
    let socket = world.unused("agent");
    let run = unlimited(world, "ssh-agent").args(["-D", "-a"]).arg(&socket);
    let mut agent = RunningAgent::listening(world, run, socket);
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let status = end(agent.pid(), signal, |limit| agent.ended_within(limit));
    assert!(!status.core_dumped(), "the system says it wrote a core: {status}");
    assert_eq!(cores(world), before);
}

/// The same crash of a program that does nothing against it.
fn ordinary_process_dumps(world: &World, signal: Signal) -> bool {
    let folder = world.make_folder("ordinary");
    let mut process = unlimited(world, "sleep").arg("60").in_folder(folder).start();
    wait_for_program(world, process.pid(), "sleep");
    end(process.pid(), signal, |limit| process.ended_within(limit)).core_dumped()
}

/// Rust's runtime looks at the first fault itself; the second one ends the process.
fn end(
    pid: Pid,
    signal: Signal,
    mut ended: impl FnMut(Duration) -> Option<ExitStatus>,
) -> ExitStatus {
    for _ in 0..50 {
        kill_process(pid, signal).unwrap();
        if let Some(status) = ended(Duration::from_millis(200)) {
            assert_eq!(status.signal(), Some(signal.as_raw()), "{status}");
            return status;
        }
    }
    panic!("it survives {signal:?}");
}

/// Started by somebody who wants to see cores.
fn unlimited(world: &World, program: &str) -> Run {
    world
        .program("sh")
        .args(["-c", "ulimit -c unlimited && exec \"$0\" \"$@\""])
        .arg(program)
        .in_folder(world.home())
}

/// Core files in the usual places: the folder it was started in, and the daemon's.
fn cores(world: &World) -> Vec<PathBuf> {
    let folders = [world.home(), world.folder().to_owned(), world.temporary(), "/".into()];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap().flatten());
    let is_core = |name: &str| name == "core" || name.starts_with("core.");
    entries
        .filter(|entry| is_core(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect()
}
