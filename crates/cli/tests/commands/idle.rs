//! Keys and sessions that end by themselves. A failure here means that a key stays open when
//! nobody is there, or is gone under the hands of who uses it.

use std::time::{Duration, Instant};

use keyfob_testkit::{KeyFile, KeyStore, KeyType, RunningAgent, World};

use crate::support::{keyfob_with, world};

const LIMIT: Duration = Duration::from_secs(10);

fn is_open(world: &World, agent: &RunningAgent) -> bool {
    let output = keyfob_with(world, agent).args(["status", "--json"]).output();
    output.exits(0);
    output.stdout().contains("\"store_locked\": false")
}

fn sign(agent: &RunningAgent, key: &KeyFile) {
    agent.client().sign(&key.blob(), b"data", 0).signature();
}

#[test]
fn a_key_added_with_an_idle_time_goes_when_it_is_not_used_and_not_before() {
    let world = world();
    let agent = world.agent();
    let (used, unused) = (world.key(KeyType::Ed25519, "used"), world.key(KeyType::Ed25519, "left"));
    let add = keyfob_with(&world, &agent).args(["add", "--idle", "3s"]);
    add.arg(used.path()).arg(unused.path()).output().exits(0);
    let began = Instant::now();
    world.waits_until("the other one goes", LIMIT, || {
        sign(&agent, &used);
        agent.comments() == ["used@keyfob"]
    });
    assert!(began.elapsed() > Duration::from_secs(2), "it has its three seconds");
    world.waits_until("this one too, left alone", LIMIT, || agent.list().is_empty());
}

#[test]
fn an_idle_time_given_to_a_stored_key_asks_for_the_passphrase_again() {
    let world = world();
    let store = KeyStore::make(&world);
    let key = world.key(KeyType::Ed25519, "key");
    store.save(&key, "key", &[]);
    store.command("set").args(["key", "--idle", "2s"]).output().exits(0);
    let other = world.key(KeyType::Ed25519, "other");
    store.save(&other, "other", &[]);
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    sign(&agent, &key);
    sign(&agent, &other);
    assert_eq!(askpass.calls().len(), 1);
    std::thread::sleep(Duration::from_millis(2_300));
    sign(&agent, &other);
    assert_eq!(askpass.calls().len(), 1, "a key without an idle time stays");
    assert_eq!(agent.list().len(), 2, "both are still offered");
    sign(&agent, &key);
    assert_eq!(askpass.calls().len(), 2);
}

/// Lost otherwise: who uses a key every minute never gives the passphrase again.
#[test]
fn a_session_ends_although_it_is_used() {
    let world = world();
    let store = KeyStore::make(&world);
    let key = world.key(KeyType::Ed25519, "key");
    store.save(&key, "key", &[]);
    let askpass = store.answering();
    let settings = world.write("settings.toml", "[lock]\nsession = \"3s\"\n", 0o600);
    let agent = world.agent_with(|run| askpass.offered_to(run).env("KEYFOB_CONFIG", settings));
    let began = Instant::now();
    world.waits_until("the session ends", LIMIT, || {
        sign(&agent, &key);
        askpass.calls().len() == 2
    });
    assert!(began.elapsed() > Duration::from_secs(2), "it has its three seconds");
    world.waits_until("and the next, left alone", LIMIT, || !is_open(&world, &agent));
}
