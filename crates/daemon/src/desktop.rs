//! What the desktop has to say to the agent: that the machine sleeps, the screen is locked, the
//! session is over; and what the agent has to say there: that a key was used.
//!
//! A helper of this binary stays as long as the agent and listens to the buses; what it needs for
//! that is linked by no process that holds keys. It gets two pipes, the addresses of the buses and
//! nothing else: no socket, no key, no secret. What it says is read like a stranger's, and the worst
//! it can say is "lock". The helper's own side is in `cli`.

mod message;
mod notices;
mod running;
mod watching;

use std::ffi::OsString;
use std::path::PathBuf;

use tokio::sync::{Mutex, Notify, mpsc};

pub use message::{Event, MAX_LINE, Order};
pub(crate) use watching::watch;

/// The command that makes the binary a helper. Not for people: it is in no table of commands.
pub const COMMAND: &str = "watch-desktop";

/// Notifications that wait for the helper; more are dropped, for a person could not read them.
const WAITING: usize = 64;

/// How the helper is started.
#[derive(Debug, Clone)]
pub struct DesktopHelper {
    program: PathBuf,
    environment: Vec<(&'static str, OsString)>,
}

impl DesktopHelper {
    /// This program, which finds the buses by these variables.
    #[must_use]
    pub fn of_this_program(environment: Vec<(&'static str, OsString)>) -> Self {
        #[cfg(target_os = "linux")]
        let program = PathBuf::from("/proc/self/exe");
        #[cfg(not(target_os = "linux"))]
        let program = std::env::current_exe().unwrap_or_default();
        Self { program, environment }
    }

    /// The program and all of its environment.
    pub(crate) fn parts(&self) -> (PathBuf, Vec<(OsString, OsString)>) {
        let named = |(name, value): &(&str, OsString)| (OsString::from(name), value.clone());
        (self.program.clone(), self.environment.iter().map(named).collect())
    }
}

/// What is wanted of the desktop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are settings")]
pub struct Wishes {
    /// Lock before the machine sleeps.
    pub suspend: bool,
    /// Lock with the screen.
    pub screen: bool,
    /// Lock at the end of the session.
    pub logout: bool,
    /// Tell of each use of a key.
    pub notify: bool,
}

impl Wishes {
    pub(crate) const WORDS: [&str; 4] = ["suspend", "screen", "logout", "notify"];

    fn flags(self) -> [bool; 4] {
        [self.suspend, self.screen, self.logout, self.notify]
    }

    /// Whether nothing is.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// As arguments of the helper.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::WORDS
            .into_iter()
            .zip(self.flags())
            .filter_map(|(word, wanted)| wanted.then_some(word))
    }

    /// From its arguments; `None` when one of them is something else.
    #[must_use]
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut wishes = Self::default();
        for word in words {
            match word {
                "suspend" => wishes.suspend = true,
                "screen" => wishes.screen = true,
                "logout" => wishes.logout = true,
                "notify" => wishes.notify = true,
                _ => return None,
            }
        }
        Some(wishes)
    }
}

/// The agent's end of it.
pub(crate) struct Desktop {
    notices: mpsc::Sender<String>,
    /// One task takes them.
    waiting: Mutex<mpsc::Receiver<String>>,
    rules_changed: Notify,
}

impl Default for Desktop {
    fn default() -> Self {
        let (notices, waiting) = mpsc::channel(WAITING);
        Self { notices, waiting: Mutex::new(waiting), rules_changed: Notify::new() }
    }
}

impl Desktop {
    /// Shows this when it can be shown. Never waits: a signature must not.
    pub(crate) fn tell(&self, text: String) {
        // Full: as many as a person could read are waiting already.
        let _ = self.notices.try_send(text);
    }

    /// Other wishes may count from now on.
    pub(crate) fn look_at_rules(&self) {
        self.rules_changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_the_same_on_both_sides() {
        for bits in 0..16_u8 {
            let on = |bit: u8| bits & (1 << bit) != 0;
            let wishes = Wishes { suspend: on(0), screen: on(1), logout: on(2), notify: on(3) };
            assert_eq!(Wishes::of_words(wishes.words()), Some(wishes));
            assert_eq!(wishes.is_none(), bits == 0);
        }
        assert_eq!(Wishes::of_words(["suspend", "else"]), None);
    }
}
