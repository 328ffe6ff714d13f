//! What is left of a secret in the memory of this process: for the tests that say, nothing.
//!
//! A secret is known here only in disguise: a plain copy of our own would be found.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "what the process looks like from outside")]

use std::os::unix::fs::FileExt;

const MASK: u8 = 0x5a;
/// Most of them are, and comparing is faster than searching.
const EMPTY_PAGE: [u8; 4096] = [0; 4096];

/// A secret as the search wants it.
pub(crate) fn disguised(secret: &[u8]) -> Vec<u8> {
    secret.iter().map(|byte| byte ^ MASK).collect()
}

/// How often some bytes, given in disguise, are in the memory of this process, but for the
/// buffer it is read into.
pub(crate) fn copies_in_memory(disguised: &[u8]) -> usize {
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut part = vec![0; 4096];
    let own = part.as_ptr_range();
    let own = own.start.addr() as u64..=own.end.addr() as u64;
    let mut count = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let end = u64::from_str_radix(end, 16).unwrap();
        let mut at = u64::from_str_radix(start, 16).unwrap();
        let mut matched = 0;
        // What cannot be read is secret memory, or another thread's and gone by now.
        while at < end && memory.read_exact_at(&mut part, at).is_ok() {
            if part == EMPTY_PAGE {
                at += part.len() as u64;
                matched = 0;
                continue;
            }
            for (place, byte) in (at..).zip(&part) {
                let fits = |position: usize| byte ^ MASK == disguised[position];
                matched = if fits(matched) { matched + 1 } else { usize::from(fits(0)) };
                if matched == disguised.len() {
                    count += usize::from(!own.contains(&place));
                    matched = 0;
                }
            }
            at += part.len() as u64;
        }
    }
    count
}
