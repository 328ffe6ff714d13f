//! What `ssh-add -d`, `-D`, `-x` and `-X` mean for keys of the store: they end with the session,
//! and never delete. A failure here means that a habit from OpenSSH costs somebody a key.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use keyfob_testkit::{Askpass, KeyStore, KeyType, RunningAgent, World};
use rustix::process::Signal;

use crate::support::world;

/// Everything below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            let content = fs::read(&path).unwrap();
            files.insert(path, content);
        }
    }
    files
}

/// Each key of `keyfob list`: its name, its state, and what JSON calls `open`.
fn listed(world: &World, agent: &RunningAgent) -> Vec<(String, String, bool)> {
    let list = |flags: &[&str]| {
        let run = world.program("keyfob").arg("list").env("SSH_AUTH_SOCK", agent.socket());
        let output = run.args(flags).output();
        output.exits(0);
        output.stdout()
    };
    let (table, json) = (list(&[]), list(&["--json"]));
    let open = json.lines().filter_map(|line| line.trim().strip_prefix("\"open\": "));
    let keys = table.lines().skip(1).zip(open).map(|(line, open)| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        // Number, name, type of two words, fingerprint.
        (cells[1].to_owned(), cells[5].to_owned(), open == "true,")
    });
    keys.collect()
}

/// A store with the keys `one` and `two`, and an agent that has used both.
fn in_use(world: &World) -> (KeyStore<'_>, RunningAgent, Askpass) {
    let store = KeyStore::make(world);
    for (kind, name) in [(KeyType::Ed25519, "one"), (KeyType::EcdsaP256, "two")] {
        let key = world.key(kind, name);
        store.save(&key, name, &[]);
        fs::remove_file(key.path()).unwrap();
    }
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    for name in ["one", "two"] {
        agent.client().sign(&store.public(name).blob(), b"data", 0).signature();
    }
    assert_eq!(askpass.calls().len(), 1);
    (store, agent, askpass)
}

/// Whether the store is open, as `keyfob status` has it.
fn is_open(world: &World, agent: &RunningAgent) -> bool {
    agent_status(world, agent).contains("\"store_locked\": false")
}

fn agent_status(world: &World, agent: &RunningAgent) -> String {
    let run = world.program("keyfob").env("SSH_AUTH_SOCK", agent.socket());
    let output = run.args(["status", "--json"]).output();
    output.exits(0);
    output.stdout()
}

#[test]
fn removing_a_stored_key_ends_its_session_and_deletes_nothing() {
    let world = world();
    let (store, agent, _askpass) = in_use(&world);
    let before = files(&store.folder());
    let one = store.public("one");
    agent.ssh_add().arg("-d").arg(one.public_path()).output().exits(0);
    assert_eq!(agent.comments(), ["two@keyfob"]);
    agent.client().sign(&one.blob(), b"data", 0).fails();
    let again = agent.ssh_add().arg("-d").arg(one.public_path()).output();
    assert_ne!(again.code(), Some(0), "it is not there any more: {again}");
    // A change of the store does not bring it back.
    store.save(&world.key(KeyType::EcdsaP384, "three"), "three", &[]);
    assert_eq!(agent.comments(), ["two@keyfob", "three@keyfob"]);
    let after = files(&store.folder());
    let kept = before.keys().filter(|path| path.to_string_lossy().contains("/keys/"));
    assert!(kept.into_iter().all(|path| before[path] == after[path]));
    // Who unlocks asks for what is in the store.
    store.command_with(&agent, "unlock").output().exits(0);
    assert_eq!(agent.list().len(), 3);
    agent.client().sign(&one.blob(), b"data", 0).signature();
}

#[test]
fn removing_all_closes_the_store_and_deletes_nothing() {
    let world = world();
    let (store, agent, askpass) = in_use(&world);
    let before = files(&store.folder());
    assert!(is_open(&world, &agent));
    agent.ssh_add().arg("-D").output().exits(0);
    assert!(agent.list().is_empty());
    assert!(!is_open(&world, &agent), "its root is still there");
    assert_eq!(files(&store.folder()), before);
    agent.client().sign(&store.public("one").blob(), b"data", 0).fails();
    assert_eq!(askpass.calls().len(), 1, "nobody is asked for what was removed");
    // The next session has them all.
    agent.stop(Signal::TERM);
    let agent = store.agent_asking(&askpass);
    assert_eq!(agent.comments(), ["one@keyfob", "two@keyfob"]);
    agent.client().sign(&store.public("one").blob(), b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 2);
    // The signal that drops all keys says the same.
    agent.signal(Signal::USR1);
    world.waits_until("the keys are gone", std::time::Duration::from_secs(5), || {
        agent.list().is_empty()
    });
    assert_eq!(files(&store.folder()), before);
    store.command_with(&agent, "unlock").output().exits(0);
    assert_eq!(agent.list().len(), 2);
}

