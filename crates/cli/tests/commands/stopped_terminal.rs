//! Nobody reads what the agent says: its terminal was stopped with Ctrl-S, or the program behind the
//! pipe sleeps.

use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use keyfob_testkit::{KeyType, RunningAgent, World};
use rustix::process::Signal;

use crate::support::{keyfob, world};

/// What it says of these is twice what may wait, and what a pipe holds besides.
const SIGNATURES: usize = 6000;
const SIGN_RESPONSE: u8 = 14;
const SOON: Duration = Duration::from_secs(20);

/// An agent that speaks into this pipe, which holds 64 KiB.
fn speaking_into_a_pipe(world: &World) -> (RunningAgent, File) {
    let pipe: PathBuf = world.unused("pipe");
    world.system_program("mkfifo").arg(&pipe).output().exits(0);
    let both = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let reader = OpenOptions::new().read(true).write(true).custom_flags(both).open(&pipe);
    let reader = reader.expect("the pipe opens");
    let socket = world.unused("socket");
    keyfob(world);
    let run = world.program("sh").args(["-c", "exec keyfob agent -D -a \"$1\" 2>\"$2\"", "sh"]);
    let run = run.env("XDG_RUNTIME_DIR", world.make_folder("run")).arg(&socket).arg(&pipe);
    (RunningAgent::listening(world, run, socket), reader)
}

/// What is in the pipe now.
fn read(pipe: &mut File) -> String {
    let mut bytes = Vec::new();
    // It ends with "would block": the pipe is open for writing, here too.
    let _ = pipe.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Lost otherwise: with the terminal all who want to sign are stopped, until somebody presses Ctrl-Q.
#[test]
fn an_agent_whose_words_nobody_reads_serves_and_says_later_how_many_it_lost() {
    let world = world();
    let (agent, mut pipe) = speaking_into_a_pipe(&world);
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let mut client = agent.client();
    for _ in 0..SIGNATURES {
        assert_eq!(client.sign(&key.blob(), b"data", 0).kind(), SIGN_RESPONSE);
    }
    let mut words = String::new();
    let deadline = std::time::Instant::now() + SOON;
    while !words.contains(" lines are missing here: ") {
        assert!(std::time::Instant::now() < deadline, "it never says so:\n{words:.2000}");
        words += &read(&mut pipe);
        std::thread::sleep(Duration::from_millis(5));
    }
    let said = words.lines().filter(|line| line.contains("signed, ")).count();
    let lost = words.lines().find_map(|line| line.split_once(" lines are missing here"));
    let lost: usize = lost.expect("it is there").0.parse().expect("a number");
    assert_eq!(said + lost, SIGNATURES, "each signature is a line, or counted");
}

/// Lost otherwise: an agent that can only be killed.
#[test]
fn it_ends_when_it_is_told_to() {
    let world = world();
    let (mut agent, _pipe) = speaking_into_a_pipe(&world);
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let mut client = agent.client();
    for _ in 0..600 {
        client.sign(&key.blob(), b"data", 0);
    }
    agent.signal(Signal::TERM);
    assert!(agent.ended_within(SOON).is_some());
    assert!(!agent.socket().exists(), "its socket goes with it");
}
