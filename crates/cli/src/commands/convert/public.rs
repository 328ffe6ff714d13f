//! A public key in another format.

use std::path::Path;

use keyfob_keyfile::{PublicEntry, PublicForm, read_public_all};
use keyfob_keys::{Algorithm, PublicKey};

use super::target::Target;
use super::{Convert, To};
use crate::exit::Exit;
use crate::key_file::KeyFile;
use crate::saving::{self, Mode};
use crate::voice::{converting as words, key_files};
use crate::{output, rewriting};

impl Convert {
    pub(super) fn public(&self, file: &KeyFile) -> Result<(), Exit> {
        if matches!(self.to, To::Ppk | To::Ppk2) {
            words::form_of_private_keys(&file.name);
            return Err(Exit::Failure);
        }
        let entries = read_public_all(&file.bytes).map_err(|error| {
            key_files::unusable(&file.name, &error);
            Exit::Failure
        })?;
        let mut bytes = Vec::new();
        // All or nothing: a list that is silently shorter locks somebody out.
        for entry in &entries {
            bytes.extend(self.written(file, entry, entries.len() > 1)?);
        }
        let target = match &self.output {
            Some(output) => Target::of(output, self.clobber)?,
            None => Target::Stdout,
        };
        put(&target, &bytes)
    }

    fn written(&self, file: &KeyFile, entry: &PublicEntry, several: bool) -> Result<Vec<u8>, Exit> {
        let key = entry.key.as_ref().map_err(|error| {
            if several {
                key_files::unusable_line(&file.name, entry.line, error);
            } else {
                key_files::unusable(&file.name, error);
            }
            Exit::Failure
        })?;
        let form = form_of(self.to, key);
        let comment = self.comment_for_output(&entry.comment);
        let bytes = rewriting::written_public(key, &comment, form).map_err(|error| {
            key_files::unmade(&file.name, &error);
            Exit::Failure
        })?;
        if !entry.options.is_empty() {
            words::options_lost(&entry.options);
        }
        if !rewriting::is_whole(form) {
            if !entry.comment.is_empty() {
                words::comment_lost(&entry.comment);
            }
            if key.certificate().is_some() {
                words::certificate_lost();
            }
        }
        Ok(bytes)
    }
}

fn form_of(to: To, key: &PublicKey) -> PublicForm {
    match to {
        To::OpenSsh | To::Line | To::Ppk | To::Ppk2 => PublicForm::Line,
        To::Rfc4716 => PublicForm::Rfc4716,
        // Only RSA has a form of its own; `ssh-keygen -e -m PEM` does the same.
        To::Pem if key.algorithm() == Algorithm::Rsa => PublicForm::Pkcs1,
        To::Pem | To::Pkcs8 => PublicForm::Spki,
    }
}

fn put(target: &Target, bytes: &[u8]) -> Result<(), Exit> {
    match target {
        Target::Stdout => output::data(bytes),
        Target::File(path, overwrite) => {
            save(path, bytes, *overwrite)?;
            words::public_converted(path);
        }
    }
    Ok(())
}

fn save(path: &Path, bytes: &[u8], overwrite: saving::Overwrite) -> Result<(), Exit> {
    saving::save(path, bytes, Mode::Public, overwrite).map_err(|error| {
        key_files::unsaved(&error);
        Exit::Failure
    })
}
