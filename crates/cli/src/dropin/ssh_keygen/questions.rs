//! What `ssh-keygen` asks: file names and texts on standard input, passphrases
//! where `ssh-add` asks for them too.

use std::ffi::OsString;
use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_prompt::terminal;
use keyfob_sys::os_text::{OsStrExt as _, OsStringExt as _};
use keyfob_sys::user;

use super::VOICE;
use super::flags::Given;
use crate::asking::Asker;
use crate::exit::Exit;
use crate::{output, text, voice};

/// The file a mode is about: `-f`, or asked for.
pub(super) fn file(given: &Given) -> Result<PathBuf, Exit> {
    if let Some(file) = &given.file {
        return Ok(file.clone());
    }
    let home = user::home_directory().ok_or_else(|| {
        let uid = crate::account::number();
        super::fatal(&format!("No user exists for uid {uid}"))
    })?;
    let usual = home.join(".ssh").join(usual_name(given));
    let shown = voice::raw_data(usual.as_os_str().as_bytes());
    output::data(&text!["Enter file in which the key is (", shown, "): "]);
    let typed = line()?;
    Ok(if typed.is_empty() { usual } else { OsString::from_vec(typed).into() })
}

/// A line of standard input; without one there is nothing to do.
pub(super) fn line() -> Result<Vec<u8>, Exit> {
    terminal::read_line_from_stdin().map_err(|_| Exit::Failure)
}

/// The passphrase of a file; an empty one when nobody gives any.
pub(super) fn passphrase(environment: &Environment, question: &str) -> Secret {
    Asker::new(environment, VOICE).passphrase(question).unwrap_or_else(none)
}

/// No passphrase at all.
pub(super) fn none() -> Secret {
    Secret::from(Vec::new())
}

/// By the type, if one was named: the original asks so whatever the mode.
fn usual_name(given: &Given) -> &'static str {
    let kind = given.kind.as_ref().and_then(|kind| kind.to_str());
    kind.and_then(super::generate::usual_name).unwrap_or("id_ed25519")
}
