//! What a person may call a key: its place in the list, its comment, its
//! fingerprint or the beginning of it, or a file with its public or private half.
//!
//! Looks among the keys an agent holds; never guesses between two.

use std::ffi::OsStr;
use std::path::Path;

use keyfob_keys::{HashKind, PublicKey};
use keyfob_protocol::Identity;
use keyfob_sys::os_text::OsStrExt as _;

use crate::columns;
use crate::connection::{Connection, Error as AgentError};
use crate::exit::Exit;
use crate::public_file;
use crate::voice::{Voice, shown};

/// A key of the agent.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its place in the list, from 1.
    pub(crate) index: usize,
    /// The key or certificate.
    pub(crate) key: PublicKey,
    /// For people, unescaped.
    pub(crate) comment: Vec<u8>,
}

/// The keys names are looked up among.
#[derive(Debug, Default)]
pub(crate) struct Names {
    entries: Vec<Entry>,
}

/// Why a name means no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// Nothing of that name.
    #[error("the agent has no key of that name")]
    Unknown,
    /// A key file, but the agent does not hold its key.
    #[error("the agent does not have this key")]
    NotHeld,
    /// A file, but no public key can be read from it.
    #[error("no public key in this file: {0}")]
    NoKey(String),
    /// Several keys; a line for each.
    #[error("this name means more than one key")]
    Ambiguous(Vec<String>),
}

impl Names {
    /// Asks the agent for its keys. Types unknown here cannot be named.
    pub(crate) fn of_agent(connection: &mut Connection, voice: Voice) -> Result<Self, Exit> {
        match listed(connection) {
            Ok(Some(identities)) => Ok(Self::new(identities)),
            Ok(None) => {
                voice.locked();
                Err(Exit::Failure)
            }
            Err(error) => {
                voice.unlisted(&error);
                Err(Exit::Failure)
            }
        }
    }

    fn new(identities: Vec<Identity>) -> Self {
        let entries = identities.into_iter().enumerate().filter_map(|(at, identity)| {
            let key = PublicKey::from_blob(&identity.key_blob).ok()?;
            Some(Entry { index: at + 1, key, comment: identity.comment })
        });
        Self { entries: entries.collect() }
    }

    /// All that the agent holds of the one key this name means: the plain key
    /// and its certificates. A place in the list means exactly that line.
    pub(crate) fn find(&self, name: &OsStr) -> Result<Vec<&Entry>, Error> {
        let mut found: Vec<&Entry> =
            self.entries.iter().filter(|entry| entry.answers_to(name)).collect();
        let file = public_file::load(Path::new(name));
        if let Ok((key, _)) = &file {
            found.extend(self.entries.iter().filter(|entry| entry.is_half_of(key)));
        }
        found.sort_by_key(|entry| entry.index);
        found.dedup_by_key(|entry| entry.index);
        let Some(first) = found.first() else {
            return Err(match file {
                Ok(_) => Error::NotHeld,
                Err(error) if error.is_missing() => Error::Unknown,
                Err(error) => Error::NoKey(error.to_string()),
            });
        };
        let plain = first.key.plain();
        if found.iter().any(|entry| entry.key.plain() != plain) {
            return Err(Error::Ambiguous(found.iter().map(|entry| entry.line()).collect()));
        }
        Ok(found)
    }
}

/// The listing; `None` when the agent says that it is locked.
fn listed(connection: &mut Connection) -> Result<Option<Vec<Identity>>, AgentError> {
    let Some(details) = connection.details()? else {
        return connection.identities().map(Some);
    };
    if details.locked {
        return Ok(None);
    }
    let identities = details.identities.into_iter();
    let plain =
        identities.map(|detail| Identity { key_blob: detail.key_blob, comment: detail.comment });
    Ok(Some(plain.collect()))
}

impl Entry {
    fn answers_to(&self, name: &OsStr) -> bool {
        let bytes = name.as_bytes();
        bytes == self.comment
            || bytes == self.index.to_string().as_bytes()
            || self.begins_with(bytes)
    }

