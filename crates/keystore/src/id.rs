//! Random numbers that name things: a store, an item, a slot, a device.

use std::fmt;

use crate::{Error, Result};

/// So many random bytes, written as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<const N: usize>([u8; N]);

/// A store, for ever: copies of it on other machines have the same.
pub type VaultId = Id<16>;
/// An item, whatever its name.
pub type ItemId = Id<16>;
/// A slot.
pub type SlotId = Id<8>;
/// A machine that writes to a store.
pub type DeviceId = Id<8>;

impl<const N: usize> Id<N> {
    /// A fresh one.
    pub(crate) fn fresh() -> Result<Self> {
        random().map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; N] {
        self.0
    }

    /// Of its digits; nothing else is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        hex(text).map(Self)
    }
}

impl<const N: usize> fmt::Display for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl<const N: usize> fmt::Debug for Id<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> From<[u8; N]> for Id<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

/// Exactly so many bytes of lower-case hex digits.
pub(crate) fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let decoded = base16ct::lower::decode(text.as_bytes(), &mut bytes).ok()?;
    (decoded.len() == N).then_some(bytes)
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else() {
        let id = DeviceId::fresh().unwrap();
        let text = id.to_string();
        assert_eq!(DeviceId::parse(&text), Some(id));
        for wrong in
            [text.to_uppercase(), format!("{text}0"), format!("{text}00"), text[1..].into()]
        {
            if wrong != text {
                assert_eq!(DeviceId::parse(&wrong), None, "{wrong}");
            }
        }
        assert_eq!(DeviceId::parse(""), None);
        assert_ne!(DeviceId::fresh().unwrap(), id);
    }
}
