//! What holds back the goals that are missed, found by profiling.

use crate::goals::Judged;

/// Section, beginning of the case, beginning of the metric, and why.
const REASONS: &[(&str, &str, &str, &str)] = &[
    (
        "sign",
        "",
        "",
        "Signatures: the signature of an Ed25519 key takes 11 µs and each of them is written into the log, by a thread \
         that takes a quarter of the agent's processor time (`perf`): its text, two looks at the file and a write for \
         each line. Who asked is looked at ten times a second for each process, half of it through the process that \
         looks for the agent in its box. What would help: to write the lines that wait in one piece. The rest is the \
         kernel's, for the socket and for handing on between threads, on two cores that the clients use as well.",
    ),
    (
        "start",
        "",
        "",
        "Start: 5.9 ms of processor time and 589 page faults against OpenSSH's 1.3 ms and 112 (`perf stat`): half a \
         MiB of addresses in a program of 21 MiB is corrected before `main`, and the threads are started.",
    ),
    (
        "neighbours",
        "",
        "",
        "Neighbours: what is divided is two cores. While others keep both busy the calm client shares them with \
         those who sign, and a turn of the system's scheduler is some milliseconds.",
    ),
];

/// Each that explains one of these, once.
pub(crate) fn of(missed: &[&Judged]) -> Vec<&'static str> {
    let explains = |(section, case, metric, _): &&(&str, &str, &str, &str)| {
        missed.iter().any(|goal| {
            goal.section == *section
                && goal.case.starts_with(case)
                && goal.metric.starts_with(metric)
        })
    };
    REASONS.iter().filter(explains).map(|(.., reason)| *reason).collect()
}
