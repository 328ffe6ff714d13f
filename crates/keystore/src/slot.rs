//! A slot: the root, wrapped by one way to unlock.
//!
//! Any number of slots lead to the same root. What a slot's key comes from is a [`Method`]; the
//! passphrase and the recovery code are two, and a keychain, a TPM or a token can be others.

use keyfob_keys::Secret;
use sha2::{Digest as _, Sha256};

use crate::code::RecoveryCode;
use crate::cost::Cost;
use crate::header::{self, Fields, VERSION};
use crate::id::{DeviceId, SlotId, VaultId, random};
use crate::root::Root;
use crate::seal::{self, KEY_LEN, Key};
use crate::{Error, Problem, Result};

/// Bytes of a slot's salt: what libsodium's Argon2id takes, no more and no less.
pub(crate) const SALT_LEN: usize = 16;
const KIND: &str = "keyfob-slot";
/// The format of slots for an account: readers that know only the first one say that it is newer.
const ACCOUNT_VERSION: u32 = 2;

/// What a slot is opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlotKind {
    /// A passphrase, at this cost a guess.
    Passphrase(Cost),
    /// A recovery code.
    RecoveryCode,
    /// What the system of this machine keeps for an account.
    Account(DeviceId),
}

/// A way to unlock: a passphrase that was typed, a code, later a device.
pub trait Method: Send + Sync {
    /// Whether it is for slots of this kind.
    fn serves(&self, kind: SlotKind) -> bool;
    /// The key that such a slot wraps the root with. It may take long.
    ///
    /// # Errors
    /// What keeps it from being derived.
    fn key(&self, kind: SlotKind, salt: &[u8; 16]) -> Result<SlotKey>;
    /// What it is called in a sentence.
    fn called(&self) -> &'static str;
    /// What is said when it opens none of its slots.
    fn refused(&self) -> Error;
}

/// What a [`Method`] derives. Opaque: only a slot can use it.
pub struct SlotKey(pub(crate) Key);

impl Method for Secret {
    fn serves(&self, kind: SlotKind) -> bool {
        matches!(kind, SlotKind::Passphrase(_))
    }

    fn key(&self, kind: SlotKind, salt: &[u8; SALT_LEN]) -> Result<SlotKey> {
        match kind {
            SlotKind::Passphrase(cost) => cost.derive(self, salt).map(SlotKey),
            SlotKind::RecoveryCode | SlotKind::Account(_) => Err(self.refused()),
        }
    }

    fn called(&self) -> &'static str {
        "passphrase"
    }

    fn refused(&self) -> Error {
        Error::WrongPassphrase
    }
}

impl Method for RecoveryCode {
    fn serves(&self, kind: SlotKind) -> bool {
        matches!(kind, SlotKind::RecoveryCode)
    }

    fn key(&self, _kind: SlotKind, salt: &[u8; SALT_LEN]) -> Result<SlotKey> {
        self.slot_key(salt).map(SlotKey)
    }

    fn called(&self) -> &'static str {
        "recovery code"
    }

    fn refused(&self) -> Error {
        Error::WrongCode
    }
}

/// A slot as it is on the disk.
#[derive(Debug, Clone)]
pub struct Slot {
    id: SlotId,
    kind: SlotKind,
    salt: [u8; SALT_LEN],
    commitment: [u8; KEY_LEN],
    header: String,
    wrapped: Vec<u8>,
}

impl Slot {
    /// A new slot for a root.
    pub(crate) fn make(
        vault: VaultId,
        kind: SlotKind,
        method: &dyn Method,
        root: &Root,
    ) -> Result<Self> {
        let (id, salt) = (SlotId::fresh()?, random()?);
        let SlotKey(key) = method.key(kind, &salt)?;
        let commitment = root.commitment(vault)?;
        let header = write_header(vault, id, kind, &salt, &commitment);
        let wrapped = seal::seal(&key, &salt, &header, root.key().bytes())?;
        Ok(Self { id, kind, salt, commitment, header, wrapped })
    }

    /// Reads a file.
    pub(crate) fn read(file: &[u8], vault: VaultId) -> Result<Self, Problem> {
        let (line, wrapped) = header::split(file)?;
        let (mut fields, version) = Fields::of_either(line, KIND, ACCOUNT_VERSION)?;
        if fields.id()? != vault {
            return Err(Problem::OtherStore);
        }
        let id = fields.id()?;
        let kind = match (version, fields.text()?, fields.text()?) {
            (VERSION, "passphrase", cost) => {
                SlotKind::Passphrase(Cost::parse(cost).ok_or(Problem::Cost)?)
            }
            (VERSION, "recovery", "-") => SlotKind::RecoveryCode,
            (ACCOUNT_VERSION, "account", device) => {
                SlotKind::Account(DeviceId::parse(device).ok_or(Problem::Header)?)
            }
            _ => return Err(Problem::Header),
        };
        let (salt, commitment) = (fields.bytes()?, fields.bytes()?);
        fields.finish()?;
        Ok(Self { id, kind, salt, commitment, header: line.to_owned(), wrapped: wrapped.to_vec() })
    }

