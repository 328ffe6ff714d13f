//! Another process of the same user.
//!
//! Lost without this: every key, to any program the user ever runs, without a question asked
//! and without a trace in the log.
//!
//! Each way in is first tried on a process that does not defend itself. Where the system closes
//! it for every process (Yama, seccomp), nothing is proved and the case is skipped.

use keyfob_testkit::harness::skip;
use keyfob_testkit::{Case, World, case};
use rustix::process::Pid;

use crate::image;
use keyfob_testkit::user::{User, python, wait_for_program};

pub(crate) const CASES: &[Case] = &[
    case!(cannot_open_its_memory),
    case!(cannot_see_its_layout),
    case!(cannot_see_its_environment),
    case!(cannot_see_its_descriptors),
    case!(cannot_copy_from_its_memory),
    case!(cannot_take_its_descriptors),
    case!(cannot_become_its_debugger),
    case!(cannot_read_it_with_gdb),
    case!(cannot_dump_it_with_gcore),
];

const REACH: &str = include_str!("python/reach.py");

/// A way in, tried by this user on this process: true when it worked.
type Attempt = fn(&World, User, Pid) -> bool;

fn cannot_open_its_memory(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        shell(world, user, &format!("exec 3</proc/{}/mem", number(pid)))
    });
}

fn cannot_see_its_layout(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        shell(world, user, &format!("grep -q stack /proc/{}/maps", number(pid)))
    });
}

fn cannot_see_its_environment(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        shell(world, user, &format!("grep -q HOME /proc/{}/environ", number(pid)))
    });
}

/// A descriptor's link opens what it leads to: the log, a device.
fn cannot_see_its_descriptors(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        shell(world, user, &format!("readlink /proc/{}/fd/1", number(pid)))
    });
}

fn cannot_copy_from_its_memory(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        // Root knows where there is something to read. Without root any address does: the
        // question of rights comes before that of the address.
        let address = image::first_address(pid).unwrap_or(0x1000);
        reach(world, user, "readv", pid, &format!("{address:x}"))
    });
}

/// An open connection of another client, or the socket itself.
fn cannot_take_its_descriptors(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        reach(world, user, "fetch", pid, "")
    });
}

fn cannot_become_its_debugger(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        reach(world, user, "attach", pid, "")
    });
}

fn cannot_read_it_with_gdb(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        needs(world, "gdb");
        let output = user
            .program(world, "gdb")
            .args(["-q", "-nx", "-batch", "-p", &number(pid)])
            .args(["-ex", "printf \"at %p\\n\", $sp"])
            .output();
        output.stdout().contains("at 0x")
    });
}

fn cannot_dump_it_with_gcore(world: &World) {
    only_an_ordinary_process_gives_in(world, |world, user, pid| {
        needs(world, "gcore");
        let prefix = user.folder(world).join("core");
        let output = user.program(world, "gcore").arg("-o").arg(&prefix).arg(number(pid)).output();
        output.code() == Some(0) && prefix.with_extension(number(pid)).exists()
    });
}

#[track_caller]
fn only_an_ordinary_process_gives_in(world: &World, attempt: Attempt) {
    let user = User::without_rights();
    let ordinary = user.program(world, "sleep").arg("60").env("HOME", "/").start();
    wait_for_program(world, ordinary.pid(), "sleep");
    if !attempt(world, user, ordinary.pid()) {
        skip("this system does not let one process do that to any other");
    }
    let mut agent = user.agent(world);
    assert!(!attempt(world, user, agent.pid()), "the agent could be reached");
    assert!(agent.is_alive(), "the attempt ended the agent");
    agent.client().list();
}

fn shell(world: &World, user: User, script: &str) -> bool {
    user.program(world, "sh").args(["-c", script]).output().code() == Some(0)
}

fn reach(world: &World, user: User, way: &str, pid: Pid, address: &str) -> bool {
    let output = python(world, user, REACH, &[way, &number(pid), address]);
    output.exits(0);
    output.stdout() == "reached\n"
}

fn needs(world: &World, program: &str) {
    // Skips when it is not there; found for the case's user by PATH.
    let _ = world.system_program(program);
}

fn number(pid: Pid) -> String {
    pid.as_raw_nonzero().to_string()
}
