//! `ssh-keygen` without a mode: `keyfob generate`, filled from its flags.

use keyfob_config::env::Environment;
use keyfob_keyfile::PrivateForm;
use keyfob_keys::generate::Kind;

use super::flags::Given;
use super::{VOICE, missing};
use crate::commands::generate::kind::{self, Family, Refusal};
use crate::commands::generate::{Generate, NewPassphrase, Place, Wanted};
use crate::exit::Exit;

/// The type when nobody names one.
const USUAL: &str = "ed25519";

/// Makes a key pair.
pub(super) fn make(given: &mut Given, environment: &Environment) -> Result<(), Exit> {
    let called = given.kind.as_ref().map_or(USUAL.into(), |kind| kind.to_string_lossy());
    let called = called.into_owned();
    let kind = wanted(&called, given.bits).map_err(|refusal| match refusal {
        Refusal::Token => missing::token(),
        refusal => {
            VOICE.kind_refused(&called, &refusal);
            Exit::Fatal
        }
    })?;
    let passphrase = given.passphrase.take().or(given.new_passphrase.take());
    let generate = Generate {
        voice: VOICE,
        wanted: Some(Wanted { kind, called }),
        place: given.file.take().map_or(Place::Usual, Place::At),
        comment: given.comment.take(),
        passphrase: passphrase.map_or(NewPassphrase::Ask, NewPassphrase::Given),
        form: form(kind, given.private_form),
        cipher: given.cipher.take(),
        rounds: given.rounds,
        rfc4716: false,
        hash: given.hash,
        overwrite: false,
        quiet: given.has('q'),
        json: false,
        conversation: false,
        add: None,
        next: None,
    };
    match generate.run(environment) {
        Exit::Success => Ok(()),
        exit => Err(exit),
    }
}

/// What a type and a size mean. A size that means nothing to a type is not looked at, and goes
/// before the one in a full name.
fn wanted(name: &str, bits: Option<u32>) -> Result<Kind, Refusal> {
    match Family::named(name)? {
        Family::Ecdsa(_) if bits.is_some() => Family::Ecdsa(None).of_size(bits),
        Family::Rsa => Family::Rsa.of_size(bits),
        family => family.of_size(None),
    }
}

/// The form a type is written in when this one was asked for: there is always OpenSSH's.
pub(super) fn form(kind: Kind, asked: Option<PrivateForm>) -> PrivateForm {
    let form = asked.unwrap_or(PrivateForm::OpenSsh);
    if kind::no_room(kind, form).is_some() { PrivateForm::OpenSsh } else { form }
}

/// What the file of a type is called.
pub(super) fn usual_name(called: &str) -> Option<&'static str> {
    wanted(called, None).ok().map(kind::usual_name)
}
