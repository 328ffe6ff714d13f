//! A public key in another format.

use std::path::Path;

use keyfob_keyfile::{PublicForm, read_public};
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
        let (key, comment) = read_public(&file.bytes).map_err(|error| {
            key_files::unusable(&file.name, &error);
            Exit::Failure
        })?;
        let Some(form) = form_of(self.to, &key) else {
            words::form_of_private_keys(&file.name);
            return Err(Exit::Failure);
        };
        let target = match &self.output {
            Some(output) => Target::of(output, self.clobber)?,
            None => Target::Stdout,
        };
        let bytes = rewriting::written_public(&key, &comment, form).map_err(|error| {
            key_files::unmade(&file.name, &error);
            Exit::Failure
        })?;
        let bare = !rewriting::is_whole(form);
        if bare && !comment.is_empty() {
            words::comment_lost(&comment);
        }
        if bare && key.certificate().is_some() {
            words::certificate_lost();
        }
        put(&target, &bytes)
    }
}

fn form_of(to: To, key: &PublicKey) -> Option<PublicForm> {
    Some(match to {
        To::OpenSsh | To::Line => PublicForm::Line,
        To::Rfc4716 => PublicForm::Rfc4716,
        // Only RSA has a form of its own; `ssh-keygen -e -m PEM` does the same.
        To::Pem if key.algorithm() == Algorithm::Rsa => PublicForm::Pkcs1,
        To::Pem | To::Pkcs8 => PublicForm::Spki,
        To::Ppk | To::Ppk2 => return None,
    })
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
