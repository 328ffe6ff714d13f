//! How many refusals of one process get a line of their own: a flood of them, from a host behind a
//! forwarded agent too, must not push what was there before out of a log of bounded size. Those
//! beyond are counted, and one line tells how many when the minute is over.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use keyfob_log::{Entry, Event};

/// Lines of one process in one minute. Honest programs have a few.
const LINES: u64 = 100;
const MINUTE: Duration = Duration::from_secs(60);

/// Processes that are told apart; those beyond have one budget together.
const PROCESSES: usize = 64;

/// A process for ever; `None` for one that is not seen.
pub(super) type Process = Option<(u32, u64)>;

/// What was written of each, and what was not.
#[derive(Default)]
pub(super) struct Budget {
    spent: HashMap<(u32, u64), Spent>,
    shared: Option<Spent>,
}

struct Spent {
    since: Instant,
    lines: u64,
    /// How many got no line.
    withheld: u64,
    /// What is said of them.
    about: Option<Box<Entry>>,
}

impl Budget {
    /// Whether this refusal gets its line; it is counted if not.
    pub(super) fn takes(&mut self, process: Process, entry: &Entry, now: Instant) -> bool {
        self.spent.retain(|_, spent| !spent.is_over(now) || spent.withheld > 0);
        let has_room = self.spent.len() < PROCESSES;
        let own = process.filter(|process| has_room || self.spent.contains_key(process));
        let begun = || Spent { since: now, lines: 0, withheld: 0, about: None };
        let spent = match own {
            Some(process) => self.spent.entry(process).or_insert_with(begun),
            None => self.shared.get_or_insert_with(begun),
        };
        if spent.is_over(now) && spent.withheld == 0 {
            *spent = begun();
        }
        if spent.lines < LINES {
            spent.lines += 1;
            return true;
        }
        // Also after its minute, while the line that tells of them waits: a disk that hangs must not
        // collect such lines.
        spent.withheld = spent.withheld.saturating_add(1);
        spent.about.get_or_insert_with(|| {
            let requester = own.map(|_| entry.requester.clone()).unwrap_or_default();
            Box::new(Entry { requester, ..Entry::new(Event::Refused) })
        });
        false
    }

    /// The lines that tell of what got none, of minutes that are over.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Entry> {
        self.told(|spent| spent.is_over(now))
    }

    /// The same of minutes that are not over yet.
    pub(super) fn rest(&mut self) -> Vec<Entry> {
        self.told(|_| true)
    }

    /// When the next of these lines is due.
    pub(super) fn next(&self) -> Option<Instant> {
        let all = self.spent.values().chain(&self.shared);
        all.filter(|spent| spent.withheld > 0).map(|spent| spent.since + MINUTE).min()
    }

    fn told(&mut self, is_due: impl Fn(&Spent) -> bool) -> Vec<Entry> {
        let is_due = |spent: &mut Spent| spent.withheld > 0 && is_due(spent);
        let of_processes = self.spent.extract_if(|_, spent| is_due(spent)).map(|(_, spent)| spent);
        of_processes.chain(self.shared.take_if(is_due)).filter_map(Spent::line).collect()
    }
}

impl Spent {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= MINUTE
    }

    fn line(self) -> Option<Entry> {
        let reason = Some(format!("more than {LINES} in a minute, told together"));
        Some(Entry { count: Some(self.withheld), reason, ..*self.about? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pid: u32) -> Entry {
        let requester = vec![keyfob_log::Process { pid, start: 1, program: None }];
        Entry { requester, ..Entry::new(Event::Refused) }
    }

    /// How many of so many get a line.
    fn taken(budget: &mut Budget, pid: u32, count: usize, now: Instant) -> usize {
        (0..count).filter(|_| budget.takes(Some((pid, 1)), &refused(pid), now)).count()
    }

    #[test]
    fn a_flood_is_a_hundred_lines_a_minute_and_one_that_counts_the_rest() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        assert_eq!(taken(&mut budget, 7, 17_000, now), 100);
        assert_eq!(budget.next(), Some(now + MINUTE));
        assert_eq!(budget.due(now + MINUTE / 2), []);
        let told = budget.due(now + MINUTE);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].count, told[0].event), (Some(16_900), Event::Refused));
        assert_eq!(told[0].requester[0].pid, 7);
        assert_eq!((budget.next(), budget.due(now + MINUTE)), (None, Vec::new()));
        assert_eq!(taken(&mut budget, 7, 200, now + MINUTE), 100);
        assert_eq!(budget.rest()[0].count, Some(100));
    }

    #[test]
    fn the_flood_of_one_process_takes_nothing_from_another() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        taken(&mut budget, 7, 500, now);
        assert_eq!(taken(&mut budget, 8, 3, now), 3);
    }

    #[test]
    fn processes_beyond_those_that_are_told_apart_share_one_budget_until_a_minute_is_over() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        let lines: usize = (0..1000).map(|pid| taken(&mut budget, pid, 101, now)).sum();
        assert_eq!(lines, (PROCESSES + 1) * 100);
        assert_eq!(budget.spent.len(), PROCESSES);
        let told = budget.due(now + MINUTE);
        let count: u64 = told.iter().filter_map(|line| line.count).sum();
        assert_eq!((told.len(), count), (PROCESSES + 1, 101_000 - 6_500));
        assert!(told.last().unwrap().requester.is_empty());
        assert_eq!(taken(&mut budget, 2000, 1, now + MINUTE), 1);
        assert_eq!(budget.spent.len(), 1);
    }

    #[test]
    fn a_minute_without_too_many_is_forgotten() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        for minute in 0..5 {
            assert_eq!(taken(&mut budget, 7, 100, now + MINUTE * minute), 100);
        }
        assert_eq!(budget.rest(), []);
    }

    #[test]
    fn what_is_not_told_yet_goes_on_being_counted_when_its_minute_is_over() {
        let (mut budget, now) = (Budget::default(), Instant::now());
        taken(&mut budget, 7, 101, now);
        assert_eq!(taken(&mut budget, 7, 5, now + MINUTE * 3), 0);
        assert_eq!(budget.due(now + MINUTE * 3)[0].count, Some(6));
    }
}
