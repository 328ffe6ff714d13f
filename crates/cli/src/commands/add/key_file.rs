//! One source from its path to a private key, with a word about whatever is
//! in the way.

use std::path::{Path, PathBuf};

use keyfob_keyfile::{Error, Feature, PrivateFile, inspect};
use zeroize::Zeroizing;

use super::sources::Place;
use crate::exit::Exit;
use crate::files::{self, Opened};
use crate::passphrases::{Failure, Passphrases};
use crate::voice::Voice;
use crate::voice::adding::{Adding, Gathering};

/// The key in a source; `None` for a file of a folder that is no private key.
pub(super) fn load(
    source: &Place,
    passphrases: &mut Passphrases,
    voice: Voice,
) -> Result<Option<PrivateFile>, Exit> {
    let name = source.name();
    let bytes = match source {
        Place::Stdin => {
            files::read_stdin().map_err(|error| failed(voice, name, &Adding::Unread(&error)))?
        }
        Place::File(path) => read(path, voice)?,
        Place::InFolder(path) => match read_in_folder(path, voice)? {
            Some(bytes) => bytes,
            None => return Ok(None),
        },
    };
    if is_on_token(&bytes) {
        return Err(failed(voice, name, &Adding::OnToken));
    }
    match passphrases.open(name, &bytes).and_then(ensure_signs) {
        Ok(file) => Ok(Some(file)),
        Err(Failure::GivenUp { wrong }) => Err(failed(voice, name, &Adding::GivenUp { wrong })),
        Err(Failure::Unusable(error)) => {
            let beside = private_beside(name);
            Err(failed(voice, name, &Adding::Unusable { error: &error, beside: beside.as_deref() }))
        }
    }
}

/// What may be a private key, read without a word: it is read again when its turn comes. Not from a
/// pipe, which gives what it has once.
pub(super) fn peek(source: &Place) -> Option<Zeroizing<Vec<u8>>> {
    let (Place::File(path) | Place::InFolder(path)) = source else { return None };
    let mut opened = files::open(path).ok().filter(Opened::is_file)?;
    let bytes = opened.read().ok()?;
    (is_no_private_key(&bytes).is_none() && !is_on_token(&bytes)).then_some(bytes)
}

fn failed(voice: Voice, name: &Path, event: &Adding<'_>) -> Exit {
    voice.adding(name, event);
    Exit::Failure
}

/// A file somebody named. `ssh-add` looks at the mode first, whatever it is
/// that has this mode; `keyfob` says what it is.
fn read(path: &Path, voice: Voice) -> Result<Zeroizing<Vec<u8>>, Exit> {
    let mut opened = match files::open(path) {
        Ok(opened) => opened,
        Err(error) => return Err(failed(voice, path, &Adding::Unopened(&files::Error::Io(error)))),
    };
    if voice == Voice::OpenSsh && opened.too_open().is_some() {
        let secret = holds_a_private_key(&mut opened);
        check_mode(path, &opened, secret, voice)?;
    }
    let bytes = opened.read().map_err(|error| failed(voice, path, &Adding::Unread(&error)))?;
    // A public key may be open to all: that is not what is wrong with it.
    let public = voice == Voice::Keyfob && is_no_private_key(&bytes).is_some();
    if !public {
        check_mode(path, &opened, true, voice)?;
    }
    Ok(bytes)
}

fn check_mode(path: &Path, opened: &Opened, secret: bool, voice: Voice) -> Result<(), Exit> {
    match opened.too_open() {
        Some(exposure) => {
            Err(failed(voice, path, &Adding::TooOpen { exposure: &exposure, secret }))
        }
        None => Ok(()),
    }
}

/// Whether closing this to others is good advice: it breaks a folder or a device.
fn holds_a_private_key(opened: &mut Opened) -> bool {
    opened.is_file() && opened.read().is_ok_and(|bytes| is_no_private_key(&bytes).is_none())
}

/// A file of a folder: what is no private key is skipped with a reason.
fn read_in_folder(path: &Path, voice: Voice) -> Result<Option<Zeroizing<Vec<u8>>>, Exit> {
    let skip = |why: &str| {
        voice.gathering(&Gathering::Skipped(path, why));
        Ok(None)
    };
    let mut opened = match files::open(path) {
        Ok(opened) => opened,
        Err(error) => return skip(&files::reason(&error)),
    };
    if !opened.is_file() {
        return skip(opened.kind());
    }
    let bytes = match opened.read() {
        Ok(bytes) => bytes,
        Err(error) => return skip(&error.to_string()),
    };
    if let Some(why) = is_no_private_key(&bytes) {
        return skip(&why);
    }
    check_mode(path, &opened, true, voice)?;
    Ok(Some(bytes))
}

/// Why these bytes are no private key, as far as can be seen from outside.
fn is_no_private_key(bytes: &[u8]) -> Option<String> {
    match inspect(bytes) {
        Ok(inspection) if !inspection.format.is_private() => Some(inspection.format.to_string()),
        Err(Error::NotAKey) => Some(Error::NotAKey.to_string()),
        Ok(_) | Err(_) => None,
    }
}

/// Whether signing takes a security key. Seen before anybody types a passphrase for it.
fn is_on_token(bytes: &[u8]) -> bool {
    let inspection = inspect(bytes).ok().filter(|inspection| inspection.format.is_private());
    let public = inspection.and_then(|inspection| inspection.public);
    public.is_some_and(|key| key.algorithm().is_fido())
}

/// A key that can be shown and converted, but makes no signatures, is none for an agent.
fn ensure_signs(file: PrivateFile) -> Result<PrivateFile, Failure> {
    match file.key.ensure_signs() {
        Err(keyfob_keys::Error::Unsupported { why, .. }) => {
            let what = Feature::KeyType(file.key.public().type_name().to_owned());
            Err(Failure::Unusable(Error::Unsupported { what, because: why }))
        }
        _ => Ok(file),
    }
}

/// The private key a public one belongs to, if it lies where it usually does.
fn private_beside(public: &Path) -> Option<PathBuf> {
    let name = public.to_str()?;
    let stem = name.strip_suffix("-cert.pub").or_else(|| name.strip_suffix(".pub"))?;
    let private = PathBuf::from(stem);
    private.is_file().then_some(private)
}
