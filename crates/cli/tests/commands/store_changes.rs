//! A store that changes under a running agent. A failure here means that the agent shows what is
//! not there, hides what is, or believes files that somebody put back.

use std::fs;
use std::path::Path;
use std::time::Duration;

use keyfob_keystore::{Cost, Store, Trust};
use keyfob_testkit::{Askpass, KeyFile, KeyStore, KeyType, RunningAgent, World};
use rustix::process::Signal;

use crate::support::world;

fn sign(agent: &RunningAgent, key: &KeyFile) -> keyfob_testkit::Reply {
    agent.client().sign(&key.blob(), b"data", 0)
}

/// A store with these keys, an agent, and who answers it.
fn with_keys<'w>(world: &'w World, names: &[&str]) -> (KeyStore<'w>, Askpass, RunningAgent) {
    let store = KeyStore::make(world);
    for name in names {
        store.save(&world.key(KeyType::Ed25519, name), name, &[]);
    }
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    (store, askpass, agent)
}

fn copy(world: &World, from: &Path, to: &Path) {
    world.system_program("cp").arg("-a").arg(from).arg(to).output().exits(0);
}

#[test]
fn a_store_that_is_made_later_is_seen_and_so_is_each_key_that_comes() {
    let world = world();
    let askpass = world.askpass();
    let agent = world.agent_with(|run| askpass.offered_to(run));
    agent.add(&world.key(KeyType::EcdsaP256, "session"));
    assert_eq!(agent.list().len(), 1);
    let store = KeyStore::make(&world);
    assert_eq!(agent.list().len(), 1);
    let (one, two) = (world.key(KeyType::Ed25519, "one"), world.key(KeyType::Ed25519, "two"));
    store.save(&one, "one", &[]);
    assert_eq!(agent.comments(), ["session@keyfob", "one@keyfob"]);
    askpass.answer(&keyfob_testkit::Answer::line(KeyStore::PASSPHRASE));
    sign(&agent, &one).signature();
    // One that comes while the store is open needs no question.
    store.save(&two, "two", &[]);
    assert_eq!(agent.comments(), ["session@keyfob", "one@keyfob", "two@keyfob"]);
    sign(&agent, &two).signature();
    assert_eq!(askpass.calls().len(), 1);
}

#[test]
fn a_store_that_is_gone_takes_its_keys_along_and_a_returning_one_brings_them_back() {
    let world = world();
    let (store, askpass, agent) = with_keys(&world, &["one"]);
    agent.add(&world.key(KeyType::EcdsaP256, "session"));
    let one = store.public("one");
    sign(&agent, &one).signature();
    let blob = one.blob();
    let away = world.path("away");
    fs::rename(store.folder(), &away).unwrap();
    assert_eq!(agent.comments(), ["session@keyfob"]);
    agent.client().sign(&blob, b"data", 0).fails();
    fs::rename(&away, store.folder()).unwrap();
    assert_eq!(agent.list().len(), 2);
    sign(&agent, &one).signature();
    assert_eq!(askpass.calls().len(), 2, "another store may have come back: the passphrase again");
}

/// Lost otherwise: a store deleted while it is locked leaves an agent that takes no key any more.
#[test]
fn a_store_that_is_gone_while_it_is_locked_does_not_end_the_agent() {
    let world = world();
    let (store, _askpass, agent) = with_keys(&world, &["one"]);
    let session = world.key(KeyType::EcdsaP256, "session");
    agent.add(&session);
    sign(&agent, &store.public("one")).signature();
    store.command_with(&agent, "lock").output().exits(0);
    fs::remove_dir_all(store.folder()).unwrap();
    sign(&agent, &session).fails();
    agent.ssh_add().arg("-D").output().exits(0);
    agent.add(&session);
    sign(&agent, &session).signature();
}

#[test]
fn a_store_in_the_place_of_another_is_another_store() {
    let world = world();
    let (store, askpass, agent) = with_keys(&world, &["one"]);
    let session = world.key(KeyType::EcdsaP256, "session");
    agent.add(&session);
    sign(&agent, &store.public("one")).signature();
    store.command_with(&agent, "lock").output().exits(0);
    fs::rename(store.folder(), world.path("before")).unwrap();
    let store = KeyStore::make(&world);
    let two = world.key(KeyType::Ed25519, "two");
    store.save(&two, "two", &[]);
    assert_eq!(agent.comments(), ["session@keyfob", "two@keyfob"]);
    sign(&agent, &two).signature();
    assert_eq!(askpass.calls().len(), 2);
    // What the other store had sealed is lost with it, and said to be.
    assert_eq!(agent.comments(), ["two@keyfob"]);
    agent.add(&session);
    sign(&agent, &session).signature();
    agent.stop(Signal::TERM).reports_among_else("sealed under another key store");
}

