//! `keyfob env`: one agent, however many shells ask at once.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use keyfob_testkit::{Announcement, Output, World};
use rustix::process::Pid;

use crate::support::{hints, keyfob, world};

/// The agent's process, ended with the world.
fn agent_of(world: &World, output: &Output) -> Pid {
    let text = output.stdout();
    let line = text.lines().find(|line| line.starts_with("SSH_AGENT_PID=")).unwrap();
    let number = line["SSH_AGENT_PID=".len()..].split(';').next().unwrap();
    let pid = Pid::from_raw(number.parse().unwrap()).unwrap();
    world.adopt(pid);
    pid
}

#[test]
fn it_starts_the_agent_once_and_finds_it_again() {
    let world = world();
    let first = keyfob(&world).arg("env").output();
    first.exits(0);
    assert!(!first.streams_held, "a shell's $(…) would wait for ever");
    let pid = agent_of(&world, &first);
    let second = keyfob(&world).arg("env").output();
    second.exits(0).prints(&first.stdout());
    assert_eq!(agent_of(&world, &second), pid);
    let socket = world.path("run/keyfob/agent.sock");
    first
        .prints_among_else(&format!("SSH_AUTH_SOCK={}; export SSH_AUTH_SOCK;\n", socket.display()));
    // Commands find it even in a shell that was not told.
    keyfob(&world).arg("list").output().exits(1).reports("The agent has no keys.\n");
}

#[test]
fn ten_shells_at_once_end_with_one_agent() {
    let world = world();
    let running: Vec<_> = (0..10).map(|_| keyfob(&world).arg("env").start()).collect();
    let outputs: Vec<Output> = running.into_iter().map(keyfob_testkit::Running::wait).collect();
    let pids: HashSet<_> = outputs.iter().map(|output| agent_of(&world, output.exits(0))).collect();
    assert_eq!(pids.len(), 1, "{pids:?}");
}

#[test]
fn each_shell_evaluates_what_it_is_given() {
    let world = world();
    agent_of(&world, &keyfob(&world).arg("env").output());
    let socket = world.path("run/keyfob/agent.sock");
    let scripts = [
        ("sh", "eval \"$(keyfob env)\"; echo $SSH_AUTH_SOCK"),
        ("bash", "eval $(keyfob env); echo $SSH_AUTH_SOCK"),
        ("csh", "eval `keyfob env`; echo $SSH_AUTH_SOCK"),
        ("fish", "keyfob env | source; echo $SSH_AUTH_SOCK"),
        ("nu", "keyfob env | from toml | load-env; print $env.SSH_AUTH_SOCK"),
    ];
    for (shell, script) in scripts {
        if !std::path::Path::new("/usr/bin").join(shell).exists() {
            continue;
        }
        let run =
            world.program(shell).env("XDG_RUNTIME_DIR", world.path("run")).args(["-c", script]);
        run.output().exits(0).prints(&format!("{}\n", socket.display()));
    }
}

#[test]
fn a_path_that_could_run_something_runs_nothing() {
    let world = world();
    let runtime = world.make_folder("r $(touch ran) ';&\"");
    let first = keyfob(&world).env("XDG_RUNTIME_DIR", &runtime).arg("env").output();
    agent_of(&world, first.exits(0));
    let script = "eval \"$(keyfob env)\"; printf %s \"$SSH_AUTH_SOCK\"";
    let run = world.program("sh").env("XDG_RUNTIME_DIR", &runtime).args(["-c", script]);
    run.output().exits(0).prints(&runtime.join("keyfob/agent.sock").display().to_string());
    assert!(!world.path("ran").exists());
}

#[test]
fn the_forms_for_other_shells_are_made_on_request() {
    let world = world();
    agent_of(&world, &keyfob(&world).arg("env").output());
    let form = |shell: &str| keyfob(&world).args(["env", "--shell", shell]).output().stdout();
    assert!(form("csh").starts_with("setenv SSH_AUTH_SOCK "));
    assert!(form("fish").starts_with("set -gx SSH_AUTH_SOCK "));
    assert!(form("powershell").starts_with("$Env:SSH_AUTH_SOCK = '"));
    assert!(form("nushell").starts_with("SSH_AUTH_SOCK = \""));
}

#[test]
fn a_dead_agents_socket_is_no_obstacle() {
    let world = world();
    let first = agent_of(&world, &keyfob(&world).arg("env").output());
    rustix::process::kill_process(first, rustix::process::Signal::KILL).unwrap();
    world.waits_until("the agent is gone", Duration::from_secs(5), || {
        !keyfob(&world).arg("list").output().stderr().contains("no keys")
    });
    let second = keyfob(&world).arg("env").output();
    assert_ne!(agent_of(&world, second.exits(0)), first);
}

#[test]
fn settings_that_make_no_sense_start_nothing() {
    let world = world();
    let settings = world.write("settings.toml", "[agent]\nlifetim = 3\n", 0o600);
    let output = keyfob(&world).env("KEYFOB_CONFIG", settings).arg("env").output();
    output.exits(1).prints("").reports_among_else("settings.toml:2:");
}

#[test]
fn when_the_agent_runs_the_answer_is_immediate() {
    let world = world();
    agent_of(&world, &keyfob(&world).arg("env").output());
    // The best of many: the machine may be busy, the program must not be.
    let fastest = (0..20)
        .map(|_| {
            let started = Instant::now();
            keyfob(&world).arg("env").output().exits(0);
            started.elapsed()
        })
        .min()
        .unwrap();
    assert!(fastest < Duration::from_millis(50), "{fastest:?}");
}

#[test]
fn the_announcement_parser_of_the_other_tests_understands_it() {
    let world = world();
    let output = keyfob(&world).args(["agent", "--shell", "sh"]).output();
    let announcement = Announcement::parse(output.exits(0));
    world.adopt(announcement.pid);
}

#[test]
fn a_path_too_long_for_a_socket_has_a_way_out() {
    let world = world();
    let long = world.make_folder("x".repeat(120));
    let output = keyfob(&world).env("XDG_RUNTIME_DIR", long).arg("env").output();
    output.exits(1).prints("").reports_among_else("a socket's path may have 107");
    hints(&output, "set XDG_RUNTIME_DIR");
}
