//! How PuTTY's programs on Windows find an agent: a pipe whose name each works out, and a window.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use keyfob_sys::windows::obscured::{obscured, user_name};
use keyfob_sys::windows::pageant;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::Client;
use crate::pipe::PREFIX;

/// The pipe of this user in this session.
///
/// # Errors
/// When the user has no name.
pub fn pipe() -> io::Result<PathBuf> {
    let mut name = OsString::from(format!("{PREFIX}pageant."));
    name.push(user_name()?);
    name.push(format!(".{}", digest(&obscured("Pageant"))));
    Ok(name.into())
}

/// SHA-256 of an SSH string with this in it, in hexadecimal.
fn digest(bytes: &[u8]) -> String {
    // A block or two.
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    let digest = Sha256::new().chain_update(length.to_be_bytes()).chain_update(bytes).finalize();
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Makes the window in this thread, says so, and hands each request to the agent at this place, until the
/// process ends. To be called in a process without keys: who has a program's window has its thread run
/// code of theirs.
///
/// # Errors
/// `AlreadyExists` when an agent has the window; else the system's refusal. It has not been said then.
pub fn serve_window(agent: &Path, ready: impl FnOnce()) -> io::Result<()> {
    if pageant::is_taken() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let agent = agent.to_owned();
    pageant::serve(ready, move |request| answer(&agent, request))
}

/// The agent's reply, with its length.
fn answer(agent: &Path, request: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let reply = Client::connect(agent).and_then(|mut client| client.relay(request));
    reply.inspect_err(|error| tracing::debug!(%error, "Pageant's window")).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// What PuTTY 0.78 works out where the system seals nothing (Wine): the hash of a string of
    /// sixteen bytes.
    #[test]
    fn the_name_is_the_one_putty_works_out() {
        let known = "Pageant\0\0\0\0\0\0\0\0\0";
        assert_eq!(digest(known.as_bytes()), EXPECTED);
        let pipe = pipe().unwrap().into_os_string().into_string().unwrap();
        assert!(pipe.starts_with(r"\\.\pipe\pageant."), "{pipe}");
        assert_eq!(pipe.rsplit('.').next().unwrap().len(), 64);
    }

    const EXPECTED: &str = "2e9e7389b30cd8240bf15518e9a228d6537dc38d64b2070a189ca2fe5452d492";
}
