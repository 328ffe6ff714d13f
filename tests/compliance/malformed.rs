//! Requests whose frame is right and whose content is not: they fail, and nothing else happens.
//! Those of chance are in `tests/abuse`.

use std::time::Duration;

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyType, Message, World, case, divergent};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(every_shortened_sign_request_fails),
        case!(every_shortened_removal_fails),
        case!(every_shortened_key_fails_and_is_not_added),
        case!(every_shortened_constraint_fails_and_adds_nothing),
        case!(every_shortened_bind_fails),
        case!(a_key_blob_that_is_no_key_fails),
        case!(a_length_beyond_the_frame_does_not_reach_the_next_request),
        divergent!(
            a_shortened_lock,
            original_dies_of_a_shortened_lock,
            ours_fails_a_shortened_lock
        ),
        divergent!(
            a_shortened_unlock,
            original_dies_of_a_shortened_unlock,
            ours_fails_a_shortened_unlock
        ),
        divergent!(
            bytes_behind_a_request,
            original_ignores_bytes_behind_a_request,
            ours_fails_bytes_behind_a_request
        ),
        case!(bytes_behind_a_request_without_fields_are_ignored),
        case!(smartcard_requests_without_a_card_fail),
    ]
}

/// Sends the message in every shorter length; each fails and the connection lives.
#[track_caller]
fn fails_at_every_length(world: &World, message: &Message) {
    let agent = world.agent();
    let mut client = agent.client();
    for cut in 1..message.body().len() {
        client.request(&message.clone().shortened(cut)).fails();
    }
    assert!(client.list().is_empty());
}

fn every_shortened_sign_request_fails(world: &World) {
    let key = world.key(KeyType::EcdsaP256, "key");
    let message = Message::new(number::SIGN_REQUEST).string(key.blob()).string(b"data").number(0);
    let agent = world.agent();
    agent.add(&key);
    let mut client = agent.client();
    for cut in 1..message.body().len() {
        client.request(&message.clone().shortened(cut)).fails();
    }
    client.request(&message).signature();
}

fn every_shortened_removal_fails(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    let agent = world.agent();
    agent.add(&key);
    let mut client = agent.client();
    let message = Message::new(number::REMOVE_IDENTITY).string(key.blob());
    for cut in 1..message.body().len() {
        client.request(&message.clone().shortened(cut)).fails();
    }
    assert_eq!(client.list().len(), 1);
    client.request(&message).succeeds();
}

fn every_shortened_key_fails_and_is_not_added(world: &World) {
    for kind in [KeyType::Ed25519, KeyType::EcdsaP521, KeyType::Rsa1024] {
        let key = world.key(kind, &format!("key-{}", kind.wire_name()));
        fails_at_every_length(world, &key.add_message(number::ADD_IDENTITY, "comment"));
    }
}

fn every_shortened_constraint_fails_and_adds_nothing(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let bare = key.add_message(number::ADD_ID_CONSTRAINED, "comment");
    let constrained = bare.clone().byte(number::CONSTRAIN_LIFETIME).number(60);
    let agent = world.agent();
    let mut client = agent.client();
    for cut in 1..5 {
        client.request(&constrained.clone().shortened(cut)).fails();
    }
    assert!(client.list().is_empty());
    let named =
        bare.byte(number::CONSTRAIN_EXTENSION).string("restrict-destination-v00@openssh.com");
    for cut in 0..named.body().len() - key.add_message(25, "comment").body().len() {
        client.request(&named.clone().shortened(cut)).fails();
    }
    assert!(client.list().is_empty());
}

fn every_shortened_bind_fails(world: &World) {
    let notary = keyfob_testkit::Notary::new(world);
    let bind = notary.bind(&notary.host("host"), b"session", false).message();
    let agent = world.agent();
    let mut client = agent.client();
    // The shortest keep type and name, so that they are binds at all.
    for cut in 1..bind.body().len() - 1 - 4 - 24 {
        let reply = client.request(&bind.clone().shortened(cut));
        assert!(
            matches!(reply.body(), [number::FAILURE | number::EXTENSION_FAILURE]),
            "{cut}: {reply:?}"
        );
    }
    client.request(&bind).succeeds();
}

fn a_key_blob_that_is_no_key_fails(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    for blob in
        [&b""[..], b"x", b"\0\0\0\x0bssh-ed25519", &[0xff; 64], b"\0\0\0\x07unknown\0\0\0\0"]
    {
        client.sign(blob, b"data", 0).fails();
        client.request(&Message::new(number::REMOVE_IDENTITY).string(blob)).fails();
    }
}

