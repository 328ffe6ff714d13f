//! Time as an argument: the agent never reads a clock.

use std::time::Duration;

/// A moment on a clock that only goes forward and counts suspended time, as
/// lifetimes must: a laptop asleep does not stretch a key's ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Duration);

impl Moment {
    /// The moment `span` later; at the end of time, never.
    pub fn after(self, span: Duration) -> Option<Self> {
        self.0.checked_add(span).map(Self)
    }

    /// How long until `later`; zero when it has passed.
    pub fn until(self, later: Self) -> Duration {
        later.0.saturating_sub(self.0)
    }
}

/// The two clocks a decision may need.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For lifetimes and idle times.
    pub moment: Moment,
    /// Seconds since 1970, for the validity of certificates.
    pub unix: u64,
}
