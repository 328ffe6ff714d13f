//! OpenSSH's private key format, `openssh-key-v1` (PROTOCOL.key).
//!
//! Parsed here and not with the `ssh-key` crate: that one has no ML-DSA keys, wants UTF-8
//! comments, does not bound the rounds and refuses one P-256 key in 256.

use keyfob_keys::openssh::{MAGIC, PartError, PrivatePart, read_private_part};
use keyfob_keys::wire::Reader;
use keyfob_keys::{Algorithm, PublicKey, Secret};
use secrecy::ExposeSecret;

use crate::PrivateFile;
use crate::error::{Error, Feature, escaped};
use crate::format::Format;
use crate::limits::Limits;
use crate::openssh_cipher::Protection;
use crate::public;

/// The parts of a file, the private one still encrypted.
pub(crate) struct Container<'a> {
    pub(crate) protection: Protection<'a>,
    public_blob: &'a [u8],
    private: &'a [u8],
}

/// Reads the decoded bytes of a file.
pub(crate) fn read(
    body: &[u8],
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<PrivateFile, Error> {
    let container = Container::read(body)?;
    container.protection.check(limits)?;
    // A key that could not be used anyway is refused before its passphrase is asked for.
    container.public()?;
    if !container.protection.is_encrypted() {
        return container.private_part(container.private);
    }
    let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?.expose_secret();
    let plain = container.protection.decrypt(container.private, passphrase)?;
    container.private_part(&plain)
}

impl<'a> Container<'a> {
    /// Reads everything that can be read without a passphrase.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(
            body.strip_prefix(MAGIC)
                .ok_or_else(|| damaged("it does not begin with openssh-key-v1"))?,
        );
        let mut string = || reader.string().map_err(wire);
        let (cipher, kdf, kdf_options) = (string()?, string()?, string()?);
        let count = reader.u32().map_err(wire)?;
        if count != 1 {
            return Err(Error::Unsupported {
                what: Feature::Key(format!("{count} keys in one OpenSSH private key")),
                because: "OpenSSH itself writes and reads only one",
            });
        }
        let public_blob = reader.string().map_err(wire)?;
        let private = reader.string().map_err(wire)?;
        // The tag of an authenticated cipher lies behind the private part, not in it.
        let tag = reader.rest();
        let protection = Protection::read(cipher, kdf, kdf_options, private, tag)?;
        Ok(Self { protection, public_blob, private })
    }

    /// The public key, which is not encrypted. Nothing protects it either: only after
    /// decryption is it known to be the private key's.
    pub(crate) fn public(&self) -> Result<PublicKey, Error> {
        self.refuse_unknown_type()?;
        public::of_blob(Format::OpenSsh, self.public_blob)
    }

    fn refuse_unknown_type(&self) -> Result<(), Error> {
        let name = Reader::new(self.public_blob).string().map_err(wire)?;
        let known = std::str::from_utf8(name).ok().and_then(Algorithm::from_name);
        if known.is_some() { Ok(()) } else { Err(Error::key_type(&escaped(name))) }
    }

    /// Reads the decrypted part.
    fn private_part(&self, plain: &[u8]) -> Result<PrivateFile, Error> {
        let PrivatePart { key, comment } =
            read_private_part(plain).map_err(|error| match error {
                PartError::CheckWords if self.protection.is_encrypted() => Error::WrongPassphrase,
                PartError::CheckWords => damaged("its check words differ"),
                PartError::Padding => damaged("its padding is wrong"),
                PartError::Key(error) => wire(error),
            })?;
        if key.public().blob() != self.public_blob {
            return Err(damaged("its public key is not that of its private key"));
        }
        Ok(PrivateFile { key, comment })
    }
}

fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::OpenSsh, problem)
}

fn wire(error: keyfob_keys::Error) -> Error {
    Error::of_key(Format::OpenSsh, error)
}
