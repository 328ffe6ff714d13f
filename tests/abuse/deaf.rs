//! Clients that ask and never read.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, Message, World, divergent};

use crate::many_keys;
use crate::target::{Target, alone};

const CLIENTS: usize = 8;
const REQUESTS: usize = 60;
const MIB: u64 = 1024;

pub(crate) fn cases() -> Vec<Case> {
    vec![divergent!(
        lists_of_a_thousand_keys_that_nobody_reads,
        original_keeps_the_lists_that_nobody_reads,
        ours_keeps_one_list_for_each_that_does_not_read
    )]
}

/// An agent with many keys.
fn with_a_thousand_keys(world: &World) -> Target<'_> {
    let mut target = Target::new(world);
    many_keys::add(&mut target.client(), 1000);
    target.client().list();
    target.holds_others(1000);
    target
}

/// By how many KiB it grows. `others` looks after those who read.
fn growth_by_unread_lists(target: &Target<'_>, others: impl Fn()) -> u64 {
    let requests = Message::new(number::REQUEST_IDENTITIES).frame().repeat(REQUESTS);
    let mut deaf: Vec<UnixStream> =
        (0..CLIENTS).map(|_| UnixStream::connect(target.socket()).unwrap()).collect();
    deaf.iter_mut().for_each(|stream| stream.write_all(&requests).unwrap());
    let deadline = Instant::now() + Duration::from_secs(3);
    let mut growth = 0;
    while Instant::now() < deadline {
        others();
        growth = growth.max(target.growth());
        sleep(Duration::from_millis(100));
    }
    target.note(&format!("{CLIENTS} clients do not read {REQUESTS} lists each: {growth} KiB"));
    growth
}

fn original_keeps_the_lists_that_nobody_reads(world: &World) {
    let _alone = alone();
    let mut target = with_a_thousand_keys(world);
    let growth = growth_by_unread_lists(&target, || ());
    assert!(growth > 8 * MIB, "it keeps {growth} KiB only");
    target.is_alive_and_has_its_keys();
}

fn ours_keeps_one_list_for_each_that_does_not_read(world: &World) {
    let _alone = alone();
    let mut target = with_a_thousand_keys(world);
    let growth = growth_by_unread_lists(&target, || target.serves_others());
    assert!(growth < 4 * MIB, "it keeps {growth} KiB");
    target.is_whole();
}
