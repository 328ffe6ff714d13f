//! The log of what was done with which key: one line of JSON for each event, chained to the line
//! before by a keyed hash, so that a line that was changed or taken out is found.
//!
//! # Files
//! Each agent that runs has a folder of its own, a *book*, below the log's folder: the first that is
//! free, and locked as long as the agent lives. In it are
//! - `000000000001.jsonl`: lines, the name being the number of the first. Read top-down and by the
//!   order of their names they are one sequence: `seq` counts on over files and runs.
//! - `000000000001.key`: the key a *run* begins with, the name being the number of its first line.
//!   A run begins with an agent, and anew when the key store is opened: then its key is made from
//!   the root of that store, and only who opens it can make it again.
//! - `lock`, on Windows only: there the lock is on this file, as none can be on a folder.
//!
//! # Chain
//! A line ends with `mac`: HMAC-SHA-256 of the `mac` of the line before and of the bytes of this
//! one up to `,"mac"`. Its key is used once: the next line's is the HMAC of a constant under it, and
//! the old one is wiped. Who takes over the agent's process later cannot write a line of before,
//! unless he has the key the run began with: one that lies beside the log, or is made from the root
//! of a store that is open then.
//!
//! Every file and every run begins with a line that says the `mac` before it and the oldest file
//! that was kept, so that nothing can be taken out between them or before them.
//!
//! # What is not found
//! - The last lines cut off, as long as no later one was written and nobody asks the agent that has
//!   written them ([`verify_against`]). What can be told is told: that no agent writes into a book, and
//!   that its last line is not the one an agent ends with.
//! - Anything by who has the key a run began with, as long as no run follows whose key he has not:
//!   its first line holds fast what came before. A key that is not sealed lies beside the log: it
//!   protects against accidents, not against another program of the same user.
//! - The whole log removed.
//!
//! Does not know keys, hosts or requests: texts come from outside, and are cut and escaped here so
//! that a line is ASCII and bounded whatever is in it. Does not read JSON: the proof is about bytes.

mod book;
mod chain;
mod damage;
mod disk;
mod entry;
#[cfg(fuzzing)]
pub mod fuzzing;
mod head;
mod journal;
mod json;
mod key_file;
pub mod limits;
mod line;
pub mod time;
mod verify;

pub use book::{Book, books};
pub use chain::{Mac, RunKey};
pub use damage::{Damage, Kind};
pub use entry::{Entry, Event, Host, Key, Process, Purpose};
pub use journal::{Journal, Limits, Position};
pub use key_file::Begin;
pub use line::Line;
pub use verify::{Proof, Report, Run, verify, verify_against};
