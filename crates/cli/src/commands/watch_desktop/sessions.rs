//! The login sessions of one user: which there are, and when the last one is gone.

use std::collections::BTreeSet;

/// Sessions by their path on the bus.
#[derive(Debug, Default)]
pub(super) struct Sessions(BTreeSet<String>);

impl Sessions {
    /// One more.
    pub(super) fn add(&mut self, path: &str) {
        self.0.insert(path.to_owned());
    }

    /// Whether it is one of them.
    pub(super) fn has(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// One is gone; says whether it was the last.
    pub(super) fn remove(&mut self, path: &str) -> bool {
        self.0.remove(path) && self.0.is_empty()
    }

    /// All of them.
    pub(super) fn paths(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }
}

/// Whether a session of this class is one in which a person sits. Others belong to services, to
/// the greeter, or to jobs.
pub(super) fn is_of_a_person(class: &str) -> bool {
    class.starts_with("user")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_last_one_counts() {
        let mut sessions = Sessions::default();
        assert!(!sessions.remove("/1"), "there was none, so none has ended");
        sessions.add("/1");
        sessions.add("/2");
        assert!(!sessions.remove("/1"));
        assert!(!sessions.remove("/other"));
        assert!(sessions.has("/2") && !sessions.has("/1"));
        assert!(sessions.remove("/2"));
        assert!(!sessions.remove("/2"), "once");
    }

    #[test]
    fn the_sessions_of_services_are_none_of_a_person() {
        let classes = ["user", "user-early", "user-light", "manager", "greeter", "background", ""];
        assert_eq!(classes.map(is_of_a_person), [true, true, true, false, false, false, false]);
    }
}
