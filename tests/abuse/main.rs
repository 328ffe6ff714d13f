//! Abuse: what a client may do to an agent by mistake or in anger, and what the agent is like afterwards.
//!
//! After every case the agent is alive, lists the keys it had, signs with one of them so that
//! OpenSSH's `ssh-keygen` agrees, and holds as much memory as before, to a tenth and 512 KiB
//! ([`target::Target::is_whole`]). What chance decides comes from a fixed seed.
//!
//! Each case runs against OpenSSH's agent and ours. Any other agent is tried with
//!
//! ```sh
//! KEYFOB_ABUSE_SOCKET=/path/to/socket cargo test -p keyfob-tests --test abuse
//! ```
//!
//! It is held to what keyfob is held to. **Start one for it**: all its keys are removed, and it is
//! locked, stopped and starved. Cases that have to start the agent themselves, under a limit or with
//! another clock, are skipped then and say so. `KEYFOB_SOAK=1` takes longer. The log on a full disk is
//! with the other tests of the log, in `crates/cli/tests/commands/log.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: a failed step is a failed test"
)]

mod bodies;
mod chance;
mod crowds;
mod deaf;
mod divergences;
mod frames;
mod many_keys;
mod memory;
mod surroundings;
mod target;
mod threads;

use std::process::ExitCode;

use keyfob_testkit::{Case, harness};

fn main() -> ExitCode {
    let cases: Vec<Case> = [
        crowds::cases(),
        frames::cases(),
        bodies::cases(),
        deaf::cases(),
        surroundings::cases(),
        threads::cases(),
    ]
    .concat();
    if target::named().is_some() {
        return harness::run_against_another(&cases);
    }
    harness::run(&cases, divergences::TABLE, divergences::trials())
}
