//! `LOCK` and `UNLOCK`.

use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Case, KeyType, Message, RawClient, Reply, RunningAgent, World, case, divergent,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_locked_agent_lists_nothing),
        case!(a_locked_agent_refuses_everything_else),
        case!(unlocking_brings_the_keys_back),
        case!(every_key_type_signs_after_unlocking),
        case!(a_wrong_passphrase_does_not_unlock),
        case!(an_empty_passphrase_does_not_lock),
        case!(unlocking_an_unlocked_agent_fails),
        case!(locking_twice_fails_and_keeps_the_first_passphrase),
        case!(a_new_lock_takes_a_new_passphrase),
        case!(any_bytes_are_a_passphrase),
        case!(a_lock_holds_for_connections_that_exist),
        case!(a_key_s_constraints_outlive_a_lock),
        case!(lifetime_runs_on_while_locked),
        case!(each_wrong_unlock_waits_longer),
        case!(a_right_unlock_ends_the_waiting),
        divergent!(
            a_wrong_unlock_and_the_others,
            original_keeps_everyone_waiting,
            ours_keeps_only_the_guesser_waiting
        ),
    ]
}

fn lock(passphrase: impl AsRef<[u8]>) -> Message {
    Message::new(number::LOCK).string(passphrase)
}

fn unlock(passphrase: impl AsRef<[u8]>) -> Message {
    Message::new(number::UNLOCK).string(passphrase)
}

/// An agent with one key, and a connection to it.
fn with_a_key(world: &World) -> (RunningAgent, RawClient) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let client = agent.client();
    (agent, client)
}

fn sign(world: &World, client: &mut RawClient) -> Reply {
    client.sign(&world.key(KeyType::Ed25519, "key").blob(), b"data", 0)
}

fn a_locked_agent_lists_nothing(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&lock("secret")).succeeds();
    let reply = client.request(&Message::new(number::REQUEST_IDENTITIES));
    assert_eq!(reply.body(), [12, 0, 0, 0, 0]);
}

fn a_locked_agent_refuses_everything_else(world: &World) {
    let (agent, mut client) = with_a_key(world);
    let key = world.key(KeyType::Ed25519, "key");
    client.request(&lock("secret")).succeeds();
    sign(world, &mut client).fails();
    client.add(&world.key(KeyType::Ed25519, "other"), "other").fails();
    client.request(&Message::new(number::REMOVE_IDENTITY).string(key.blob())).fails();
    client.request(&Message::new(number::REMOVE_ALL)).fails();
    client.request(&Message::new(number::REMOVE_ALL_V1)).fails();
    client.request(&Message::new(99)).fails();
    client.request(&unlock("secret")).succeeds();
    assert_eq!(agent.list().len(), 1);
}

fn unlocking_brings_the_keys_back(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    let before = client.list();
    client.request(&lock("secret")).succeeds();
    client.request(&unlock("secret")).succeeds();
    assert_eq!(client.list(), before);
    sign(world, &mut client).signature();
}

fn every_key_type_signs_after_unlocking(world: &World) {
    let agent = world.agent();
    let keys = KeyType::EACH.map(|kind| world.key(kind, kind.wire_name()));
    keys.iter().for_each(|key| agent.add(key));
    let mut client = agent.client();
    // Once before, so that a signer that was kept ready is seen to be gone and made again.
    keys.iter().for_each(|key| drop(client.sign(&key.blob(), b"data", 0).signature()));
    client.request(&lock("secret")).succeeds();
    keys.iter().for_each(|key| client.sign(&key.blob(), b"data", 0).fails());
    client.request(&unlock("secret")).succeeds();
    keys.iter().for_each(|key| drop(client.sign(&key.blob(), b"data", 0).signature()));
}

fn a_wrong_passphrase_does_not_unlock(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&lock("secret")).succeeds();
    for wrong in ["", "Secret", "secret ", "secre"] {
        client.request(&unlock(wrong)).fails();
    }
    assert!(client.list().is_empty());
    client.request(&unlock("secret")).succeeds();
}

fn an_empty_passphrase_does_not_lock(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&lock("")).fails();
    assert_eq!(client.list().len(), 1);
}

fn unlocking_an_unlocked_agent_fails(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&unlock("secret")).fails();
    assert_eq!(client.list().len(), 1);
}

