//! The recovery code: 160 random bits on paper, for who has lost the passphrase.
//!
//! Written in Crockford's base 32, which has no letters that look like others, in groups of four,
//! with twenty bits behind it that tell a typing error from a wrong code. Too long to be guessed,
//! so no slow derivation stands before it.

use std::fmt;

use keyfob_keys::Secret;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::id::random;
use crate::seal::Key;
use crate::slot::SALT_LEN;
use crate::{Error, Result};

/// Bytes of a code.
const LEN: usize = 20;
/// Its characters, and those of the check behind them.
const CHARACTERS: usize = 36;
/// Characters between two hyphens.
const GROUP: usize = 4;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A recovery code. Wiped on drop; shown by a named call only.
pub struct RecoveryCode(Zeroizing<[u8; LEN]>);

/// What was typed is no recovery code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Too short or too long.
    #[error("a recovery code has 36 letters and digits, this has {0}")]
    Length(usize),
    /// No code has such a character.
    #[error("a recovery code has letters and digits only, and no U")]
    Character,
    /// The last group does not fit the rest.
    #[error("there is a typing error in the recovery code")]
    Check,
}

impl RecoveryCode {
    /// A fresh one.
    ///
    /// # Errors
    /// [`Error::Randomness`].
    pub fn fresh() -> Result<Self> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// Reads what somebody typed: small letters, blanks and hyphens anywhere, `O` for zero, `I` and
    /// `L` for one.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn parse(text: &Secret) -> Result<Self, CodeError> {
        let mut digits = Zeroizing::new(Vec::with_capacity(CHARACTERS + 1));
        let typed = text.expose_secret().iter().filter(|byte| !b" -\t\r\n".contains(byte));
        let count = typed.clone().count();
        if count != CHARACTERS {
            return Err(CodeError::Length(count));
        }
        for byte in typed {
            digits.push(digit(*byte).ok_or(CodeError::Character)?);
        }
        let mut code = Zeroizing::new([0; LEN]);
        for (chunk, bytes) in digits.chunks(8).zip(code.chunks_mut(5)) {
            let bits = chunk.iter().fold(0_u64, |bits, digit| bits << 5 | u64::from(*digit));
            bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        let code = Self(code);
        let mut expected = code.check();
        let fits = digits.get(CHARACTERS - GROUP..) == Some(&expected[..]);
        expected.zeroize();
        if fits { Ok(code) } else { Err(CodeError::Check) }
    }

    /// The code in groups, to be written down.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(CHARACTERS + CHARACTERS / GROUP));
        let digits = self.0.chunks(5).flat_map(|bytes| {
            let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |place| (bits >> (5 * place) & 31) as usize)
        });
        let check = self.check().map(usize::from);
        for (place, digit) in digits.chain(check).enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(*ALPHABET.get(digit).unwrap_or(&b'0')));
        }
        text
    }

    /// The key of its slot.
    pub(crate) fn slot_key(&self, salt: &[u8; SALT_LEN]) -> Result<Key> {
        Key::derived(&*self.0, salt, b"keyfob recovery code 1")
    }

    /// Twenty bits of its hash, five in each.
    fn check(&self) -> [u8; GROUP] {
        let hash = Sha256::digest(self.0.as_slice());
        let bits = hash.iter().take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) >> 4;
        [15, 10, 5, 0].map(|shift| (bits >> shift & 31) as u8)
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

fn digit(byte: u8) -> Option<u8> {
    let letter = match byte.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| *known == letter)?;
    u8::try_from(place).ok()
}

impl From<CodeError> for Error {
    fn from(_: CodeError) -> Self {
        Self::WrongCode
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RecoveryCode, CodeError> {
        RecoveryCode::parse(&Secret::from(text.as_bytes().to_vec()))
    }

    #[test]
    fn a_code_is_read_as_it_is_written_down_and_as_people_type_it() {
        let code = RecoveryCode::fresh().unwrap();
        let text = code.to_text().to_string();
        assert_eq!(text.len(), 44);
        for typed in [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', ""),
            text.replace('-', " "),
            text.replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(*parse(&typed).unwrap().0, *code.0, "{typed}");
        }
    }

    #[test]
    fn the_code_of_known_bytes_is_this_one() {
        let code = RecoveryCode(Zeroizing::new(std::array::from_fn(|at| at as u8)));
        assert_eq!(code.to_text().as_str(), "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-WYQB");
        // Made by Python's `hmac`.
        let known = "a3c2a8c6e364d20eb5db0d6a983f7e8decbe9ee0cbe671f82e6130bb0feb7fcd";
        let key = code.slot_key(&std::array::from_fn(|at| at as u8)).unwrap();
        assert_eq!(base16ct::lower::encode_string(key.bytes()), known);
    }

    #[test]
    fn nearly_every_typing_error_is_noticed() {
        let text = RecoveryCode::fresh().unwrap().to_text().to_string();
        assert_eq!(parse(&text[1..]).unwrap_err(), CodeError::Length(35));
        assert_eq!(parse(&text.replacen(&text[..1], "U", 1)).unwrap_err(), CodeError::Character);
        for at in (0..text.len()).filter(|at| &text[*at..=*at] != "-") {
            let other = if &text[at..=at] == "Z" { "Y" } else { "Z" };
            let mut changed = text.clone();
            changed.replace_range(at..=at, other);
            assert_eq!(parse(&changed).unwrap_err(), CodeError::Check, "{at}");
        }
    }
}
