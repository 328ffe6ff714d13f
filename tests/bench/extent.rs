//! How much is measured, and for how long.

use std::time::Duration;

use crate::keys::Kind;

/// With five rounds of this length what is driven for a set time takes about seven minutes.
const ROUND: Duration = Duration::from_millis(120);
const BUDGET: Duration = Duration::from_millis(1500);
const MINUTES: f64 = 7.0;

pub(crate) struct Extent {
    /// How long a contender is driven before the next has its turn.
    pub(crate) round: Duration,
    pub(crate) rounds: usize,
    /// After so long in a row of the results no further round begins for a contender.
    pub(crate) budget: Duration,
    pub(crate) kinds: &'static [Kind],
    /// At the same time, for signatures.
    pub(crate) connections: &'static [usize],
    /// The same, for all else.
    pub(crate) few: &'static [usize],
    /// Keys in a listing.
    pub(crate) lists: &'static [u32],
    /// Keys that are added and removed.
    pub(crate) keys: u32,
    /// Files that are opened with a passphrase.
    pub(crate) encrypted: usize,
    /// Starts of each program.
    pub(crate) starts: usize,
    /// Connections that do nothing.
    pub(crate) idle: usize,
    /// Connections that hinder.
    pub(crate) crowd: usize,
    /// Whether neighbours sign with RSA.
    pub(crate) busy: bool,
    /// Steps of growth.
    pub(crate) steps: &'static [u32],
    /// RSA keys that are made, of each size.
    pub(crate) generated: usize,
}

impl Extent {
    /// All there is, in about so many minutes.
    pub(crate) fn whole(minutes: Option<f64>) -> Self {
        let factor = minutes.map_or(1.0, |minutes| (minutes / MINUTES).max(0.1));
        let times = |count: f64| (count * factor).ceil() as usize;
        Self {
            round: ROUND.mul_f64(factor),
            rounds: 5,
            budget: BUDGET.mul_f64(factor),
            kinds: &Kind::ALL,
            connections: &[1, 2, 16, 256],
            few: &[1, 16],
            lists: &[1, 10, 100, 1000],
            keys: 1000,
            encrypted: 100,
            starts: times(40.0),
            idle: 10_000,
            crowd: 256,
            busy: true,
            steps: &[10, 100, 1000, 10_000],
            generated: times(8.0).clamp(12, 30),
        }
    }

    /// A little of everything in a few seconds: shows that it runs, not how fast the agents are.
    pub(crate) fn quick() -> Self {
        Self {
            round: Duration::from_millis(20),
            rounds: 1,
            budget: BUDGET,
            kinds: &[Kind::ALL[0], Kind::ALL[1], Kind::ALL[4]],
            connections: &[1, 2],
            few: &[1, 2],
            lists: &[1, 10],
            keys: 20,
            encrypted: 2,
            starts: 2,
            idle: 50,
            crowd: 4,
            busy: false,
            steps: &[10, 20],
            generated: 0,
        }
    }
}
