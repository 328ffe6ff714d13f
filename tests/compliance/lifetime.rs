//! Lifetimes, and how constraints are read at all.

use std::thread;
use std::time::Duration;

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyFile, KeyType, Message, World, case, divergent};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_key_is_gone_when_its_time_is_over),
        case!(use_does_not_lengthen_a_life),
        case!(adding_again_replaces_the_lifetime),
        case!(adding_again_without_a_lifetime_removes_it),
        case!(adding_again_replaces_confirmation),
        case!(the_key_s_own_lifetime_wins_over_the_agent_s),
        case!(the_agent_s_lifetime_applies_to_keys_without_one),
        case!(the_longest_lifetime_does_not_wrap),
        case!(a_second_lifetime_is_refused),
        case!(a_second_confirmation_is_refused),
        case!(c2_an_unknown_constraint_refuses_the_key),
        case!(c2_an_unknown_extension_refuses_the_key),
        case!(c2_a_refused_add_leaves_the_key_that_is_there),
        case!(c2_constraints_in_any_order_are_honoured),
        divergent!(
            a_lifetime_of_nothing,
            original_forgets_the_key_at_once,
            ours_refuses_no_life_at_all
        ),
    ]
}

const A_LIFE: Duration = Duration::from_millis(2200);

fn constrained(key: &KeyFile) -> Message {
    key.add_message(number::ADD_ID_CONSTRAINED, "comment")
}

fn living(key: &KeyFile, seconds: u32) -> Message {
    constrained(key).byte(number::CONSTRAIN_LIFETIME).number(seconds)
}

fn key(world: &World) -> KeyFile {
    world.key(KeyType::Ed25519, "key")
}

fn a_key_is_gone_when_its_time_is_over(world: &World) {
    let agent = world.agent();
    let key = key(world);
    let mut client = agent.client();
    client.request(&living(&key, 1)).succeeds();
    client.sign(&key.blob(), b"data", 0).signature();
    thread::sleep(A_LIFE);
    client.sign(&key.blob(), b"data", 0).fails();
    assert!(client.list().is_empty());
    client.request(&Message::new(number::REMOVE_IDENTITY).string(key.blob())).fails();
}

fn use_does_not_lengthen_a_life(world: &World) {
    let agent = world.agent();
    let key = key(world);
    let mut client = agent.client();
    client.request(&living(&key, 1)).succeeds();
    for _ in 0..22 {
        client.sign(&key.blob(), b"data", 0);
        thread::sleep(A_LIFE / 20);
    }
    assert!(client.list().is_empty());
}

fn adding_again_replaces_the_lifetime(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    client.request(&living(&key(world), 600)).succeeds();
    client.request(&living(&key(world), 1)).succeeds();
    thread::sleep(A_LIFE);
    assert!(client.list().is_empty());
}

fn adding_again_without_a_lifetime_removes_it(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    client.request(&living(&key(world), 1)).succeeds();
    client.add(&key(world), "comment").succeeds();
    thread::sleep(A_LIFE);
    assert_eq!(client.list().len(), 1);
}

fn adding_again_replaces_confirmation(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    let confirmed = constrained(&key(world)).byte(number::CONSTRAIN_CONFIRM);
    client.request(&confirmed).succeeds();
    // No askpass is set, so a key to confirm does not sign.
    client.sign(&key(world).blob(), b"data", 0).fails();
    client.add(&key(world), "comment").succeeds();
    client.sign(&key(world).blob(), b"data", 0).signature();
    client.request(&confirmed).succeeds();
    client.sign(&key(world).blob(), b"data", 0).fails();
}

fn the_key_s_own_lifetime_wins_over_the_agent_s(world: &World) {
    let agent = world.agent_with(|run| run.args(["-t", "1"]));
    agent.client().request(&living(&key(world), 600)).succeeds();
    thread::sleep(A_LIFE);
    assert_eq!(agent.list().len(), 1);
}

fn the_agent_s_lifetime_applies_to_keys_without_one(world: &World) {
    let agent = world.agent_with(|run| run.args(["-t", "1"]));
    agent.client().add(&key(world), "comment").succeeds();
    agent
        .client()
        .request(
            &constrained(&world.key(KeyType::Ed25519, "other")).byte(number::CONSTRAIN_CONFIRM),
        )
        .succeeds();
    assert_eq!(agent.list().len(), 2);
    thread::sleep(A_LIFE);
    assert!(agent.list().is_empty());
}

/// bz3119.
fn the_longest_lifetime_does_not_wrap(world: &World) {
    let agent = world.agent();
    for seconds in [i32::MAX.unsigned_abs(), i32::MAX.unsigned_abs() + 1, u32::MAX] {
        agent.client().request(&living(&key(world), seconds)).succeeds();
        thread::sleep(Duration::from_millis(100));
        assert_eq!(agent.list().len(), 1, "a life of {seconds} s");
    }
}

#[track_caller]
fn is_refused(world: &World, message: &Message) {
    let agent = world.agent();
    let mut client = agent.client();
    client.request(message).fails();
    assert!(client.list().is_empty());
}

fn a_second_lifetime_is_refused(world: &World) {
    is_refused(world, &living(&key(world), 60).byte(number::CONSTRAIN_LIFETIME).number(60));
}

fn a_second_confirmation_is_refused(world: &World) {
    let confirm = number::CONSTRAIN_CONFIRM;
    is_refused(world, &constrained(&key(world)).byte(confirm).byte(confirm));
}

fn c2_an_unknown_constraint_refuses_the_key(world: &World) {
    // 3 was the number of signatures, for a key type that is gone.
    for unknown in [0, 3, 4, 77, 254] {
        is_refused(world, &constrained(&key(world)).byte(unknown).number(60));
        is_refused(world, &living(&key(world), 60).byte(unknown));
    }
}

fn c2_an_unknown_extension_refuses_the_key(world: &World) {
    for name in ["", "unknown@example.com", "restrict-destination-v01@openssh.com"] {
        let extension = constrained(&key(world)).byte(number::CONSTRAIN_EXTENSION).string(name);
        is_refused(world, &extension.string(b""));
    }
}

fn c2_a_refused_add_leaves_the_key_that_is_there(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    client.add(&key(world), "first").succeeds();
    client.request(&constrained(&key(world)).byte(77)).fails();
    assert_eq!(client.comments(), ["first"]);
    client.sign(&key(world).blob(), b"data", 0).signature();
}

fn c2_constraints_in_any_order_are_honoured(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    let message = constrained(&key(world)).byte(number::CONSTRAIN_CONFIRM);
    client.request(&message.byte(number::CONSTRAIN_LIFETIME).number(1)).succeeds();
    client.sign(&key(world).blob(), b"data", 0).fails();
    thread::sleep(A_LIFE);
    assert!(client.list().is_empty());
}

fn original_forgets_the_key_at_once(world: &World) {
    let agent = world.agent();
    agent.client().request(&living(&key(world), 0)).succeeds();
    assert!(agent.list().is_empty());
}

fn ours_refuses_no_life_at_all(world: &World) {
    is_refused(world, &living(&key(world), 0));
}
