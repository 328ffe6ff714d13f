//! Where keyfob bears more than OpenSSH's agent, or otherwise.

use keyfob_testkit::Divergence;
use libtest_mimic::Trial;

/// Sorted by case.
pub(crate) const TABLE: &[Divergence] = &[
    Divergence {
        case: "crowds::ten_thousand_idle_connections",
        original: "what 10,000 connections took is kept when they have gone",
        ours: "it goes back to the system a second later",
        reason: "an agent runs for weeks; one bad minute must not be paid for until its end",
    },
    Divergence {
        case: "deaf::lists_of_a_thousand_keys_that_nobody_reads",
        original: "every answer is kept until it is read: 8 clients that do not read cost tens of MiB",
        ours: "one answer is kept for each client, and the next request is read after it was written",
        reason: "what a client does not read is no reason to take memory from the others",
    },
    Divergence {
        case: "frames::two_hundred_unfinished_large_frames",
        original: "each is kept for as long as the connection is open",
        ours: "64 at a time are received, each for a minute at most; the others wait their turn",
        reason: "a process that forgot to finish what it sends must not fill the machine's memory",
    },
    Divergence {
        case: "surroundings::a_removed_socket",
        original: "the agent runs on, and nobody can reach it",
        ours: "the socket is made anew after a second, unless something has its name by then",
        reason: "programs that tidy up remove what looks old; the keys must not be lost with it",
    },
    Divergence {
        case: "surroundings::memory_that_runs_out",
        original: "it ends with a message (`memory allocation failed`), and the keys are gone",
        ours: "it goes on: what clients can make it hold is bounded, and comes from what it has",
        reason: "no client may end the agent by asking for much",
    },
];

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("divergences::the_table_is_sorted", || {
        if TABLE.is_sorted_by_key(|entry| entry.case) { Ok(()) } else { Err("it is not".into()) }
    })]
}