fn locking_twice_fails_and_keeps_the_first_passphrase(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&lock("first")).succeeds();
    client.request(&lock("second")).fails();
    client.request(&unlock("second")).fails();
    client.request(&unlock("first")).succeeds();
    assert_eq!(client.list().len(), 1);
}

fn a_new_lock_takes_a_new_passphrase(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&lock("first")).succeeds();
    client.request(&unlock("first")).succeeds();
    client.request(&lock("second")).succeeds();
    client.request(&unlock("first")).fails();
    client.request(&unlock("second")).succeeds();
}

fn any_bytes_are_a_passphrase(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    for passphrase in [&b"\xff\xfe\x80"[..], b"\n", b" ", &[b'x'; 10_000]] {
        client.request(&lock(passphrase)).succeeds();
        assert!(client.list().is_empty());
        client.request(&unlock(passphrase)).succeeds();
        assert_eq!(client.list().len(), 1);
    }
}

fn a_lock_holds_for_connections_that_exist(world: &World) {
    let (agent, mut client) = with_a_key(world);
    sign(world, &mut client).signature();
    agent.lock("secret");
    sign(world, &mut client).fails();
    assert!(client.list().is_empty());
}

fn a_key_s_constraints_outlive_a_lock(world: &World) {
    let askpass = world.askpass();
    let agent = world.agent_with(|run| askpass.offered_to(run));
    let key = world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    let mut client = agent.client();
    client.request(&lock("secret")).succeeds();
    client.request(&unlock("secret")).succeeds();
    sign(world, &mut client).fails();
    assert_eq!(askpass.calls().len(), 1);
}

fn lifetime_runs_on_while_locked(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-t", "1"]).arg(key.path()).output().exits(0);
    agent.lock("secret");
    std::thread::sleep(Duration::from_millis(2200));
    agent.client().request(&unlock("secret")).succeeds();
    assert!(agent.list().is_empty());
}

/// 0.1 s more each time: guessing gets slow before it gets far.
fn each_wrong_unlock_waits_longer(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&lock("secret")).succeeds();
    for turn in 1..=4_u32 {
        let started = Instant::now();
        client.request(&unlock("wrong")).fails();
        let (took, least) = (started.elapsed(), Duration::from_millis(100) * turn);
        assert!(took >= least, "wrong unlock {turn} took {took:?}, wanted at least {least:?}");
    }
}

/// The tenth wrong one in a row takes at least a second. The first after a right one takes a tenth
/// of that, and as long as a busy machine needs: the quickest of some counts.
fn a_right_unlock_ends_the_waiting(world: &World) {
    let (_agent, mut client) = with_a_key(world);
    client.request(&lock("secret")).succeeds();
    for _ in 0..9 {
        client.request(&unlock("wrong")).fails();
    }
    let mut took = Vec::new();
    while took.len() < 5 && took.iter().all(|took| *took > Duration::from_secs(1)) {
        client.request(&unlock("secret")).succeeds();
        client.request(&lock("secret")).succeeds();
        let started = Instant::now();
        client.request(&unlock("wrong")).fails();
        took.push(started.elapsed());
    }
    assert!(took.iter().any(|took| *took < Duration::from_secs(1)), "{took:?}");
}

/// Nine wrong unlocks leave the tenth at a second; while it waits, another client asks.
fn another_client_s_wait(world: &World) -> Duration {
    let (agent, mut guesser) = with_a_key(world);
    guesser.request(&lock("secret")).succeeds();
    for _ in 0..9 {
        guesser.request(&unlock("wrong")).fails();
    }
    let mut other = agent.client();
    other.list();
    guesser.send(&unlock("wrong").frame());
    std::thread::sleep(Duration::from_millis(150));
    let started = Instant::now();
    other.list();
    let waited = started.elapsed();
    guesser.reply().unwrap().fails();
    waited
}

fn original_keeps_everyone_waiting(world: &World) {
    let waited = another_client_s_wait(world);
    assert!(waited > Duration::from_millis(400), "{waited:?}: no divergence any more");
}

fn ours_keeps_only_the_guesser_waiting(world: &World) {
    let waited = another_client_s_wait(world);
    assert!(waited < Duration::from_millis(600), "{waited:?}");
}
