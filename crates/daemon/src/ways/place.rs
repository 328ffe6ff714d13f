//! Where the person is who started a request: the screen and the terminal of the process that made
//! it, or of those that started it.

use std::ffi::OsString;
use std::time::Duration;

use keyfob_prompt::screen;
use keyfob_sys::process;
use keyfob_sys::surroundings::{Terminal, Watched};
use tokio::time::sleep;

/// How far up the processes a screen is looked for: more than any honest chain has.
const MAX_CHAIN: usize = 32;

/// What a terminal is called, at most: `xterm-256color` has 14.
const MAX_TERM: usize = 64;

/// How often it is looked whether a process still is.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// What is known of it.
#[derive(Debug)]
pub(super) struct Place {
    screen: Vec<(&'static str, OsString)>,
    terminal: Result<Terminal, &'static str>,
    term: Option<String>,
}

impl Place {
    /// The place of this process. A few files of the kernel are read, which takes some
    /// microseconds each; a person is asked next.
    pub(super) fn of(requester: Option<u32>) -> Self {
        let requester = requester.and_then(|pid| Watched::new(pid).ok());
        let Some(requester) = requester else {
            let nothing = "nothing is known of who asks";
            return Self { screen: Vec::new(), terminal: Err(nothing), term: None };
        };
        let term = requester.variables(&[screen::TERM]).ok().and_then(|found| name(&found));
        Self { screen: screen_of(requester), terminal: terminal_of(requester), term }
    }

    /// The variables that lead to a display; none without one.
    pub(super) fn screen(&self) -> &[(&'static str, OsString)] {
        &self.screen
    }

    /// The terminal, if nobody reads there but who waits for the answer.
    pub(super) fn free_terminal(&self, remote: bool) -> Result<&Terminal, &'static str> {
        match &self.terminal {
            // The program that forwards a connection goes on reading what is typed.
            Ok(_) if remote => Err("the terminal of a forwarded connection is in use"),
            Ok(terminal) => Ok(terminal),
            Err(reason) => Err(reason),
        }
    }

    /// What kind of terminal it is.
    pub(super) fn term(&self) -> Option<&str> {
        self.term.as_deref()
    }
}

/// The nearest process with a display, and all it says of it.
fn screen_of(requester: Watched) -> Vec<(&'static str, OsString)> {
    let mut process = requester;
    for _ in 0..MAX_CHAIN {
        let found = process.variables(&screen::SCREEN).unwrap_or_default();
        let leads =
            |(name, _): &(&str, _)| [screen::DISPLAY, screen::WAYLAND_DISPLAY].contains(name);
        if found.iter().any(leads) {
            return found;
        }
        let Ok(parent) = process.parent() else { break };
        process = parent;
    }
    Vec::new()
}

/// Only the requester's own: where one of its ancestors is in the foreground, it may be a shell
/// whose input the question would take.
fn terminal_of(requester: Watched) -> Result<Terminal, &'static str> {
    match requester.terminal() {
        Ok(Some(terminal)) if terminal.foreground => Ok(terminal),
        Ok(Some(_)) => Err("who asks is not in the foreground of its terminal"),
        Ok(None) => Err("who asks has no terminal"),
        Err(_) => Err("nothing is known of the terminal of who asks"),
    }
}

/// A name and nothing else: programs look for files by it.
fn name(found: &[(&str, OsString)]) -> Option<String> {
    let name = found.first()?.1.to_str()?;
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    (name.len() <= MAX_TERM && name.bytes().all(harmless) && !name.starts_with('.'))
        .then(|| name.to_owned())
}

/// Returns when this process has ended: what it did not wait for is not asked any more, and a
/// shell has its terminal back by then.
pub(super) async fn ended(pid: Option<u32>) {
    let Some(descriptor) = pid.and_then(|pid| process::watch(pid).ok()) else {
        return std::future::pending().await;
    };
    // Looked at again and again: the runtime's own way to wait for such a descriptor is `unsafe`.
    while !process::is_over(&descriptor) {
        sleep(LOOKS_EVERY).await;
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    struct Sleeper(Child);

    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn sleeper(variables: &[(&str, &str)]) -> Sleeper {
        let mut command = Command::new("/usr/bin/setsid");
        command.args(["/bin/sleep", "20"]).env_clear().envs(variables.iter().copied());
        let sleeper = Sleeper(command.spawn().unwrap());
        // While a program is being started its environment reads as empty.
        let process = format!("/proc/{}", sleeper.0.id());
        let is = |file: &str, is: fn(&[u8]) -> bool| {
            std::fs::read(format!("{process}/{file}")).is_ok_and(|content| is(&content))
        };
        for _ in 0..1000 {
            if is("comm", |name| name == b"sleep\n") && is("environ", |all| !all.is_empty()) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        sleeper
    }

    #[test]
    fn u1_the_screen_of_who_asks_is_found_and_no_program_of_its_choice() {
        let process = sleeper(&[("DISPLAY", ":7"), ("XAUTHORITY", "/x"), ("SSH_ASKPASS", "/evil")]);
        let place = Place::of(Some(process.0.id()));
        assert_eq!(
            place.screen(),
            [(screen::DISPLAY, OsString::from(":7")), ("XAUTHORITY", "/x".into())]
        );
    }

    #[test]
    fn half_a_screen_is_none() {
        let process = sleeper(&[("XAUTHORITY", "/x"), ("TERM", "../../evil")]);
        let place = Place::of(Some(process.0.id()));
        assert!(place.screen().iter().all(|(_, value)| value != "/x"), "{place:?}");
        assert_eq!(place.term(), None);
        assert!(place.free_terminal(false).is_err());
    }

    #[test]
    fn a_terminal_somebody_is_busy_at_is_not_free() {
        let terminal = Terminal { path: "/dev/pts/0".into(), device: 1, foreground: true };
        let place = Place { screen: Vec::new(), terminal: Ok(terminal), term: None };
        assert!(place.free_terminal(false).is_ok());
        assert!(place.free_terminal(true).is_err());
    }
}
