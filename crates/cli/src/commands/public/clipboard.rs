//! The clipboard: that of the desktop, or the terminal's (OSC 52), which also works through ssh.
//!
//! The desktop's is a place that keeps a text (`kept`), or a program that answers (`served`).

#[cfg_attr(target_os = "linux", path = "clipboard/served.rs")]
#[cfg_attr(not(target_os = "linux"), path = "clipboard/kept.rs")]
mod desktop;

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};
use keyfob_config::env::{Environment, Name};

use desktop::Desktop;

/// GNU screen takes no longer strings at once (768 bytes in its oldest releases).
const SCREEN_PIECE: usize = 240;

/// Where a text went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the desktop's clipboard, which this process serves where the system does not keep it.
    Desktop { server: Option<u32> },
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

impl Clipboards {
    /// Gets ready. Call it before any key is read: what serves the clipboard for hours should
    /// never have had one.
    pub(super) fn prepare(environment: &Environment) -> Self {
        let through = multiplexer(environment);
        Self { desktop: Desktop::is_there(environment).then(Desktop::start), through }
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