/// A decoder that reads on into the next frame takes its bytes for this one's fields.
fn a_length_beyond_the_frame_does_not_reach_the_next_request(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let agent = world.agent();
    agent.add(&key);
    let mut client = agent.client();
    let without_flags = Message::new(number::SIGN_REQUEST).string(key.blob()).string(b"data");
    let greedy = Message::new(number::REMOVE_IDENTITY).number(100);
    let list = Message::new(number::REQUEST_IDENTITIES);
    for short in [without_flags, greedy] {
        client.send(&[short.frame(), list.frame(), list.frame()].concat());
        client.reply().unwrap().fails();
        assert_eq!(client.reply().unwrap().identities().len(), 1);
        assert_eq!(client.reply().unwrap().identities().len(), 1);
    }
}

/// Too short for the passphrase's length, shorter than it says, and with a NUL within.
fn bad_locks(kind: u8) -> [Message; 4] {
    [
        Message::new(kind),
        Message::new(kind).raw([0, 0]),
        Message::new(kind).number(10).raw(b"short"),
        Message::new(kind).string(b"a\0b"),
    ]
}

#[track_caller]
fn dies_of(world: &World, message: &Message, lock_first: bool) {
    let mut agent = world.agent();
    if lock_first {
        agent.lock("passphrase");
    }
    let mut client = agent.client();
    client.send(&message.frame());
    client.is_closed();
    let status = agent.ended_within(Duration::from_secs(2)).expect("the original ends");
    assert_eq!(status.code(), Some(255));
}

fn original_dies_of_a_shortened_lock(world: &World) {
    bad_locks(number::LOCK).iter().for_each(|message| dies_of(world, message, false));
}

fn original_dies_of_a_shortened_unlock(world: &World) {
    bad_locks(number::UNLOCK).iter().for_each(|message| dies_of(world, message, true));
}

/// All but the last, which is a passphrase like any other: bytes, not a C string.
fn ours_fails_a_shortened_lock(world: &World) {
    let mut agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let mut client = agent.client();
    let [bad @ .., with_nul] = bad_locks(number::LOCK);
    bad.iter().for_each(|message| client.request(message).fails());
    assert_eq!(client.list().len(), 1, "not locked");
    client.request(&with_nul).succeeds();
    assert!(client.list().is_empty());
    client.request(&Message::new(number::UNLOCK).string(b"a\0b")).succeeds();
    assert_eq!(client.list().len(), 1);
    assert!(agent.is_alive());
}

fn ours_fails_a_shortened_unlock(world: &World) {
    let mut agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    agent.lock("passphrase");
    let mut client = agent.client();
    bad_locks(number::UNLOCK).iter().for_each(|message| client.request(message).fails());
    client.request(&Message::new(number::UNLOCK).string("passphrase")).succeeds();
    assert_eq!(client.list().len(), 1);
    assert!(agent.is_alive());
}

/// There is no field that the bytes could belong to, and keys that somebody wants gone must go.
fn bytes_behind_a_request_without_fields_are_ignored(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let mut client = agent.client();
    let list = Message::new(number::REQUEST_IDENTITIES).raw(b"junk");
    assert_eq!(client.request(&list).identities().len(), 1);
    client.request(&Message::new(number::REMOVE_ALL).raw(b"junk")).succeeds();
    assert!(client.list().is_empty());
}

/// Complete requests with bytes behind them, for one key.
fn with_bytes_behind(world: &World) -> [Message; 2] {
    let blob = world.key(KeyType::Ed25519, "key").blob();
    [
        Message::new(number::SIGN_REQUEST).string(&blob).string(b"data").number(0).raw(b"junk"),
        Message::new(number::REMOVE_IDENTITY).string(&blob).raw(b"junk"),
    ]
}

fn original_ignores_bytes_behind_a_request(world: &World) {
    let mut client = world.client();
    for message in with_bytes_behind(world) {
        client.add(&world.key(KeyType::Ed25519, "key"), "comment").succeeds();
        assert_ne!(client.request(&message).kind(), number::FAILURE);
    }
}

fn ours_fails_bytes_behind_a_request(world: &World) {
    let mut client = world.client();
    client.add(&world.key(KeyType::Ed25519, "key"), "comment").succeeds();
    for message in with_bytes_behind(world) {
        client.request(&message).fails();
    }
    assert_eq!(client.list().len(), 1);
}

fn smartcard_requests_without_a_card_fail(world: &World) {
    let mut client = world.client();
    for kind in [
        number::ADD_SMARTCARD_KEY,
        number::REMOVE_SMARTCARD_KEY,
        number::ADD_SMARTCARD_KEY_CONSTRAINED,
    ] {
        client.request(&Message::new(kind)).fails();
        client
            .request(&Message::new(kind).string("/nonexistent/provider.so").string("1234"))
            .fails();
    }
    assert!(client.list().is_empty());
}
