//! The clipboard: that of the desktop, or the terminal's (OSC 52), which also works through ssh.
//!
//! On X11 the clipboard is no place but a program that answers whoever pastes. So a copy of this
//! process stays in the background and answers, until something else is copied.

use std::fmt::Write as _;
use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::time::{Duration, Instant};

use arboard::{Clipboard, SetExtLinux as _};
use base64ct::{Base64, Encoding as _};
use keyfob_config::env::{Environment, Name};
use keyfob_sys::Error as Sys;
use keyfob_sys::process::{Forked, Readiness, Startup, detach, fork_with_report};

/// GNU screen takes no longer strings at once (768 bytes in its oldest releases).
const SCREEN_PIECE: usize = 240;

/// How often the server of the clipboard looks whether there is still a display.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Where a text went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the desktop's clipboard, served by this process.
    Desktop { server: u32 },
    /// To the terminal, which may or may not obey, through tmux or screen perhaps.
    Terminal { through: Option<&'static str> },
}

/// Why it went nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nowhere {
    /// What the desktop said, if there is one.
    pub(crate) desktop: Option<String>,
    /// What the terminal said.
    pub(crate) terminal: String,
}

/// Whoever will take the text.
pub(super) struct Clipboards {
    desktop: Option<Result<Desktop, String>>,
    through: Option<&'static str>,
}

/// The process that will serve the desktop's clipboard; it has no text yet.
struct Desktop {
    startup: Startup,
    text: PipeWriter,
}

impl Clipboards {
    /// Gets ready. Call it before any key is read: what serves the clipboard for hours should
    /// never have had one.
    pub(super) fn prepare(environment: &Environment) -> Self {
        let has_display = environment.get(Name::Display).is_some();
        Self { desktop: has_display.then(Desktop::start), through: multiplexer(environment) }
    }

    /// Copies: to the desktop where there is one, else to the terminal.
    pub(super) fn copy(self, text: &[u8]) -> Result<Way, Nowhere> {
        let desktop = match self.desktop.map(|desktop| desktop.and_then(|it| it.take(text))) {
            Some(Ok(server)) => return Ok(Way::Desktop { server }),
            Some(Err(why)) => Some(why),
            None => None,
        };
        let through = self.through;
        match keyfob_prompt::terminal::send(osc_52(text, through).as_bytes()) {
            Ok(()) => Ok(Way::Terminal { through }),
            Err(error) => Err(Nowhere { desktop, terminal: error.to_string() }),
        }
    }
}

impl Desktop {
    fn start() -> Result<Self, String> {
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

    fn take(mut self, text: &[u8]) -> Result<u32, String> {
        self.text.write_all(text).map_err(|error| error.to_string())?;
        drop(self.text);
        let server = self.startup.child();
        self.startup.wait().map(|_| server).map_err(|error| match error {
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

fn multiplexer(environment: &Environment) -> Option<&'static str> {
    if environment.get(Name::Tmux).is_some() {
        Some("tmux")
    } else if environment.get(Name::Sty).is_some() {
        Some("screen")
    } else {
        None
    }
}

/// The control sequence that fills the terminal's clipboard, wrapped for what stands between.
fn osc_52(text: &[u8], through: Option<&str>) -> String {
    let plain = format!("\x1b]52;c;{}\x07", Base64::encode_string(text));
    match through {
        // tmux obeys the plain one when told to (set-clipboard on), and hands on the wrapped one
        // when told to (allow-passthrough on): one of the two may be allowed.
        Some("tmux") => {
            format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b"))
        }
        Some(_) => {
            let mut wrapped = String::new();
            for piece in plain.as_bytes().chunks(SCREEN_PIECE) {
                // Base64 and control characters: every cut is between two characters.
                let piece = String::from_utf8_lossy(piece);
                // Writing to a String cannot fail.
                let _ = write!(wrapped, "\x1bP{piece}\x1b\\");
            }
            wrapped
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_base64_in_osc_52() {
        assert_eq!(osc_52(b"key", None), "\x1b]52;c;a2V5\x07");
    }

    #[test]
    fn tmux_and_screen_get_it_wrapped_to_hand_it_on() {
        let tmux = osc_52(b"key", Some("tmux"));
        assert!(tmux.ends_with("\x1bPtmux;\x1b\x1b]52;c;a2V5\x07\x1b\\"), "{tmux:?}");
        let screen = osc_52(&[b'x'; 600], Some("screen"));
        let pieces: Vec<&str> = screen.split("\x1b\\").filter(|piece| !piece.is_empty()).collect();
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.starts_with("\x1bP")));
        assert_eq!(screen.replace("\x1bP", "").replace("\x1b\\", ""), osc_52(&[b'x'; 600], None));
    }
}
