//! A pause for whoever is denied again and again: a person must not be worn down by questions.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keyfob_agent::Moment;

use crate::limits::{DENIALS_COUNT_FOR, MAX_SUSPECTS};
use crate::requester_id::Suspect;

/// How much is put up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Denied questions within a minute that are followed by no pause.
    pub denials: u32,
    /// How long the pause after more of them is; `None` is none.
    pub pause: Option<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        Self { denials: 3, pause: Some(Duration::from_secs(60)) }
    }
}

/// What was denied lately, and who waits because of it.
#[derive(Default)]
pub(crate) struct Pauses(Mutex<HashMap<Suspect, Denials>>);

#[derive(Default)]
struct Denials {
    /// The oldest first.
    when: Vec<Moment>,
    paused: Option<Paused>,
}

#[derive(Clone, Copy)]
struct Paused {
    until: Moment,
    after: usize,
}

impl Pauses {
    /// Why nobody is asked on behalf of this one now, in words.
    pub(crate) fn reason(&self, suspect: &Suspect, now: Moment) -> Option<String> {
        let all = self.all();
        let paused = all.get(suspect)?.paused.filter(|paused| now < paused.until)?;
        let left = now.until(paused.until).as_secs().max(1);
        Some(format!("paused after {} denied questions, for another {left} s", paused.after))
    }

    /// One more question was denied.
    pub(crate) fn note(&self, suspect: Suspect, patience: Patience, now: Moment) {
        let Some(pause) = patience.pause else {
            return;
        };
        let mut all = self.all();
        all.retain(|_, denials| denials.counts(now));
        if all.len() >= MAX_SUSPECTS && !all.contains_key(&suspect) {
            let oldest = all.iter().min_by_key(|(_, denials)| denials.latest());
            if let Some(oldest) = oldest.map(|(suspect, _)| suspect.clone()) {
                all.remove(&oldest);
            }
        }
        let denials = all.entry(suspect).or_default();
        denials.when.retain(|when| when.until(now) < DENIALS_COUNT_FOR);
        denials.when.push(now);
        if denials.when.len() > usize::try_from(patience.denials).unwrap_or(usize::MAX) {
            let after = denials.when.len();
            denials.when.clear();
            denials.paused = now.after(pause).map(|until| Paused { until, after });
        }
    }

    /// A panic while this was held left whole entries.
    fn all(&self) -> MutexGuard<'_, HashMap<Suspect, Denials>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Denials {
    fn counts(&self, now: Moment) -> bool {
        self.paused.is_some_and(|paused| now < paused.until)
            || self.when.last().is_some_and(|when| when.until(now) < DENIALS_COUNT_FOR)
    }

    fn latest(&self) -> Option<Moment> {
        self.when.last().copied().max(self.paused.map(|paused| paused.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requester_id::Who;

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    fn suspect(pid: u32) -> Suspect {
        Suspect::Here(Who::Process(pid, 1))
    }

    fn denied(times: &[u64]) -> Pauses {
        let pauses = Pauses::default();
        for time in times {
            pauses.note(suspect(1), Patience::default(), at(*time));
        }
        pauses
    }

    #[test]
    fn more_denials_than_a_few_within_a_minute_are_a_pause_for_this_one() {
        assert_eq!(denied(&[0, 10, 20]).reason(&suspect(1), at(21)), None);
        let pauses = denied(&[0, 10, 20, 30]);
        let reason = pauses.reason(&suspect(1), at(31)).unwrap();
        assert_eq!(reason, "paused after 4 denied questions, for another 59 s");
        assert_eq!(pauses.reason(&suspect(2), at(31)), None);
        assert_eq!(pauses.reason(&suspect(1), at(90)), None, "it ends");
        pauses.note(suspect(1), Patience::default(), at(91));
        assert_eq!(pauses.reason(&suspect(1), at(92)), None, "and the count begins anew");
    }

    #[test]
    fn denials_of_long_ago_do_not_count() {
        assert_eq!(denied(&[0, 30, 61, 92]).reason(&suspect(1), at(93)), None);
    }

    #[test]
    fn without_a_pause_there_is_none() {
        let pauses = Pauses::default();
        for _ in 0..100 {
            pauses.note(suspect(1), Patience { denials: 0, pause: None }, at(1));
        }
        assert_eq!(pauses.reason(&suspect(1), at(1)), None);
    }

    #[test]
    fn it_is_bounded() {
        let pauses = denied(&[0, 0, 0, 0]);
        for pid in 0..u32::try_from(3 * MAX_SUSPECTS).unwrap() {
            pauses.note(suspect(pid + 2), Patience::default(), at(1));
        }
        assert_eq!(pauses.all().len(), MAX_SUSPECTS);
        assert!(pauses.reason(&suspect(1), at(2)).is_some(), "who is paused stays so");
    }
}
