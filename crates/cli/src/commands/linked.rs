//! The helper's side of linked key files: reads one file for the daemon, closed in, and ends.
//!
//! Not a command for people, so it is in no table: no help, no manual page, no completion. What
//! it is asked and what it answers stands in `keyfob_daemon::linked`.
//!
//! Opening the file is the last thing it does as the user it runs as. All that looks inside, and
//! the passphrase with it, comes after the walls.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _};
use std::path::Path;

use keyfob_daemon::linked::{Answer, COMMAND, Failure, Found, Request, Source, Text, Walls};
use keyfob_keyfile::{Error, Format, Limits, inspect, read_private_within};
use keyfob_keys::Secret;
use keyfob_sys::{hardening, locked};

use crate::exit::Exit;
use crate::files::{self, Opened};
use crate::lent::lent;
use crate::{leash, output, sandbox};

/// Whether the daemon has started us for it.
pub(crate) fn is_meant(arguments: &[OsString]) -> bool {
    matches!(arguments, [_, command] if command == OsStr::new(COMMAND))
}

/// Reads one file for who is at the other end of the standard streams.
pub(crate) fn run() -> Exit {
    // Incomplete protection is the daemon's to tell: it has the same.
    let _ = hardening::protect_process();
    // The walls leave no way to it; and a machine should not be kept from hibernating by this.
    locked::use_secret_memory(false);
    if io::stdin().is_terminal() {
        output::fact(format!(
            "{COMMAND} is how the agent reads a key file that is linked: it asks through a pipe, \
             and there is nothing to type here"
        ));
        output::hint("to see what is in a key file: keyfob inspect FILE");
        return Exit::Failure;
    }
    match answer() {
        Ok(()) => Exit::Success,
        Err(error) => {
            output::fact(format!("{COMMAND}: {}", files::reason(&error)));
            Exit::Failure
        }
    }
}

fn answer() -> io::Result<()> {
    // Past the buffer of the standard library, which would keep a copy of the passphrase.
    let mut pipe = File::from(lent(&io::stdin()).try_clone_to_owned()?);
    let request = Request::read(&mut pipe)?;
    match leash::end_with(&pipe) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Err(error),
        // Where this does not exist, the limits end what nobody waits for.
        Ok(()) | Err(_) => {}
    }
    let answer = answer_to(&request, &pipe);
    let bytes = answer.encode().or_else(|error| {
        let failure = Failure::Unusable(Text::new(error.to_string()));
        Answer { walls: answer.walls, outcome: Err(failure) }.encode()
    });
    output::unbuffered(&bytes.map_err(io::Error::other)?)
}

/// The walls stand before anything is looked at, also when there is nothing to look at.
fn answer_to(request: &Request, pipe: &File) -> Answer {
    let opened = match &request.source {
        Source::Path(path) => Some(open(path)),
        Source::Bytes(_) => None,
    };
    let file = opened.as_ref().and_then(|opened| opened.as_ref().ok());
    match sandbox::confine(file.map_or(lent(pipe), Opened::descriptor)) {
        Ok(walls) => {
            let passphrase = request.passphrase.as_ref();
            let outcome = match (opened, &request.source) {
                (Some(opened), _) => opened.and_then(|opened| key_in(opened, passphrase)),
                (None, Source::Bytes(bytes)) => key_of(bytes, passphrase),
                (None, Source::Path(_)) => Err(Failure::Gone),
            };
            Answer { walls, outcome }
        }
        Err(error) => {
            let failure = Failure::Unconfined(Text::new(error.to_string()));
            Answer { walls: Walls::Nothing, outcome: Err(failure) }
        }
    }
}

/// Opens it if it is a file: what was linked was one, and only a file is sure to end.
fn open(path: &Path) -> Result<Opened, Failure> {
    let opened = files::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::Gone,
        _ => Failure::NotReadable(Text::new(files::reason(&error))),
    })?;
    if opened.is_file() {
        Ok(opened)
    } else {
        Err(Failure::NotReadable(Text::new(format!("is {}, not a file", opened.kind()))))
    }
}

fn key_in(mut opened: Opened, passphrase: Option<&Secret>) -> Result<Found, Failure> {
    let bytes =
        opened.read().map_err(|error| Failure::NotReadable(Text::new(error.to_string())))?;
    let found = read(&bytes, passphrase)?;
    // The rule of `keyfob add`, which a file that was linked has met once.
    if let Some(exposure) = opened.too_open() {
        let words = format!("{exposure}, so it is not used");
        return Err(Failure::Unusable(Text::new(words)));
    }
    Ok(found)
}

/// Of a file that came through the agent's socket: a PPK, and nothing else is looked for in it.
fn key_of(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Found, Failure> {
    let seen = inspect(bytes).map_err(|error| failure(&error))?;
    if seen.format != Format::Ppk {
        return Err(Failure::NotAKey(Text::new("it is no PPK file")));
    }
    if seen.is_encrypted() && passphrase.is_none() {
        let public = seen.public.ok_or(Failure::PassphraseNeeded)?;
        return Err(Failure::Closed { public, comment: seen.comment.unwrap_or_default() });
    }
    read(bytes, passphrase)
}

/// The key in these bytes, if it is one that signs.
fn read(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Found, Failure> {
    let file = read_private_within(bytes, passphrase, &Limits::default())
        .map_err(|error| failure(&error))?;
    let unusable = |error: keyfob_keys::Error| Failure::Unusable(Text::new(error.to_string()));
    file.key.ensure_signs().map_err(unusable)?;
    Ok(Found { key: file.key, comment: file.comment })
}

fn failure(error: &Error) -> Failure {
    let text = Text::new(error.to_string());
    match error {
        Error::PassphraseNeeded => Failure::PassphraseNeeded,
        Error::WrongPassphrase => Failure::WrongPassphrase,
        Error::NotAKey | Error::PublicKeyFile => Failure::NotAKey(text),
        Error::KdfTooExpensive { .. } | Error::OutOfMemory => Failure::TooSlow(text),
        _ => Failure::Unusable(text),
    }
}
