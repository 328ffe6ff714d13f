//! Root looks into the agent.
//!
//! Lost without this: keys, to whoever gets hold of a core dump, a snapshot of a machine or its
//! swap. Root itself cannot be kept out while a key is ready to sign; it can be kept from finding
//! one at rest, and from everything while the agent is locked.
//!
//! Two looks: a core dump as the system would write it, and all memory there is.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, Message, RunningAgent, World, ours};
use rustix::process::Pid;

use crate::image;
use crate::key::{Key, keys};
use crate::search::{Find, Search};
use crate::secret::Secret;
use keyfob_testkit::user::needs_root;

pub(crate) const CASES: &[Case] = &[
    ours!(a_key_in_an_ordinary_process_is_found),
    ours!(a_key_at_rest_is_nowhere),
    ours!(a_key_that_was_refused_is_nowhere),
    ours!(a_key_ready_to_sign_is_in_no_core_dump),
    ours!(a_key_that_signed_with_sha1_is_in_no_core_dump),
    ours!(a_key_that_rests_again_is_nowhere),
    ours!(a_locked_agent_holds_neither_keys_nor_passphrases),
    ours!(a_guess_at_the_passphrase_is_nowhere),
    ours!(an_unlocked_agent_holds_no_passphrase),
    ours!(a_removed_key_is_nowhere),
];

const SHA2_512: u32 = 4;

/// When a key that is ready to sign is wiped: not while a test runs, or as soon as it has waited.
const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_secs(1);

// Not words that a program's own texts might hold.
const PASSPHRASE: &[u8] = b"qV7#nE2!xR9$kU4%wM6&tB1*";
const GUESS: &[u8] = b"zL3?hD8<cJ5>yG0;fP2:sA7=";

/// The search itself: if it found nothing here, finding nothing below would mean nothing.
fn a_key_in_an_ordinary_process_is_found(world: &World) {
    needs_root();
    let keys = keys(world);
    let messages: Vec<Message> = keys.iter().map(|key| key.add(number::ADD_IDENTITY)).collect();
    let holder = Holder::of(&messages.iter().map(Message::body).collect::<Vec<_>>().concat());
    let dumped = search(&keys).find(&image::core_dump(world, holder.pid()));
    let live = look_everywhere(&search(&keys), holder.pid());
    for name in keys.iter().flat_map(|key| &key.secrets).map(|secret| &secret.name) {
        if is_on_the_wire(name) {
            assert!(dumped.iter().any(|find| find.secret == *name), "not in the dump: {name}");
            assert!(live.iter().any(|(find, _)| find.secret == *name), "not in memory: {name}");
        }
    }
    let other = Search::new([Secret::new("elsewhere", PASSPHRASE)]);
    assert!(look_everywhere(&other, holder.pid()).is_empty(), "it finds what is not there");
}

fn a_key_at_rest_is_nowhere(world: &World) {
    let (agent, keys) = with_keys(world, LONG);
    nowhere(world, &agent, &search(&keys));
}

/// What a message brought is not kept because the message was bad.
fn a_key_that_was_refused_is_nowhere(world: &World) {
    needs_root();
    let agent = world.agent();
    let keys = keys(world);
    let mut client = agent.client();
    for key in &keys {
        let whole = key.add(number::ADD_ID_CONSTRAINED);
        client.request(&whole.clone().byte(200)).fails();
        client.request(&whole.shortened(20)).fails();
    }
    // Announced and never finished.
    let begun = keys[0].add(number::ADD_IDENTITY).frame();
    agent.client().send(&begun[..begun.len() - 1]);
    soon_nowhere(&agent, &search(&keys));
    nowhere(world, &agent, &search(&keys));
}

/// Ready keys must be somewhere. They are where no core dump looks.
fn a_key_ready_to_sign_is_in_no_core_dump(world: &World) {
    let (agent, keys) = with_keys(world, LONG);
    sign_with_each(&agent, &keys);
    only_outside_of_dumps(world, &agent, &search(&keys));
}

fn a_key_that_signed_with_sha1_is_in_no_core_dump(world: &World) {
    let (agent, keys) = with_keys(world, LONG);
    let mut client = agent.client();
    for key in keys.iter().filter(|key| key.is_rsa) {
        client.sign(&key.blob, b"data", 0).signature();
    }
    only_outside_of_dumps(world, &agent, &search(&keys));
}

fn a_key_that_rests_again_is_nowhere(world: &World) {
    let (agent, keys) = with_keys(world, SHORT);
    sign_with_each(&agent, &keys);
    std::thread::sleep(SHORT);
    soon_nowhere(&agent, &search(&keys));
    nowhere(world, &agent, &search(&keys));
}

/// The lock is real: not that the program refuses, but that nothing is there to be used.
fn a_locked_agent_holds_neither_keys_nor_passphrases(world: &World) {
    let (agent, keys) = with_keys(world, LONG);
    sign_with_each(&agent, &keys);
    lock(&agent);
    nowhere(world, &agent, &search_with_passphrases(&keys));
}

