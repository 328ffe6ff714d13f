//! The keyed hash that chains lines, and the key that is another one for each line.

use hmac::{Hmac, KeyInit as _, Mac as _};
use keyfob_sys::traces::{Stack, leaving_none};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a key and of a hash.
const LEN: usize = 32;

/// The keyed hash of a line.
pub type Mac = [u8; LEN];

/// What stands before the first line.
pub(crate) const NO_MAC: Mac = [0; LEN];

/// Makes the next key. Shorter than anything a line's hash is made of, so that neither can be taken
/// for the other.
const NEXT: &[u8] = b"keyfob log next 1";

/// Tells a key from another; as short.
const CHECK: &[u8] = b"keyfob log check 1";

/// The key of one line. Wiped when it has made the next. In a place of its own: were it moved, it
/// would leave its bytes where it was.
pub struct RunKey(Box<Zeroizing<[u8; LEN]>>);

impl RunKey {
    /// A random one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub(crate) fn fresh() -> std::io::Result<Self> {
        let mut key = Self::empty();
        getrandom::fill(&mut **key.0).map_err(std::io::Error::other)?;
        Ok(key)
    }

    /// Of its bytes; `None` unless there are 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Self::empty();
        (bytes.len() == LEN).then(|| key.0.copy_from_slice(bytes))?;
        Some(key)
    }

    fn empty() -> Self {
        Self(Box::new(Zeroizing::new([0; LEN])))
    }

    /// Its bytes, to be kept.
    pub(crate) fn expose(&self) -> &[u8] {
        &**self.0
    }

    /// The hash of a line's bytes behind the hash of the line before.
    pub(crate) fn mac(&self, before: &Mac, body: &[u8]) -> Mac {
        leaving_none(Stack::Shallow, || self.keyed(&[before, body]))
    }

    /// The hashes of these lines, each behind the one before, and the key of the line behind them.
    pub(crate) fn chain(&self, before: &Mac, bodies: &[Vec<u8>]) -> (Vec<Mac>, Self) {
        // Taken before: nothing but the key is secret here.
        let (mut macs, mut key) = (vec![NO_MAC; bodies.len()], self.again());
        // Once for all of them: to wipe the stack costs as much as a hash.
        leaving_none(Stack::Shallow, || {
            let mut before = before;
            for (mac, body) in macs.iter_mut().zip(bodies) {
                *mac = key.keyed(&[before, body]);
                key.step();
                before = mac;
            }
        });
        (macs, key)
    }

    /// Becomes the key of the next line.
    pub(crate) fn advance(&mut self) {
        leaving_none(Stack::Shallow, || self.step());
    }

    fn step(&mut self) {
        let next = Zeroizing::new(self.keyed(&[NEXT]));
        self.0.copy_from_slice(&*next);
    }

    /// Tells this key from another, and nothing else of it.
    pub(crate) fn check(&self) -> Mac {
        self.keyed(&[CHECK])
    }

    fn keyed(&self, parts: &[&[u8]]) -> Mac {
        // HMAC takes keys of any length (RFC 2104 §2), so there is a hash.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.expose()) else { return NO_MAC };
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    /// The same key once more: a run goes on in another file.
    pub(crate) fn again(&self) -> Self {
        let mut key = Self::empty();
        key.0.copy_from_slice(self.expose());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by Python's `hmac`.
    #[test]
    fn a_known_key_makes_this_hash_and_this_next_key() {
        let bytes: Vec<u8> = (0..32).collect();
        let mut key = RunKey::from_bytes(&bytes).unwrap();
        let hex = |bytes: &[u8]| base16ct::lower::encode_string(bytes);
        assert_eq!(
            hex(&key.mac(&NO_MAC, b"{\"seq\":1")),
            "fac3887153290b45b511ee01a795ec2b992688d38a0337b06b5133f6452bbef3"
        );
        key.advance();
        assert_eq!(
            hex(key.expose()),
            "1bb0d55719a1c758539d9b43b0bc3e6e0af6de36ad28bdc930c02dc034739bc8"
        );
    }

    #[test]
    fn lines_that_are_chained_together_have_the_hashes_they_have_one_by_one() {
        let together = RunKey::from_bytes(&[7; 32]).unwrap();
        let mut alone = together.again();
        let bodies = [b"one".to_vec(), b"another".to_vec(), b"the last".to_vec()];
        let (macs, next) = together.chain(&NO_MAC, &bodies);
        let mut before = NO_MAC;
        for (mac, body) in macs.iter().zip(&bodies) {
            before = alone.mac(&before, body);
            alone.advance();
            assert_eq!(*mac, before);
        }
        assert_eq!((macs.len(), next.expose()), (3, alone.expose()));
        assert_eq!(together.expose(), [7; 32]);
    }

    #[test]
    fn a_key_has_32_bytes() {
        assert!(RunKey::from_bytes(&[1; 31]).is_none());
        assert!(RunKey::from_bytes(&[1; 33]).is_none());
    }
}
