//! What a person may answer to "may this key be used", and for how long it counts.

use std::time::Duration;

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// No.
    Deny,
    /// For this one use.
    Once,
    /// For this key, requester and destination until the requester's session ends.
    Session,
    /// The same, for a while.
    ForAWhile,
}

/// What may be answered besides "once" and "no".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// [`Choice::Session`].
    pub session: bool,
    /// [`Choice::ForAWhile`], and how long that is.
    pub for_a_while: Option<Duration>,
}

impl Offered {
    /// Whether this is one of the answers that were to choose from.
    #[must_use]
    pub fn includes(&self, choice: Choice) -> bool {
        match choice {
            Choice::Deny | Choice::Once => true,
            Choice::Session => self.session,
            Choice::ForAWhile => self.for_a_while.is_some(),
        }
    }
}

/// A span in the words of a question: `10 minutes`.
#[must_use]
pub fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        _ if seconds > 0 && seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds > 0 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_offered_is_no_answer() {
        let once = Offered::default();
        assert!(once.includes(Choice::Once) && once.includes(Choice::Deny));
        assert!(!once.includes(Choice::Session) && !once.includes(Choice::ForAWhile));
        let all = Offered { session: true, for_a_while: Some(Duration::from_secs(60)) };
        assert!(all.includes(Choice::Session) && all.includes(Choice::ForAWhile));
    }

    #[test]
    fn spans_are_said_as_a_person_says_them() {
        for (seconds, words) in
            [(600, "10 minutes"), (60, "1 minute"), (7200, "2 hours"), (90, "90 seconds")]
        {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
