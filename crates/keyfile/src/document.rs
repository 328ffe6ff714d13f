//! A key document, out of its armour: what it is, its headers and its bytes, and the key that
//! is read of them.

use keyfob_keys::{PrivateKey, PublicKey, Secret};
use zeroize::Zeroizing;

use crate::armour::{Armour, Begin, Headers};
use crate::error::{Error, Feature, escaped};
use crate::format::Format;
use crate::limits::Limits;
use crate::{
    PrivateFile, comment, der_form, dsa, encrypted_pkcs8, openssh, pem, pkcs1, pkcs8, public, sec1,
    spki, sshcom, traditional,
};

/// What the bytes of a document are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    OpenSsh,
    Pkcs1,
    Sec1,
    Dsa,
    Pkcs8,
    EncryptedPkcs8,
    SshCom,
    /// SubjectPublicKeyInfo
    Spki,
    Pkcs1Public,
    /// The wire form of a public key.
    Blob,
}

/// A document. Its bytes may be a private key.
pub(crate) struct Document {
    pub(crate) content: Content,
    pub(crate) headers: Headers,
    pub(crate) body: Zeroizing<Vec<u8>>,
    /// Whether the file was the bare bytes, without text around them.
    pub(crate) is_bare: bool,
}

impl Content {
    /// What a label stands for.
    pub(crate) fn of(begin: &Begin<'_>) -> Option<Self> {
        Some(match (begin.is_pem(), begin.label()) {
            (true, pem::OPENSSH) => Self::OpenSsh,
            (true, pem::PKCS1) => Self::Pkcs1,
            (true, pem::SEC1) => Self::Sec1,
            (true, pem::DSA) => Self::Dsa,
            (true, pem::PKCS8) => Self::Pkcs8,
            (true, pem::ENCRYPTED_PKCS8) => Self::EncryptedPkcs8,
            (true, pem::PUBLIC) => Self::Spki,
            (true, pem::PKCS1_PUBLIC) => Self::Pkcs1Public,
            (false, pem::SSHCOM) => Self::SshCom,
            (false, pem::RFC4716) => Self::Blob,
            _ => return None,
        })
    }

    pub(crate) fn format(self) -> Format {
        match self {
            Self::OpenSsh => Format::OpenSsh,
            Self::Pkcs1 => Format::Pkcs1,
            Self::Sec1 => Format::Sec1,
            Self::Dsa => Format::Dsa,
            Self::Pkcs8 | Self::EncryptedPkcs8 => Format::Pkcs8,
            Self::SshCom => Format::SshCom,
            Self::Spki | Self::Pkcs1Public => Format::PublicPem,
            Self::Blob => Format::Rfc4716,
        }
    }
}

impl Document {
    /// Reads the block that begins so, from the line after it.
    pub(crate) fn read(begin: &Begin<'_>, text: &[u8]) -> Result<Self, Error> {
        let content = Content::of(begin).ok_or_else(|| Error::Unsupported {
            what: Feature::Block(escaped(begin.label())),
            because: "keyfob does not know it",
        })?;
        let Armour { headers, body } = Armour::read(begin, text)
            .map_err(|problem| Error::corrupt(content.format(), problem))?;
        Ok(Self { content, headers, body, is_bare: false })
    }

    /// The bytes of a DER file.
    pub(crate) fn bare(bytes: &[u8]) -> Option<Self> {
        let content = der_form::recognise(bytes)?;
        let body = Zeroizing::new(bytes.to_vec());
        Some(Self { content, headers: Headers::default(), body, is_bare: true })
    }

    pub(crate) fn format(&self) -> Format {
        self.content.format()
    }

    /// The private key and its comment.
    pub(crate) fn private(
        &self,
        passphrase: Option<&Secret>,
        limits: &Limits,
    ) -> Result<PrivateFile, Error> {
        let key = match self.content {
            Content::OpenSsh => return openssh::read(&self.body, passphrase, limits),
            Content::SshCom => sshcom::read(&self.body, passphrase)?,
            Content::EncryptedPkcs8 => {
                pkcs8::read(&encrypted_pkcs8::decrypt(&self.body, passphrase, limits)?)?
            }
            _ => match pem::encryption(&self.headers, self.format())? {
                Some(encryption) => {
                    let format = self.format();
                    let der = traditional::decrypt(&encryption, &self.body, format, passphrase)?;
                    self.plain(&der)?
                }
                None => self.plain(&self.body)?,
            },
        };
        Ok(PrivateFile { key, comment: self.comment().unwrap_or_default() })
    }

    /// The public key and its comment, as far as they can be had without a passphrase.
    pub(crate) fn public(&self) -> Result<(PublicKey, Vec<u8>), Error> {
        let key = match self.content {
            Content::OpenSsh => return self.openssh_public(),
            Content::Spki => spki::read(&self.body)?,
            Content::Pkcs1Public => spki::read_pkcs1(&self.body)?,
            Content::Blob => public::of_blob(Format::Rfc4716, &self.body)?,
            _ if self.encryption()?.is_some() => return Err(Error::PassphraseNeeded),
            _ => return self.private(None, &Limits::DEFAULT).map(PrivateFile::into_public),
        };
        Ok((key, self.comment().unwrap_or_default()))
    }

    /// The public half stands before the encrypted part, the comment in it.
    fn openssh_public(&self) -> Result<(PublicKey, Vec<u8>), Error> {
        let container = openssh::Container::read(&self.body)?;
        if container.protection.is_encrypted() {
            return Ok((container.public()?, Vec::new()));
        }
        self.private(None, &Limits::DEFAULT).map(PrivateFile::into_public)
    }

    /// The comment among the headers.
    pub(crate) fn comment(&self) -> Option<Vec<u8>> {
        let value = self.headers.value("Comment")?;
        match self.content {
            Content::SshCom => Some(comment::unquoted(value).to_vec()),
            Content::Blob => Some(comment::unescaped(value)),
            _ => None,
        }
    }

    fn plain(&self, der: &[u8]) -> Result<PrivateKey, Error> {
        match self.content {
            Content::Pkcs1 => pkcs1::read(der),
            Content::Sec1 => sec1::read(der, None),
            Content::Dsa => dsa::read(der),
            Content::Pkcs8 => pkcs8::read(der),
            _ => Err(Error::PublicKeyFile),
        }
    }
}
