//! Lengths that promise too much, and frames that arrive in pieces.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, Message, World, case, divergent};

use crate::chance::Chance;
use crate::target::{Target, alone};

/// The longest frame OpenSSH takes.
const LARGEST: u32 = 256 * 1024;
const MIB: u64 = 1024;
/// An agent that takes nothing for so long waits for somebody. On a busy machine OpenSSH's needs more
/// than this for all of it.
const TAKES_NO_MORE: Duration = Duration::from_secs(3);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(announced_lengths_cost_nothing),
        case!(frames_that_are_too_long_close_the_connection),
        divergent!(
            two_hundred_unfinished_large_frames,
            original_holds_all_unfinished_large_frames,
            ours_bounds_unfinished_large_frames
        ),
        case!(a_frame_split_at_every_byte),
        case!(frames_joined_and_cut_by_chance),
    ]
}

fn announced_lengths_cost_nothing(world: &World) {
    let mut target = Target::new(world);
    let mut held = Vec::new();
    for length in [0, 1, LARGEST, LARGEST + 1, u32::MAX] {
        for mut client in target.clients(50) {
            client.send(&length.to_be_bytes());
            held.push(client);
        }
    }
    target.serves_others();
    if target.memory().is_some() {
        let growth = target.growth();
        assert!(growth < 4 * MIB, "{growth} KiB for 250 lengths");
    }
    drop(held);
    target.is_whole();
}

fn frames_that_are_too_long_close_the_connection(world: &World) {
    let mut target = Target::new(world);
    for length in [LARGEST + 1, u32::MAX] {
        for mut client in target.clients(20) {
            client.send(&length.to_be_bytes());
            client.send(&[number::REQUEST_IDENTITIES; 5000]);
            client.is_closed();
        }
    }
    target.is_whole();
}

/// By how many KiB the agent grows while 200 clients have sent all of a large frame but its last
/// byte, as far as the agent takes it.
fn growth_by_unfinished_frames(target: &Target<'_>) -> u64 {
    let frame = Message::new(99).raw(vec![0; 256 * 1024 - 1]).frame();
    let mut streams: Vec<(UnixStream, &[u8])> = (0..200)
        .map(|_| (UnixStream::connect(target.socket()).unwrap(), &frame[..frame.len() - 1]))
        .collect();
    let mut taken = Instant::now();
    while taken.elapsed() < TAKES_NO_MORE && streams.iter().any(|(_, left)| !left.is_empty()) {
        for (stream, left) in &mut streams {
            stream.set_nonblocking(true).unwrap();
            if let Ok(count @ 1..) = stream.write(left) {
                *left = &left[count..];
                taken = Instant::now();
            }
        }
        sleep(Duration::from_millis(5));
    }
    target.serves_others();
    // What was written may still be on its way: the kernel keeps most of a frame.
    let mut growth = target.growth();
    loop {
        sleep(Duration::from_secs(1));
        match target.growth() {
            more if more > growth => growth = more,
            _ => return growth,
        }
    }
}

fn original_holds_all_unfinished_large_frames(world: &World) {
    let _alone = alone();
    let mut target = Target::new(world);
    let growth = growth_by_unfinished_frames(&target);
    target.note(&format!("200 unfinished large frames cost {growth} KiB"));
    assert!(growth > 32 * MIB, "it holds {growth} KiB only");
    target.is_alive_and_has_its_keys();
}

/// Lost otherwise: whoever has many connections has the machine's memory. Ours has
/// buffers of 16 MiB; as much again may be lost between them, where they grow at the same time.
fn ours_bounds_unfinished_large_frames(world: &World) {
    let _alone = alone();
    let mut target = Target::new(world);
    let growth = growth_by_unfinished_frames(&target);
    target.note(&format!("200 unfinished large frames cost {growth} KiB"));
    assert!(growth < 32 * MIB, "it holds {growth} KiB");
    target.is_whole();
}

fn a_frame_split_at_every_byte(world: &World) {
    let mut target = Target::new(world);
    let frame = target.sign_request().frame();
    let mut client = target.client();
    for at in 1..frame.len() {
        client.send(&frame[..at]);
        // So that it reads what there is.
        sleep(Duration::from_millis(1));
        client.send(&frame[at..]);
        client.reply().expect("an answer").signature();
    }
    target.is_whole();
}

fn frames_joined_and_cut_by_chance(world: &World) {
    let mut target = Target::new(world);
    let mut chance = Chance::new(0x9e37_79b9_7f4a_7c15);
    let kinds = [
        (Message::new(number::REQUEST_IDENTITIES), number::IDENTITIES_ANSWER),
        (target.sign_request(), number::SIGN_RESPONSE),
        (Message::new(99).raw([7; 50]), number::FAILURE),
    ];
    for _ in 0..4 {
        let turns: Vec<_> = (0..200).map(|_| &kinds[chance.below(kinds.len())]).collect();
        let bytes: Vec<u8> = turns.iter().flat_map(|(message, _)| message.frame()).collect();
        let mut client = target.client();
        let mut left = &bytes[..];
        while !left.is_empty() {
            let (piece, rest) = left.split_at((1 + chance.below(300)).min(left.len()));
            client.send(piece);
            left = rest;
        }
        for (_, answer) in turns {
            assert_eq!(client.reply().expect("an answer").kind(), *answer);
        }
    }
    target.is_whole();
}
