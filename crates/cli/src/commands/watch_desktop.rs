//! The agent's helper on the desktop: says when the machine sleeps, the screen is locked and the
//! session ends, and shows notifications. It stays until the agent closes its standard input.
//!
//! Not a command for people, so it is in no table: no help, no manual page, no completion. What it
//! says and what it is told stands in `keyfob_daemon::desktop`. It has no key and no socket of the
//! agent's; it decides nothing.

#[cfg_attr(unix, path = "watch_desktop/buses.rs")]
#[cfg_attr(windows, path = "watch_desktop/windows.rs")]
mod system;

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use keyfob_daemon::desktop::{COMMAND, Event, MAX_LINE, Order, Wishes};

use crate::exit::Exit;
use crate::output;

/// Whether the daemon has started us for it.
pub(crate) fn is_meant(arguments: &[OsString]) -> bool {
    matches!(arguments, [_, command, ..] if command == OsStr::new(COMMAND))
}

/// Watches, for who is at the other end of the standard streams.
pub(crate) fn run(arguments: &[OsString]) -> Exit {
    if io::stdin().is_terminal() {
        output::fact(format!(
            "{COMMAND} is how the agent learns that the screen is locked: it talks through a \
             pipe, and there is nothing to type here"
        ));
        return Exit::Failure;
    }
    let words: Option<Vec<&str>> = arguments.iter().skip(2).map(|word| word.to_str()).collect();
    let Some(wishes) = words.and_then(Wishes::of_words) else {
        output::fact(format!("{COMMAND}: another keyfob has started it"));
        return Exit::Failure;
    };
    system::run(wishes)
}

/// Tells the agent. When it does not listen any more, our standard input ends too.
fn say(event: &Event) {
    let _ = output::unbuffered(event.line().as_bytes());
}

/// Reads what the agent orders, to the end, in a thread of its own: a pipe is not waited for in another
/// way that lets this process end. `tell` says whether anybody still listens.
fn read_orders(mut tell: impl FnMut(Order) -> bool + Send + 'static) {
    std::thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut line = Vec::new();
        loop {
            line.clear();
            let longest = u64::try_from(MAX_LINE).unwrap_or(u64::MAX) + 1;
            match stdin.by_ref().take(longest).read_until(b'\n', &mut line) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return,
            }
            let order = line.strip_suffix(b"\n").and_then(Order::read);
            // Whatever else it is, it is not our agent that says it.
            let Some(order) = order else { return };
            if !tell(order) {
                return;
            }
        }
    });
}
