//! One passphrase in its two spellings: as typed, and in Unicode's composed form.
//!
//! A Mac may hand on `é` as a letter and an accent where other systems have one character.
//! Files are encrypted with bytes, so a passphrase that is right can be wrong here.

use secrecy::ExposeSecret;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::Zeroizing;

use crate::Secret;

/// The passphrase in normal form C (Unicode Annex 15), where that is another one. Bytes that
/// are no UTF-8 have none.
#[must_use]
pub fn composed(passphrase: &Secret) -> Option<Secret> {
    let typed = std::str::from_utf8(passphrase.expose_secret()).ok()?;
    if is_nfc(typed) {
        return None;
    }
    // Counted first: a secret in a buffer of its exact length is moved nowhere.
    let length = typed.nfc().map(char::len_utf8).sum();
    let mut bytes = Vec::with_capacity(length);
    for character in typed.nfc() {
        let mut encoded = Zeroizing::new([0; 4]);
        bytes.extend_from_slice(character.encode_utf8(&mut *encoded).as_bytes());
    }
    Some(Secret::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(passphrase: &[u8]) -> Option<Vec<u8>> {
        let composed = composed(&Secret::from(passphrase.to_vec()))?;
        Some(composed.expose_secret().to_vec())
    }

    #[test]
    fn letter_and_accent_become_one() {
        assert_eq!(of("cafe\u{301}".as_bytes()), Some("café".into()));
        // Hangul, and signs that are only another way to write a letter.
        assert_eq!(of("\u{1112}\u{1161}\u{11ab}".as_bytes()), Some("한".into()));
        assert_eq!(of("\u{212b}".as_bytes()), Some("Å".into()));
    }

    #[test]
    fn what_is_composed_or_no_text_stays() {
        for passphrase in [&b""[..], b"plain", "café".as_bytes(), b"caf\xe9", b"e\xcc"] {
            assert_eq!(of(passphrase), None);
        }
    }
}
