//! `ssh-agent`'s flags: what is refused, with which text and exit code, and how they combine.

use std::time::Duration;

use keyfob_testkit::{Case, KeyType, Output, RunningAgent, World, case};
use rustix::process::Signal;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_unknown_flag_is_a_usage_error),
        case!(both_shells_at_once_are_a_usage_error),
        case!(both_foreground_modes_at_once_are_a_usage_error),
        case!(a_foreground_command_is_a_usage_error),
        case!(a_shell_flag_with_a_command_is_a_usage_error),
        case!(a_flag_without_its_argument_is_a_usage_error),
        case!(a_bad_lifetime_is_a_usage_error),
        case!(a_bad_fingerprint_hash_is_fatal),
        case!(a_bad_option_is_fatal),
        case!(a_second_list_of_providers_is_fatal),
        case!(the_first_fault_decides),
        case!(the_known_options_are_taken),
        case!(the_provider_patterns_option_is_taken).since("10.0"),
        case!(flags_are_bundled),
        case!(an_argument_may_be_glued_to_its_flag),
        case!(the_version_goes_to_stderr).since("10.4"),
        case!(every_form_of_a_lifetime_is_taken),
    ]
}

/// A usage error: exit 1, nothing on stdout, the usage on stderr behind the reason.
#[track_caller]
fn is_usage_error(output: &Output, reason: &str) {
    output.exits(1).prints("");
    let stderr = output.stderr();
    assert!(stderr.starts_with(&format!("{reason}usage: ssh-agent ")), "{output}");
}

fn an_unknown_flag_is_a_usage_error(world: &World) {
    is_usage_error(&world.ssh_agent().arg("-x").output(), "unknown option -- x\n");
}

fn both_shells_at_once_are_a_usage_error(world: &World) {
    is_usage_error(&world.ssh_agent().args(["-c", "-s"]).output(), "");
}

fn both_foreground_modes_at_once_are_a_usage_error(world: &World) {
    is_usage_error(&world.ssh_agent().args(["-D", "-d"]).output(), "");
}

fn a_foreground_command_is_a_usage_error(world: &World) {
    for flag in ["-D", "-d"] {
        is_usage_error(&world.ssh_agent().args([flag, "true"]).output(), "");
    }
}

fn a_shell_flag_with_a_command_is_a_usage_error(world: &World) {
    for flag in ["-c", "-s", "-k"] {
        is_usage_error(&world.ssh_agent().args([flag, "true"]).output(), "");
    }
}

fn a_flag_without_its_argument_is_a_usage_error(world: &World) {
    for flag in ["a", "E", "O", "P", "t"] {
        let output = world.ssh_agent().arg(format!("-{flag}")).output();
        is_usage_error(&output, &format!("option requires an argument -- {flag}\n"));
    }
}

fn a_bad_lifetime_is_a_usage_error(world: &World) {
    for lifetime in ["xyz", "10x", "-5", "1h-1m", "99999999999999999999", ""] {
        let output = world.ssh_agent().args(["-t", lifetime]).output();
        is_usage_error(&output, "Invalid lifetime\n");
    }
}

fn a_bad_fingerprint_hash_is_fatal(world: &World) {
    let output = world.ssh_agent().args(["-E", "sha3"]).output();
    output.exits(255).prints("").reports("Invalid hash algorithm \"sha3\"\n");
}

fn a_bad_option_is_fatal(world: &World) {
    let output = world.ssh_agent().args(["-O", "nonsense"]).output();
    output.exits(255).prints("").reports("Unknown -O option\n");
}

fn a_second_list_of_providers_is_fatal(world: &World) {
    let output = world.ssh_agent().args(["-P", "/a", "-P", "/b"]).output();
    output.exits(255).prints("").reports("-P option already specified\n");
}

/// Flags are read from left to right, and the first bad one ends it.
fn the_first_fault_decides(world: &World) {
    world.ssh_agent().args(["-E", "sha3", "-x"]).output().exits(255);
    is_usage_error(&world.ssh_agent().args(["-x", "-E", "sha3"]).output(), "unknown option -- x\n");
    world.ssh_agent().args(["-O", "nonsense", "-t", "x"]).output().exits(255);
    is_usage_error(
        &world.ssh_agent().args(["-t", "x", "-O", "nonsense"]).output(),
        "Invalid lifetime\n",
    );
}

fn the_known_options_are_taken(world: &World) {
    let _agent = world.agent_with(|run| {
        run.args(["-O", "no-restrict-websafe", "-O", "allow-remote-pkcs11", "-P", "/usr/lib/*"])
    });
}

fn the_provider_patterns_option_is_taken(world: &World) {
    let _agent = world.agent_with(|run| run.args(["-O", "websafe-allow=ssh:*,https://a.example"]));
}

fn flags_are_bundled(world: &World) {
    let socket = world.unused("agent");
    let run = world.ssh_agent().arg("-cDa").arg(&socket);
    let agent = RunningAgent::listening(world, run, socket);
    agent.stop(Signal::TERM).prints_among_else("setenv SSH_AUTH_SOCK ");
}

fn an_argument_may_be_glued_to_its_flag(world: &World) {
    let socket = world.unused("agent");
    let run = world.ssh_agent().arg(format!("-Dt1m30a{}", socket.display()));
    // `-t` takes the rest of the word, so this is a bad lifetime and not a socket.
    is_usage_error(&run.output(), "Invalid lifetime\n");
    let run = world.ssh_agent().args(["-t90", "-E", "md5"]).arg(format!("-Da{}", socket.display()));
    drop(RunningAgent::listening(world, run, socket));
}

fn the_version_goes_to_stderr(world: &World) {
    let output = world.ssh_agent().arg("-V").output();
    output.exits(0).prints("").reports_among_else("OpenSSH_");
}

/// The forms of sshd_config(5), TIME FORMATS.
fn every_form_of_a_lifetime_is_taken(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    for lifetime in ["0", "600", "10m", "1h30m", "2d", "1w", "5S", "1W2D3H4M5S"] {
        let agent = world.agent_with(|run| run.args(["-t", lifetime]));
        agent.add(&key);
        assert_eq!(agent.list().len(), 1, "-t {lifetime}");
    }
    // One second after all the others, so that their keys were not merely not yet gone.
    let agent = world.agent_with(|run| run.args(["-t", "1"]));
    agent.add(&key);
    assert_eq!(agent.list().len(), 1);
    std::thread::sleep(Duration::from_millis(2200));
    assert_eq!(agent.list().len(), 0);
}
