//! `ssh-keygen -p` and `-c`: another passphrase or comment, cipher or form.
//!
//! Unlike the original it never opens the old file for writing: see `saving`.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{Limits, PrivateForm, Protection, PublicForm, write_public};
use keyfob_keys::{PublicNumbers, Secret};
use keyfob_sys::os_text::OsStrExt as _;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::flags::Given;
use super::private::{Private, must_exist};
use super::{VOICE, questions};
use crate::asking::Asker;
use crate::exit::Exit;
use crate::rewriting;
use crate::saving::{self, Mode, New, Overwrite};
use crate::voice::{keygen, raw_data};
use crate::{files, output, text};

/// This is how a file that takes too long for everyone else is mended, and how somebody gets one
/// who asks for it: the original takes any number of rounds.
const LIMITS: Limits = Limits::slow();

/// `-p`
pub(super) fn passphrase(given: &mut Given, environment: &Environment) -> Result<(), Exit> {
    let path = file(given)?;
    let known = given.passphrase.take();
    let ask =
        || known.unwrap_or_else(|| questions::passphrase(environment, "Enter old passphrase: "));
    let private = open(&text!["Failed to load key ", name(&path)], &path, ask)?;
    if let Some(comment) = private.comment() {
        output::data_line(text!["Key has comment '", raw_data(comment), "'"]);
    }
    let new = match given.new_passphrase.take() {
        Some(new) => new,
        None => new_passphrase(environment)?,
    };
    let bytes = write(given, &path, &private, &new)?;
    save(&private, New { path: &path, bytes: &bytes, mode: Mode::Private }, &[])?;
    output::data_line("Your identification has been saved with the new passphrase.");
    Ok(())
}

/// `-c`
pub(super) fn comment(given: &mut Given, environment: &Environment) -> Result<(), Exit> {
    let path = file(given)?;
    let known = given.passphrase.take().or(given.new_passphrase.take());
    let ask = || known.unwrap_or_else(|| questions::passphrase(environment, "Enter passphrase: "));
    let front = text!["Cannot load private key \"", name(&path), "\""];
    let mut private = open(&front, &path, ask)?;
    let form = form(given, &private);
    if !rewriting::keeps_comment(form) {
        let words = "Comments are only supported for keys stored in the new format (-o).";
        output::log_line(words);
        return Err(Exit::Failure);
    }
    match private.comment() {
        Some(comment) => output::data_line(text!["Old comment: ", raw_data(comment)]),
        None => output::data_line("No existing comment"),
    }
    let new = match given.comment.take() {
        Some(new) => new,
        None => {
            output::data(b"New comment: ");
            questions::line()?
        }
    };
    if private.comment() == Some(&new) {
        output::data_line("No change to comment");
        return Ok(());
    }
    private.file.comment = new;
    replace_both(given, &path, &private)?;
    match private.file.comment.as_slice() {
        b"" => output::data_line("Comment removed"),
        new => output::data_line(text!["Comment '", raw_data(new), "' applied"]),
    }
    Ok(())
}

fn file(given: &Given) -> Result<PathBuf, Exit> {
    let path = questions::file(given)?;
    must_exist(&path, false)?;
    Ok(path)
}

fn name(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

fn open(front: &[u8], path: &Path, ask: impl FnOnce() -> Secret) -> Result<Private, Exit> {
    Private::open(path, &LIMITS, ask).map_err(|why| {
        keygen::unopened(front, path, &why);
        Exit::Fatal
    })
}

/// Asked twice, and once only: two answers that differ end it.
fn new_passphrase(environment: &Environment) -> Result<Secret, Exit> {
    let asker = Asker::new(environment, VOICE);
    let ask = |question| asker.new_answer(question).map_err(|_| Exit::Failure);
    let new = ask("Enter new passphrase (empty for no passphrase): ")?;
    let again = ask("Enter same passphrase again: ")?;
    if new.expose_secret() == again.expose_secret() {
        return Ok(new);
    }
    output::data_line("Pass phrases do not match.  Try again.");
    Err(Exit::Failure)
}

/// Both halves: a comment stands in each.
fn replace_both(given: &Given, path: &Path, private: &Private) -> Result<(), Exit> {
    let bytes = write(given, path, private, &private.passphrase)?;
    let key = private.file.key.public().plain();
    let line = write_public(&key, &private.file.comment, PublicForm::Line).map_err(|error| {
        keygen::unwritten(path, &error.into());
        Exit::Failure
    })?;
    let public = files::beside(path, ".pub");
    let public = New { path: &public, bytes: &line, mode: Mode::Public };
    save(private, New { path, bytes: &bytes, mode: Mode::Private }, &[public])
}

/// The form that was asked for, where the key's type has it. Without a wish it is OpenSSH's, as
/// the original does, except that PuTTY's files stay what they are: PuTTY reads no others.
fn form(given: &Given, private: &Private) -> PrivateForm {
    let own = private.form.filter(|form| matches!(form, PrivateForm::Ppk3 | PrivateForm::Ppk2));
    let form = given.private_form.or(own).unwrap_or(PrivateForm::OpenSsh);
    match (private.file.key.public().numbers(), form) {
        (PublicNumbers::Ed25519(_), PrivateForm::Pem)
        | (PublicNumbers::SshOnly, PrivateForm::Pem | PrivateForm::Pkcs8) => PrivateForm::OpenSsh,
        (_, form) => form,
    }
}

fn write(
    given: &Given,
    path: &Path,
    private: &Private,
    passphrase: &Secret,
) -> Result<Zeroizing<Vec<u8>>, Exit> {
    let protection =
        Protection { passphrase, cipher: given.cipher.as_deref(), rounds: given.rounds };
    let protection = Some(&protection).filter(|_| !passphrase.expose_secret().is_empty());
    let form = form(given, private);
    let written = rewriting::written(&private.file, form, protection, &LIMITS);
    written.map_err(|error| {
        keygen::unwritten(path, &error);
        Exit::Failure
    })
}

fn save(old: &Private, new: New<'_>, others: &[New<'_>]) -> Result<(), Exit> {
    let saved = saving::is_still(new.path, &old.bytes)
        .and_then(|()| saving::save_pair(new, others, Overwrite::Replace));
    saved.map_err(|error| {
        let public = others.iter().any(|other| other.path == error.path);
        keygen::unsaved(&error, public);
        if public { Exit::Fatal } else { Exit::Failure }
    })
}
