//! What is left in a whole process when work with a secret is done: nothing.
//!
//! Looks through its own memory, so it has a process of its own, and it knows the secret only in
//! disguise: a plain copy of it would be found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "tests")]

use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;

use keyfob_sys::traces::{Allocator, Stack, leaving_none};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

const LENGTH: usize = 48;
const MASK: u8 = 0x5a;

type Test = (&'static str, fn());

fn main() {
    let tests: [Test; 4] = [
        ("a_secret_that_is_there_is_found", a_secret_that_is_there_is_found),
        ("a_freed_buffer_keeps_nothing", a_freed_buffer_keeps_nothing),
        ("a_buffer_that_grew_keeps_nothing", a_buffer_that_grew_keeps_nothing),
        ("a_stack_keeps_nothing", a_stack_keeps_nothing),
    ];
    for (name, test) in tests {
        test();
        println!("test {name} ... ok");
    }
    println!("\ntest result: ok. {} passed; 0 failed; 0 ignored", tests.len());
}

fn a_secret_that_is_there_is_found() {
    let secret: Vec<u8> = secret(1).collect();
    assert_eq!(copies(1), 1);
    assert_eq!(copies(2), 0);
    drop(secret);
}

fn a_freed_buffer_keeps_nothing() {
    for _ in 0..100 {
        let secret: Vec<u8> = secret(3).collect();
        drop(black_box(secret));
    }
    assert_eq!(copies(3), 0);
}

fn a_buffer_that_grew_keeps_nothing() {
    let mut secret: Vec<u8> = secret(4).collect();
    secret.reserve_exact(100_000);
    black_box(&mut secret).reserve_exact(1_000_000);
    assert_eq!(copies(4), 1);
}

fn a_stack_keeps_nothing() {
    // Without the rule it does: that is what the rule is for.
    use_the_stack(5, 20);
    assert_ne!(copies(5), 0, "nothing was left on the stack, so nothing is proved");
    leaving_none(Stack::Shallow, || use_the_stack(6, 20));
    assert_eq!(copies(6), 0);
    leaving_none(Stack::Deep, || use_the_stack(7, 200));
    assert_eq!(copies(7), 0);
}

/// Puts the secret into this many frames of about a kilobyte.
#[inline(never)]
fn use_the_stack(which: u8, frames: u32) {
    let mut frame = [0_u8; 1000];
    for (at, byte) in secret(which).enumerate() {
        frame[500 + at] = byte;
    }
    black_box(&mut frame);
    if frames > 1 {
        use_the_stack(which, frames - 1);
    }
}

/// The bytes of one of several secrets, one after the other.
fn secret(which: u8) -> impl Iterator<Item = u8> {
    (0..LENGTH).map(move |at| disguised(which, at) ^ MASK)
}

fn disguised(which: u8, at: usize) -> u8 {
    (at as u8).wrapping_mul(37).wrapping_add(which.wrapping_mul(101)) ^ 0xc3
}

/// How often the secret is in this process's memory.
fn copies(which: u8) -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut count = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let start = u64::from_str_radix(start, 16).unwrap();
        let end = u64::from_str_radix(end, 16).unwrap();
        count += copies_between(&memory, start, end, which);
    }
    count
}

/// Looks at a few pages at a time and never at a whole secret: the buffer is part of the memory.
fn copies_between(memory: &File, start: u64, end: u64, which: u8) -> usize {
    let mut matched = 0;
    let mut count = 0;
    let mut at = start;
    while at < end {
        let mut part = [0_u8; LENGTH / 2];
        let length = part.len().min((end - at) as usize);
        if memory.read_exact_at(&mut part[..length], at).is_err() {
            return count;
        }
        for byte in &part[..length] {
            let wanted = |position| disguised(which, position) ^ MASK;
            matched = if *byte == wanted(matched) {
                matched + 1
            } else {
                usize::from(*byte == wanted(0))
            };
            if matched == LENGTH {
                count += 1;
                matched = 0;
            }
        }
        at += length as u64;
    }
    count
}
