//! `ssh-keygen -y`, `-e` and `-i`: the public half of a private key, a public
//! key in another form, and back.

use std::path::Path;

use keyfob_config::env::Environment;
use keyfob_keyfile::{
    Error, Format as FileFormat, Inspection, Limits, PrivateForm, PublicForm, Randomness, inspect,
    read_private, read_public, write_private, write_public,
};
use keyfob_keys::{PublicKey, PublicNumbers, Secret};
use keyfob_sys::os_text::OsStrExt as _;
use zeroize::Zeroizing;

use super::flags::{Format, Given};
use super::private::{Private, must_exist};
use super::{fatal, public, questions};
use crate::commands::generate::usual_comment;
use crate::exit::Exit;
use crate::voice::{self, keygen, raw_data};
use crate::{files, output, text};

/// Bytes of the comment in RFC 4716: a line of it has 72.
const LONGEST_COMMENT: usize = 60;

/// `-y`
pub(super) fn public(given: &mut Given, environment: &Environment) -> Result<(), Exit> {
    let path = questions::file(given)?;
    must_exist(&path, false)?;
    let private = load(given, environment, &path)?;
    let comment = raw_data(private.comment().unwrap_or_default());
    output::data_line(private.file.key.public().plain().to_line(&comment));
    Ok(())
}

/// `-e`
pub(super) fn export(given: &mut Given, environment: &Environment) -> Result<(), Exit> {
    let path = questions::file(given)?;
    must_exist(&path, true)?;
    let key = match public::load(&path) {
        Some((key, _)) => key,
        None => load(given, environment, &path)?.file.key.public().plain(),
    };
    let form = form(&key, given.format)?;
    let comment = comment(&key);
    let written = write_public(&key, &comment, form).map_err(|error| fatal(&error.to_string()))?;
    output::data(&written);
    Ok(())
}

/// `-i`
pub(super) fn import(given: &Given) -> Result<(), Exit> {
    let path = questions::file(given)?;
    must_exist(&path, true)?;
    let bytes = read(&path);
    let found = inspect(&bytes).ok();
    let format = found.as_ref().map(|found| found.format);
    if let (Format::Rfc4716, Some(FileFormat::SshCom), Some(found)) = (given.format, format, &found)
    {
        return import_private(&bytes, found);
    }
    let wanted = match given.format {
        Format::Rfc4716 => format == Some(FileFormat::Rfc4716),
        Format::Pkcs8 => format == Some(FileFormat::PublicPem),
        Format::Pem => format == Some(FileFormat::PublicPem) && is_pkcs1(&bytes),
    };
    match read_public(&bytes) {
        Ok((key, _)) if wanted => {
            output::data_line(key.to_line(b""));
            Ok(())
        }
        _ => Err(fatal(&not_imported(given.format, &path, &bytes))),
    }
}

/// A private key of ssh.com's becomes one in traditional PEM, on standard output.
fn import_private(bytes: &[u8], found: &Inspection) -> Result<(), Exit> {
    const FAILED: &str = "do_convert_from_ssh2: private key conversion failed";
    if let Some(encryption) = &found.encryption {
        output::log_line(format!("unsupported cipher {}", encryption.cipher));
        return Err(fatal(FAILED));
    }
    let convert = || -> Result<Zeroizing<Vec<u8>>, Error> {
        let file = read_private(bytes, None)?;
        write_private(&file.key, b"", PrivateForm::Pem, None, &Randomness::fresh()?)
    };
    let written = convert().map_err(|_| fatal(FAILED))?;
    output::data(&written);
    Ok(())
}

fn load(given: &mut Given, environment: &Environment, path: &Path) -> Result<Private, Exit> {
    let known = given.passphrase.take();
    let name = voice::shown_path(path);
    let ask = || -> Secret {
        // Since 9.9 it names the file.
        let question = format!("Enter passphrase for \"{name}\": ");
        known.unwrap_or_else(|| questions::passphrase(environment, &question))
    };
    Private::open(path, &Limits::default(), ask).map_err(|why| {
        let front = text!["Load key \"", path.as_os_str().as_bytes(), "\""];
        keygen::unopened(&front, path, &why);
        Exit::Fatal
    })
}

/// The original has PEM forms for few types only; `keyfob public` for more.
fn form(key: &PublicKey, format: Format) -> Result<PublicForm, Exit> {
    let rsa = matches!(key.numbers(), PublicNumbers::Rsa { .. });
    let known =
        rsa || matches!(key.numbers(), PublicNumbers::Ecdsa { .. } | PublicNumbers::Dss { .. });
    let name = match format {
        Format::Rfc4716 => return Ok(PublicForm::Rfc4716),
        Format::Pem if rsa => return Ok(PublicForm::Pkcs1),
        Format::Pem | Format::Pkcs8 if known => return Ok(PublicForm::Spki),
        Format::Pem => "pem",
        Format::Pkcs8 => "pkcs8",
    };
    let exit = fatal(&format!("do_convert_to_{name}: unsupported key type {}", key.short_name()));
    if matches!(key.numbers(), PublicNumbers::Ed25519(_)) {
        output::hint("keyfob public --pkcs8 FILE   writes it in the form OpenSSL reads");
    }
    Err(exit)
}

/// Says where the key comes from; its own comment is not told.
fn comment(key: &PublicKey) -> Vec<u8> {
    let what = format!("{}-bit {}, converted by ", key.bits(), key.short_name());
    let mut comment = text![what, usual_comment(), " from OpenSSH"];
    comment.truncate(LONGEST_COMMENT);
    comment
}

/// A folder is as an empty file, as to the original.
fn read(path: &Path) -> Zeroizing<Vec<u8>> {
    let read = || files::open(path).map_err(files::Error::Io)?.read();
    read().unwrap_or_default()
}

fn is_pkcs1(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN RSA PUBLIC KEY-----";
    bytes.windows(BEGIN.len()).any(|text| text == BEGIN)
}

fn not_imported(format: Format, path: &Path, bytes: &[u8]) -> String {
    match format {
        // It takes all that is no header for base64, and a file for a key only then.
        Format::Rfc4716 if bytes.is_empty() || bytes.windows(4).any(|text| text == b"----") => {
            "do_convert_from_ssh2: parse key: invalid format".to_owned()
        }
        Format::Rfc4716 => "do_convert_from_ssh2: base64 decode: invalid format".to_owned(),
        Format::Pkcs8 => {
            let path = voice::shown_path(path);
            format!("do_convert_from_pkcs8: {path} is not a recognised public key format")
        }
        Format::Pem => "do_convert_from_pem: unrecognised raw private key format".to_owned(),
    }
}
