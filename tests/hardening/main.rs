//! Hardening: what keeps keys from other users, from other processes of the same user, and out of
//! core dumps, shown on a running agent from outside.
//!
//! A lock that nothing was ever seen to open proves little, so every attempt that must fail here
//! is also made where it must succeed: on an ordinary process, with open modes, on a key that
//! lies in memory unprotected. What OpenSSH's agent promises too is shown on it first.
//!
//! Much of this needs a second user and root, who may look everywhere; without them those cases
//! are skipped and say so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: a failed step is a failed test"
)]

mod core_files;
mod daemon;
mod image;
mod key;
mod log;
mod memory;
mod number;
mod other_user;
mod provider;
mod same_user;
mod search;
mod secret;
mod session;
mod stored;

use std::process::ExitCode;

use keyfob_testkit::{Case, harness};

fn main() -> ExitCode {
    let cases: Vec<Case> = [
        other_user::CASES,
        same_user::CASES,
        core_files::CASES,
        memory::CASES,
        stored::CASES,
        session::CASES,
        daemon::CASES,
        log::CASES,
        provider::CASES,
    ]
    .concat();
    harness::run(&cases, &[], Vec::new())
}
