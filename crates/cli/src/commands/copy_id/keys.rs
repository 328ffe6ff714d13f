//! Which public keys are meant: those of files, those of the agent, or the newest of the usual
//! ones.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{inspect, read_private, read_public_all};
use keyfob_keys::PublicKey;
use keyfob_sys::user;

use crate::commands::add::usual_files;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::voice::{installing as words, shown, shown_path};
use crate::{files, finding, public_file};

/// A public key, ready for the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// What messages call it.
    pub(super) name: String,
    /// Its line, without the end.
    pub(super) line: Vec<u8>,
}

/// All that are meant; says why there are none.
pub(super) fn choose(paths: &[PathBuf], environment: &Environment) -> Result<Vec<Chosen>, Exit> {
    if !paths.is_empty() {
        return paths.iter().map(|path| of_file(path)).collect();
    }
    let of_agent = of_agent(environment)?;
    if !of_agent.is_empty() {
        return Ok(of_agent);
    }
    let Some(newest) = newest_usual() else {
        words::no_key();
        return Err(Exit::Failure);
    };
    Ok(vec![of_file(&newest)?])
}

/// Neither a missing agent nor an empty one is worth a word: the files come next.
///
/// Of a key store that was not unlocked yet the agent has what its files say, and who can write to
/// them would be let in on the server.
fn of_agent(environment: &Environment) -> Result<Vec<Chosen>, Exit> {
    let path = environment.auth_sock().or_else(|| finding::own_socket(environment).ok());
    let Some(Ok(mut connection)) = path.map(|path| Connection::open(&path)) else {
        return Ok(Vec::new());
    };
    let identities: Vec<_> = match connection.details().ok().flatten() {
        Some(details) => {
            let all = details.identities.into_iter();
            all.map(|one| (one.key_blob, one.comment, one.proved)).collect()
        }
        None => {
            let all = connection.identities().unwrap_or_default().into_iter();
            all.map(|one| (one.key_blob, one.comment, true)).collect()
        }
    };
    let mut unproved = false;
    let chosen: Vec<_> = identities
        .into_iter()
        .filter_map(|(blob, comment, proved)| {
            let key = PublicKey::from_blob(&blob).ok()?;
            // A server knows certificates by their authority.
            if key.certificate().is_some() {
                return None;
            }
            let name = format!("{} ({})", shown(&comment), key.short_name());
            if !proved {
                words::unproved(&name);
                unproved = true;
                return None;
            }
            Some(Chosen { name, line: line(&key, &comment) })
        })
        .collect();
    if unproved {
        words::unlock_first();
    }
    // Not one of the files instead: the agent's keys were meant.
    if unproved && chosen.is_empty() { Err(Exit::Failure) } else { Ok(chosen) }
}

fn newest_usual() -> Option<PathBuf> {
    let home = user::home_directory()?;
    let dated = usual_files(&home).into_iter().filter_map(|path| {
        let facts = std::fs::metadata(files::beside(&path, ".pub")).ok()?;
        Some((facts.modified().ok()?, path))
    });
    dated.max_by_key(|(modified, _)| *modified).map(|(_, path)| path)
}

/// The key of a file. Of a private one without asking for its passphrase: then the file beside
/// it has to say which key it is.
fn of_file(path: &Path) -> Result<Chosen, Exit> {
    let read = || -> Result<(PublicKey, Vec<u8>), public_file::Error> {
        let bytes = files::open(path).map_err(files::Error::Io)?.read()?;
        let inspection = inspect(&bytes)?;
        if !inspection.format.is_private() {
            return of_public(&bytes);
        }
        let beside = public_file::load(&files::beside(path, ".pub"));
        let own = match inspection.public {
            Some(_) if !inspection.is_encrypted() => {
                let file = read_private(&bytes, None)?;
                Some((file.key.public().plain(), file.comment))
            }
            seen => seen.map(|key| (key.plain(), inspection.comment.unwrap_or_default())),
        };
        match (own, beside) {
            (Some((key, comment)), Ok((public, said))) if public.plain() == key => {
                Ok((key, said.unwrap_or(comment)))
            }
            (Some(own), Ok(_)) => {
                words::stranger_beside(path);
                Ok(own)
            }
            (Some(own), Err(_)) => Ok(own),
            (None, Ok((public, said))) => Ok((public, said.unwrap_or_default())),
            // Of a key that cannot be read, reading it says why.
            (None, Err(_)) => {
                let file = read_private(&bytes, None)?;
                Ok((file.key.public().plain(), file.comment))
            }
        }
    };
    // As ssh-copy-id has it: the name of the private file, when only the public one is there.
    let found = match read() {
        Err(error) if error.is_missing() => {
            let beside = public_file::load(&files::beside(path, ".pub")).map_err(|_| error);
            beside.map(|(key, comment)| (key, comment.unwrap_or_default()))
        }
        other => other,
    };
    match found {
        Ok((key, comment)) => {
            Ok(Chosen { name: shown_path(path), line: line(&key.plain(), &comment) })
        }
        Err(error) => {
            words::unusable(path, &error);
            Err(Exit::Failure)
        }
    }
}

/// The key of a public file, which has one. Of several, one would be installed and the others
/// silently not; and without the options in front of it a key may do more than it should.
fn of_public(bytes: &[u8]) -> Result<(PublicKey, Vec<u8>), public_file::Error> {
    let mut entries = read_public_all(bytes)?;
    entries.retain(|entry| !matches!(entry.key, Err(keyfob_keyfile::Error::NotAKey)));
    match entries.pop() {
        None => Err(keyfob_keyfile::Error::NotAKey.into()),
        Some(entry) if entries.is_empty() && entry.options.is_empty() => {
            Ok((entry.key?, entry.comment))
        }
        Some(_) => Err(public_file::Error::Several),
    }
}

/// A comment from an agent may hold a line end, and behind it another key, with options; or
/// what steers the terminal of whoever looks at the file on the server.
fn line(key: &PublicKey, comment: &[u8]) -> Vec<u8> {
    let mut harmless = Vec::with_capacity(comment.len());
    for chunk in comment.utf8_chunks() {
        let seen = chunk.valid().chars().filter(|character| !character.is_control());
        harmless.extend(seen.collect::<String>().into_bytes());
        harmless.extend(chunk.invalid());
    }
    key.to_line(&harmless)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_comment_brings_no_second_line_to_the_server() {
        let text =
            b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";
        let key = PublicKey::from_line(text).unwrap().0;
        let comment = b"me\nssh-ed25519 AAAA evil\r\0\x1b[2J\xc2\x9b2J caf\xc3\xa9 caf\xe9";
        let kept = b" messh-ed25519 AAAA evil[2J2J caf\xc3\xa9 caf\xe9";
        assert_eq!(line(&key, comment), [&text[..], kept].concat());
    }

    #[test]
    fn of_a_public_file_one_key_alone_is_taken() {
        let key =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";
        let (_, comment) = of_public(format!("# mine\n{key} me\n").as_bytes()).unwrap();
        assert_eq!(comment, b"me");
        for several in [format!("{key} one\n{key} two\n"), format!("command=\"ls\" {key}\n")] {
            let refused = of_public(several.as_bytes());
            assert!(matches!(refused, Err(public_file::Error::Several)), "{several}");
        }
    }
}