    /// Whether the fingerprint begins so, `SHA256:` or `MD5:` included. The
    /// old form of the latter came without its name.
    fn begins_with(&self, prefix: &[u8]) -> bool {
        let prefix = columns::uncut(prefix);
        let sha256 = self.key.fingerprint(HashKind::Sha256).to_string();
        let md5 = self.key.fingerprint(HashKind::Md5).to_string();
        let labelled = |label: &str, whole: &str| {
            prefix.len() > label.len()
                && prefix.starts_with(label.as_bytes())
                && whole.as_bytes().starts_with(prefix)
        };
        let old = md5.strip_prefix("MD5:").unwrap_or_default().as_bytes();
        labelled("SHA256:", &sha256)
            || labelled("MD5:", &md5)
            || (prefix.len() >= 5 && old.starts_with(prefix))
    }

    /// A certificate file means that certificate, a key file the key with all
    /// its certificates.
    fn is_half_of(&self, key: &PublicKey) -> bool {
        if key.certificate().is_some() { self.key == *key } else { self.key.plain() == *key }
    }

    /// One line for a person who has to choose.
    fn line(&self) -> String {
        let fingerprint = self.key.fingerprint(HashKind::Sha256);
        format!("{}  {} {fingerprint}  {}", self.index, self.key.short_name(), shown(&self.comment))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    const A: &[u8] =
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";
    const B: &[u8] =
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIdDU8jt3BhCxqytNoZ2kkY/Ff3bAzlISB/BRjTqhGxf";

    fn names(comments: [&str; 2]) -> Names {
        let identities = [A, B].iter().zip(comments).map(|(line, comment)| Identity {
            key_blob: PublicKey::from_line(line).unwrap().0.blob().to_vec(),
            comment: comment.as_bytes().to_vec(),
        });
        Names::new(identities.collect())
    }

    fn found(names: &Names, name: &str) -> Result<Vec<usize>, Error> {
        Ok(names.find(OsStr::new(name))?.iter().map(|entry| entry.index).collect())
    }

    #[test]
    fn a_key_is_found_by_each_of_its_names() {
        let names = names(["work", "home server"]);
        let sha256 = names.entries[1].key.fingerprint(HashKind::Sha256).to_string();
        let md5 = names.entries[1].key.fingerprint(HashKind::Md5).to_string();
        for name in [
            "2",
            "home server",
            sha256.as_str(),
            &sha256[..13],
            md5.as_str(),
            &md5[..10],
            &md5[4..],
        ] {
            assert_eq!(found(&names, name), Ok(vec![2]), "{name}");
        }
    }

    #[test]
    fn a_file_names_its_key_and_says_when_the_agent_lacks_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("id.pub");
        std::fs::write(&path, A).unwrap();
        let all = names(["a", "b"]);
        assert_eq!(found(&all, path.to_str().unwrap()), Ok(vec![1]));
        assert_eq!(found(&all, folder.path().join("id").to_str().unwrap()), Ok(vec![1]));
        std::fs::write(folder.path().join("text"), "hello").unwrap();
        let text = folder.path().join("text");
        assert!(matches!(found(&all, text.to_str().unwrap()), Err(Error::NoKey(_))));
        let none = Names::default();
        assert_eq!(found(&none, path.to_str().unwrap()), Err(Error::NotHeld));
    }

    #[test]
    fn two_keys_of_one_name_are_listed_and_neither_is_taken() {
        let Err(Error::Ambiguous(lines)) = found(&names(["same", "same"]), "same") else {
            panic!("one of two keys was chosen");
        };
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("1  ED25519 SHA256:"));
        // A comment that looks like another key's place is ambiguous as well.
        assert!(matches!(found(&names(["2", "x"]), "2"), Err(Error::Ambiguous(_))));
    }

    #[test]
    fn what_names_nothing_is_said_to_name_nothing() {
        for name in ["0", "3", "SHA256:", "MD5:", "wor", "", "SHA256:zzzz"] {
            assert_eq!(found(&names(["work", "x"]), name), Err(Error::Unknown), "{name}");
        }
    }
}
