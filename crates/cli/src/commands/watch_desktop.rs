//! The agent's helper on the desktop: says when the machine sleeps, the screen is locked and the
//! session ends, and shows notifications. It stays until the agent closes its standard input.
//!
//! Not a command for people, so it is in no table: no help, no manual page, no completion. What it
//! says and what it is told stands in `keyfob_daemon::desktop`. It has no key and no socket of the
//! agent's; it decides nothing.

mod logind;
mod notification;
mod sessions;

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use keyfob_daemon::desktop::{COMMAND, Event, MAX_LINE, Order, Wishes};
use tokio::sync::mpsc;

use crate::exit::Exit;
use crate::output;
use logind::Logind;
use notification::Notifications;

/// Orders that were read and not carried out.
const WAITING: usize = 16;

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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&Event::Nothing(error.to_string()));
            return Exit::Failure;
        }
    };
    let exit = runtime.block_on(watch(wishes));
    // A notification nobody answers for must not keep us.
    runtime.shutdown_background();
    exit
}

async fn watch(wishes: Wishes) -> Exit {
    let mut orders = orders();
    let mut notifications = Notifications::default();
    let wants_logind = wishes.suspend || wishes.screen || wishes.logout;
    let logind = match wants_logind {
        true => Logind::connect(wishes).await.map(Some),
        false => Ok(None),
    };
    let logind = match logind {
        Ok(logind) => logind,
        Err(error) if !wishes.notify => {
            say(&Event::Nothing(error.to_string()));
            return Exit::Failure;
        }
        Err(error) => {
            say(&Event::Problem(format!("sleep, screen and session are not watched: {error}")));
            None
        }
    };
    let delay = logind.as_ref().map(Logind::delay);
    let watching = async {
        match logind {
            Some(logind) => logind.watch().await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(watching);
    say(&Event::Ready);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return Exit::Success,
                Some(Order::Locked) => {
                    if let Some(delay) = &delay {
                        delay.release();
                    }
                }
                Some(Order::Notify(text)) => notifications.show(text),
            },
            // Never an end that was wished for: the next helper looks again.
            error = &mut watching => {
                say(&Event::Problem(format!("logind cannot be heard any more: {error}")));
                return Exit::Failure;
            }
        }
    }
}

/// Tells the agent. When it does not listen any more, our standard input ends too.
fn say(event: &Event) {
    let _ = output::unbuffered(event.line().as_bytes());
}

/// What the agent orders, read by a thread of its own: a pipe is not waited for in another way that
/// lets this process end.
fn orders() -> mpsc::Receiver<Order> {
    let (tell, orders) = mpsc::channel(WAITING);
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
            if tell.blocking_send(order).is_err() {
                return;
            }
        }
    });
    orders
}