#[test]
fn a_damaged_file_hides_nothing_else() {
    let world = world();
    let (store, _askpass, agent) = with_keys(&world, &["bad", "good", "worse"]);
    // One whose seal is broken, and one that is no sealed file at all.
    let mut bytes = fs::read(store.sealed("bad")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(store.sealed("bad"), bytes).unwrap();
    fs::write(store.sealed("worse"), "nonsense").unwrap();
    // As every program that writes into a folder does.
    world.write(".local/share/keyfob/store/keys/trace", "", 0o600);
    fs::remove_file(store.folder().join("keys/trace")).unwrap();
    assert!(agent.comments().contains(&"good@keyfob".to_owned()), "{:?}", agent.comments());
    sign(&agent, &store.public("good")).signature();
    assert_eq!(agent.comments(), ["good@keyfob"], "what is not genuine is not shown");
    sign(&agent, &store.public("bad")).fails();
    agent.stop(Signal::TERM).reports_among_else("bad.sealed");
}

/// Lost otherwise: a disk that fails for a moment takes every key away, or fills the log.
#[test]
fn a_store_that_cannot_be_read_keeps_what_was_shown_and_is_complained_of_once() {
    let world = world();
    let (store, _askpass, agent) = with_keys(&world, &["one"]);
    assert_eq!(agent.list().len(), 1);
    let (keys, away) = (store.folder().join("keys"), world.path("away"));
    fs::rename(&keys, &away).unwrap();
    fs::write(&keys, "no folder").unwrap();
    for _ in 0..5 {
        assert_eq!(agent.list().len(), 1);
    }
    fs::remove_file(&keys).unwrap();
    fs::rename(&away, &keys).unwrap();
    sign(&agent, &store.public("one")).signature();
    let output = agent.stop(Signal::TERM);
    assert_eq!(output.stderr().matches("cannot be read").count(), 1, "{output}");
}

/// A file of the disk's, changed in place, is noticed at the latest when it is opened.
#[test]
fn a_public_file_that_was_exchanged_is_not_believed() {
    let world = world();
    let (store, askpass, agent) = with_keys(&world, &["mine"]);
    let evil = world.key(KeyType::Ed25519, "evil");
    fs::write(store.public("mine").public_path(), evil.public_line()).unwrap();
    world.write(".local/share/keyfob/store/keys/trace", "", 0o600);
    sign(&agent, &evil).fails();
    assert!(agent.list().iter().all(|(blob, _)| *blob != evil.blob()));
    assert!(askpass.calls().is_empty());
}

#[test]
fn a_store_that_was_put_back_closes_and_stays_closed() {
    let world = world();
    let (store, _askpass, agent) = with_keys(&world, &["one"]);
    let old = world.path("old");
    copy(&world, &store.folder(), &old);
    store.save(&world.key(KeyType::Ed25519, "two"), "two", &[]);
    let one = store.public("one");
    sign(&agent, &one).signature();
    fs::remove_dir_all(store.folder()).unwrap();
    copy(&world, &old, &store.folder());
    world.waits_until("the store is closed", Duration::from_secs(5), || {
        agent.list();
        sign(&agent, &one).kind() == keyfob_testkit::wire::number::FAILURE
    });
    assert!(!agent.list().is_empty(), "it is listed all the same");
    agent.stop(Signal::TERM).reports_among_else("it was rolled back");
}

#[test]
fn a_store_with_another_root_closes_and_stays_closed() {
    let world = world();
    let (store, _askpass, agent) = with_keys(&world, &["one"]);
    let one = store.public("one");
    sign(&agent, &one).signature();
    // On another machine, so that this one does not know of it.
    let elsewhere = world.path("states elsewhere");
    let passphrase = keyfob_keys::Secret::from(KeyStore::PASSPHRASE.as_bytes().to_vec());
    let other = Store::open(&store.folder(), &elsewhere).unwrap();
    let unlocked = other.unlock(&passphrase, Trust::Remembered).unwrap();
    unlocked.rekey(&passphrase, Cost::FLOOR).unwrap();
    world.waits_until("the store is closed", Duration::from_secs(5), || {
        agent.list();
        sign(&agent, &one).kind() == keyfob_testkit::wire::number::FAILURE
    });
    agent.stop(Signal::TERM).reports_among_else("its root key was replaced");
}

/// Lost otherwise: who can write to the folder writes lines into the log that nobody can tell from
/// the agent's own.
#[test]
fn the_name_of_a_file_begins_no_line_of_the_log() {
    let world = world();
    let (store, _askpass, agent) = with_keys(&world, &["one"]);
    let forged = "x\n2026-01-01T00:00:00Z  INFO signed for nobody.sealed";
    fs::write(store.folder().join("keys").join(forged), "no item").unwrap();
    sign(&agent, &store.public("one")).signature();
    let log = agent.stop(Signal::TERM).stderr();
    assert!(log.contains("is not as it should be: ") && log.contains("signed for nobody"), "{log}");
    assert!(!log.lines().any(|line| line.starts_with("2026-01-01T00:00:00Z")), "{log}");
}
