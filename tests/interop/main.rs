//! Interop: real programs and independent libraries against the agent.
//!
//! Every case runs against OpenSSH's `ssh-agent` first, which proves the case, and then against
//! ours. Each starts the servers it needs on 127.0.0.1, as the current user, and nothing reaches
//! beyond. A program that is not installed skips its cases and is named.
//!
//! Not here: single messages and the programs' own texts, which `compliance` covers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: a failed step is a failed test"
)]

mod answers;
mod certificates;
mod consent;
mod copy_id;
mod destination;
mod forwarding;
mod library;
mod log;
mod login;
mod offering;
mod pageant;
mod pairs;
mod putty;
mod relay;
mod server;
mod setup;
mod signing;
mod site;
mod store;
mod transfer;
mod watch;
mod ways;

use std::process::ExitCode;

use keyfob_testkit::{Case, Divergence, harness};

fn main() -> ExitCode {
    let cases: Vec<Case> = [
        login::CASES,
        transfer::CASES,
        answers::CASES,
        consent::CASES,
        copy_id::CASES,
        forwarding::CASES,
        certificates::CASES,
        signing::CASES,
        pageant::CASES,
        putty::CASES,
        relay::CASES,
        library::CASES,
        log::CASES,
        pairs::CASES,
        store::CASES,
        offering::CASES,
        destination::CASES,
        setup::CASES,
        ways::CASES,
        watch::CASES,
    ]
    .concat();
    harness::run(&cases, DIVERGENCES, Vec::new())
}

/// Where keyfob differs on purpose.
const DIVERGENCES: &[Divergence] = &[
    Divergence {
        case: "consent::others_are_served_while_the_question_stands",
        original: "serves nobody while its confirm dialog is open",
        ours: "serves everybody else",
        reason: "a question left unanswered would stop every other use of every key",
    },
    Divergence {
        case: "pairs::a_client_that_has_said_all_still_gets_its_answer",
        original: "may close a half-closed connection before it has answered",
        ours: "answers what it received, then closes",
        reason: "relays and scripts end their input as soon as the request is sent",
    },
];
