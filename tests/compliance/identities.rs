//! Adding, listing and removing keys over the wire.

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyFile, KeyType, Message, World, case, divergent};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_empty_agent_lists_nothing),
        case!(every_key_type_is_listed_as_it_was_added),
        case!(keys_are_listed_in_the_order_of_adding),
        case!(a_key_added_again_keeps_its_place_and_takes_the_new_comment),
        case!(p9_any_comment_is_kept_byte_for_byte),
        divergent!(a_huge_comment, original_takes_a_huge_comment, ours_refuses_a_huge_comment),
        case!(an_empty_comment_stays_empty),
        case!(a_key_is_removed_once),
        case!(removing_a_key_leaves_the_others),
        case!(an_unknown_key_is_not_removed),
        case!(remove_all_removes_all),
        case!(the_old_remove_all_removes_all_too),
        case!(removing_nothing_succeeds),
        case!(an_unknown_key_type_is_refused),
        case!(a_curve_that_contradicts_the_type_is_refused),
        case!(an_rsa_key_below_1024_bits_is_refused),
        case!(a_constrained_add_without_constraints_is_an_add),
        case!(keys_are_shared_by_all_connections),
        divergent!(
            halves_that_do_not_belong_together,
            original_takes_halves_that_do_not_belong_together,
            ours_refuses_halves_that_do_not_belong_together
        ),
        case!(a_fido_key_is_taken)
            .gap("FIDO keys come with a later issue; they are refused until then"),
    ]
}

fn an_empty_agent_lists_nothing(world: &World) {
    let reply = world.client().request(&Message::new(number::REQUEST_IDENTITIES));
    assert_eq!(reply.body(), [12, 0, 0, 0, 0]);
}

fn every_key_type_is_listed_as_it_was_added(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        client.add(&key, "a comment").succeeds();
        assert_eq!(client.list(), [(key.blob(), "a comment".to_owned())]);
        client.request(&Message::new(number::REMOVE_ALL)).succeeds();
    }
}

/// Three keys under their numbers.
fn three(world: &World) -> [KeyFile; 3] {
    ["1", "2", "3"].map(|name| world.key(KeyType::Ed25519, name))
}

fn keys_are_listed_in_the_order_of_adding(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    let [one, two, three] = three(world);
    client.add(&two, "2").succeeds();
    client.add(&three, "3").succeeds();
    client.add(&one, "1").succeeds();
    assert_eq!(client.comments(), ["2", "3", "1"]);
}

fn a_key_added_again_keeps_its_place_and_takes_the_new_comment(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    for (key, comment) in three(world).iter().zip(["1", "2", "3"]) {
        client.add(key, comment).succeeds();
    }
    client.add(&three(world)[0], "again").succeeds();
    assert_eq!(client.comments(), ["again", "2", "3"]);
}

fn p9_any_comment_is_kept_byte_for_byte(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    let key = world.key(KeyType::Ed25519, "key");
    let fields = key.private_fields();
    let long = vec![b'x'; 4096];
    let comments =
        [&b"\xff\xfe not UTF-8"[..], "Schlüssel 鍵".as_bytes(), b"\x1b[31m", b"a\nb", &long];
    for comment in comments {
        let message = fields.iter().fold(Message::new(number::ADD_IDENTITY), Message::string);
        client.request(&message.string(comment)).succeeds();
        let reply = client.request(&Message::new(number::REQUEST_IDENTITIES));
        let mut fields = reply.fields();
        assert_eq!(fields.number(), 1);
        fields.string();
        assert_eq!(fields.string(), comment);
        fields.end();
    }
}

fn with_a_huge_comment(world: &World) -> Message {
    let key = world.key(KeyType::Ed25519, "key");
    key.add_message(number::ADD_IDENTITY, &"c".repeat(4097))
}

fn original_takes_a_huge_comment(world: &World) {
    world.client().request(&with_a_huge_comment(world)).succeeds();
}

fn ours_refuses_a_huge_comment(world: &World) {
    let mut client = world.client();
    client.request(&with_a_huge_comment(world)).fails();
    assert!(client.list().is_empty());
}

fn an_empty_comment_stays_empty(world: &World) {
    let agent = world.agent();
    agent.client().add(&world.key(KeyType::Ed25519, "key"), "").succeeds();
    assert_eq!(agent.comments(), [""]);
}

fn removal(key: &KeyFile) -> Message {
    Message::new(number::REMOVE_IDENTITY).string(key.blob())
}

fn a_key_is_removed_once(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let mut client = agent.client();
    client.request(&removal(&key)).succeeds();
    assert!(client.list().is_empty());
    client.request(&removal(&key)).fails();
    client.sign(&key.blob(), b"data", 0).fails();
}

