//! Frames: how bytes become requests, whatever the requests say. What many of them do to an agent
//! is in `tests/abuse`.

use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyType, Message, RunningAgent, World, case, divergent, ours};

/// RFC 9987 leaves it open; OpenSSH takes no more.
const LARGEST: usize = 256 * 1024;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_agent_never_speaks_first),
        case!(an_unknown_type_fails_and_the_connection_lives),
        case!(p7_a_hundred_requests_in_one_write_get_a_hundred_replies_in_order),
        case!(p7_a_request_byte_by_byte_is_one_request),
        case!(p7_a_request_and_a_half_get_one_reply_and_then_another),
        case!(p7_a_list_of_many_keys_arrives_whole),
        case!(the_largest_frame_is_read),
        case!(one_byte_more_closes_the_connection),
        case!(an_absurd_length_closes_the_connection_at_once),
        case!(an_oversized_frame_costs_no_other_connection),
        divergent!(an_empty_frame, original_waits_behind_an_empty_frame, ours_fails_an_empty_frame),
        ours!(what_came_before_the_end_of_sending_is_answered),
        case!(a_client_that_sends_slowly_delays_nobody),
        case!(a_client_that_does_not_read_delays_nobody),
        case!(two_hundred_idle_connections_are_held),
    ]
}

fn list() -> Message {
    Message::new(number::REQUEST_IDENTITIES)
}

fn the_agent_never_speaks_first(world: &World) {
    world.client().is_silent_for(Duration::from_millis(300));
}

fn an_unknown_type_fails_and_the_connection_lives(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    // The replies' numbers and the old protocol's are no requests either.
    for kind in [0, 1, 3, 5, 6, 7, 8, 10, 12, 14, 15, 16, 24, 28, 29, 30, 99, 102, 240, 255] {
        client.request(&Message::new(kind)).fails();
        client.request(&Message::new(kind).raw([0; 100])).fails();
    }
    assert!(client.list().is_empty());
}

fn p7_a_hundred_requests_in_one_write_get_a_hundred_replies_in_order(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let mut client = agent.client();
    let sign = Message::new(number::SIGN_REQUEST).string(key.blob()).string(b"data").number(0);
    let turn = [list(), Message::new(99), sign, list()];
    let bytes: Vec<u8> = turn.iter().cycle().take(100).flat_map(Message::frame).collect();
    client.send(&bytes);
    let kinds: Vec<u8> = (0..100).map(|_| client.reply().unwrap().kind()).collect();
    let wanted = [
        number::IDENTITIES_ANSWER,
        number::FAILURE,
        number::SIGN_RESPONSE,
        number::IDENTITIES_ANSWER,
    ];
    assert_eq!(kinds, wanted.repeat(25));
}

fn p7_a_request_byte_by_byte_is_one_request(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let mut client = agent.client();
    for byte in list().frame() {
        client.send(&[byte]);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(client.reply().unwrap().identities().len(), 1);
    let sign = Message::new(number::SIGN_REQUEST).string(key.blob()).string(b"data").number(0);
    for byte in sign.frame() {
        client.send(&[byte]);
    }
    client.reply().unwrap().signature();
}

fn p7_a_request_and_a_half_get_one_reply_and_then_another(world: &World) {
    let mut client = world.client();
    let two = [list().frame(), Message::new(99).raw([7; 20]).frame()].concat();
    client.send(&two[..12]);
    client.reply().unwrap().identities();
    client.is_silent_for(Duration::from_millis(100));
    client.send(&two[12..]);
    client.reply().unwrap().fails();
}

/// Adds as many keys whose comments make a list long.
fn add_many(world: &World, agent: &RunningAgent, count: usize) {
    let mut client = agent.client();
    for number in 0..count {
        let key = world.key(KeyType::Ed25519, &format!("key{number}"));
        client.add(&key, &"c".repeat(4000)).succeeds();
    }
}

fn p7_a_list_of_many_keys_arrives_whole(world: &World) {
    let agent = world.agent();
    add_many(world, &agent, 50);
    let listed = agent.list();
    assert_eq!(listed.len(), 50);
    assert!(listed.iter().all(|(_, comment)| comment.len() == 4000));
}

fn the_largest_frame_is_read(world: &World) {
    let mut client = world.client();
    client.request(&Message::new(99).raw(vec![0; LARGEST - 1])).fails();
    client.list();
}

fn one_byte_more_closes_the_connection(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    client.send(&Message::new(99).raw(vec![0; LARGEST]).frame());
    client.is_closed();
    agent.list();
}

fn an_absurd_length_closes_the_connection_at_once(world: &World) {
    let agent = world.agent();
    for length in [u32::MAX, 0x8000_0000, 0x7fff_ffff, 0x1000_0000] {
        let mut client = agent.client();
        client.send(&length.to_be_bytes());
        client.send(&[number::REQUEST_IDENTITIES]);
        client.is_closed();
    }
    agent.list();
}

fn an_oversized_frame_costs_no_other_connection(world: &World) {
    let agent = world.agent();
    let (mut bad, mut good) = (agent.client(), agent.client());
    good.list();
    bad.send(&[0xff; 5000]);
    bad.is_closed();
    good.list();
}

fn original_waits_behind_an_empty_frame(world: &World) {
    let mut client = world.client();
    client.send(&[0, 0, 0, 0]);
    client.is_silent_for(Duration::from_millis(200));
}

fn ours_fails_an_empty_frame(world: &World) {
    let mut client = world.client();
    client.request(&Message::fields()).fails();
    client.list();
}

/// OpenSSH drops what it has not written when it reads the end; whether it has is chance.
fn what_came_before_the_end_of_sending_is_answered(world: &World) {
    let mut client = world.client();
    client.send(&[list().frame(), list().frame()].concat());
    client.finish_sending();
    client.reply().unwrap().identities();
    client.reply().unwrap().identities();
    client.is_closed();
}

fn a_client_that_sends_slowly_delays_nobody(world: &World) {
    let agent = world.agent();
    let mut slow = agent.client();
    slow.send(&[0, 0, 0, 5, 13]);
    let started = Instant::now();
    agent.list();
    assert!(started.elapsed() < Duration::from_secs(2));
    slow.send(&[0, 0, 0, 0]);
    slow.reply().unwrap().fails();
}

/// Its replies fill the socket and then the agent's own buffer.
fn a_client_that_does_not_read_delays_nobody(world: &World) {
    let agent = world.agent();
    add_many(world, &agent, 20);
    let (mut deaf, mut other) = (agent.client(), agent.client());
    deaf.send(&list().frame().repeat(30));
    let started = Instant::now();
    assert_eq!(other.list().len(), 20);
    assert!(started.elapsed() < Duration::from_secs(2));
    for _ in 0..30 {
        assert_eq!(deaf.reply().unwrap().identities().len(), 20);
    }
}

fn two_hundred_idle_connections_are_held(world: &World) {
    let agent = world.agent();
    let mut clients: Vec<_> = (0..200).map(|_| agent.client()).collect();
    for client in &mut clients {
        client.list();
    }
}
