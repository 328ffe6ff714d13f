//! An item's header: which item, in which version, of which public key.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::content::Content;
use crate::facts::Facts;
use crate::header::{self, Fields};
use crate::id::{DeviceId, ItemId, VaultId, random};
use crate::name::Name;
use crate::root::Root;
use crate::seal;
use crate::{Problem, Result, content};

const KIND: &str = "keyfob-item";
const SALT_LEN: usize = 32;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A private key, held in the store.
    Key,
    /// A file that stays where it is, and its passphrase.
    Reference,
    /// Bytes that are no key: a PIN, a token.
    Secret,
}

impl Kind {
    /// As the header writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "openssh",
            Self::Reference => "reference",
            Self::Secret => "secret",
        }
    }

    /// In a sentence.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Key => "a key",
            Self::Reference => "a link to a file",
            Self::Secret => "a secret",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Key, Self::Reference, Self::Secret].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A sealed item as it is on the disk: the header is readable, and proved only by opening it.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) header: Header,
    line: String,
    body: Vec<u8>,
}

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) id: ItemId,
    pub(crate) generation: u64,
    pub(crate) kind: Kind,
    pub(crate) name: Name,
    /// The machine that wrote this version.
    pub(crate) device: DeviceId,
    /// SHA-256 of the public key's blob; none for what is no key.
    pub(crate) public: Option<[u8; 32]>,
}

/// What is to be sealed, but for the public key's hash and the salt.
pub(crate) struct Label {
    pub(crate) id: ItemId,
    pub(crate) generation: u64,
    pub(crate) name: Name,
    pub(crate) device: DeviceId,
}

impl Sealed {
    /// Seals.
    pub(crate) fn make(
        root: &Root,
        vault: VaultId,
        label: Label,
        facts: &Facts,
        content: &Content,
    ) -> Result<Self> {
        let Label { id, generation, name, device } = label;
        let public = facts.public.as_ref().map(|key| Sha256::digest(key.blob()).into());
        let header = Header { id, generation, kind: content.kind(), name, device, public };
        let salt: [u8; SALT_LEN] = random()?;
        let line = header.line(vault, &salt);
        let plain = content::encode(facts, content)?;
        let body = seal::seal(root.key(), &salt, &line, &plain)?;
        Ok(Self { header, line, body })
    }

    /// Reads a file.
    pub(crate) fn read(file: &[u8], vault: VaultId) -> Result<Self, Problem> {
        let (line, body) = header::split(file)?;
        let (header, _) = Header::read(line, vault)?;
        Ok(Self { header, line: line.to_owned(), body: body.to_vec() })
    }

    /// The bytes of its file.
    pub(crate) fn file(&self) -> Vec<u8> {
        [self.line.as_bytes(), b"\n", &self.body].concat()
    }

    /// Opens it: what it holds, and the proof of its header.
    pub(crate) fn open(&self, root: &Root, vault: VaultId) -> Result<(Facts, Content), Problem> {
        let plain = self.plain(root, vault)?;
        let (facts, content) = content::decode(&plain, self.header.kind)?;
        self.check_public(&facts)?;
        Ok((facts, content))
    }

    /// Opens it for what is not secret in it.
    pub(crate) fn open_facts(&self, root: &Root, vault: VaultId) -> Result<Facts, Problem> {
        let plain = self.plain(root, vault)?;
        let facts = content::decode_facts(&plain)?;
        self.check_public(&facts)?;
        Ok(facts)
    }

    fn plain(&self, root: &Root, vault: VaultId) -> Result<zeroize::Zeroizing<Vec<u8>>, Problem> {
        let (_, salt) = Header::read(&self.line, vault)?;
        seal::open(root.key(), &salt, &self.line, &self.body)
    }

    fn check_public(&self, facts: &Facts) -> Result<(), Problem> {
        let public = facts.public.as_ref().map(|key| Sha256::digest(key.blob()).into());
        if public == self.header.public { Ok(()) } else { Err(Problem::Content) }
    }
}

impl Header {
    /// Whether this is the public key it names.
    pub(crate) fn names(&self, blob: &[u8]) -> bool {
        self.public == Some(Sha256::digest(blob).into())
    }

    fn line(&self, vault: VaultId, salt: &[u8]) -> String {
        let hex = base16ct::lower::encode_string;
        let public = self.public.map_or_else(|| "-".to_owned(), |hash| hex(&hash));
        let Self { id, generation, kind, name, device, .. } = self;
        header::line(KIND, &[&vault, id, generation, kind, name, device, &public, &hex(salt)])
    }

    fn read(line: &str, vault: VaultId) -> Result<(Self, [u8; SALT_LEN]), Problem> {
        let mut fields = Fields::of(line, KIND)?;
        if fields.id()? != vault {
            return Err(Problem::OtherStore);
        }
        let (id, generation) = (fields.id()?, fields.number()?);
        let kind = Kind::parse(fields.text()?).ok_or(Problem::Header)?;
        let name = Name::new(fields.text()?).map_err(|_| Problem::Header)?;
        let device = fields.id()?;
        let public = match fields.text()? {
            "-" => None,
            text => Some(crate::id::hex(text).ok_or(Problem::Header)?),
        };
        let salt = fields.bytes()?;
        fields.finish()?;
        // A key without a public half could be offered to nobody.
        if (public.is_none()) != (kind == Kind::Secret) || generation == 0 {
            return Err(Problem::Header);
        }
        Ok((Self { id, generation, kind, name, device, public }, salt))
    }
}
