//! The flags of `ssh-keygen`: read from left to right, the first fault ends it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use keyfob_keyfile::{OPENSSH_CIPHERS, PrivateForm};
use keyfob_keys::{HashKind, Secret};
use keyfob_sys::os_text::OsStrExt as _;

use super::super::getopt::{Flags, Step};
use super::super::ssh_add::{bad_hash, hash_named};
use super::{fatal, usage};
use crate::exit::Exit;
use crate::voice::shown;

const FLAGS: &str = "ABHKLQUXceghiklopquvyC:D:E:F:I:M:N:O:P:R:V:Y:Z:a:b:f:m:n:r:s:t:w:z:";

pub(super) const USAGE: &str = "\
usage: ssh-keygen [-q] [-a rounds] [-b bits] [-C comment] [-f output_keyfile]
                  [-m format] [-N new_passphrase] [-O option]
                  [-t ecdsa | ed25519 | mldsa44-ed25519 | rsa] [-Z cipher]
       ssh-keygen -p [-a rounds] [-f keyfile] [-m format] [-N new_passphrase]
                   [-P old_passphrase] [-Z cipher]
       ssh-keygen -i [-f input_keyfile] [-m key_format]
       ssh-keygen -e [-f input_keyfile] [-m key_format]
       ssh-keygen -y [-f input_keyfile]
       ssh-keygen -c [-a rounds] [-C comment] [-f keyfile] [-P passphrase]
       ssh-keygen -l [-v] [-E fingerprint_hash] [-f input_keyfile]
       ssh-keygen -B [-f input_keyfile]
       ssh-keygen -L [-f input_keyfile]
       ssh-keygen -A [-a rounds] [-f prefix_path]";

/// What a key without a passphrase has. With one there will be no such file.
const NO_CIPHER: &str = "none";

/// The longest path there is.
const LONGEST_PATH: usize = 4096;

/// `-m`, of public keys in one direction or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Format {
    #[default]
    Rfc4716,
    Pkcs8,
    Pem,
}

/// What the flags said.
#[derive(Default)]
pub(super) struct Given {
    /// Those without a value, and modes that have one.
    letters: String,
    /// `-f`
    pub(super) file: Option<PathBuf>,
    /// `-t`
    pub(super) kind: Option<OsString>,
    /// `-b`
    pub(super) bits: Option<u32>,
    /// `-C`
    pub(super) comment: Option<Vec<u8>>,
    /// `-P`
    pub(super) passphrase: Option<Secret>,
    /// `-N`
    pub(super) new_passphrase: Option<Secret>,
    /// `-m`
    pub(super) format: Format,
    /// `-m` again, of private keys: RFC 4716 is no form of theirs.
    pub(super) private_form: Option<PrivateForm>,
    /// `-Z`
    pub(super) cipher: Option<String>,
    /// `-a`
    pub(super) rounds: Option<u32>,
    /// `-E`
    pub(super) hash: HashKind,
    /// `-Y`
    pub(super) signature_operation: Option<OsString>,
}

impl Given {
    /// Reads a command line: the flags, and the words behind them.
    pub(super) fn parse(arguments: Vec<OsString>) -> Result<(Self, Vec<OsString>), Exit> {
        let mut given = Self::default();
        let mut flags = Flags::new(FLAGS, arguments);
        for step in flags.by_ref() {
            given.take(step)?;
        }
        Ok((given, flags.operands()))
    }

    /// Whether a flag was there.
    pub(super) fn has(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }

    fn take(&mut self, step: Step) -> Result<(), Exit> {
        let Step::Flag(letter, value) = step else {
            step.complain();
            return Err(usage(USAGE));
        };
        match letter {
            'C' => self.comment = Some(value.as_bytes().to_vec()),
            'E' => self.hash = hash_named(&value).ok_or_else(|| fatal(&bad_hash(&value)))?,
            'N' => self.new_passphrase = Some(secret(&value)),
            'P' => self.passphrase = Some(secret(&value)),
            'Y' => self.signature_operation = Some(value),
            'Z' => self.cipher = Some(cipher(&value)?),
            'a' => self.rounds = Some(rounds(&value)?),
            'b' => self.bits = Some(bits(&value)?),
            'f' if value.len() >= LONGEST_PATH => return Err(fatal("Identity filename too long")),
            'f' => self.file = Some(value.into()),
            'm' => self.take_format(&value)?,
            't' => self.kind = Some(value),
            'z' => check_serial(&value)?,
            'M' => self.take_moduli(&value)?,
            'X' => self.letters.push('i'),
            letter => self.letters.push(letter),
        }
        Ok(())
    }

