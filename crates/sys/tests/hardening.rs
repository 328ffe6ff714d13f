//! Processes as others and as the limits see them.
//!
//! Root may read and lock everything, so as root the processes under test become another user
//! first.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "tests")]

use keyfob_sys::locked::{LockedBytes, usage};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// `nobody` on every system this runs on; it only has to be somebody else than root.
const OTHER_USER: &str = "65534";

type Case = (&'static str, fn(bool));

const CASES: [Case; 2] = [
    ("a_hardened_process_cannot_be_read", a_hardened_process_cannot_be_read),
    ("without_memory_to_lock_secrets_still_work", without_memory_to_lock_secrets_still_work),
];

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("hold-hardened") => hold(true),
        Some("hold-open") => hold(false),
        Some("lock-nothing") => lock_nothing(),
        Some("nothing") => {}
        _ => run(),
    }
}

fn run() {
    let root = keyfob_sys::user::effective_uid() == 0;
    let able = !root || can_become_other();
    for (name, case) in CASES {
        if able {
            case(root);
            println!("test {name} ... ok");
        } else {
            println!("test {name} ... ignored, it cannot run as another user");
        }
    }
    let (passed, ignored) = if able { (CASES.len(), 0) } else { (0, CASES.len()) };
    println!("\ntest result: ok. {passed} passed; 0 failed; {ignored} ignored");
}

/// Keeps still until the parent is done, hardened or not.
fn hold(hardened: bool) {
    let mut report = String::from("open");
    if hardened {
        let result = keyfob_sys::hardening::protect_process();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        report = format!("{} {:?} {:?}", result.complete(), limit.current, limit.maximum);
    }
    println!("{report}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

fn a_hardened_process_cannot_be_read(root: bool) {
    let (mut open, words) = helper("hold-open", root);
    assert_eq!(words, "open");
    // Yama may forbid this for every process; then the test still shows that nothing got worse.
    if !memory_opens(open.id(), root) {
        println!("(this system lets no process read another)");
    }
    let (mut hardened, words) = helper("hold-hardened", root);
    assert_eq!(words, "true Some(0) Some(0)", "hardening failed or core files are possible");
    assert!(!memory_opens(hardened.id(), root), "the memory of a hardened process opened");
    for child in [&mut open, &mut hardened] {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}

/// Uses secrets where not a page may be locked, and tells how that went.
fn lock_nothing() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let nothing = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Memlock, nothing).unwrap();
    let mut secrets: Vec<_> = (0..100).map(|_| LockedBytes::new(1000).unwrap()).collect();
    secrets.iter_mut().for_each(|secret| secret.fill(7));
    let sound = secrets.iter().all(|secret| secret.iter().all(|byte| *byte == 7));
    let usage = usage();
    println!("{sound} {:?} {} {}", secrets[99].protection(), usage.locked, usage.unlocked > 0);
}

fn without_memory_to_lock_secrets_still_work(root: bool) {
    let (mut child, words) = helper("lock-nothing", root);
    assert_eq!(words, "true Unlocked 0 true", "it fails, or claims what is not so");
    assert!(child.wait().unwrap().success());
}

/// This program in another role, and its first line.
fn helper(role: &str, root: bool) -> (Child, String) {
    let program = std::env::current_exe().unwrap();
    let mut child = as_user(program.to_str().unwrap(), root)
        .arg(role)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim().to_owned())
}

fn memory_opens(pid: u32, root: bool) -> bool {
    let script = format!("exec 3</proc/{pid}/mem");
    let mut shell = as_user("/bin/sh", root);
    shell.args(["-c", &script]).stderr(Stdio::null()).status().unwrap().success()
}

fn can_become_other() -> bool {
    // This very program: its folder may be closed to others.
    let program = std::env::current_exe().unwrap();
    let mut command = as_user(program.to_str().unwrap(), true);
    command.arg("nothing").status().is_ok_and(|status| status.success())
}

fn as_user(program: &str, root: bool) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", OTHER_USER, "--regid", OTHER_USER, "--clear-groups", program]);
    command
}
