//! What is read off the agent while it works: whether it grows.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::{CLIENTS, memory};

/// Part of the time at the beginning that does not count: each kind of work is done for the first
/// time then.
const WARM_UP: f64 = 0.25;
/// What a thread that is kept may keep: its stack, and what its allocator has at hand, in KiB.
const OF_A_THREAD: u64 = 256;
/// How long an agent may take to let go of descriptors, threads and helpers.
const CALMS_WITHIN: Duration = Duration::from_secs(60);

/// The readings of one process.
pub(crate) struct Readings {
    process: Pid,
    began: Instant,
    at_first: Counts,
    /// Seconds since it began, and KiB.
    memory: Vec<(f64, f64)>,
    most: f64,
    last: Counts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    descriptors: usize,
    threads: usize,
    children: usize,
}

impl Counts {
    /// A thread for slow work is kept once it was needed, lest it cannot be had again: one for each
    /// client at most.
    fn are_no_more_than(&self, first: &Self) -> bool {
        self.descriptors <= first.descriptors
            && self.threads <= first.threads + usize::from(CLIENTS)
            && self.children <= first.children
    }
}

impl Readings {
    pub(crate) fn of(process: Pid) -> Self {
        let at_first = counts(process);
        let (began, memory) = (Instant::now(), Vec::new());
        Self { process, began, at_first, memory, most: 0.0, last: at_first }
    }

    /// Everything was done once: what is opened once is open. Begins.
    pub(crate) fn begin(&mut self) {
        self.at_first.descriptors = counts(self.process).descriptors;
        self.began = Instant::now();
    }

    /// Reads its memory: between two acts that concern everybody, which take 64 MiB for moments.
    pub(crate) fn take(&mut self) {
        let Some(memory) = memory::of(self.process) else { return };
        let memory = f64::from(u32::try_from(memory).unwrap());
        self.most = self.most.max(memory);
        self.memory.push((self.began.elapsed().as_secs_f64(), memory));
    }

    /// Waits until it holds no more descriptors, threads and helpers than before.
    pub(crate) fn calm_down(&mut self) {
        let deadline = Instant::now() + CALMS_WITHIN;
        loop {
            self.last = counts(self.process);
            if self.last.are_no_more_than(&self.at_first) || Instant::now() > deadline {
                return;
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// Asserts that nothing grew; says what was read.
    pub(crate) fn judge(&self) -> String {
        let Self { at_first, last, most, .. } = self;
        let ran = self.memory.last().map_or(0.0, |(second, _)| *second);
        let warm: Vec<(f64, f64)> =
            self.memory.iter().copied().filter(|(second, _)| *second >= ran * WARM_UP).collect();
        let counts = format!(
            "descriptors {} before, {} after; threads {}, {}; helpers {}, {}",
            at_first.descriptors,
            last.descriptors,
            at_first.threads,
            last.threads,
            at_first.children,
            last.children
        );
        assert!(last.are_no_more_than(at_first), "something is left: {counts}");
        if warm.len() < 3 {
            return format!("memory is not known; {counts}");
        }
        let (slope, middle) = (slope(&warm), median(warm.iter().map(|(_, memory)| *memory)));
        let grew = slope * (ran - ran * WARM_UP);
        let told = format!(
            "memory {middle:.0} KiB in the middle, {most:.0} at most, slope {:.1} KiB an hour, \
             {grew:.0} KiB in all; {counts}",
            slope * 3600.0
        );
        // What grows without end passes any bound in half an hour: 64 bytes an act are 20 MiB. What
        // an honest agent keeps is what the abuse suite lets it keep: pages of the allocator, a few
        // stacks.
        let kib = |value: f64| (value.max(0.0)) as u64;
        let threads = last.threads.saturating_sub(at_first.threads) as u64;
        let allowed = memory::allowed(kib(middle)) - kib(middle) + threads * OF_A_THREAD;
        assert!(kib(grew) <= allowed, "it grows, {allowed} KiB are allowed: {told}");
        told
    }
}

/// Of a line through these points that a few strange ones do not move: the middle of the slopes
/// between all pairs (Theil and Sen).
fn slope(points: &[(f64, f64)]) -> f64 {
    let pairs = points.iter().enumerate().flat_map(|(at, (x, y))| {
        points[at + 1..].iter().map(move |(later, value)| (value - y) / (later - x))
    });
    median(pairs.filter(|slope| slope.is_finite()))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn counts(process: Pid) -> Counts {
    let folder = PathBuf::from(format!("/proc/{}", process.as_raw_nonzero()));
    let entries = |name: &str| fs::read_dir(folder.join(name)).map_or(0, Iterator::count);
    let tasks = fs::read_dir(folder.join("task")).into_iter().flatten().flatten();
    let children = tasks.map(|task| {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        text.split_ascii_whitespace().count()
    });
    Counts { descriptors: entries("fd"), threads: entries("task"), children: children.sum() }
}
