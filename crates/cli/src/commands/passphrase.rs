//! Changes, sets or removes the passphrase of a private key file. The file keeps its form, its
//! comment and its place.

use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keyfile::{Derivation, Encryption, Limits, PrivateFile, PrivateForm, Protection};
use keyfob_keys::Secret;
use keyfob_sys::hardening;

use crate::asking;
use crate::exit::Exit;
use crate::key_file::KeyFile;
use crate::passphrases::{Passphrases, Source, Unnamed, first_line_of};
use crate::voice::Voice;
use crate::voice::rewriting::{self as words, Turn};
use crate::voice::{key_files, shown_path};
use crate::{rewriting, saving};

/// Ciphers worth keeping; a file with another one gets the usual one.
const GOOD_CIPHERS: [&str; 3] =
    ["aes256-ctr", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"];

/// What is to become of which file.
pub(crate) struct Passphrase {
    /// The file.
    pub(crate) path: PathBuf,
    /// Where the passphrase it has comes from.
    pub(crate) old: Source,
    /// Where the new one comes from; `None` to have none.
    pub(crate) new: Option<Source>,
    /// The cipher of the OpenSSH form.
    pub(crate) cipher: Option<String>,
    /// Rounds of its key derivation.
    pub(crate) rounds: Option<u32>,
    /// How much work the file may make.
    pub(crate) limits: Limits,
}

impl Passphrase {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.change(environment).err().unwrap_or(Exit::Success)
    }

    fn change(&self, environment: &Environment) -> Result<(), Exit> {
        let (file, form) = self.file()?;
        let passphrases = Passphrases::new(environment, Voice::Keyfob).within(self.limits);
        let mut passphrases = passphrases.from(&self.old).map_err(|error| {
            words::no_passphrase_in(&self.old, &error);
            Exit::Failure
        })?;
        let key = file.open(&mut passphrases)?;
        let had = file.inspection.is_encrypted();
        let new = self.new_passphrase(&passphrases)?;
        let changed = match (had, new.is_some()) {
            (true, true) => Turn::Replaced,
            (false, true) => Turn::Set,
            (true, false) => Turn::Removed,
            (false, false) => {
                words::had_no_passphrase(&file.name);
                return Ok(());
            }
        };
        self.save(&file, &key, form, new.as_ref())?;
        words::changed(&file.name, changed, form);
        if file.inspection.is_der {
            words::was_der(&file.name);
        }
        Ok(())
    }

    /// The file, when it can be written anew.
    fn file(&self) -> Result<(KeyFile, PrivateForm), Exit> {
        if self.path.as_os_str() == "-" {
            words::not_in_place();
            return Err(Exit::Failure);
        }
        let file = KeyFile::load_private(&self.path)?;
        let form = rewriting::form_of(&file.inspection, &file.bytes).ok_or_else(|| {
            words::not_written(&file.name, file.inspection.format);
            Exit::Failure
        })?;
        if form != PrivateForm::OpenSsh && (self.cipher.is_some() || self.rounds.is_some()) {
            words::no_choice(&file);
            return Err(Exit::Failure);
        }
        saving::is_taken(&self.path).map_err(|error| {
            key_files::unsaved(&error);
            Exit::Failure
        })?;
        Ok((file, form))
    }

    /// `None` for none at all.
    fn new_passphrase(&self, passphrases: &Passphrases) -> Result<Option<Secret>, Exit> {
        match &self.new {
            None => Ok(None),
            Some(Source::File(path)) => first_line_of(path).map(Some).map_err(|error| {
                key_files::no_passphrase_in(path, &error);
                if matches!(error, Unnamed::Empty) {
                    words::remove_hint();
                }
                Exit::Failure
            }),
            Some(Source::Person) => {
                let first = format!("New passphrase for {}: ", shown_path(&self.path));
                asking::new_passphrase(passphrases.asker(), &first, "The same again: ")
                    .map_err(|_| Exit::Failure)
            }
        }
    }

    fn save(
        &self,
        file: &KeyFile,
        key: &PrivateFile,
        form: PrivateForm,
        new: Option<&Secret>,
    ) -> Result<(), Exit> {
        let old = file.inspection.encryption.as_ref();
        let protection = new.map(|passphrase| Protection {
            passphrase,
            cipher: self.cipher.as_deref().or_else(|| kept_cipher(old)),
            rounds: self.rounds.or_else(|| kept_rounds(old)),
        });
        let bytes =
            rewriting::written(key, form, protection.as_ref(), &self.limits).map_err(|error| {
                key_files::unmade(&file.name, &error);
                Exit::Failure
            })?;
        file.replace(&bytes)
    }
}

/// The cipher the file has, unless there is a better one.
fn kept_cipher(old: Option<&Encryption>) -> Option<&'static str> {
    let old = old.filter(|old| matches!(old.derivation, Derivation::Bcrypt { .. }))?;
    GOOD_CIPHERS.into_iter().find(|cipher| *cipher == old.cipher)
}

/// Somebody who wanted more rounds than usual still does.
fn kept_rounds(old: Option<&Encryption>) -> Option<u32> {
    match old?.derivation {
        Derivation::Bcrypt { rounds } if rounds > USUAL_ROUNDS => Some(rounds),
        _ => None,
    }
}

/// What OpenSSH takes since 9.4.
const USUAL_ROUNDS: u32 = 24;
