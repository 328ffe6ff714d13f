//! Looks for secrets in memory.
//!
//! Any sixteen bytes of a secret in a row are a find, forwards (as on the wire and in files) and
//! backwards (as in the limbs of a number on a little-endian machine): half a prime or half a
//! seed is as good as the whole. What is found is named by secret, order and place.
//!
//! A number in a form of its own (Montgomery's, say) is not found.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::secret::Secret;

/// Bytes in a row that are a find.
const WINDOW: usize = 16;
/// Bytes that are looked up first.
const HEAD: usize = 8;

/// Secrets made ready to be looked for.
pub(crate) struct Search {
    names: Vec<String>,
    windows: HashMap<[u8; WINDOW], Origin>,
    /// The first bytes of every window, and a few bits of each that are quickly asked for.
    heads: HashSet<u64>,
    sieve: Vec<bool>,
}

/// Where a window comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Origin {
    secret: usize,
    backwards: bool,
    offset: usize,
}

/// Part of a secret that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Find {
    pub(crate) secret: String,
    backwards: bool,
    /// How many bytes of it.
    length: usize,
    /// Where in the memory that was searched.
    pub(crate) at: usize,
}

impl fmt::Display for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.backwards { "backwards" } else { "forwards" };
        write!(f, "{}: {} bytes {order} at {:#x}", self.secret, self.length, self.at)
    }
}

impl Search {
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut search = Self {
            names: Vec::new(),
            windows: HashMap::new(),
            heads: HashSet::new(),
            sieve: vec![false; 1 << 16],
        };
        for (secret, Secret { name, mut bytes }) in secrets.into_iter().enumerate() {
            assert!(bytes.len() >= WINDOW, "{name} is too short to be looked for");
            search.names.push(name);
            search.take(&bytes, secret, false);
            bytes.reverse();
            search.take(&bytes, secret, true);
        }
        search
    }

    fn take(&mut self, bytes: &[u8], secret: usize, backwards: bool) {
        for (offset, window) in bytes.windows(WINDOW).enumerate() {
            let window: [u8; WINDOW] = window.try_into().unwrap();
            let head = u64::from_be_bytes(*window.first_chunk::<HEAD>().unwrap());
            self.windows.insert(window, Origin { secret, backwards, offset });
            self.heads.insert(head);
            self.sieve[head as usize & 0xffff] = true;
        }
    }

    /// Everything that is there, each stretch once.
    pub(crate) fn find(&self, memory: &[u8]) -> Vec<Find> {
        let mut finds: Vec<(Find, usize)> = Vec::new();
        for (at, origin) in self.hits(memory) {
            match finds.last_mut() {
                // The next window of the same stretch.
                Some((find, next))
                    if find.at + find.length + 1 == at + WINDOW && *next == origin.offset =>
                {
                    find.length += 1;
                    *next += 1;
                }
                _ => {
                    let secret = self.names[origin.secret].clone();
                    let find = Find { secret, backwards: origin.backwards, length: WINDOW, at };
                    finds.push((find, origin.offset + 1));
                }
            }
        }
        finds.into_iter().map(|(find, _)| find).collect()
    }

    fn hits(&self, memory: &[u8]) -> Vec<(usize, Origin)> {
        const PAGE: usize = 4096;
        let mut hits = Vec::new();
        let mut head = 0_u64;
        for (page, bytes) in memory.chunks(PAGE).enumerate() {
            // Most of a process is zero.
            if head == 0 && bytes == &[0; PAGE][..bytes.len()] {
                continue;
            }
            for (at, byte) in bytes.iter().enumerate() {
                head = head << 8 | u64::from(*byte);
                if self.sieve[head as usize & 0xffff] && self.heads.contains(&head) {
                    let end = page * PAGE + at + 1;
                    let window = end.checked_sub(HEAD).and_then(|at| memory.get(at..at + WINDOW));
                    let origin = window.and_then(|window| self.windows.get(window));
                    hits.extend(origin.map(|origin| (end - HEAD, *origin)));
                }
            }
        }
        hits
    }
}
