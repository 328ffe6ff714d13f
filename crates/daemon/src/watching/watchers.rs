//! Those who look on, as the place a question goes to.

use super::{Unattended, Watching};
use crate::questions::Place;

/// All who look on, for one question.
pub(crate) struct Watchers<'a> {
    pub(crate) watching: &'a Watching,
    /// The question's.
    pub(crate) place: &'a Place,
}

impl Watchers<'_> {
    /// Returns when none of them can answer it, or not any more, and says why.
    pub(crate) async fn unattended(&self) -> Unattended {
        // Before it is looked: what changes after that is not missed.
        let mut changes = self.watching.changes.subscribe();
        loop {
            if let Err(why) = self.watching.attended(&self.place.askers()) {
                return why;
            }
            if changes.changed().await.is_err() {
                return Unattended::Nobody;
            }
        }
    }
}
