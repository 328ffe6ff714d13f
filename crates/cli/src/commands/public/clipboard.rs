//! The clipboard: that of the desktop, or the terminal's (OSC 52), which also works through ssh.
//!
//! On X11 the clipboard is no place but a program that answers whoever pastes. So a copy of this
//! process stays in the background and answers, until something else is copied.

use std::fmt::Write as _;

use arboard::{Clipboard, SetExtLinux as _};
use base64ct::{Base64, Encoding as _};
use keyfob_config::env::{Environment, Name};
use keyfob_sys::process::{Forked, Readiness, detach, fork_with_report};

/// GNU screen takes no longer strings at once (768 bytes in its oldest releases).
const SCREEN_PIECE: usize = 240;

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

/// Copies: to the desktop where there is one, else to the terminal.
pub(super) fn copy(text: &[u8], environment: &Environment) -> Result<Way, Nowhere> {
    let text = String::from_utf8_lossy(text);
    let has_display = environment.get(Name::Display).is_some();
    let desktop = match has_display.then(|| to_desktop(&text)) {
        Some(Ok(server)) => return Ok(Way::Desktop { server }),
        Some(Err(why)) => Some(why),
        None => None,
    };
    let through = multiplexer(environment);
    match keyfob_prompt::terminal::send(osc_52(text.as_bytes(), through).as_bytes()) {
        Ok(()) => Ok(Way::Terminal { through }),
        Err(error) => Err(Nowhere { desktop, terminal: error.to_string() }),
    }
}

fn to_desktop(text: &str) -> Result<u32, String> {
    match fork_with_report().map_err(|error| error.to_string())? {
        Forked::Parent(startup) => {
            let server = startup.child();
            startup.wait().map(|_| server).map_err(|error| error.to_string())
        }
        Forked::Child(readiness) => {
            serve(text, readiness);
            // Nothing of what the parent still has to do is this process's to do.
            std::process::exit(0);
        }
    }
}

fn serve(text: &str, readiness: Readiness) {
    let offered = || -> Result<Clipboard, String> {
        detach().map_err(|error| error.to_string())?;
        let mut clipboard = Clipboard::new().map_err(|error| error.to_string())?;
        clipboard.set_text(text).map_err(|error| error.to_string())?;
        Ok(clipboard)
    };
    match offered() {
        Ok(mut clipboard) => {
            // A parent that is gone changes nothing.
            let _ = readiness.ready(b"");
            let _ = clipboard.set().wait().text(text);
        }
        Err(why) => {
            let _ = readiness.failed(&why);
        }
    }
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
