//! Finds the key in a file and tells its format.
//!
//! The first private key wins, whatever stands before it: certificates, `EC PARAMETERS`,
//! mail headers. Only when there is none does a public key count.

use keyfob_keys::Algorithm;

use crate::armour::{Armour, Lines, begin_label};
use crate::error::{Error, Feature, escaped};
use crate::format::Format;
use crate::limits::MAX_FILE;
use crate::{pem, ppk};

/// What was found.
pub(crate) enum Found<'a> {
    /// A PEM-like block with a private key.
    Private(Armour<'a>),
    /// PuTTY's, from its first line on.
    Ppk(&'a [u8]),
    /// A private key in a format that is not read.
    Foreign(Format),
    /// A public key.
    Public(Format),
}

/// Finds the first private key, or else the first public one.
pub(crate) fn find(bytes: &[u8]) -> Result<Found<'_>, Error> {
    let mut public = None;
    let mut lines = Lines::new(text(bytes)?);
    loop {
        let rest = lines.rest();
        let Some(line) = lines.next() else { break };
        if line.starts_with(ppk::FIRST.as_bytes()) {
            return Ok(Found::Ppk(rest));
        }
        if let Some(label) = begin_label(line) {
            if label.ends_with(b"PRIVATE KEY") {
                return armour(label, lines.rest()).map(Found::Private);
            }
            if matches!(label, b"PUBLIC KEY" | b"RSA PUBLIC KEY") {
                public.get_or_insert(Format::PublicPem);
            }
        } else if let Some(format) = foreign(line) {
            return Ok(Found::Foreign(format));
        } else if line == b"---- BEGIN SSH2 PUBLIC KEY ----" {
            public.get_or_insert(Format::Rfc4716);
        } else if is_public_line(line) {
            public.get_or_insert(Format::PublicLine);
        }
    }
    public.map(Found::Public).ok_or(Error::NotAKey)
}

/// The format a private block's label stands for.
pub(crate) fn format_of(armour: &Armour<'_>) -> Result<Format, Error> {
    label_format(armour.label()).ok_or_else(|| Error::Unsupported {
        what: Feature::Block(escaped(armour.label())),
        because: "keyfob does not know it",
    })
}

/// The text of a file: not too long, and without the mark some editors put in front.
pub(crate) fn text(bytes: &[u8]) -> Result<&[u8], Error> {
    if bytes.len() > MAX_FILE {
        return Err(Error::TooLarge);
    }
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// Whether a line begins as a public key line does: a known type name and the base64 of a
/// string (its length has two zero bytes in front).
pub(crate) fn is_public_line(line: &[u8]) -> bool {
    let Some(blank) = line.iter().position(|byte| matches!(byte, b' ' | b'\t')) else {
        return false;
    };
    let (name, rest) = line.split_at(blank);
    let is_name = std::str::from_utf8(name)
        .is_ok_and(|name| Algorithm::from_name(name).is_some() || name.starts_with("ssh-"));
    is_name && rest.trim_ascii_start().starts_with(b"AAAA")
}

fn label_format(label: &[u8]) -> Option<Format> {
    Some(match label {
        pem::OPENSSH => Format::OpenSsh,
        pem::PKCS1 => Format::Pkcs1,
        pem::SEC1 => Format::Sec1,
        pem::DSA => Format::Dsa,
        pem::PKCS8 | pem::ENCRYPTED_PKCS8 => Format::Pkcs8,
        _ => return None,
    })
}

fn armour<'a>(label: &'a [u8], text: &'a [u8]) -> Result<Armour<'a>, Error> {
    Armour::read(label, text).map_err(|problem| match label_format(label) {
        Some(format) => Error::corrupt(format, problem),
        None => Error::NotAKey,
    })
}

/// Private keys of other programs, by their first line.
fn foreign(line: &[u8]) -> Option<Format> {
    if line == b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----" {
        Some(Format::SshCom)
    } else if line.starts_with(b"SSH PRIVATE KEY FILE FORMAT 1.1") {
        Some(Format::Ssh1)
    } else {
        None
    }
}
