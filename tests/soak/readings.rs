//! What is read off the agent while it works: whether it grows.

use std::time::{Duration, Instant};

use crate::CLIENTS;
use crate::family::{Counts, Family};
use crate::points::{median, slope};

/// Part of the time at the beginning that does not count: each kind of work is done for the first
/// time then.
const WARM_UP: f64 = 0.25;
/// What the allocator has at hand for a thread, besides its stack, in KiB: glibc keeps up to seven
/// blocks of each of 64 sizes that the thread has freed, 24 to 1,032 bytes, 235 KiB together.
const OF_A_THREAD: u64 = 256;
/// What secrets may take after that, in KiB: four pieces of what is locked at a time, for sizes
/// that come rarely.
const OF_SECRETS: u64 = 256;
/// How long an agent may take to let go of descriptors, threads and helpers.
const CALMS_WITHIN: Duration = Duration::from_secs(60);

/// The readings of one agent.
pub(crate) struct Readings {
    family: Family,
    began: Instant,
    at_first: Counts,
    last: Counts,
    all: Vec<Reading>,
}

/// What was read at one time: seconds since it began, and KiB.
#[derive(Clone, Copy)]
struct Reading {
    second: f64,
    memory: f64,
    of_starter: u64,
    locked: u64,
    threads: usize,
}

impl Readings {
    pub(crate) fn of(family: Family) -> Self {
        let at_first = family.counts();
        Self { family, began: Instant::now(), at_first, last: at_first, all: Vec::new() }
    }

    /// Everything was done once: what is opened once is open. Begins.
    pub(crate) fn begin(&mut self) {
        self.at_first.descriptors = self.family.counts().descriptors;
        self.began = Instant::now();
    }

    /// Reads its memory: between two acts that concern everybody, which take 64 MiB for moments.
    pub(crate) fn take(&mut self) {
        let Some(memory) = self.family.memory() else { return };
        self.all.push(Reading {
            second: self.began.elapsed().as_secs_f64(),
            memory: kib(memory),
            of_starter: self.family.memory_of_starter(),
            locked: self.family.locked(),
            threads: self.family.counts().threads,
        });
    }

    /// Waits until it holds no more descriptors, threads and helpers than before.
    pub(crate) fn calm_down(&mut self) {
        let deadline = Instant::now() + CALMS_WITHIN;
        loop {
            self.last = self.family.counts();
            if self.are_no_more() || Instant::now() > deadline {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// A thread for slow work is kept once it was needed, lest it cannot be had again: one for each
    /// client at most.
    fn are_no_more(&self) -> bool {
        let Self { at_first, last, .. } = self;
        last.descriptors <= at_first.descriptors
            && last.threads <= at_first.threads + usize::from(CLIENTS)
            && last.children <= at_first.children
    }

    /// Asserts that nothing grew; says what was read.
    pub(crate) fn judge(&self) -> String {
        let Self { at_first, last, .. } = self;
        let counts = format!(
            "descriptors {} before, {} after; threads {}, {}; helpers {}, {}",
            at_first.descriptors,
            last.descriptors,
            at_first.threads,
            last.threads,
            at_first.children,
            last.children
        );
        assert!(self.are_no_more(), "something is left: {counts}");
        let ran = self.all.last().map_or(0.0, |reading| reading.second);
        let begin = self.all.partition_point(|reading| reading.second < ran * WARM_UP);
        let warm = &self.all[begin..];
        let ([first, _, .., end], true) = (warm, self.all.len() >= 8) else {
            return format!("memory is not known; {counts}");
        };
        let told = format!("{}; {counts}", self.told(ran, first, end));
        let points: Vec<_> = warm.iter().map(|reading| (reading.second, reading.memory)).collect();
        let grew = slope(&points) * (ran - ran * WARM_UP);
        // What grows without end passes any bound in half an hour: 64 bytes an act are 20 MiB. What
        // an honest agent keeps is what the abuse suite lets it keep: pages of the allocator.
        let middle = whole(median(points.iter().map(|(_, memory)| *memory)));
        let threads = end.threads.saturating_sub(first.threads) as u64;
        let allowed = crate::memory::allowed(middle) - middle + threads * OF_A_THREAD;
        let told = format!(
            "{told}; memory without stacks {middle} KiB in the middle, grew by {grew:.0}, allowed {allowed}"
        );
        assert!(whole(grew) <= allowed, "it grows: {told}");
        let starter = crate::memory::allowed(first.of_starter);
        assert!(end.of_starter <= starter, "what starts programs grows: {told}");
        assert!(end.locked <= first.locked + OF_SECRETS, "memory for secrets grows: {told}");
        told
    }

    /// The middle of each quarter, from which growth that ends is told from growth that does not.
    fn told(&self, ran: f64, first: &Reading, end: &Reading) -> String {
        let quarters = [0.0, 0.25, 0.5, 0.75].map(|from| {
            let quarter = ran * from..=ran * (from + 0.25);
            let within = self.all.iter().filter(|reading| quarter.contains(&reading.second));
            whole(median(within.map(|reading| reading.memory)))
        });
        format!(
            "by quarters {quarters:?} KiB; from the second on: threads {}, {}; for secrets {}, {} \
             KiB; starter {}, {} KiB",
            first.threads, end.threads, first.locked, end.locked, first.of_starter, end.of_starter
        )
    }
}

fn kib(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap())
}

fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}