    fn take_format(&mut self, name: &OsStr) -> Result<(), Exit> {
        let name = name.as_bytes();
        let (format, form) = match name.to_ascii_lowercase().as_slice() {
            // Says nothing of private keys, and takes back nothing that was said.
            b"rfc4716" | b"ssh2" => (Format::Rfc4716, self.private_form),
            b"pkcs8" => (Format::Pkcs8, Some(PrivateForm::Pkcs8)),
            b"pem" => (Format::Pem, Some(PrivateForm::Pem)),
            _ => {
                return Err(fatal(&format!("Unsupported conversion format \"{}\"", shown(name))));
            }
        };
        (self.format, self.private_form) = (format, form);
        Ok(())
    }

    fn take_moduli(&mut self, value: &OsStr) -> Result<(), Exit> {
        if !matches!(value.as_bytes(), b"generate" | b"screen") {
            let value = shown(value.as_bytes());
            return Err(fatal(&format!("Unsupported moduli option {value}")));
        }
        self.letters.push('M');
        Ok(())
    }
}

fn secret(value: &OsStr) -> Secret {
    Secret::from(Box::<[u8]>::from(value.as_bytes()))
}

fn cipher(name: &OsStr) -> Result<String, Exit> {
    let mut ciphers = OPENSSH_CIPHERS.into_iter().chain([NO_CIPHER]);
    let known = ciphers.find(|cipher| name == *cipher);
    known.map(str::to_owned).ok_or_else(|| {
        fatal(&format!("Invalid OpenSSH-format cipher '{}'", shown(name.as_bytes())))
    })
}

fn rounds(value: &OsStr) -> Result<u32, Exit> {
    number(value, i32::MAX.unsigned_abs())
        .map_err(|why| fatal(&format!("Invalid number: {} ({why})", shown(value.as_bytes()))))
}

fn bits(value: &OsStr) -> Result<u32, Exit> {
    number(value, u32::MAX)
        .map_err(|why| fatal(&format!("Bits has bad value {} ({why})", shown(value.as_bytes()))))
}

/// A number from 1 to this, and what is wrong with any other in the words of `strtonum(3)`.
fn number(text: &OsStr, most: u32) -> Result<u32, &'static str> {
    let text = text.to_str().ok_or("invalid")?;
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("invalid");
    }
    match digits.parse() {
        _ if text.starts_with('-') => Err("too small"),
        Ok(0) => Err("too small"),
        Ok(number) if number <= most => Ok(number),
        _ => Err("too large"),
    }
}

/// A serial number means nothing without `-s`, but has to be one.
fn check_serial(value: &OsStr) -> Result<(), Exit> {
    let text = value.as_bytes();
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    let number = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'));
    match number.and_then(|digits| digits.parse::<u64>().ok()) {
        Some(_) => Ok(()),
        None => Err(fatal(&format!("Invalid serial number \"{}\"", shown(digits)))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use secrecy::ExposeSecret as _;

    fn parsed(arguments: &[&str]) -> Result<Given, Exit> {
        let arguments = std::iter::once(&"ssh-keygen").chain(arguments);
        Given::parse(arguments.map(OsString::from).collect()).map(|(given, _)| given)
    }

    #[test]
    fn flags_of_generation_arrive() {
        let flags =
            ["-qt", "rsa", "-b2048", "-C", "a b", "-f", "k", "-N", "pw", "-Zaes256-ctr", "-a", "5"];
        let given = parsed(&flags).ok().unwrap();
        assert!(given.has('q') && !given.has('p'));
        assert_eq!((given.bits, given.rounds), (Some(2048), Some(5)));
        assert_eq!(given.comment.as_deref(), Some(&b"a b"[..]));
        assert_eq!(given.new_passphrase.unwrap().expose_secret(), b"pw");
        assert!(given.passphrase.is_none());
    }

    #[test]
    fn a_format_of_public_keys_takes_back_nothing_of_private_ones() {
        let given = parsed(&["-m", "PEM", "-m", "RFC4716"]).ok().unwrap();
        assert_eq!((given.format, given.private_form), (Format::Rfc4716, Some(PrivateForm::Pem)));
        let given = parsed(&["-m", "ssh2"]).ok().unwrap();
        assert_eq!(given.private_form, None);
    }

    #[test]
    fn numbers_are_read_as_strtonum_does() {
        for (text, expected) in [
            ("1", Ok(1)),
            ("+7", Ok(7)),
            ("4294967295", Ok(u32::MAX)),
            ("4294967296", Err("too large")),
            ("99999999999999999999", Err("too large")),
            ("0", Err("too small")),
            ("-5", Err("too small")),
            ("", Err("invalid")),
            ("-", Err("invalid")),
            ("5x", Err("invalid")),
        ] {
            assert_eq!(number(OsStr::new(text), u32::MAX), expected, "{text}");
        }
    }

    #[test]
    fn the_old_letter_of_import_is_import() {
        assert!(parsed(&["-X"]).ok().unwrap().has('i'));
    }
}
