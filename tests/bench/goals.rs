//! What keyfob aims at beside OpenSSH, and whether it is there.

use crate::contender::Who;
use crate::row::Row;

/// What is held against a goal.
#[derive(Clone, Copy)]
enum Bound {
    /// Ours to OpenSSH's.
    TimesAtLeast(f64),
    TimesAtMost(f64),
    /// Ours alone, in the metric's unit.
    AtMost(f64),
    /// Ours to ours in another case.
    ToCaseAtMost(&'static str, f64),
}

use Bound::{AtMost, TimesAtLeast, TimesAtMost, ToCaseAtMost};

/// Section, case, metric, bound.
type Goal = (&'static str, &'static str, &'static str, Bound);

const GOALS: &[Goal] = &[
    ("sign", "ed25519, 16 connections", "cpu", TimesAtMost(1.0 / 20.0)),
    ("sign", "ecdsa-256, 16 connections", "cpu", TimesAtMost(1.0 / 6.0)),
    ("sign", "ecdsa-384, 16 connections", "cpu", TimesAtMost(1.0 / 15.0)),
    ("sign", "ecdsa-521, 16 connections", "cpu", TimesAtMost(1.0 / 4.0)),
    ("sign", "rsa-2048, 16 connections", "cpu", TimesAtMost(1.0 / 2.0)),
    ("sign", "rsa-3072, 16 connections", "cpu", TimesAtMost(1.0 / 2.5)),
    ("sign", "rsa-4096, 16 connections", "cpu", TimesAtMost(1.0 / 2.5)),
    ("sign", "ed25519, 1 connection", "rate", TimesAtLeast(7.0)),
    ("sign", "ed25519, 2 connections", "rate", TimesAtLeast(12.0)),
    ("sign", "ed25519, 16 connections", "rate", TimesAtLeast(40.0)),
    ("sign", "ed25519, 256 connections", "rate", TimesAtLeast(40.0)),
    ("sign", "ecdsa-256, 1 connection", "rate", TimesAtLeast(3.3)),
    ("sign", "ecdsa-256, 2 connections", "rate", TimesAtLeast(5.5)),
    ("sign", "ecdsa-256, 16 connections", "rate", TimesAtLeast(14.0)),
    ("sign", "ecdsa-256, 256 connections", "rate", TimesAtLeast(14.0)),
    ("sign", "rsa-2048, 1 connection", "rate", TimesAtLeast(1.8)),
    ("sign", "rsa-2048, 2 connections", "rate", TimesAtLeast(3.3)),
    ("sign", "rsa-2048, 16 connections", "rate", TimesAtLeast(4.0)),
    ("sign", "rsa-2048, 256 connections", "rate", TimesAtLeast(4.0)),
    ("sign", "rsa-4096, 1 connection", "rate", TimesAtLeast(2.6)),
    ("sign", "rsa-4096, 2 connections", "rate", TimesAtLeast(5.0)),
    ("sign", "rsa-4096, 16 connections", "rate", TimesAtLeast(5.5)),
    ("sign", "rsa-4096, 256 connections", "rate", TimesAtLeast(5.5)),
    ("list", "1000 keys, 1 connection", "rate", TimesAtLeast(30.0)),
    ("list", "1000 keys, 16 connections", "rate", TimesAtLeast(60.0)),
    ("neighbours", "16 clients sign with rsa-4096", "p50 ÷ calm", AtMost(2.0)),
    ("neighbours", "16 clients sign with rsa-4096", "p99", AtMost(5000.0)),
    ("neighbours", "1 client signs with rsa-16384", "p50 ÷ calm", AtMost(2.0)),
    ("neighbours", "1 client signs with rsa-16384", "p99", AtMost(5000.0)),
    ("neighbours", "256 clients send a byte a second", "p50 ÷ calm", AtMost(1.2)),
    ("neighbours", "256 clients send a byte a second", "p99 ÷ calm", AtMost(1.5)),
    ("neighbours", "256 clients never read", "p50 ÷ calm", AtMost(1.2)),
    ("neighbours", "256 clients never read", "p99 ÷ calm", AtMost(1.5)),
    ("neighbours", "a dialog is open", "p50 ÷ calm", AtMost(2.0)),
    ("neighbours", "a dialog is open", "p99", AtMost(5000.0)),
    ("neighbours", "a locked agent is guessed at", "p50 ÷ calm", AtMost(2.0)),
    ("neighbours", "a locked agent is guessed at", "p99", AtMost(5000.0)),
    ("idle", "10000 connections", "opened", AtMost(300.0)),
    ("idle", "10000 connections", "p50 ÷ calm", AtMost(1.2)),
    ("idle", "10000 connections", "memory, each", AtMost(2048.0)),
    ("start", "to the first answer", "time", TimesAtMost(0.65)),
    ("memory", "idle", "own", AtMost(1536.0)),
    ("memory", "1000 keys", "more than idle", TimesAtMost(0.1)),
    ("growth", "10000 keys", "sign with the last", ToCaseAtMost("10 keys", 1.1)),
    ("client", "list 1000 keys", "time", AtMost(20.0)),
    ("client", "env, with a running agent", "time", AtMost(10.0)),
    ("generation", "rsa-2048", "cpu", TimesAtMost(0.45)),
    ("generation", "rsa-3072", "cpu", TimesAtMost(0.45)),
    ("generation", "rsa-4096", "cpu", TimesAtMost(0.45)),
    ("generation", "rsa-2048", "time", TimesAtMost(0.4)),
    ("generation", "rsa-3072", "time", TimesAtMost(0.4)),
    ("generation", "rsa-4096", "time", TimesAtMost(0.4)),
];

/// A goal, and how far we have come.
pub(crate) struct Judged {
    pub(crate) section: &'static str,
    pub(crate) case: &'static str,
    pub(crate) metric: &'static str,
    /// The goal in words.
    pub(crate) goal: String,
    /// What is held against it.
    pub(crate) measured: f64,
    pub(crate) met: bool,
}

/// Those goals whose figures were measured.
pub(crate) fn judge(rows: &[Row]) -> Vec<Judged> {
    GOALS.iter().filter_map(|goal| judged(goal, rows)).collect()
}

fn judged(&(section, case, metric, bound): &Goal, rows: &[Row]) -> Option<Judged> {
    let find = |case: &str| {
        let row = rows.iter().find(|row| row.section == section && row.case == case)?;
        row.metric(metric)
    };
    let found = find(case)?;
    let ours = *found.values.get(&Who::Keyfob)?;
    let ratio = || found.ratios.get(&Who::Keyfob).copied();
    let (goal, measured, met) = match bound {
        TimesAtLeast(least) => (format!("≥ {least} × OpenSSH's"), ratio()?, ratio()? >= least),
        TimesAtMost(most) => (format!("≤ {} × OpenSSH's", round(most)), ratio()?, ratio()? <= most),
        AtMost(most) => (format!("≤ {most} {}", found.unit), ours, ours <= most),
        ToCaseAtMost(other, most) => {
            let ratio = ours / find(other)?.values.get(&Who::Keyfob)?;
            (format!("≤ {most} × that of {other}"), ratio, ratio <= most)
        }
    };
    Some(Judged { section, case, metric, goal: goal.trim_end().to_owned(), measured, met })
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
