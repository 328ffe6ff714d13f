//! How many notifications a person is shown: one a second, and one that counts the rest.

use std::time::{Duration, Instant};

/// Between two of them.
const PAUSE: Duration = Duration::from_secs(1);

/// What was shown and what was not.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// When the next one may be shown.
    next: Option<Instant>,
    /// How many were not, and the last of them.
    held: Option<(u32, String)>,
}

impl Notices {
    /// The text, if it may be shown now.
    pub(super) fn take(&mut self, text: String, now: Instant) -> Option<String> {
        if self.held.is_none() && self.next.is_none_or(|next| next <= now) {
            self.next = Some(now + PAUSE);
            return Some(text);
        }
        let count = self.held.take().map_or(0, |(count, _)| count);
        self.held = Some((count.saturating_add(1), text));
        None
    }

    /// When there will be something to show.
    pub(super) fn due(&self) -> Option<Instant> {
        self.held.as_ref().and(self.next)
    }

    /// What was held back, in one text, when its time has come.
    pub(super) fn summary(&mut self, now: Instant) -> Option<String> {
        if self.due()? > now {
            return None;
        }
        self.next = Some(now + PAUSE);
        let (count, text) = self.held.take()?;
        Some(match count {
            1 => text,
            many => format!("keyfob: keys used {many} more times, the last one: {text}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_second_and_what_came_between_is_counted() {
        let start = Instant::now();
        let mut notices = Notices::default();
        let text = |n: u32| format!("use {n}");
        assert_eq!(notices.take(text(1), start), Some(text(1)));
        assert_eq!(notices.due(), None);
        for n in 2..100 {
            assert_eq!(notices.take(text(n), start), None);
        }
        assert_eq!(notices.summary(start), None);
        let due = notices.due().unwrap();
        assert_eq!(due, start + PAUSE);
        assert_eq!(
            notices.summary(due).unwrap(),
            "keyfob: keys used 98 more times, the last one: use 99"
        );
        assert_eq!(notices.take(text(100), due), None);
        assert_eq!(notices.summary(due + PAUSE), Some(text(100)), "one alone is itself");
        assert_eq!(notices.summary(due + PAUSE), None);
        assert_eq!(notices.take(text(101), due + 2 * PAUSE), Some(text(101)));
    }
}
