//! Here the system keeps what was copied.

use arboard::Clipboard;
use keyfob_config::env::Environment;

pub(super) struct Desktop;

impl Desktop {
    pub(super) fn is_there(_environment: &Environment) -> bool {
        true
    }

    pub(super) fn start() -> Result<Self, String> {
        Ok(Self)
    }

    /// Nobody has to serve it.
    pub(super) fn take(self, text: &[u8]) -> Result<Option<u32>, String> {
        let text = String::from_utf8_lossy(text);
        let copied = Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text));
        copied.map(|()| None).map_err(|error| error.to_string())
    }
}
