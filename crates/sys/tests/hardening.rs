//! A hardened process seen from outside: another process of the same user cannot open its memory.
//!
//! Root may read everything, so as root the two processes become another user first.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// `nobody` on every system this runs on; it only has to be somebody else than root.
const OTHER_USER: &str = "65534";

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("hold-hardened") => hold(true),
        Some("hold-open") => hold(false),
        _ => run(),
    }
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

fn run() {
    let root = keyfob_sys::user::effective_uid() == 0;
    if root && !can_become_other() {
        println!("test a_hardened_process_cannot_be_read ... ignored, setpriv cannot change user");
        println!("\ntest result: ok. 0 passed; 0 failed; 1 ignored");
        return;
    }
    let (mut open, words) = holder("hold-open", root);
    assert_eq!(words, "open");
    // Yama may forbid this anyway; then the test still shows that nothing got worse.
    let readable = memory_opens(open.id(), root);
    let (mut hardened, words) = holder("hold-hardened", root);
    assert_eq!(words, "true Some(0) Some(0)", "hardening failed or core files are possible");
    assert!(!memory_opens(hardened.id(), root), "the memory of a hardened process opened");
    for child in [&mut open, &mut hardened] {
        drop(child.stdin.take());
        child.wait().unwrap();
    }
    let note = if readable { "" } else { " (this system forbids it for every process)" };
    println!("test a_hardened_process_cannot_be_read ... ok{note}");
    println!("\ntest result: ok. 1 passed; 0 failed; 0 ignored");
}

fn holder(role: &str, root: bool) -> (Child, String) {
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
    as_user("/bin/true", true).status().is_ok_and(|status| status.success())
}

fn as_user(program: &str, root: bool) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", OTHER_USER, "--regid", OTHER_USER, "--clear-groups", program]);
    command
}
