//! What is seen of a file: each key in it, and what lies beside it.

use std::path::{Path, PathBuf};

use keyfob_keyfile::{Encryption, Error, Format, read_private, read_public_all};
use keyfob_keys::PublicKey;

use super::findings::{self, Finding};
use crate::exit::Exit;
use crate::key_file::KeyFile;
use crate::voice::key_files;
use crate::{files, public_file};

/// One key of a file.
#[derive(Debug)]
pub(in crate::commands) struct Seen {
    /// What messages call the file.
    pub(in crate::commands) path: PathBuf,
    /// The line, in a file of many keys.
    pub(in crate::commands) line: Option<usize>,
    /// The format.
    pub(in crate::commands) format: Format,
    /// Whether it is bare DER.
    pub(in crate::commands) is_der: bool,
    /// The public key, as far as it can be seen.
    pub(in crate::commands) key: Option<PublicKey>,
    /// What it is, where keyfob does not read it.
    pub(in crate::commands) unsupported: Option<Error>,
    /// Whether it was taken from the `.pub` beside the file: nothing proves that it belongs.
    pub(in crate::commands) from_beside: bool,
    /// The comment, as far as it can be seen.
    pub(in crate::commands) comment: Option<Vec<u8>>,
    /// Options in front of the key (`authorized_keys`).
    pub(in crate::commands) options: Option<Vec<u8>>,
    /// How the private part is encrypted.
    pub(in crate::commands) encryption: Option<Encryption>,
    /// What is wrong with it.
    pub(in crate::commands) findings: Vec<Finding>,
}

/// Looks at a file; says what is in the way of all of it, or of a part.
pub(in crate::commands) fn look(path: &Path, now: u64) -> Result<(Vec<Seen>, Exit), Exit> {
    let file = KeyFile::load(path)?;
    if file.inspection.format.is_private() {
        let seen = of_private(&file, now).map_err(|error| {
            key_files::unusable(&file.name, &error);
            Exit::Failure
        })?;
        return Ok((vec![seen], Exit::Success));
    }
    let (mut all, exit) = public(&file)?;
    for seen in &mut all {
        let found = findings::of(seen, now);
        seen.findings.extend(found);
    }
    Ok((all, exit))
}

/// A private key file; says nothing.
pub(in crate::commands) fn of_private(file: &KeyFile, now: u64) -> Result<Seen, Error> {
    let mut seen = private(file)?;
    let found = findings::of(&seen, now);
    seen.findings.extend(found);
    Ok(seen)
}

fn private(file: &KeyFile) -> Result<Seen, Error> {
    let inspection = &file.inspection;
    let mut seen = Seen {
        key: inspection.public.clone(),
        comment: inspection.comment.clone(),
        encryption: inspection.encryption.clone(),
        ..Seen::bare(file)
    };
    // Without a passphrase nothing is hidden, and halves that differ come to light.
    if !inspection.is_encrypted() {
        match read_private(&file.bytes, None) {
            Ok(opened) => {
                seen.comment = Some(opened.comment);
                seen.key = Some(opened.key.public().clone());
            }
            Err(error @ Error::Unsupported { .. }) => seen.unsupported = Some(error),
            Err(error) => return Err(error),
        }
    }
    seen.look_beside();
    if let Some(exposure) = &file.too_open {
        seen.findings.push(Finding::TooOpen(exposure.clone()));
    }
    Ok(seen)
}

impl Seen {
    fn bare(file: &KeyFile) -> Self {
        Self {
            path: file.name.clone(),
            line: None,
            format: file.inspection.format,
            is_der: file.inspection.is_der,
            key: None,
            unsupported: None,
            from_beside: false,
            comment: None,
            options: None,
            encryption: None,
            findings: Vec::new(),
        }
    }

    /// The `.pub` and the certificate beside a private file.
    fn look_beside(&mut self) {
        let public = files::beside(&self.path, ".pub");
        if let Ok((key, comment)) = public_file::load(&public) {
            match &self.key {
                Some(own) if own.plain() != key.plain() => {
                    self.findings.push(Finding::StrangerPublic(public));
                }
                Some(_) => self.take_comment(comment),
                None => {
                    self.take_comment(comment);
                    self.key = Some(key);
                    self.from_beside = true;
                }
            }
        }
        let certificate = files::beside(&self.path, "-cert.pub");
        if let (Some(own), Ok((key, _))) = (&self.key, public_file::load(&certificate))
            && own.plain() != key.plain()
        {
            self.findings.push(Finding::StrangerCertificate(certificate));
        }
    }

    fn take_comment(&mut self, beside: Option<Vec<u8>>) {
        if self.comment.as_ref().is_none_or(Vec::is_empty) {
            self.comment = beside.or(self.comment.take());
        }
    }
}

/// Each key of a file that may have many, and whether all of them can be read.
fn public(file: &KeyFile) -> Result<(Vec<Seen>, Exit), Exit> {
    let entries = read_public_all(&file.bytes).map_err(|error| {
        key_files::unusable(&file.name, &error);
        Exit::Failure
    })?;
    let several = entries.len() > 1;
    let mut exit = Exit::Success;
    let mut all = Vec::new();
    for entry in entries {
        let mut unsupported = None;
        let key = match entry.key {
            Ok(key) => Some(key),
            Err(error @ Error::Unsupported { .. }) if !several => {
                unsupported = Some(error);
                None
            }
            Err(error) => {
                key_files::unusable_line(&file.name, entry.line, &error);
                exit = Exit::Failure;
                continue;
            }
        };
        all.push(Seen {
            line: several.then_some(entry.line),
            key,
            unsupported,
            comment: Some(entry.comment),
            options: Some(entry.options).filter(|options| !options.is_empty()),
            ..Seen::bare(file)
        });
    }
    Ok((all, exit))
}