#[test]
fn a_passphrase_of_the_agents_own_closes_the_store_and_does_not_open_it() {
    let world = world();
    let (store, agent, askpass) = in_use(&world);
    let before = files(&store.folder());
    let one = store.public("one").blob();
    let lock = |flag: &str, words: &str| {
        let answers = world.askpass();
        answers.answer(&keyfob_testkit::Answer::line(words));
        answers.forced_on(agent.ssh_add()).arg(flag).output()
    };
    lock("-x", "another word").exits(0);
    assert!(agent.list().is_empty());
    agent.client().sign(&one, b"data", 0).fails();
    // The store's passphrase is not the agent's.
    let refused = store.command_with(&agent, "unlock").output();
    assert_ne!(refused.code(), Some(0), "{refused}");
    assert!(agent.list().is_empty());
    assert!(!is_open(&world, &agent), "its root is still there");
    lock("-X", "another word").exits(0);
    assert_eq!(agent.list().len(), 2);
    assert_eq!(askpass.calls().len(), 1);
    agent.client().sign(&one, b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 2, "the store was closed, and asks for its own passphrase");
    assert_eq!(files(&store.folder()), before);
}

#[test]
fn a_locked_store_seals_session_keys_too_and_one_passphrase_opens_all() {
    let world = world();
    let (store, agent, askpass) = in_use(&world);
    let session = world.key(KeyType::EcdsaP521, "session");
    agent.add(&session);
    let states = |all: [(&str, &str, bool); 3]| {
        all.map(|(name, state, open)| (format!("{name}@keyfob"), state.to_owned(), open))
    };
    let open = [("one", "ready", true), ("two", "ready", true), ("session", "ready", true)];
    assert_eq!(listed(&world, &agent), states(open));
    store.command_with(&agent, "lock").output().exits(0);
    assert_eq!(agent.list().len(), 3, "all are shown still");
    let sealed = [("one", "stored", false), ("two", "stored", false), ("session", "locked", false)];
    assert_eq!(listed(&world, &agent), states(sealed));
    let more = agent.ssh_add().arg(world.key(KeyType::Rsa1024, "more").path()).output();
    assert_ne!(more.code(), Some(0), "a sealed agent takes no keys: {more}");
    let own = agent
        .client()
        .request(&keyfob_testkit::Message::new(keyfob_testkit::wire::number::LOCK).string("word"));
    own.fails();
    agent.client().sign(&session.blob(), b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 2);
    let opened = [("one", "stored", false), ("two", "stored", false), ("session", "ready", true)];
    assert_eq!(listed(&world, &agent), states(opened));
    agent.client().sign(&store.public("two").blob(), b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 2);
}

#[test]
fn a_lifetime_ends_in_the_store_and_not_in_the_list() {
    let world = world();
    let store = KeyStore::make(&world);
    let key = world.key(KeyType::Ed25519, "short");
    store.save(&key, "short", &["-t", "3"]);
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    let sign = || agent.client().sign(&key.blob(), b"data", 0).signature();
    sign();
    sign();
    assert_eq!(askpass.calls().len(), 1);
    std::thread::sleep(std::time::Duration::from_millis(3_200));
    assert_eq!(agent.list().len(), 1);
    sign();
    assert_eq!(askpass.calls().len(), 2, "its time was up: the passphrase again");
}

#[test]
fn the_store_locks_itself_when_nobody_uses_it() {
    let world = world();
    let store = KeyStore::make(&world);
    let key = world.key(KeyType::Ed25519, "key");
    store.save(&key, "key", &[]);
    let settings = world.write("settings.toml", "[lock]\nstore-idle = 2\n", 0o600);
    let askpass = store.answering();
    let agent = world.agent_with(|run| askpass.offered_to(run).env("KEYFOB_CONFIG", &settings));
    let sign = || agent.client().sign(&key.blob(), b"data", 0).signature();
    sign();
    let shown = agent_status(&world, &agent);
    assert!(!shown.contains("\"next_lock\": null"), "{shown}");
    assert!(is_open(&world, &agent), "{shown}");
    world.waits_until("it locks itself", std::time::Duration::from_secs(10), || {
        !is_open(&world, &agent)
    });
    sign();
    assert_eq!(askpass.calls().len(), 2);
}
