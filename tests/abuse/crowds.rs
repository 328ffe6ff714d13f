//! Many connections.

use std::thread::sleep;
use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, Message, RawClient, World, case, divergent};

use crate::target::{Target, alone, descriptors, is_soak};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(two_hundred_clients_that_send_a_byte_a_second),
        divergent!(
            ten_thousand_idle_connections,
            original_keeps_the_memory_of_idle_connections,
            ours_gives_the_memory_of_idle_connections_back
        ),
        case!(more_connections_than_descriptors),
        case!(half_closed_connections),
        case!(connections_that_come_and_go),
    ]
}

fn two_hundred_clients_that_send_a_byte_a_second(world: &World) {
    let mut target = Target::new(world);
    let frame = target.sign_request().frame();
    let slowly = if is_soak() { frame.len() - 1 } else { 4 };
    let mut slow = target.clients(200);
    let started = Instant::now();
    for (second, byte) in (1..).zip(&frame[..slowly]) {
        slow.iter_mut().for_each(|client| client.send(&[*byte]));
        target.serves_others();
        sleep(Duration::from_secs(second).saturating_sub(started.elapsed()));
    }
    slow.iter_mut().for_each(|client| client.send(&frame[slowly..]));
    for client in &mut slow {
        client.reply().expect("an answer").signature();
    }
    drop(slow);
    target.is_whole();
}

/// As many as these, or as the limit of descriptors leaves; the agent has the same.
fn holds_idle_connections(target: &Target<'_>, count: usize) {
    let count = count.min(descriptors().saturating_sub(2000));
    let started = Instant::now();
    let mut idle: Vec<RawClient> = (0..count).map(|_| target.client()).collect();
    for client in idle.iter_mut().step_by(100) {
        assert_eq!(client.list().len(), 1);
    }
    let took = started.elapsed();
    target.serves_others();
    let each = target.memory().map(|_| target.growth() * 1024 / u64::try_from(count).unwrap());
    target.note(&format!("{count} idle connections in {took:.1?}, {each:?} bytes of memory each"));
}

fn original_keeps_the_memory_of_idle_connections(world: &World) {
    let _alone = alone();
    descriptors();
    let mut target = Target::new(world);
    // Each costs it the more time the more there are: 10,000 take from 14 s to 48 s.
    holds_idle_connections(&target, if is_soak() { 10_000 } else { 3000 });
    sleep(Duration::from_secs(2));
    let growth = target.growth();
    assert!(growth > 1024, "it keeps {growth} KiB only");
    target.is_alive_and_has_its_keys();
}

fn ours_gives_the_memory_of_idle_connections_back(world: &World) {
    let _alone = alone();
    let mut target = Target::new(world);
    holds_idle_connections(&target, 10_000);
    target.is_whole();
}

/// bz2576, bz2837: running out of descriptors must end neither the agent nor its listening.
fn more_connections_than_descriptors(world: &World) {
    let mut target = Target::after(world, "ulimit -n 100");
    let mut first = target.client();
    for _ in 0..3 {
        let crowd = target.clients(150);
        sleep(Duration::from_millis(200));
        assert_eq!(first.list().len(), 1);
        first.request(&target.sign_request()).signature();
        drop(crowd);
        target.serves_others();
    }
    target.is_whole();
}

fn half_closed_connections(world: &World) {
    let mut target = Target::new(world);
    let list = Message::new(number::REQUEST_IDENTITIES).frame();
    let sign = target.sign_request().frame();
    let before: [&[u8]; 4] = [&[], &list, &sign[..20], &sign];
    let mut clients = target.clients(300);
    for (client, bytes) in clients.iter_mut().zip(before.iter().cycle()) {
        client.send(bytes);
        client.finish_sending();
    }
    target.serves_others();
    // They are let go of, though they do not go.
    for client in &mut clients {
        while client.reply().is_some() {}
    }
    target.is_whole();
}

/// At every stage of a request.
fn connections_that_come_and_go(world: &World) {
    let mut target = Target::new(world);
    let frame = target.sign_request().frame();
    for cut in (0..=frame.len()).cycle().take(2000) {
        target.client().send(&frame[..cut]);
    }
    target.is_whole();
}
