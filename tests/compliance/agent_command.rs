//! `ssh-agent COMMAND`: the agent lives as long as the command.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use keyfob_testkit::{Case, Output, World, case, divergent};
use rustix::process::{Pid, test_kill_process};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_command_sees_the_agent),
        case!(the_command_s_exit_code_is_the_exit_code),
        case!(the_command_s_death_by_signal_is_passed_on),
        case!(the_command_keeps_its_arguments),
        case!(flags_behind_the_command_are_its_own),
        case!(the_command_keeps_the_streams),
        case!(a_missing_command_is_reported),
        case!(a_command_that_may_not_run_is_reported),
        case!(the_command_is_the_process_that_was_started),
        case!(a_chosen_socket_serves_the_command),
        case!(a_default_lifetime_applies),
        divergent!(
            the_agent_ends_with_the_command,
            original_polls_for_its_parent,
            ours_ends_at_once
        ),
        case!(the_variables_of_an_outer_agent_are_replaced),
    ]
}

fn the_command_sees_the_agent(world: &World) {
    let output = world.ssh_agent().args(["ssh-add", "-l"]).output();
    output.exits(1).prints("The agent has no identities.\n").reports("");
}

fn the_command_s_exit_code_is_the_exit_code(world: &World) {
    world.ssh_agent().args(["sh", "-c", "exit 37"]).output().exits(37).prints("").reports("");
    world.ssh_agent().arg("true").output().exits(0);
}

fn the_command_s_death_by_signal_is_passed_on(world: &World) {
    let output = world.ssh_agent().args(["sh", "-c", "kill -TERM $$"]).output();
    let signal =
        output.status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status));
    assert_eq!(signal, Some(15), "{output}");
}

fn the_command_keeps_its_arguments(world: &World) {
    let output = world.ssh_agent().args(["printf", "[%s]", "a b", "", "$HOME", "*"]).output();
    output.exits(0).prints("[a b][][$HOME][*]");
}

fn flags_behind_the_command_are_its_own(world: &World) {
    world.ssh_agent().args(["echo", "-s", "-k", "-x"]).output().exits(0).prints("-s -k -x\n");
    world.ssh_agent().args(["--", "echo", "-s"]).output().exits(0).prints("-s\n");
}

fn the_command_keeps_the_streams(world: &World) {
    let output = world
        .ssh_agent()
        .args(["sh", "-c", "cat; echo to stderr >&2"])
        .stdin("from stdin")
        .output();
    output.exits(0).prints("from stdin").reports("to stderr\n");
}

fn a_missing_command_is_reported(world: &World) {
    let output = world.ssh_agent().arg("no-such-command").output();
    output.exits(1).prints("").reports("no-such-command: No such file or directory\n");
}

fn a_command_that_may_not_run_is_reported(world: &World) {
    let path = world.write("not-a-program", "text", 0o600);
    let output = world.ssh_agent().arg(&path).output();
    output.exits(1).reports(&format!("{}: Permission denied\n", path.display()));
}

/// A shell's `$!` and a service manager must know the command by the pid they started.
fn the_command_is_the_process_that_was_started(world: &World) {
    let run = world.ssh_agent().args(["sh", "-c", "echo $$ $SSH_AGENT_PID"]).start();
    let started = run.pid().as_raw_nonzero().get();
    let said = run.wait().stdout();
    let (command, agent) = said.trim().split_once(' ').unwrap();
    assert_eq!(command, started.to_string());
    assert_ne!(agent, command);
}

fn a_chosen_socket_serves_the_command(world: &World) {
    let socket = world.unused("agent");
    let output = world
        .ssh_agent()
        .arg("-a")
        .arg(&socket)
        .args(["sh", "-c", "printf '%s' \"$SSH_AUTH_SOCK\"; test -S \"$SSH_AUTH_SOCK\""])
        .output();
    output.exits(0).prints(&socket.display().to_string());
}

fn a_default_lifetime_applies(world: &World) {
    let key = world.key(keyfob_testkit::KeyType::Ed25519, "key");
    let output = world
        .ssh_agent()
        .args(["-t", "1", "sh", "-c", "ssh-add -q \"$1\" && sleep 2.2 && ssh-add -l", "sh"])
        .arg(key.path())
        .output();
    output.exits(1).prints("The agent has no identities.\n");
}

fn the_variables_of_an_outer_agent_are_replaced(world: &World) {
    let output = world
        .ssh_agent()
        .env("SSH_AUTH_SOCK", "/outer/agent")
        .env("SSH_AGENT_PID", "1")
        .args(["sh", "-c", "echo $SSH_AUTH_SOCK $SSH_AGENT_PID"])
        .output();
    assert!(
        !output.stdout().contains("/outer/agent") && !output.stdout().ends_with(" 1\n"),
        "{output}"
    );
}

/// Runs a command that tells of its agent; gives the agent's process and socket.
fn finished_command(world: &World) -> (Pid, PathBuf, Output) {
    let output =
        world.ssh_agent().args(["sh", "-c", "echo \"$SSH_AGENT_PID $SSH_AUTH_SOCK\""]).output();
    let said = output.stdout();
    let (pid, socket) = said.trim().split_once(' ').unwrap();
    let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
    world.adopt(pid);
    (pid, PathBuf::from(socket), output)
}

fn original_polls_for_its_parent(world: &World) {
    let (pid, socket, _) = finished_command(world);
    let ended = Instant::now();
    world.waits_until("the agent is gone", Duration::from_secs(13), || {
        test_kill_process(pid).is_err()
    });
    assert!(ended.elapsed() > Duration::from_secs(2), "it noticed at once: no divergence any more");
    assert!(!socket.exists());
}

fn ours_ends_at_once(world: &World) {
    let (pid, socket, output) = finished_command(world);
    assert!(!output.streams_held, "{output}");
    world.waits_until("the agent is gone", Duration::from_secs(2), || {
        test_kill_process(pid).is_err()
    });
    assert!(!socket.exists());
    assert!(!socket.parent().unwrap().exists() || socket.starts_with(world.home()));
}
