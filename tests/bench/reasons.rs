//! What holds back the goals that are missed, found by profiling.

use crate::goals::Judged;

/// Section, beginning of the case, beginning of the metric, and why.
const REASONS: &[(&str, &str, &str, &str)] = &[
    (
        "sign",
        "",
        "",
        "Signatures: of the agent's processor time for one with an Ed25519 key (`perf`, 1 to 256 connections, \
         compilers running beside it) the signature itself is a fifth, and what the kernel does to read, write \
         and wake a quarter. The log's thread takes a sixth, its lines being gathered and written together, and \
         memory that is taken and given back a tenth. To say on stderr who signed what is a twentieth, and so is \
         the look whether the key store has changed, which each request takes anew. What holds back the rate at \
         many connections is that the clients use the same two cores.",
    ),
    (
        "sign",
        "rsa",
        "",
        "RSA: the goals were set on a processor with AVX-512 IFMA, by which aws-lc signs. On another one with it \
         RSA 4096 on one connection came to 2.8 times OpenSSH's rate, on one without to 1.2 times.",
    ),
    (
        "start",
        "",
        "",
        "Start: before `main` it takes 1.1 ms of processor time and 180 page faults more than `true` (`perf stat`), 130 \
         of them in the half MiB of the program whose addresses are corrected. Then the process that starts programs \
         is forked and the box is closed, half a millisecond, and eleven threads are made, five of them only to know \
         that they can be had. What would help: a smaller program.",
    ),
    (
        "memory",
        "1000 keys",
        "",
        "Memory: a key takes two thirds of a KiB (`smaps`, from 2000 to 10,000 keys). The rest is the same for one \
         key: 0.7 MiB of the program that was not needed before, and room for the lines of the log that waited.",
    ),
    (
        "generation",
        "",
        "",
        "New RSA keys: a search is a matter of luck, and a dozen of them still move these ratios by a third either \
         way. Of forty keys of 2048 bits the ratio of processor time was 0.46 (`getrusage`).",
    ),
    (
        "idle",
        "",
        "opened",
        "Idle: the goal is a time, set on a machine on which OpenSSH signed 2137 times a second with Ed25519 on one \
         connection.",
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
