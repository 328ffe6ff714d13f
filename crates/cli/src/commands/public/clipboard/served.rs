//! On X11 the clipboard is no place but a program that answers whoever pastes. So a copy of this
//! process stays in the background and answers, until something else is copied.

use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::time::{Duration, Instant};

use arboard::{Clipboard, SetExtLinux as _};
use keyfob_config::env::{Environment, Name};
use keyfob_sys::Error as Sys;
use keyfob_sys::process::{Forked, Readiness, Startup, detach, fork_with_report};

/// How often the server of the clipboard looks whether there is still a display.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// The process that will serve the desktop's clipboard; it has no text yet.
pub(super) struct Desktop {
    startup: Startup,
    text: PipeWriter,
}

impl Desktop {
    pub(super) fn is_there(environment: &Environment) -> bool {
        environment.get(Name::Display).is_some()
    }

    pub(super) fn start() -> Result<Self, String> {
        let (incoming, text) = std::io::pipe().map_err(|error| error.to_string())?;
        match fork_with_report().map_err(|error| error.to_string())? {
            Forked::Parent(startup) => Ok(Self { startup, text }),
            Forked::Child(readiness) => {
                drop(text);
                serve(incoming, readiness);
                // Nothing of what the parent still has to do is this process's to do.
                std::process::exit(0);
            }
        }
    }

    /// The process that serves it from now on.
    pub(super) fn take(mut self, text: &[u8]) -> Result<Option<u32>, String> {
        self.text.write_all(text).map_err(|error| error.to_string())?;
        drop(self.text);
        let server = self.startup.child();
        self.startup.wait().map(|_| Some(server)).map_err(|error| match error {
            // What is started here is no agent.
            Sys::Start(why) => why,
            error => error.to_string(),
        })
    }
}

fn serve(mut incoming: PipeReader, readiness: Readiness) {
    let mut text = Vec::new();
    // No text will come when the parent found no key.
    if incoming.read_to_end(&mut text).is_err() || text.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(&text);
    let offered = || -> Result<Clipboard, String> {
        detach().map_err(|error| error.to_string())?;
        let mut clipboard = Clipboard::new().map_err(|error| error.to_string())?;
        clipboard.set_text(text.as_ref()).map_err(|error| error.to_string())?;
        Ok(clipboard)
    };
    match offered() {
        Ok(mut clipboard) => {
            // A parent that is gone changes nothing.
            let _ = readiness.ready(b"");
            while is_still_ours(&mut clipboard, &text) {}
        }
        Err(why) => {
            let _ = readiness.failed(&why);
        }
    }
}

/// Serves for a while. `wait` alone would wait for ever once the display is gone (arboard 3.7.0:
/// the thread that hears of it ends and wakes nobody).
fn is_still_ours(clipboard: &mut Clipboard, text: &str) -> bool {
    let deadline = Instant::now() + LOOK_AGAIN;
    let served = clipboard.set().wait_until(deadline).text(text);
    // Woken early: something else was copied, which is no business of this process.
    served.is_ok()
        && Instant::now() >= deadline
        && clipboard.get_text().is_ok_and(|there| there == text)
}