fn a_guess_at_the_passphrase_is_nowhere(world: &World) {
    let (agent, keys) = with_keys(world, LONG);
    sign_with_each(&agent, &keys);
    lock(&agent);
    for _ in 0..2 {
        agent.client().request(&Message::new(number::UNLOCK).string(GUESS)).fails();
    }
    nowhere(world, &agent, &search_with_passphrases(&keys));
}

fn an_unlocked_agent_holds_no_passphrase(world: &World) {
    let (agent, keys) = with_keys(world, LONG);
    lock(&agent);
    agent.client().request(&Message::new(number::UNLOCK).string(PASSPHRASE)).succeeds();
    nowhere(world, &agent, &search_with_passphrases(&keys));
    sign_with_each(&agent, &keys);
}

fn a_removed_key_is_nowhere(world: &World) {
    let (agent, keys) = with_keys(world, LONG);
    sign_with_each(&agent, &keys);
    let mut client = agent.client();
    client.request(&Message::new(number::REMOVE_IDENTITY).string(&keys[0].blob)).succeeds();
    client.request(&Message::new(number::REMOVE_ALL)).succeeds();
    nowhere(world, &agent, &search(&keys));
}

/// An agent that was given each key once.
fn with_keys(world: &World, idle_wipe: Duration) -> (RunningAgent, Vec<Key>) {
    needs_root();
    let text = format!("[agent]\nidle-wipe = {}\n", idle_wipe.as_secs());
    let settings = world.write("settings.toml", text, 0o600);
    let agent = world.agent_with(|run| run.env("KEYFOB_CONFIG", settings));
    let keys = keys(world);
    let mut client = agent.client();
    for key in &keys {
        client.request(&key.add(number::ADD_IDENTITY)).succeeds();
    }
    (agent, keys)
}

fn sign_with_each(agent: &RunningAgent, keys: &[Key]) {
    let mut client = agent.client();
    for key in keys {
        let flags = if key.is_rsa { SHA2_512 } else { 0 };
        client.sign(&key.blob, b"data", flags).signature();
    }
}

fn lock(agent: &RunningAgent) {
    agent.client().request(&Message::new(number::LOCK).string(PASSPHRASE)).succeeds();
}

fn search(keys: &[Key]) -> Search {
    Search::new(keys.iter().flat_map(|key| key.secrets.clone()))
}

fn search_with_passphrases(keys: &[Key]) -> Search {
    let typed = [Secret::new("the lock passphrase", PASSPHRASE), Secret::new("the guess", GUESS)];
    Search::new(keys.iter().flat_map(|key| key.secrets.clone()).chain(typed))
}

/// Waits, for what the agent does when its own clock says so, or when it sees a client gone.
pub(crate) fn soon_nowhere(agent: &RunningAgent, search: &Search) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !look_everywhere(search, agent.pid()).is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// In no core dump and in no memory at all.
#[track_caller]
pub(crate) fn nowhere(world: &World, agent: &RunningAgent, search: &Search) {
    let live = look_everywhere(search, agent.pid());
    assert!(live.is_empty(), "in memory:\n{}", list(live.iter().map(|(find, _)| find)));
    in_no_dump(world, agent, search);
}

#[track_caller]
pub(crate) fn only_outside_of_dumps(world: &World, agent: &RunningAgent, search: &Search) {
    let live = look_everywhere(search, agent.pid());
    assert!(!live.is_empty(), "nothing is ready to sign, so nothing was proved");
    let exposed = live.iter().filter(|(_, excluded)| !excluded).map(|(find, _)| find);
    let exposed = list(exposed);
    assert!(exposed.is_empty(), "in memory that dumps hold:\n{exposed}");
    in_no_dump(world, agent, search);
}

#[track_caller]
fn in_no_dump(world: &World, agent: &RunningAgent, search: &Search) {
    let finds = search.find(&image::core_dump(world, agent.pid()));
    assert!(finds.is_empty(), "in a core dump:\n{}", list(finds.iter()));
}

fn list<'a>(finds: impl Iterator<Item = &'a Find>) -> String {
    finds.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Finds with their addresses, and whether they are left out of dumps.
fn look_everywhere(search: &Search, pid: Pid) -> Vec<(Find, bool)> {
    let mut finds = Vec::new();
    for stretch in image::whole(pid) {
        for mut find in search.find(&stretch.bytes) {
            find.at += stretch.start;
            finds.push((find, stretch.excluded));
        }
    }
    finds
}

/// What an add request carries as it is; the rest is derived.
fn is_on_the_wire(name: &str) -> bool {
    !["hash", "clamped hash", "prefix", "dp", "dq"].iter().any(|derived| name.ends_with(derived))
}

/// A program that read these bytes and has done nothing to hide them.
struct Holder(Child);

impl Holder {
    fn of(bytes: &[u8]) -> Self {
        let mut command = Command::new("/bin/cat");
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut holder = Self(child);
        holder.0.stdin.as_mut().unwrap().write_all(bytes).unwrap();
        // What comes out was read before, and stays in its buffer while it waits for more.
        let mut echo = vec![0; bytes.len()];
        holder.0.stdout.as_mut().unwrap().read_exact(&mut echo).unwrap();
        holder
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
