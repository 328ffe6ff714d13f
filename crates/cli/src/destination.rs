//! Destination constraints as typed (`[user@]host`, `from>[user@]to`), with
//! the host keys known hosts files give for them.
//!
//! Makes the constraint; the agent enforces it.

use std::path::{Path, PathBuf};

use keyfob_protocol::destination::{Constraint, Hop, KeySpec};
use keyfob_sys::os_text::{self, OsStrExt as _};

use crate::known_hosts;
use crate::voice::shown_path;

/// Why a text is no destination. Each is fatal: a key must not be added with
/// fewer constraints than were asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// Neither user nor host.
    #[error("Invalid key destination constraint \"{0}\": does not specify user or host")]
    Empty(String),
    /// No known hosts file names the host.
    #[error("No host keys found for destination \"{0}\"")]
    NoHostKeys(String),
    /// `user@host>…`: nobody logs in where the connection starts.
    #[error("Invalid key constraint {0}: cannot specify user on 'from' host")]
    UserAtStart(String),
}

/// Reads destinations against a set of known hosts files.
#[derive(Debug)]
pub(crate) struct Destinations {
    files: Vec<PathBuf>,
    /// Files and lines that could not be read, for people.
    pub(crate) complaints: Vec<String>,
}

impl Destinations {
    /// With these files, or the usual ones when there are none.
    pub(crate) fn new(files: &[PathBuf], home: Option<&Path>) -> Self {
        let defaults = known_hosts::DEFAULT_FILES.map(PathBuf::from);
        let named = !files.is_empty();
        let files = if named { files } else { &defaults };
        let files: Vec<PathBuf> = files.iter().map(|file| expand(file, home)).collect();
        // The usual ones rarely all exist; one that somebody named should.
        let missing = files.iter().filter(|file| named && !file.exists());
        let complaints =
            missing.map(|file| format!("{}: no such file", shown_path(file))).collect();
        Self { files, complaints }
    }

    /// The files that are looked into.
    pub(crate) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// One constraint.
    pub(crate) fn read(&mut self, text: &[u8]) -> Result<Constraint, Error> {
        let Some(at) = text.iter().position(|byte| *byte == b'>') else {
            return Ok(Constraint { from: Hop::default(), to: self.hop(text)?.0 });
        };
        let (from_text, to_text) = (&text[..at], &text[at + 1..]);
        let (from, user_given) = self.hop(from_text)?;
        let (to, _) = self.hop(to_text)?;
        if user_given {
            return Err(Error::UserAtStart(shown(from_text)));
        }
        Ok(Constraint { from, to })
    }

    /// One end, and whether it names a user (`@host` names the empty one).
    fn hop(&mut self, text: &[u8]) -> Result<(Hop, bool), Error> {
        let (user, host) = match text.iter().rposition(|byte| *byte == b'@') {
            Some(at) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        };
        let host = without_brackets(host);
        if host.is_empty() && user.is_none() {
            return Err(Error::Empty(shown(text)));
        }
        let keys = if host.is_empty() { Vec::new() } else { self.keys_of(host)? };
        let hop = Hop { user: user.unwrap_or_default().to_vec(), host: host.to_vec(), keys };
        Ok((hop, user.is_some()))
    }

    fn keys_of(&mut self, host: &[u8]) -> Result<Vec<KeySpec>, Error> {
        let found = known_hosts::look_up(host, &self.files);
        self.complaints.extend(found.complaints);
        if found.keys.is_empty() {
            return Err(Error::NoHostKeys(shown(host)));
        }
        let specs = found
            .keys
            .into_iter()
            .map(|host| KeySpec { key: host.key, is_authority: host.is_authority });
        Ok(specs.collect())
    }
}

/// `[host]` is the host; `[host]:port` stays, known hosts files write it so.
fn without_brackets(host: &[u8]) -> &[u8] {
    host.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]")).unwrap_or(host)
}

/// `~/` is the home by the user database, as for `ssh`.
fn expand(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.as_os_str().as_bytes().strip_prefix(b"~/"), home) {
        (Some(rest), Some(home)) => home.join(os_text::path(rest)),
        _ => path.to_owned(),
    }
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIdDU8jt3BhCxqytNoZ2kkY/Ff3bAzlISB/BRjTqhGxf";

    fn with_hosts(hosts: &str, check: impl FnOnce(&mut Destinations)) {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".ssh")).unwrap();
        std::fs::write(home.path().join(".ssh/known_hosts"), format!("{hosts} {KEY}\n")).unwrap();
        check(&mut Destinations::new(&[], Some(home.path())));
    }

    #[test]
    fn a_host_with_or_without_user_starts_at_the_agents_machine() {
        with_hosts("h", |destinations| {
            let plain = destinations.read(b"h").unwrap();
            assert!(plain.from.is_origin());
            assert_eq!(
                (plain.to.user.as_slice(), plain.to.host.as_slice()),
                (b"".as_slice(), b"h".as_slice())
            );
            assert_eq!(plain.to.keys.len(), 1);
            // The last @ separates: user names of some directories hold one.
            let user = destinations.read(b"me@example.org@[h]").unwrap();
            assert_eq!(
                (user.to.user.as_slice(), user.to.host.as_slice()),
                (b"me@example.org".as_slice(), b"h".as_slice())
            );
        });
    }

    #[test]
    fn a_second_hop_names_where_it_starts() {
        with_hosts("a,[b]:2222", |destinations| {
            let hop = destinations.read(b"a>root@[b]:2222").unwrap();
            assert_eq!(hop.from.host, b"a");
            assert_eq!(
                (hop.to.user.as_slice(), hop.to.host.as_slice()),
                (b"root".as_slice(), b"[b]:2222".as_slice())
            );
        });
    }

    #[test]
    fn what_cannot_be_enforced_is_refused_with_the_words_of_openssh() {
        with_hosts("h", |destinations| {
            let message = |text: &str, destinations: &mut Destinations| {
                destinations.read(text.as_bytes()).unwrap_err().to_string()
            };
            assert_eq!(message("x", destinations), "No host keys found for destination \"x\"");
            assert_eq!(
                message("", destinations),
                "Invalid key destination constraint \"\": does not specify user or host"
            );
            assert_eq!(
                message("u@h>h", destinations),
                "Invalid key constraint u@h: cannot specify user on 'from' host"
            );
            assert_eq!(
                message("@h>h", destinations),
                "Invalid key constraint @h: cannot specify user on 'from' host"
            );
        });
    }
}
