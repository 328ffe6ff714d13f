//! Settings that change while an agent runs.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use keyfob_testkit::{KeyFile, KeyType, RunningAgent, World};
use rustix::process::{Pid, Signal, kill_process};

use crate::support::{hints, keyfob, keyfob_with, world};

/// Within this an agent that is asked has looked at its settings, and they had settled before.
const SECONDS: Duration = Duration::from_secs(8);

fn write(world: &World, settings: &str) -> PathBuf {
    world.write("settings.toml", settings, 0o600)
}

fn agent(world: &World, settings: &str) -> RunningAgent {
    let (file, socket) = (write(world, settings), world.unused("socket"));
    let run = keyfob(world).env("KEYFOB_CONFIG", file).args(["agent", "-D", "-a"]).arg(&socket);
    RunningAgent::listening(world, run, socket)
}

/// Whether the agent signs with SHA-1 when it is asked for that.
fn signs_with_sha1(agent: &RunningAgent, key: &KeyFile) -> bool {
    const SIGN_RESPONSE: u8 = 14;
    agent.client().sign(&key.blob(), b"data", 0).kind() == SIGN_RESPONSE
}

fn status(world: &World, agent: &RunningAgent) -> keyfob_testkit::Output {
    keyfob_with(world, agent).arg("status").output()
}

#[test]
fn sighup_makes_it_read_the_settings_again_and_go_on() {
    let world = world();
    let mut agent = agent(&world, "[agent]\nrsa-sha1 = \"allow\"\n");
    let key = world.key(KeyType::Rsa2048, "key");
    agent.add(&key);
    assert!(signs_with_sha1(&agent, &key));
    write(&world, "[agent]\nrsa-sha1 = \"refuse\"\n");
    agent.signal(Signal::HUP);
    world.waits_until("it counts", Duration::from_secs(2), || !signs_with_sha1(&agent, &key));
    assert!(agent.is_alive());
    assert_eq!(agent.list().len(), 1, "the keys are still there");
}

#[test]
fn a_change_counts_within_seconds_though_nobody_tells_of_it() {
    let world = world();
    let agent = agent(&world, "");
    let key = world.key(KeyType::Rsa2048, "key");
    agent.add(&key);
    assert!(signs_with_sha1(&agent, &key));
    write(&world, "[agent]\nrsa-sha1 = \"refuse\"\n");
    world.waits_until("it counts", SECONDS, || !signs_with_sha1(&agent, &key));
    // As editors do it: another file takes the name.
    let other = world.write("other.toml", "[agent]\nrsa-sha1 = \"allow\"\n", 0o600);
    fs::rename(other, world.path("settings.toml")).unwrap();
    world.waits_until("that too", SECONDS, || signs_with_sha1(&agent, &key));
}

#[test]
fn a_bad_file_keeps_the_last_good_settings_and_status_says_so() {
    let world = world();
    let agent = agent(&world, "[agent]\nrsa-sha1 = \"refuse\"\n");
    let key = world.key(KeyType::Rsa2048, "key");
    agent.add(&key);
    write(&world, "[agent]\nlife-time = \"1h\"\n");
    agent.signal(Signal::HUP);
    let says = || status(&world, &agent).stdout().contains("unknown setting");
    world.waits_until("it is told", Duration::from_secs(2), says);
    let told = status(&world, &agent);
    told.prints_among_else("settings.toml:2:1: unknown setting `life-time`");
    told.prints_among_else("(running with those of ");
    hints(&told, "did you mean `lifetime`?");
    keyfob_with(&world, &agent)
        .args(["status", "--json"])
        .output()
        .prints_among_else("settings.toml:2:1: unknown setting `life-time`\"");
    assert!(!signs_with_sha1(&agent, &key), "what counted still counts");
    write(&world, "[agent]\nlifetime = \"1h\"\n");
    world.waits_until("it is mended", SECONDS, || signs_with_sha1(&agent, &key));
    assert!(!status(&world, &agent).stdout().contains("settings "));
}

#[test]
fn what_needs_a_new_agent_is_named() {
    let world = world();
    let agent = agent(&world, "");
    write(&world, "[agent]\nlog-level = \"debug\"\nlifetime = \"1h\"\n");
    agent.signal(Signal::HUP);
    let says = || status(&world, &agent).stdout().contains("next agent only: agent.log-level\n");
    world.waits_until("it is told", Duration::from_secs(2), says);
}

/// Lost otherwise: a daemon that was started by a login shell dies with the keys when that ends.
#[test]
fn a_daemon_outlives_sighup() {
    let world = world();
    let started = keyfob(&world).args(["agent", "--shell", "sh"]).output();
    let announcement = keyfob_testkit::Announcement::parse(started.exits(0));
    world.adopt(announcement.pid);
    kill_process(announcement.pid, Signal::HUP).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(keyfob_testkit::RawClient::connect(&announcement.socket).list().is_empty());
}

/// Lost otherwise: an agent at a terminal stays behind, with the keys, when its window is closed.
#[test]
fn at_a_terminal_sighup_ends_it() {
    let world = world();
    let socket = world.unused("socket");
    let run = keyfob(&world).args(["agent", "-D", "-a"]).arg(&socket);
    let terminal = run.on_whole_terminal();
    world.waits_until("it listens", Duration::from_secs(5), || socket.exists());
    let status = keyfob(&world).env("SSH_AUTH_SOCK", &socket).args(["status", "--json"]).output();
    let text = status.stdout();
    let (_, pid) = text.split_once("\"pid\": ").unwrap();
    let pid = pid.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::HUP).unwrap();
    let (output, ..) = terminal.wait();
    output.exits(2);
    assert!(!socket.exists());
}
