//! A private key file in another format.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{PrivateFile, PrivateForm, Protection};
use keyfob_keys::Secret;
use keyfob_sys::hardening;

use super::target::Target;
use super::{Convert, Protect, To};
use crate::asking;
use crate::exit::Exit;
use crate::key_file::KeyFile;
use crate::passphrases::{Passphrases, first_line_of};
use crate::saving::{self, Mode, New, Overwrite};
use crate::voice::{Voice, converting as words, key_files, rewriting as rewriting_words};
use crate::{files, output, public_file, rewriting};

/// A certificate that has no place in the result, and where it goes.
struct Aside {
    path: PathBuf,
    line: Vec<u8>,
    overwrite: Overwrite,
}

impl Aside {
    fn save(&self) -> Result<(), saving::Error> {
        saving::save(&self.path, &self.line, Mode::Public, self.overwrite)
    }

    /// A failure leaves nothing new behind.
    fn undo(&self, error: &saving::Error) {
        let unsettled = matches!(error.problem, saving::Problem::Unsettled(_));
        if self.overwrite == Overwrite::Never && !unsettled {
            // It was made a moment ago; nothing can be done if it stays.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Convert {
    pub(super) fn private(&self, file: &KeyFile, environment: &Environment) -> Result<(), Exit> {
        let _ = hardening::protect_process();
        let (form, target) = self.goal(&file.name)?;
        let passphrases = Passphrases::new(environment, Voice::Keyfob).within(self.limits);
        let mut passphrases = passphrases.from(&self.passphrase).map_err(|error| {
            rewriting_words::no_passphrase_in(&self.passphrase, &error);
            Exit::Failure
        })?;
        let mut key = file.open(&mut passphrases)?;
        if key.comment.is_empty() {
            key.comment = comment_beside(&file.name, &key).unwrap_or_default();
        }
        let new = self.new_passphrase(&passphrases)?;
        let passphrase = match self.protect {
            Protect::Keep => passphrases.last(),
            Protect::New(_) | Protect::Nothing => new.as_ref(),
        };
        self.write(&file.name, key, (form, &target), passphrase, Some(file))?;
        if passphrase.is_none() && file.inspection.is_encrypted() {
            words::passphrase_lost();
        }
        Ok(())
    }

    /// Writes a key, wherever it comes from. `name`: what messages call that. `file`: the file
    /// it was read from, which may be the one that is replaced.
    pub(in crate::commands) fn write(
        &self,
        name: &Path,
        mut key: PrivateFile,
        (form, target): (PrivateForm, &Target),
        passphrase: Option<&Secret>,
        file: Option<&KeyFile>,
    ) -> Result<(), Exit> {
        key.comment = self.comment_for_output(&key.comment).into_owned();
        let aside = self.aside(&key, form, target)?;
        let protection = passphrase.map(|passphrase| Protection {
            passphrase,
            cipher: self.cipher.as_deref(),
            rounds: self.rounds,
        });
        let written = rewriting::written(&key, form, protection.as_ref(), &self.limits);
        let bytes = written.map_err(|error| {
            words::unmade(name, &error, form);
            Exit::Failure
        })?;
        put(file, target, &bytes, aside.as_ref())?;
        if !key.comment.is_empty() && !rewriting::keeps_comment(form) {
            words::comment_lost(&key.comment);
        }
        words::converted(&target_name(target), form, passphrase.is_some());
        Ok(())
    }

    /// The form, and a place for it.
    pub(in crate::commands) fn goal(&self, name: &Path) -> Result<(PrivateForm, Target), Exit> {
        let form = match self.to {
            To::OpenSsh => PrivateForm::OpenSsh,
            To::Pem => PrivateForm::Pem,
            To::Pkcs8 => PrivateForm::Pkcs8,
            To::Ppk => PrivateForm::Ppk3,
            To::Ppk2 => PrivateForm::Ppk2,
            To::Line | To::Rfc4716 => {
                words::form_of_public_keys(name, self.to == To::Rfc4716);
                return Err(Exit::Failure);
            }
        };
        if form != PrivateForm::OpenSsh && (self.cipher.is_some() || self.rounds.is_some()) {
            words::no_choice();
            return Err(Exit::Failure);
        }
        // A private key does not go to a terminal or into a pipe by itself.
        let Some(output) = &self.output else {
            words::where_to();
            return Err(Exit::Failure);
        };
        Ok((form, Target::of(output, self.clobber)?))
    }

    /// The certificate of the key, when the form has no room for it.
    fn aside(
        &self,
        key: &PrivateFile,
        form: PrivateForm,
        target: &Target,
    ) -> Result<Option<Aside>, Exit> {
        let certificate = key.key.public();
        if certificate.certificate().is_none() || rewriting::keeps_certificate(form) {
            return Ok(None);
        }
        let Target::File(path, _) = target else {
            words::certificate_lost();
            return Ok(None);
        };
        let path = files::beside(path, "-cert.pub");
        let Target::File(path, overwrite) = Target::of(&path, self.clobber)? else {
            return Ok(None);
        };
        let mut line = certificate.to_line(&key.comment);
        line.push(b'\n');
        Ok(Some(Aside { path, line, overwrite }))
    }

    /// The one that was chosen anew, if one was.
    fn new_passphrase(&self, passphrases: &Passphrases) -> Result<Option<Secret>, Exit> {
        let Protect::New(source) = &self.protect else {
            return Ok(None);
        };
        if let crate::passphrases::Source::File(path) = source {
            return first_line_of(path).map(Some).map_err(|error| {
                key_files::no_passphrase_in(path, &error);
                Exit::Failure
            });
        }
        let first = words::new_passphrase_question();
        asking::new_passphrase(passphrases.asker(), first, "The same again: ")
            .map_err(|_| Exit::Failure)
    }
}

fn put(
    file: Option<&KeyFile>,
    target: &Target,
    bytes: &[u8],
    aside: Option<&Aside>,
) -> Result<(), Exit> {
    let Target::File(path, overwrite) = target else {
        output::data(bytes);
        return Ok(());
    };
    let private = New { path, bytes, mode: Mode::Private };
    let still = match file.filter(|file| is_same_file(&file.name, path)) {
        Some(file) => saving::is_still(path, &file.bytes),
        None => Ok(()),
    };
    // The certificate goes first: it may be in no other file than the one that is replaced.
    let saved = still.and_then(|()| aside.map_or(Ok(()), Aside::save)).and_then(|()| {
        saving::save_pair(private, &[], *overwrite)
            .inspect_err(|error| aside.iter().for_each(|aside| aside.undo(error)))
    });
    saved.map_err(|error| {
        key_files::unsaved(&error);
        Exit::Failure
    })?;
    if let Some(aside) = aside {
        words::certificate_aside(&aside.path);
    }
    Ok(())
}

/// Whether the result takes the place of what it was made of.
fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn target_name(target: &Target) -> Option<PathBuf> {
    match target {
        Target::Stdout => None,
        Target::File(path, _) => Some(path.clone()),
    }
}

/// Formats without a comment leave it to the public file.
fn comment_beside(private: &Path, key: &PrivateFile) -> Option<Vec<u8>> {
    let (public, comment) = public_file::load(&files::beside(private, ".pub")).ok()?;
    comment.filter(|_| public.plain() == key.key.public().plain())
}
