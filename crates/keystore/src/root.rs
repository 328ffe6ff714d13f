//! The one random key of a store, from which all others come.

use subtle::ConstantTimeEq as _;

use crate::Result;
use crate::id::VaultId;
use crate::seal::{KEY_LEN, Key};

/// The root, in locked memory. Wiped on drop.
pub(crate) struct Root(Key);

impl Root {
    /// A random one.
    pub(crate) fn fresh() -> Result<Self> {
        Ok(Self(Key::fresh()?))
    }

    /// Of what a slot held.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut key = Key::blank()?;
        for (place, byte) in key.bytes_mut().iter_mut().zip(bytes) {
            *place = *byte;
        }
        Ok(Self(key))
    }

    pub(crate) fn key(&self) -> &Key {
        &self.0
    }

    /// A name for it that tells nothing of it: slots promise it, and machines remember it.
    pub(crate) fn commitment(&self, vault: VaultId) -> Result<[u8; KEY_LEN]> {
        let tag = self.derived(b"keyfob root commitment 1", vault)?;
        let mut commitment = [0; KEY_LEN];
        commitment.copy_from_slice(tag.bytes());
        Ok(commitment)
    }

    pub(crate) fn is_committed(&self, vault: VaultId, to: &[u8; KEY_LEN]) -> Result<bool> {
        Ok(self.commitment(vault)?.ct_eq(to).into())
    }

    /// A key for one purpose.
    pub(crate) fn derived(&self, purpose: &[u8], vault: VaultId) -> Result<Key> {
        Key::derived(self.0.bytes(), vault.to_string().as_bytes(), purpose)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Made by Python's `hmac`.
    #[test]
    fn the_commitment_of_a_known_root_is_this_one() {
        let bytes: Vec<u8> = (0..32).collect();
        let vault = VaultId::parse("000102030405060708090a0b0c0d0e0f").unwrap();
        let commitment = Root::from_bytes(&bytes).unwrap().commitment(vault).unwrap();
        let known = "e7e12fda0e6886071ada9785347c93aef5b34b166adcedbf5a0af19585dea97b";
        assert_eq!(base16ct::lower::encode_string(&commitment), known);
    }
}
