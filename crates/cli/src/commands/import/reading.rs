//! One file from its path to a private key, or to the reason why there is none.

use std::path::Path;

use keyfob_keyfile::{Error, PrivateFile, inspect};
use keyfob_keys::PublicKey;
use zeroize::Zeroizing;

use super::Row;
use super::places::Candidate;
use crate::files;
use crate::output::Progress;
use crate::passphrases::{Failure, Passphrases};
use crate::public_file;
use crate::voice::importing::Why;

/// What was found in a file.
pub(super) struct Found {
    pub(super) row: Row,
    /// The key, if it can go into the store.
    pub(super) file: Option<PrivateFile>,
}

/// Reads it.
pub(super) fn read(
    candidate: &Candidate,
    passphrases: &mut Passphrases,
    progress: &Progress,
) -> Found {
    let path = &candidate.path;
    let mut row = Row {
        path: path.clone(),
        key: None,
        comment: Vec::new(),
        too_open: None,
        // What it is until there is a key.
        outcome: Err(Why::NoKey { named: candidate.named }),
    };
    let file = match bytes(candidate, &mut row) {
        Ok(bytes) => open(path, &bytes, passphrases, progress, &mut row),
        Err(why) => Err(why),
    };
    match file {
        Ok(file) => {
            row.key = Some(file.key.public().plain());
            Found { row, file: Some(file) }
        }
        Err(why) => {
            row.outcome = Err(why);
            Found { row, file: None }
        }
    }
}

fn bytes(candidate: &Candidate, row: &mut Row) -> Result<Zeroizing<Vec<u8>>, Why> {
    let named = candidate.named;
    let mut opened = files::open(&candidate.path)
        .map_err(|error| Why::Unreadable { why: files::reason(&error), named })?;
    // Neither folders inside a folder nor devices are files somebody meant.
    if !named && !opened.is_file() {
        return Err(Why::NotAFile(opened.kind()));
    }
    let bytes = opened.read().map_err(|error| Why::Unreadable { why: error.to_string(), named })?;
    row.too_open = opened.too_open();
    Ok(bytes)
}

fn open(
    path: &Path,
    bytes: &[u8],
    passphrases: &mut Passphrases,
    progress: &Progress,
    row: &mut Row,
) -> Result<PrivateFile, Why> {
    let named = matches!(row.outcome, Err(Why::NoKey { named: true }));
    match inspect(bytes) {
        Ok(inspection) => {
            row.key = inspection.public.map(|key| key.plain());
            if !inspection.format.is_private() {
                return Err(Why::PublicOnly { named });
            }
            // Seen before anybody types a passphrase for it.
            if row.key.as_ref().is_some_and(|key| key.algorithm().is_fido()) {
                return Err(Why::OnToken);
            }
        }
        Err(Error::NotAKey) => return Err(Why::NoKey { named }),
        Err(error) => return Err(Why::Unusable(error.to_string())),
    }
    let opened = passphrases.open_with_known(bytes).transpose();
    let opened = opened.unwrap_or_else(|| progress.aside(|| passphrases.open(path, bytes)));
    let file = opened.map_err(|failure| match failure {
        Failure::Unusable(error) => Why::Unusable(error.to_string()),
        Failure::GivenUp { wrong: true } => Why::WrongPassphrase,
        Failure::GivenUp { wrong: false } => Why::NoPassphrase,
    })?;
    match file.key.ensure_signs() {
        Err(keyfob_keys::Error::Unsupported { why, .. }) => {
            row.key = Some(file.key.public().plain());
            Err(Why::CannotSign(why.to_owned()))
        }
        _ => Ok(file),
    }
}

/// The certificate inside a file, or beside it, if it is of this key.
pub(super) fn certificate(file: &PrivateFile, path: &Path) -> Option<PublicKey> {
    let public = file.key.public();
    if public.certificate().is_some() {
        return Some(public.clone());
    }
    let (beside, _) = public_file::load(&files::beside(path, "-cert.pub")).ok()?;
    let fits = beside.certificate().is_some() && beside.plain() == *public;
    fits.then_some(beside)
}
