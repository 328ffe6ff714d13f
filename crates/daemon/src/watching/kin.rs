//! Whether a process was started by another: what a watcher has started it must not allow anything.
//!
//! A process that leaves those who started it (a daemon) is nobody's child any more: this is a second
//! wall behind the right to answer, not the first.

use keyfob_sys::peer::{self, Status};

use crate::limits::MAX_ANCESTORS;

/// A process by its number and its start, which together name it for ever.
pub(crate) type Process = (u32, u64);

/// A process and those it was started by, as they were when it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ancestry {
    processes: Vec<Process>,
    /// Nothing that could matter is missing.
    is_whole: bool,
}

impl Ancestry {
    /// Of this process; `None` for one that is not seen from here. That is not the child of one that
    /// is: a namespace of processes shows all those below it.
    pub(crate) fn of(process: Option<Process>) -> Self {
        let Some((pid, started)) = process else {
            return Self { processes: Vec::new(), is_whole: true };
        };
        let mut processes = Vec::new();
        let (mut next, mut latest) = (pid, started);
        while next > 1 {
            let Ok(Status { parent, start_time, .. }) = peer::status(next) else { break };
            // Whoever is younger than its child was given a number that was free again.
            let is_other =
                if processes.is_empty() { start_time != started } else { start_time > latest };
            if is_other || processes.len() >= MAX_ANCESTORS {
                return Self { processes, is_whole: false };
            }
            processes.push((next, start_time));
            (next, latest) = (parent, start_time);
        }
        // It has ended, or nothing of it can be read.
        let is_whole = !processes.is_empty();
        Self { processes, is_whole }
    }

    /// Whether it is this process or was started by it; also where nobody can say.
    pub(crate) fn comes_from(&self, process: Process) -> bool {
        !self.is_whole || self.processes.contains(&process)
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::ended::Ended;

    fn process(pid: u32) -> Process {
        (pid, peer::start_time(pid).unwrap())
    }

    #[test]
    fn a_child_and_its_child_come_from_us_and_we_do_not_come_from_them() {
        let mut command = Command::new("/bin/sh");
        let child = command.args(["-c", "sleep 30; true"]).spawn().unwrap();
        let child = Ended(child);
        let (ours, theirs) = (process(std::process::id()), process(child.0.id()));
        assert!(Ancestry::of(Some(theirs)).comes_from(ours));
        assert!(Ancestry::of(Some(theirs)).comes_from(theirs));
        assert!(!Ancestry::of(Some(ours)).comes_from(theirs));
        assert!(!Ancestry::of(Some(theirs)).comes_from((ours.0, ours.1 + 1)));
    }

    /// Lost otherwise: who ends in time is nobody's child, and is allowed what it asked for.
    #[test]
    fn of_who_has_ended_nobody_can_say_where_it_came_from() {
        let child = Ended(Command::new("/bin/sleep").arg("30").spawn().unwrap());
        let (pid, started) = process(child.0.id());
        drop(child);
        assert!(Ancestry::of(Some((pid, started))).comes_from((1, 1)));
        let other = process(std::process::id());
        assert!(Ancestry::of(Some((other.0, other.1 + 1))).comes_from((1, 1)));
    }

    #[test]
    fn who_is_not_seen_from_here_was_started_by_nobody_who_is() {
        assert!(!Ancestry::of(None).comes_from(process(std::process::id())));
    }
}
