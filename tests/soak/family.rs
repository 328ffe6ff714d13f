//! The processes of one agent: itself, and the one that starts programs for it.

use std::fs;

use rustix::process::Pid;

use crate::memory::{self, proc};

/// The size of a thread's stack, in KiB, and what the first work with a secret has written of it: for
/// who may not see how much it is.
const STACK: u64 = 2048;
const OF_A_STACK: u64 = 256;

/// An agent and its starter, whose children the helpers are; without a box it starts them itself.
pub(crate) struct Family {
    agent: Pid,
    starter: Option<Pid>,
}

/// Of both together; the threads are those of the agent.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) descriptors: usize,
    pub(crate) threads: usize,
    pub(crate) children: usize,
}

impl Family {
    /// Of an agent that has not asked anybody yet: a child it has is the starter.
    pub(crate) fn of(agent: Pid) -> Self {
        let children = children(agent);
        assert!(children.len() <= 1, "no helpers yet: {children:?}");
        Self { agent, starter: children.first().copied() }
    }

    pub(crate) fn counts(&self) -> Counts {
        let both = || [self.agent].into_iter().chain(self.starter);
        Counts {
            descriptors: both().map(|process| entries(process, "fd")).sum(),
            threads: entries(self.agent, "task"),
            children: both().map(|process| children(process).len()).sum(),
        }
    }

    /// In KiB, apart from the stacks of its threads, whose number is judged by itself.
    pub(crate) fn memory(&self) -> Option<u64> {
        let stacks = stacks(self.agent);
        let stacks = stacks.unwrap_or_else(|| OF_A_STACK * entries(self.agent, "task") as u64);
        Some(memory::of(self.agent)?.saturating_sub(stacks))
    }

    /// In KiB; what it shares with the agent counts too.
    pub(crate) fn memory_of_starter(&self) -> u64 {
        self.starter
            .map_or(0, |starter| memory::of(starter).expect("it lives as long as the agent"))
    }

    /// What is locked for secrets, in KiB; no anonymous pages where the system has secret memory.
    pub(crate) fn locked(&self) -> u64 {
        memory::line(&proc(self.agent, "status"), "VmLck:").expect("for everybody to read")
    }
}

/// What the stacks of its threads take, in KiB: mappings of the size Rust gives them. `None` for who
/// may not know.
fn stacks(process: Pid) -> Option<u64> {
    let text = fs::read_to_string(proc(process, "smaps")).ok()?;
    let mut lines = text.lines();
    let mut stacks = 0;
    while let Some(size) = memory::value(&mut lines, "Size:") {
        let anonymous = memory::value(&mut lines, "Anonymous:")?;
        stacks += if size == STACK { anonymous } else { 0 };
    }
    Some(stacks)
}

fn entries(process: Pid, name: &str) -> usize {
    fs::read_dir(proc(process, name)).map_or(0, Iterator::count)
}

/// Of all its threads.
fn children(process: Pid) -> Vec<Pid> {
    let tasks = fs::read_dir(proc(process, "task")).into_iter().flatten().flatten();
    let text = tasks.map(|task| fs::read_to_string(task.path().join("children")));
    let text: String = text.map(Result::unwrap_or_default).collect();
    let numbers = text.split_ascii_whitespace().filter_map(|number| number.parse().ok());
    numbers.filter_map(Pid::from_raw).collect()
}
