//! `keyfob agent`: where it listens, what it prints and when it ends.

use std::time::Duration;

use keyfob_testkit::{Announcement, KeyType};
use rustix::process::Signal;

use crate::support::{hints, keyfob, world};

#[test]
fn a_second_agent_at_the_same_place_says_that_there_is_one() {
    let world = world();
    let first = keyfob(&world).args(["agent", "--shell", "sh"]).output();
    world.adopt(Announcement::parse(first.exits(0)).pid);
    for flags in [&["agent"][..], &["agent", "-D"]] {
        let second = keyfob(&world).args(flags).output();
        second.exits(1).prints("").reports_among_else("another process listens at ");
        hints(&second, "eval \"$(keyfob env)\"");
    }
}

#[test]
fn with_a_command_it_lives_as_long_as_the_command() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "key");
    let script = "echo $SSH_AGENT_PID >pid; keyfob add -q key && keyfob list -L; exit 7";
    let output = keyfob(&world).args(["agent", "-T", "sh", "-c", script]).output();
    output.exits(7).prints(&format!("{}\n", key.public_line()));
    let pid = std::fs::read_to_string(world.path("pid")).unwrap();
    let gone = || !std::path::Path::new("/proc").join(pid.trim()).exists();
    world.waits_until("the agent ends with its command", Duration::from_secs(2), gone);
}

#[test]
fn a_command_that_does_not_exist_leaves_no_agent_behind() {
    let world = world();
    let output = keyfob(&world).args(["agent", "-T", "/nonexistent"]).output();
    output.exits(1).reports_among_else("cannot run /nonexistent: No such file or directory");
    let empty = || std::fs::read_dir(world.temporary()).unwrap().next().is_none();
    world.waits_until("its folder is gone", Duration::from_secs(2), empty);
}

#[test]
fn signals_end_it_and_its_socket_goes() {
    let world = world();
    for (signal, code) in [(Signal::TERM, 2), (Signal::INT, 2)] {
        let socket = world.unused("socket");
        let run = keyfob(&world).args(["agent", "-D", "-a"]).arg(&socket);
        let agent = keyfob_testkit::RunningAgent::listening(&world, run, socket.clone());
        agent.stop(signal).exits(code);
        assert!(!socket.exists(), "{signal:?}");
    }
}

#[test]
fn kill_ends_the_agent_the_variable_names() {
    let world = world();
    let started = keyfob(&world).args(["agent", "--shell", "sh"]).output();
    let announcement = Announcement::parse(started.exits(0));
    let pid = announcement.pid.as_raw_nonzero().to_string();
    let killed =
        keyfob(&world).env("SSH_AGENT_PID", &pid).args(["agent", "-k", "--shell", "sh"]).output();
    killed.exits(0).prints(&format!(
        "unset SSH_AUTH_SOCK;\nunset SSH_AGENT_PID;\necho Agent pid {pid} killed;\n"
    ));
    keyfob(&world)
        .args(["agent", "-k"])
        .output()
        .exits(1)
        .reports_among_else("SSH_AGENT_PID not set");
}

#[test]
fn the_settings_reach_the_agent() {
    let world = world();
    let settings = world.write("settings.toml", "[agent]\nlifetime = \"1h\"\n", 0o600);
    let socket = world.unused("socket");
    let run =
        keyfob(&world).env("KEYFOB_CONFIG", settings).args(["agent", "-D", "-a"]).arg(&socket);
    let agent = keyfob_testkit::RunningAgent::listening(&world, run, socket);
    let key = world.key(KeyType::Ed25519, "key");
    let told = |run: keyfob_testkit::Run| run.env("SSH_AUTH_SOCK", agent.socket()).output();
    let added = told(keyfob(&world).arg("add").arg(key.path()));
    added.exits(0).reports_among_else("For this session only: a key stays for ");
    assert!(!added.stderr().contains("until it is removed"), "{added}");
    told(keyfob(&world).arg("list")).exits(0).prints_among_else("59m 5");
}

#[test]
fn the_log_goes_to_a_file_for_the_owner_only_and_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = world();
    let log = world.path("agent.log");
    let text =
        format!("[agent]\nlog-level = \"trace\"\nlog = {{ file = \"{}\" }}\n", log.display());
    let settings = world.write("settings.toml", text, 0o600);
    let socket = world.unused("socket");
    let run =
        keyfob(&world).env("KEYFOB_CONFIG", settings).args(["agent", "-D", "-a"]).arg(&socket);
    let agent = keyfob_testkit::RunningAgent::listening(&world, run, socket);
    agent.add(&world.key(KeyType::Ed25519, "key"));
    agent.lock("a very secret passphrase");
    agent.stop(Signal::TERM);
    let written = std::fs::read_to_string(&log).unwrap();
    assert!(!written.is_empty());
    assert!(!written.contains("a very secret passphrase"), "{written}");
    assert_eq!(std::fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
}
