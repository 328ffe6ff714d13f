//! The end of the log while its agent runs: what the agent says of it, and who is told.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use keyfob_testkit::wire::number;
use keyfob_testkit::{KeyType, Message, RunningAgent, World};
use rustix::process::{Resource, Rlimit, Signal, prlimit};

use crate::support::{keyfob, keyfob_with, world};

const SOON: Duration = Duration::from_secs(10);

fn agent(world: &World) -> RunningAgent {
    let socket = world.unused("socket");
    let run = keyfob(world).args(["agent", "-D", "-a"]).arg(&socket);
    RunningAgent::listening(world, run, socket)
}

fn file(world: &World) -> PathBuf {
    world.path(".local/state/keyfob/log/1/000000000001.jsonl")
}

/// An agent that has written three lines: its begin, a key, and a signature.
fn used(world: &World) -> RunningAgent {
    let agent = agent(world);
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    agent.client().sign(&key.blob(), b"data", 0).signature();
    // Asking where it stands writes what is queued.
    keyfob_with(world, &agent).args(["log", "verify"]).output().exits(0);
    agent
}

fn cut(world: &World, left: usize) {
    let text = fs::read_to_string(file(world)).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').take(left).collect();
    fs::write(file(world), lines.concat()).unwrap();
}

fn document(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn lines_cut_off_while_the_agent_runs_are_found_and_named() {
    let world = world();
    let agent = used(&world);
    let verify = || keyfob_with(&world, &agent).args(["log", "verify"]).output();
    let json = || keyfob_with(&world, &agent).args(["log", "verify", "--json"]).output();
    verify().exits(0).reports_among_else("3 lines in 1 file, all whole.");
    assert_eq!(document(&json().stdout())["books"][0]["compared"], true);
    cut(&world, 2);
    let place = format!("{}:3: line 3, which the agent has written,", file(&world).display());
    verify().exits(1).reports_among_else(&place);
    let found = document(&json().exits(1).stdout());
    assert_eq!(found["books"][0]["damage"]["kind"], "end-cut-off");
    assert_eq!(found["books"][0]["damage"]["line"], 3);
    fs::remove_dir_all(file(&world).parent().unwrap()).unwrap();
    verify().exits(1).reports_among_else("lines 1 to 3, which the agent has written,");
    agent.stop(Signal::TERM);
}

#[test]
fn an_agent_that_cannot_be_asked_is_told_of() {
    let world = world();
    let agent = used(&world);
    cut(&world, 2);
    let unasked = keyfob(&world).args(["log", "verify"]).output();
    unasked.exits(0).reports_among_else("could not be asked: lines cut off its end are not found");
    agent.stop(Signal::KILL);
    let dead = keyfob(&world).args(["log", "verify"]).output();
    dead.exits(0).reports_among_else("It ends without an end: the agent was killed, or lines");
    let json = keyfob(&world).args(["log", "verify", "--json"]).output();
    let document = document(&json.exits(0).stdout());
    assert_eq!(document["books"][0]["ended"], false);
    assert_eq!(document["books"][0]["written"], false);
    assert_eq!(document["books"][0]["compared"], false);
}

/// The agent goes on behind a file that somebody has put in the place of its own.
#[test]
fn an_end_that_was_replaced_stays_found_when_the_agent_has_gone_on_and_ended() {
    let world = world();
    let agent = used(&world);
    let text = fs::read_to_string(file(&world)).unwrap();
    let less = world.write("less", text.split_inclusive('\n').take(2).collect::<String>(), 0o600);
    fs::rename(less, file(&world)).unwrap();
    agent.add(&world.key(KeyType::Ed25519, "another"));
    agent.stop(Signal::TERM);
    let found = keyfob(&world).args(["log", "verify"]).output();
    found.exits(1).reports_among_else("line 3 before it was removed");
}

#[test]
fn an_agent_that_started_behind_one_that_was_killed_is_warned_of() {
    let world = world();
    let agent = used(&world);
    agent.stop(Signal::KILL);
    cut(&world, 2);
    used(&world).stop(Signal::TERM);
    let verify = || keyfob(&world).args(["log", "verify"]);
    let words = "Before line 3 an agent ended without its last line: lines may be missing there.";
    verify().output().exits(0).reports_among_else(words);
    let found = document(&verify().arg("--json").output().exits(0).stdout());
    assert_eq!(found["whole"], true);
    assert_eq!(found["books"][0]["unended"], serde_json::json!([3]));
}

#[test]
fn status_tells_of_a_log_that_cannot_be_written_and_of_nothing_else() {
    let world = world();
    let agent = used(&world);
    let status = || keyfob_with(&world, &agent).arg("status").output();
    let json =
        || document(&keyfob_with(&world, &agent).args(["status", "--json"]).output().stdout());
    assert!(!status().stdout().contains("log "), "{}", status());
    assert_eq!(json()["log"], serde_json::Value::Null);
    let limit = |bytes| {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(agent.pid()), Resource::Fsize, limit).unwrap();
    };
    limit(Some(600));
    agent.add(&world.key(KeyType::Ed25519, "another"));
    world.waits_until("it is told", SOON, || status().stdout().contains("\nlog  "));
    let told = status().stdout();
    let line = told.lines().find(|line| line.starts_with("log ")).unwrap();
    assert!(line.starts_with("log        cannot be written since 2"), "{line}");
    assert!(line.ends_with(": File too large; 1 line is missing"), "{line}");
    assert_eq!((&json()["log"]["missing"], &json()["log"]["waiting"]), (&1.into(), &0.into()));
    assert_eq!(json()["log"]["problem"], "File too large");
    limit(None);
    assert!(!status().stdout().contains("log "), "{}", status());
}

/// Where the log stands tells what is done on this machine, and when.
#[test]
fn a_client_beyond_this_machine_is_not_told() {
    let world = world();
    let agent = used(&world);
    let ask = || Message::new(number::EXTENSION).string("log@keyfob");
    let mut client = agent.client();
    assert_eq!(client.request(&ask()).kind(), 29);
    let mut client = agent.client();
    // A binding that proves nothing makes the connection one from elsewhere.
    client.request(&Message::new(number::EXTENSION).string("session-bind@openssh.com"));
    client.request(&ask()).fails();
}

/// Lost otherwise: who can reach the agent pushes everything that was there before out of the log.
#[test]
fn a_flood_of_refusals_is_counted_and_not_written_one_by_one() {
    let world = world();
    let agent = used(&world);
    let key = world.key(KeyType::Ed25519, "another");
    let mut client = agent.client();
    client.request(&Message::new(number::LOCK).string("word")).succeeds();
    for _ in 0..500 {
        client.sign(&key.blob(), b"data", 0).fails();
    }
    client.request(&Message::new(number::UNLOCK).string("word")).succeeds();
    agent.stop(Signal::TERM);
    let text = fs::read_to_string(file(&world)).unwrap();
    assert_eq!(text.matches(r#""event":"refused""#).count(), 101, "{text}");
    assert!(text.contains(r#"told together","count":400,"requester":[{"pid":"#), "{text}");
    assert_eq!(text.matches(r#""event":"signed""#).count(), 1);
    assert_eq!(text.matches(r#""event":"unlocked""#).count(), 1);
}
