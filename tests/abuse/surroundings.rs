//! What happens around an agent: it is stopped, starved, its socket is swept away, the clock jumps.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use keyfob_testkit::harness::skip;
use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Case, KeyFile, KeyType, RunningAgent, Signature, World, case, divergent, ours,
};
use rustix::process::{Signal, kill_process};

use crate::many_keys;
use crate::memory;
use crate::target::{Target, needs_its_start, note};

/// KiB of address space that a starved agent may still take.
const SPARE: u64 = 6 * 1024;
/// The socket is made anew after a second.
const RESTORED_WITHIN: Duration = Duration::from_secs(8);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(stopped_and_continued),
        divergent!(
            memory_that_runs_out,
            original_ends_when_memory_runs_out,
            ours_goes_on_when_memory_runs_out
        ),
        divergent!(a_removed_socket, original_stays_unreachable, ours_makes_the_socket_anew),
        ours!(memory_that_runs_out_before_the_first_key),
        ours!(little_address_space_before_the_first_key),
        ours!(little_address_space_from_the_start),
        ours!(a_removed_folder_of_the_socket),
        ours!(a_socket_that_was_replaced_is_left_alone),
        case!(a_clock_that_jumps_moves_no_lifetime),
    ]
}

fn stopped_and_continued(world: &World) {
    let mut target = Target::new(world);
    let process = target.process();
    for _ in 0..3 {
        kill_process(process, Signal::STOP).expect("it is ours to stop");
        let mut clients = target.clients(50);
        let sign = target.sign_request().frame();
        clients.iter_mut().for_each(|client| client.send(&sign));
        sleep(Duration::from_millis(200));
        kill_process(process, Signal::CONT).expect("it is ours to continue");
        for client in &mut clients {
            client.reply().expect("an answer").signature();
        }
    }
    target.is_whole();
}

/// Lets the agent have little more address space than it has.
fn limit_memory(world: &World, agent: &RunningAgent) {
    let size = memory::address_space(agent.pid()).expect("the size is for everybody to read");
    set_limit(world, agent, &((size + SPARE) * 1024).to_string());
}

/// The soft limit only: it is raised again.
fn set_limit(world: &World, agent: &RunningAgent, limit: &str) {
    let set = format!("--as={limit}:");
    let process = agent.pid().as_raw_nonzero().to_string();
    world.system_program("prlimit").args(["--pid", &process, &set]).output().exits(0);
}

/// Unfinished large frames and keys with long comments, as far as it bears them. Every answer is
/// whole: the testkit's reader sees to that.
fn starve(agent: &RunningAgent) {
    let mut held = Vec::new();
    for _ in 0..400 {
        let Ok(mut stream) = UnixStream::connect(agent.socket()) else { break };
        let _ = stream.set_nonblocking(true);
        let _ = stream.write(&[0, 4, 0, 0]);
        let _ = stream.write(&[0; 200_000]);
        held.push(stream);
    }
    if UnixStream::connect(agent.socket()).is_err() {
        return;
    }
    let mut client = agent.client();
    for at in 0..1000 {
        client.send(&many_keys::message(at, &"c".repeat(4000)).frame());
        match client.reply() {
            Some(reply) => assert!(matches!(reply.body(), [number::SUCCESS | number::FAILURE])),
            None => break,
        }
    }
}

/// Its last words; what it says of its work is none.
fn last_words(world: &World, mut agent: RunningAgent) -> String {
    sleep(Duration::from_millis(300));
    let alive = agent.is_alive();
    let said = agent.stop(Signal::TERM).stderr();
    let work = [" INFO ", " WARN "];
    let words = said.lines().filter(|line| !work.iter().any(|level| line.contains(level)));
    let words = words.collect::<Vec<_>>().join(" | ");
    note(world, &format!("out of memory: alive {alive}, said {words:?}"));
    words
}

/// An agent in use: it has a key and has signed.
fn in_use(world: &World) -> (RunningAgent, KeyFile) {
    needs_its_start();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "wanted");
    let mut client = agent.client();
    client.add(&key, "wanted").succeeds();
    client.sign(&key.blob(), b"data", 0).signature();
    limit_memory(world, &agent);
    (agent, key)
}

fn original_ends_when_memory_runs_out(world: &World) {
    let (mut agent, _) = in_use(world);
    starve(&agent);
    assert!(agent.ended_within(Duration::from_secs(2)).is_some());
    assert!(last_words(world, agent).contains("memory allocation failed"));
}

/// It has no need of more: what clients can make it hold is bounded.
fn ours_goes_on_when_memory_runs_out(world: &World) {
    let (mut agent, key) = in_use(world);
    starve(&agent);
    assert!(agent.is_alive());
    assert!(agent.list().iter().any(|(blob, _)| *blob == key.blob()), "a key is lost");
    Signature::proved_by_ssh_keygen(world, &mut agent.client(), &key, &key.blob(), 0);
    last_words(world, agent);
}

