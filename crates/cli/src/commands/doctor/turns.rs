//! Runs the checks beside each other, each as long as there is patience.
//!
//! A disk that hangs holds up the check that touches it and no other. What was found until then is
//! told, and what was looked at last. Threads that hang are left behind: the process ends anyway.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::Group;
use super::finding::Finding;
use super::place::Place;
use crate::voice::doctor as words;

/// Looks at one thing and tells what it finds.
pub(super) type Check = fn(&Place, &Teller);

/// A check that is to be made.
pub(super) struct Turn {
    pub(super) title: &'static str,
    pub(super) check: Check,
    pub(super) place: Arc<Place>,
}

/// Takes what a check finds.
pub(super) struct Teller {
    group: usize,
    sender: Sender<(usize, Told)>,
}

enum Told {
    /// It looks at this now.
    At(PathBuf),
    Found(Box<Finding>),
    Ended {
        broken: bool,
    },
}

impl Teller {
    /// This was found.
    pub(super) fn found(&self, finding: Finding) {
        self.tell(Told::Found(Box::new(finding)));
    }

    /// This is looked at next: what is named when it takes too long.
    pub(super) fn looks_at(&self, path: &Path) {
        self.tell(Told::At(path.to_owned()));
    }

    /// Nobody listens any more when there was no patience left.
    fn tell(&self, told: Told) {
        let _ = self.sender.send((self.group, told));
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.tell(Told::Ended { broken: thread::panicking() });
    }
}

/// Makes all checks.
pub(super) fn take(turns: Vec<Turn>, patience: Duration) -> Vec<Group> {
    let deadline = Instant::now() + patience;
    let (sender, receiver) = channel();
    let mut groups = Vec::new();
    for Turn { title, check, place } in turns {
        let teller = Teller { group: groups.len(), sender: sender.clone() };
        let run = move || check(&place, &teller);
        // One that cannot be begun has ended.
        let findings = match thread::Builder::new().spawn(run) {
            Ok(_) => Vec::new(),
            Err(error) => vec![Finding::warning("time", words::not_begun(&error))],
        };
        groups.push(Group { title, findings });
    }
    drop(sender);
    collect(&mut groups, &receiver, deadline, patience);
    groups
}

fn collect(
    groups: &mut [Group],
    receiver: &Receiver<(usize, Told)>,
    deadline: Instant,
    patience: Duration,
) {
    let mut running: Vec<Option<PathBuf>> = vec![Some(PathBuf::new()); groups.len()];
    while running.iter().any(Option::is_some) {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok((group, told)) = receiver.recv_timeout(left) else {
            break;
        };
        let (Some(place), Some(at)) = (groups.get_mut(group), running.get_mut(group)) else {
            continue;
        };
        match told {
            Told::At(path) => *at = Some(path),
            Told::Found(finding) => place.findings.push(*finding),
            Told::Ended { broken } => {
                *at = None;
                if broken {
                    place.findings.push(Finding::warning("time", words::BROKEN_OFF));
                }
            }
        }
    }
    for (group, at) in groups.iter_mut().zip(running) {
        if let Some(at) = at {
            let fact = words::too_slow(patience);
            let finding = Finding::warning("time", fact).hint(words::TOO_SLOW);
            let named = !at.as_os_str().is_empty();
            group.findings.push(if named { finding.at(&at) } else { finding });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;
    use keyfob_config::env::Environment;

    fn turns(checks: &[Check]) -> Vec<Turn> {
        let place = Arc::new(Place::new(&Environment::default(), None));
        let turn = |check: &Check| Turn { title: "", check: *check, place: Arc::clone(&place) };
        checks.iter().map(turn).collect()
    }

    #[test]
    fn a_check_that_hangs_holds_up_no_other_and_is_told() {
        let hangs: Check = |_, tell| {
            tell.found(Finding::note("x", "before"));
            tell.looks_at(Path::new("/hung"));
            thread::sleep(Duration::from_secs(60));
        };
        let begun = Instant::now();
        let ends: Check = |_, tell| tell.found(Finding::fine("y", "good"));
        let groups = take(turns(&[hangs, ends]), Duration::from_millis(300));
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert_eq!(groups[0].findings.len(), 2);
        assert_eq!(groups[0].findings[1].file.as_deref(), Some(Path::new("/hung")));
        assert_eq!(groups[0].findings[1].verdict, Verdict::Warning);
        assert_eq!(groups[1].findings.len(), 1);
    }

    #[test]
    fn checks_that_end_are_not_waited_for_any_longer() {
        let ends: Check = |_, tell| tell.found(Finding::fine("y", "good"));
        let begun = Instant::now();
        let groups = take(turns(&[ends, ends]), Duration::from_secs(60));
        assert!(begun.elapsed() < Duration::from_secs(30));
        assert!(groups.iter().all(|group| group.findings.len() == 1));
    }
}