    /// The bytes of its file.
    pub(crate) fn file(&self) -> Vec<u8> {
        [self.header.as_bytes(), b"\n", &self.wrapped].concat()
    }

    /// What a manifest knows it by.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.file()).into()
    }

    /// The root, if this is the way to it. `None` for another kind of slot, and for a wrong secret.
    pub(crate) fn open(&self, vault: VaultId, method: &dyn Method) -> Result<Option<Root>> {
        if !method.serves(self.kind) {
            return Ok(None);
        }
        let SlotKey(key) = method.key(self.kind, &self.salt)?;
        let Ok(content) = seal::open(&key, &self.salt, &self.header, &self.wrapped) else {
            return Ok(None);
        };
        let Some(bytes) = content.get(..KEY_LEN) else {
            return Ok(None);
        };
        let root = Root::from_bytes(bytes)?;
        // The cipher's tag alone does not say which key it was made with: a crafted slot could
        // open under two passphrases, to two roots.
        Ok(root.is_committed(vault, &self.commitment)?.then_some(root))
    }

    /// Its random name.
    #[must_use]
    pub fn id(&self) -> SlotId {
        self.id
    }

    /// What it is opened with.
    #[must_use]
    pub fn kind(&self) -> SlotKind {
        self.kind
    }

    /// Which root it says it leads to; known before it is opened.
    pub(crate) fn commitment(&self) -> &[u8; KEY_LEN] {
        &self.commitment
    }
}

fn write_header(
    vault: VaultId,
    id: SlotId,
    kind: SlotKind,
    salt: &[u8],
    commitment: &[u8],
) -> String {
    let hex = base16ct::lower::encode_string;
    let (version, name, parameters) = match kind {
        SlotKind::Passphrase(cost) => (VERSION, "passphrase", cost.to_string()),
        SlotKind::RecoveryCode => (VERSION, "recovery", "-".to_owned()),
        SlotKind::Account(device) => (ACCOUNT_VERSION, "account", device.to_string()),
    };
    header::line_of(version, KIND, &[&vault, &id, &name, &parameters, &hex(salt), &hex(commitment)])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::from(text.as_bytes().to_vec())
    }

    fn slot(vault: VaultId, root: &Root) -> Slot {
        let kind = SlotKind::Passphrase(Cost::LEAST);
        Slot::make(vault, kind, &secret("right"), root).unwrap()
    }

    #[test]
    fn the_right_secret_leads_to_the_root_and_no_other_does() {
        let (vault, root) = (VaultId::fresh().unwrap(), Root::fresh().unwrap());
        let slot = Slot::read(&slot(vault, &root).file(), vault).unwrap();
        let opened = slot.open(vault, &secret("right")).unwrap().unwrap();
        assert_eq!(opened.key().bytes(), root.key().bytes());
        assert!(slot.open(vault, &secret("wrong")).unwrap().is_none());
        assert!(slot.open(vault, &RecoveryCode::fresh().unwrap()).unwrap().is_none());

        let code = RecoveryCode::fresh().unwrap();
        let paper = Slot::make(vault, SlotKind::RecoveryCode, &code, &root).unwrap();
        assert!(paper.open(vault, &code).unwrap().is_some());
        assert!(paper.open(vault, &RecoveryCode::fresh().unwrap()).unwrap().is_none());
        assert!(paper.open(vault, &secret("right")).unwrap().is_none());
    }

    #[test]
    fn a_slot_of_another_store_is_refused() {
        let (vault, root) = (VaultId::fresh().unwrap(), Root::fresh().unwrap());
        let file = slot(vault, &root).file();
        let other = VaultId::fresh().unwrap();
        assert_eq!(Slot::read(&file, other).unwrap_err(), Problem::OtherStore);
    }

    #[test]
    fn a_slot_that_leads_to_another_root_than_it_says_is_refused() {
        let (vault, root) = (VaultId::fresh().unwrap(), Root::fresh().unwrap());
        let good = slot(vault, &root);
        let other = Root::fresh().unwrap().commitment(vault).unwrap();
        // Sealed rightly behind a header that promises another root.
        let header = write_header(vault, good.id, good.kind, &good.salt, &other);
        let SlotKey(key) = secret("right").key(good.kind, &good.salt).unwrap();
        let wrapped = seal::seal(&key, &good.salt, &header, root.key().bytes()).unwrap();
        let forged = Slot { header, wrapped, commitment: other, ..good };
        assert!(forged.open(vault, &secret("right")).unwrap().is_none());
    }

    #[test]
    fn a_cheap_slot_is_refused_before_anything_is_derived() {
        let (vault, root) = (VaultId::fresh().unwrap(), Root::fresh().unwrap());
        let file = String::from_utf8_lossy(&slot(vault, &root).file()).into_owned();
        let cheap = file.replacen("19456:1", "8:1", 1);
        assert_eq!(Slot::read(cheap.as_bytes(), vault).unwrap_err(), Problem::Cost);
        let dear = file.replacen("19456:1", "4194304:32", 1);
        assert_eq!(Slot::read(dear.as_bytes(), vault).unwrap_err(), Problem::Cost);
    }
}