/// It may fail to make room for its first secret. Then it refuses, or it ends and says why.
fn memory_that_runs_out_before_the_first_key(world: &World) {
    needs_its_start();
    let mut agent = world.agent();
    limit_memory(world, &agent);
    // More often than it has threads.
    for _ in 0..8 {
        starve(&agent);
    }
    let ended = agent.ended_within(Duration::from_millis(300)).is_some();
    if !ended {
        set_limit(world, &agent, "unlimited");
        for _ in 0..20 {
            let mut client = agent.client();
            client.add(&world.key(KeyType::Ed25519, "wanted"), "wanted").succeeds();
            client.list();
        }
    }
    let words = last_words(world, agent);
    assert!(!ended || words.contains("memory"), "it ended without a word");
}

/// Room for its secrets is there from the start, so it signs with every kind of key.
fn little_address_space_before_the_first_key(world: &World) {
    needs_its_start();
    let agent = world.agent();
    limit_memory(world, &agent);
    signs_with_all(world, &agent);
}

/// Less than it would reserve by itself: then it makes do with less, and says so.
fn little_address_space_from_the_start(world: &World) {
    needs_its_start();
    let socket = world.unused("agent");
    let script = "ulimit -v 400000; exec ssh-agent -D -a \"$1\"";
    let run = world.program("sh").args(["-c", script, "sh"]).arg(&socket);
    let agent = RunningAgent::listening(world, run, socket);
    signs_with_all(world, &agent);
    let said = agent.stop(Signal::TERM).stderr();
    assert!(said.contains("a limit on address space leaves room for"), "{said}");
}

fn signs_with_all(world: &World, agent: &RunningAgent) {
    let mut client = agent.client();
    for kind in [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::Rsa2048] {
        let key = world.key(kind, &format!("{kind:?}"));
        client.add(&key, "key").succeeds();
        Signature::proved_by_ssh_keygen(
            world,
            &mut client,
            &key,
            &key.blob(),
            2 * u32::from(kind == KeyType::Rsa2048),
        );
    }
}

fn original_stays_unreachable(world: &World) {
    let target = Target::new(world);
    let mut client = target.client();
    fs::remove_file(target.socket()).unwrap();
    sleep(Duration::from_secs(2));
    assert!(!target.socket().exists());
    assert_eq!(client.list().len(), 1);
}

#[track_caller]
fn is_there_again(world: &World, socket: &Path) {
    world.waits_until("the socket is there again", RESTORED_WITHIN, || socket.exists());
    let metadata = fs::metadata(socket).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.mode() & 0o777, 0o600);
}

/// By a program that tidies up. Connections that are open go on meanwhile.
fn ours_makes_the_socket_anew(world: &World) {
    let mut target = Target::new(world);
    let mut client = target.client();
    for _ in 0..2 {
        fs::remove_file(target.socket()).unwrap();
        assert_eq!(client.list().len(), 1);
        is_there_again(world, target.socket());
        assert_eq!(client.list().len(), 1);
        target.serves_others();
    }
    target.is_whole();
}

fn a_removed_folder_of_the_socket(world: &World) {
    needs_its_start();
    let folder = world.unused("run");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut target = Target::listening_at(world, folder.join("agent"));
    fs::remove_dir_all(&folder).unwrap();
    is_there_again(world, target.socket());
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    target.is_whole();
}

fn a_socket_that_was_replaced_is_left_alone(world: &World) {
    needs_its_start();
    let mut agent = world.agent();
    let mut client = agent.client();
    fs::remove_file(agent.socket()).unwrap();
    let other = UnixListener::bind(agent.socket()).unwrap();
    let inode = fs::metadata(agent.socket()).unwrap().ino();
    sleep(Duration::from_secs(2));
    assert_eq!(fs::metadata(agent.socket()).unwrap().ino(), inode);
    assert!(client.list().is_empty());
    assert!(agent.is_alive());
    drop(other);
}

/// The clock of the machine, forward by a day and back by two. Lifetimes go by the other clock,
/// which only stands still when the machine does; that one cannot be moved without root.
fn a_clock_that_jumps_moves_no_lifetime(world: &World) {
    needs_its_start();
    let Some(library) = faketime() else { skip("libfaketime is not installed (Debian package)") };
    let clock = world.write("clock", "+0", 0o600);
    let agent = world.agent_with(|run| {
        run.env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", &clock)
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_NO_CACHE", "1")
    });
    let (long, short) = (world.key(KeyType::Ed25519, "long"), world.key(KeyType::Ed25519, "short"));
    let mut client = agent.client();
    let mut add = |key: &KeyFile, comment, seconds| {
        let message = key.add_message(number::ADD_ID_CONSTRAINED, comment);
        client.request(&message.byte(number::CONSTRAIN_LIFETIME).number(seconds)).succeeds();
    };
    add(&long, "long", 600);
    add(&short, "short", 6);
    for offset in ["+86400", "-86400", "+0"] {
        fs::write(&clock, offset).unwrap();
        sleep(Duration::from_millis(500));
        assert_eq!(agent.comments(), ["long", "short"], "after {offset} s");
    }
    fs::write(&clock, "-86400").unwrap();
    let only_long = || agent.comments() == ["long"];
    world.waits_until("the short life ends in time", Duration::from_secs(10), only_long);
}

fn faketime() -> Option<PathBuf> {
    let below = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut places = below.map(|entry| entry.path().join("faketime/libfaketimeMT.so.1"));
    places.find(|path| path.exists())
}
