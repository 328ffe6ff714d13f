//! What an agent's process has used: processor time and memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Pid;

/// Processor time used up to a moment.
pub(crate) struct Time {
    /// Nanoseconds by thread.
    threads: BTreeMap<String, u64>,
    /// Of the whole process, in steps of a hundredth of a second.
    ticks: Duration,
}

impl Time {
    pub(crate) fn of(process: Pid) -> Self {
        let folder = place(process, "task");
        let names = fs::read_dir(folder).into_iter().flatten().flatten();
        let threads = names.filter_map(|thread| {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            let used = text.split(' ').next()?.parse().ok()?;
            Some((thread.file_name().to_string_lossy().into_owned(), used))
        });
        Self { threads: threads.collect(), ticks: ticks(process) }
    }

    /// What was used since.
    pub(crate) fn until_now(&self, process: Pid) -> Duration {
        let now = Self::of(process);
        let all_there = self.threads.keys().all(|thread| now.threads.contains_key(thread));
        if !all_there || now.threads.is_empty() {
            // The time of a thread that has ended is in the sum only.
            return now.ticks.saturating_sub(self.ticks);
        }
        let since = |(thread, used): (&String, &u64)| {
            used - self.threads.get(thread).copied().unwrap_or_default()
        };
        Duration::from_nanos(now.threads.iter().map(since).sum())
    }
}

/// Fields 14 and 15 of proc_pid_stat(5), in ticks of 1/100 s.
fn ticks(process: Pid) -> Duration {
    let stat = fs::read_to_string(place(process, "stat")).expect("the agent lives");
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    let fields = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.map(|field| field.parse::<u64>().expect("ticks")).sum();
    Duration::from_millis(ticks * 10)
}

/// Memory, in KiB.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// Proportional set size: what it shares counts by its share.
    pub(crate) pss: f64,
    /// What is its own and no file's, and not locked.
    pub(crate) own: f64,
}

impl Memory {
    /// `None` when we may not know: of a process that hides its memory only root is told.
    pub(crate) fn of(process: Pid) -> Option<Self> {
        let rollup = fs::read_to_string(place(process, "smaps_rollup")).ok()?;
        let maps = fs::read_to_string(place(process, "smaps")).ok()?;
        let of_maps = |name| maps.lines().filter_map(move |line| kib(line, name));
        let each = of_maps("Anonymous:").zip(of_maps("Locked:"));
        let own = each.map(|(anonymous, locked)| (anonymous - locked).max(0.0)).sum();
        Some(Self { pss: rollup.lines().find_map(|line| kib(line, "Pss:"))?, own })
    }
}

fn kib(line: &str, name: &str) -> Option<f64> {
    line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn place(process: Pid, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{}/{name}", process.as_raw_nonzero()))
}
