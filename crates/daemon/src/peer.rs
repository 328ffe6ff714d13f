//! Who is at the other end, for the log.

use std::fmt;
use std::sync::OnceLock;

use keyfob_prompt::escape;
use keyfob_sys::peer::{self, Credentials};

/// A client's process. Its program is looked up when it is first named and
/// says what was running then: a hint for a person, never a ground to allow.
pub(crate) struct Peer {
    credentials: Credentials,
    program: OnceLock<String>,
}

impl Peer {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self { credentials, program: OnceLock::new() }
    }

    /// Its process number; `None` in a namespace we cannot see into.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.credentials.pid
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(pid) = self.credentials.pid else {
            return f.write_str("pid unknown");
        };
        let program = self.program.get_or_init(|| match peer::executable(pid) {
            Ok(path) => escape::for_display(path.as_os_str().as_encoded_bytes()),
            Err(_) => "program unknown".to_owned(),
        });
        write!(f, "pid {pid} ({program})")
    }
}
