//! RSA private numbers: checked against each other, completed, and handed to the backend.

use ::rsa::traits::PrivateKeyParts;
use ::rsa::{BoxedUint, RsaPrivateKey};
use zeroize::{Zeroize, Zeroizing};

use super::RsaParts;
use crate::key_data::bit_length;
use crate::wire::strip_zeros;
use crate::{Error, Result};

/// Numbers whose bits are not above 2^33 are what both backends take as exponent.
const ORDINARY_EXPONENT_BITS: u32 = 33;

/// The private numbers, big-endian. `dp` and `dq` are not on the wire: they are computed
/// once, when the key comes in, so that preparing a signer later need not.
pub(crate) struct RsaFields {
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) iqmp: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    /// d mod (p − 1)
    pub(crate) dp: Zeroizing<Vec<u8>>,
    /// d mod (q − 1)
    pub(crate) dq: Zeroizing<Vec<u8>>,
}

impl RsaFields {
    /// Checks that the numbers are of one key: n = p·q, d < n, d·e ≡ 1 modulo p−1 and q−1,
    /// iqmp·q ≡ 1 modulo p. Whether p and q are prime is not tested, as OpenSSH does not:
    /// who makes up a key of composites harms only their own key.
    pub(crate) fn check(parts: &RsaParts<'_>) -> Result<Self> {
        let key = import(parts)?;
        let numbers = (key.qinv(), key.dp(), key.dq());
        let (Some(qinv), Some(dp), Some(dq)) = numbers else {
            return Err(MISMATCH);
        };
        let iqmp = secret(qinv.retrieve());
        if *iqmp != strip_zeros(parts.iqmp) {
            return Err(MISMATCH);
        }
        Ok(Self {
            d: copy(parts.d),
            iqmp,
            p: copy(parts.p),
            q: copy(parts.q),
            dp: secret(dp.clone()),
            dq: secret(dq.clone()),
        })
    }

    pub(crate) fn duplicate(&self) -> Self {
        Self {
            d: self.d.clone(),
            iqmp: self.iqmp.clone(),
            p: self.p.clone(),
            q: self.q.clone(),
            dp: self.dp.clone(),
            dq: self.dq.clone(),
        }
    }
}

const MISMATCH: Error = Error::Mismatch("the numbers of the RSA key");

/// The key as the `rsa` crate wants it, which checks it on the way.
pub(crate) fn import(parts: &RsaParts<'_>) -> Result<RsaPrivateKey> {
    let (n, e) = (strip_zeros(parts.n), strip_zeros(parts.e));
    let (p, q) = (strip_zeros(parts.p), strip_zeros(parts.q));
    let bits = bit_length(n);
    // Longer than the modulus is wrong in any case; said here, so that nothing below
    // allocates more than the modulus asks for.
    if [parts.d, p, q].iter().any(|number| bit_length(strip_zeros(number)) > bits) {
        return Err(MISMATCH);
    }
    let number =
        |bytes| BoxedUint::from_be_slice(bytes, bits.next_multiple_of(8)).map_err(|_| MISMATCH);
    let n = number(n)?;
    let d = number(strip_zeros(parts.d))?;
    let primes = vec![number(p)?, number(q)?];
    let ordinary = bit_length(e) <= ORDINARY_EXPONENT_BITS;
    let e = BoxedUint::from_be_slice_vartime(e);
    // Primes of unequal length are rare but legal; they need more room than half the
    // modulus. That they are unequal is all the choice gives away.
    let balanced = bit_length(p).max(bit_length(q)) <= bits.div_ceil(2);
    let key = match (balanced, ordinary) {
        (true, true) => RsaPrivateKey::from_components(n, e, d, primes),
        (true, false) => RsaPrivateKey::from_components_with_large_exponent(n, e, d, primes),
        (false, true) => RsaPrivateKey::from_components_with_wide_primes(n, e, d, primes),
        (false, false) => {
            return Err(Error::Unsupported {
                what: "an RSA key",
                why: "its primes are of unequal length and its exponent above 2^33",
            });
        }
    };
    key.map_err(|_| MISMATCH)
}

fn copy(number: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(strip_zeros(number).to_vec())
}

/// A number as bytes without zeros in front; wipes what it was and what lies between.
fn secret(mut number: BoxedUint) -> Zeroizing<Vec<u8>> {
    let padded = Zeroizing::new(number.to_be_bytes());
    number.zeroize();
    copy(&padded)
}