fn removing_a_key_leaves_the_others(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    for (key, comment) in three(world).iter().zip(["1", "2", "3"]) {
        client.add(key, comment).succeeds();
    }
    client.request(&removal(&three(world)[1])).succeeds();
    assert_eq!(client.comments(), ["1", "3"]);
}

fn an_unknown_key_is_not_removed(world: &World) {
    let agent = world.agent();
    let [one, two, _] = three(world);
    agent.add(&one);
    agent.client().request(&removal(&two)).fails();
    assert_eq!(agent.list().len(), 1);
}

#[track_caller]
fn removes_all(world: &World, kind: u8) {
    let agent = world.agent();
    three(world).iter().for_each(|key| agent.add(key));
    agent.client().request(&Message::new(kind)).succeeds();
    assert!(agent.list().is_empty());
}

fn remove_all_removes_all(world: &World) {
    removes_all(world, number::REMOVE_ALL);
}

/// `ssh-add -D` sends both.
fn the_old_remove_all_removes_all_too(world: &World) {
    removes_all(world, number::REMOVE_ALL_V1);
}

fn removing_nothing_succeeds(world: &World) {
    let mut client = world.client();
    client.request(&Message::new(number::REMOVE_ALL)).succeeds();
    client.request(&Message::new(number::REMOVE_ALL_V1)).succeeds();
}

fn an_unknown_key_type_is_refused(world: &World) {
    let mut client = world.client();
    for name in ["ssh-unknown", "ssh-ed448", "", "ssh-xmss@openssh.com"] {
        let message = Message::new(number::ADD_IDENTITY).string(name);
        client.request(&message.string([7; 32]).string([7; 64]).string("comment")).fails();
    }
    assert!(client.list().is_empty());
}

fn a_curve_that_contradicts_the_type_is_refused(world: &World) {
    let fields = world.key(KeyType::EcdsaP256, "key").private_fields();
    let message = Message::new(number::ADD_IDENTITY)
        .string("ecdsa-sha2-nistp384")
        .string(&fields[1])
        .string(&fields[2])
        .string(&fields[3])
        .string("comment");
    world.client().request(&message).fails();
}

/// RSA with the primes 59 and 67: right in itself, and much too short.
fn an_rsa_key_below_1024_bits_is_refused(world: &World) {
    let message = Message::new(number::ADD_IDENTITY)
        .string("ssh-rsa")
        .string([0x0f, 0x71]) // n = 3953
        .string([0x05]) // e
        .string([0x08, 0xf9]) // d
        .string([0x19]) // 1/q mod p
        .string([0x43]) // p
        .string([0x3b]) // q
        .string("comment");
    world.client().request(&message).fails();
}

fn a_constrained_add_without_constraints_is_an_add(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&key.add_message(number::ADD_ID_CONSTRAINED, "comment")).succeeds();
    assert_eq!(agent.list().len(), 1);
}

fn keys_are_shared_by_all_connections(world: &World) {
    let agent = world.agent();
    let (mut early, mut late) = (agent.client(), agent.client());
    assert!(early.list().is_empty());
    late.add(&world.key(KeyType::Ed25519, "key"), "comment").succeeds();
    drop(late);
    assert_eq!(early.comments(), ["comment"]);
}

/// The public half of one Ed25519 key, the private half of another.
fn mixed_halves(world: &World) -> Message {
    let [one, two, _] = three(world).map(|key| key.private_fields());
    let message = Message::new(number::ADD_IDENTITY).string("ssh-ed25519");
    message.string(&one[1]).string(&two[2]).string("comment")
}

fn original_takes_halves_that_do_not_belong_together(world: &World) {
    world.client().request(&mixed_halves(world)).succeeds();
}

fn ours_refuses_halves_that_do_not_belong_together(world: &World) {
    let mut client = world.client();
    client.request(&mixed_halves(world)).fails();
    assert!(client.list().is_empty());
}

fn a_fido_key_is_taken(world: &World) {
    let fields = world.key(KeyType::Ed25519, "key").private_fields();
    let message = Message::new(number::ADD_ID_CONSTRAINED)
        .string("sk-ssh-ed25519@openssh.com")
        .string(&fields[1])
        .string("ssh:")
        .byte(1)
        .string([7; 64])
        .string(b"")
        .string("comment")
        .byte(number::CONSTRAIN_EXTENSION)
        .string("sk-provider@openssh.com")
        .string("internal");
    let agent = world.agent();
    agent.client().request(&message).succeeds();
    assert_eq!(agent.comments(), ["comment"]);
}
