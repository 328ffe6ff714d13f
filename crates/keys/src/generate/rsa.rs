//! RSA keys, by the conditions of FIPS 186-5 A.1.

use std::num::NonZeroUsize;

use crypto_bigint::{BoxedUint, ConcatenatingMul, Lcm, NonZero, Odd, Resize};
use keyfob_sys::traces::{Stack, leaving_none};
use zeroize::Zeroizing;

use super::Watch;
use super::search::{self, Shape};
use crate::limits::{RSA_MAX_BITS, RSA_MIN_BITS};
use crate::{Error, PrivateKey, Result, RsaParts};

/// What nearly all keys have: a prime, so that being prime to p − 1 is one division away.
pub(super) const PUBLIC_EXPONENT: u32 = 65537;

/// Primes closer than 2^(bits/2 − 100) are found by Fermat's method.
const DISTANCE_SLACK: u32 = 100;

pub(super) fn generate(bits: u32, threads: NonZeroUsize, watch: &dyn Watch) -> Result<PrivateKey> {
    if !(RSA_MIN_BITS..=RSA_MAX_BITS).contains(&bits) {
        return Err(Error::Unsupported {
            what: "an RSA key of that size",
            why: "OpenSSH takes keys of 1024 to 16384 bits",
        });
    }
    loop {
        let primes = search::two_primes(Shape::of_modulus(bits), threads, watch)?;
        // None is as likely as a guess at the key is right, and then the next pair fits.
        if let Some(key) = leaving_none(Stack::Deep, || assemble(bits, primes))? {
            return Ok(key);
        }
    }
}

/// The key of two primes; none when they do not fit together.
fn assemble(bits: u32, [one, other]: [Zeroizing<BoxedUint>; 2]) -> Result<Option<PrivateKey>> {
    let (p, q) = if *one > *other { (one, other) } else { (other, one) };
    let n = p.concatenating_mul(&*q);
    let Some(d) = private_exponent(&p, &q) else {
        return Ok(None);
    };
    let distance = Zeroizing::new(p.wrapping_sub(&*q));
    if n.bit_width() != bits
        || distance.bit_width() <= bits / 2 - DISTANCE_SLACK
        || d.bit_width() <= bits / 2
    {
        return Ok(None);
    }
    let modulus: Option<Odd<BoxedUint>> = p.to_odd().into();
    let Some(iqmp) = modulus.and_then(|p| q.invert_odd_mod(&p).into_option()) else {
        return Ok(None);
    };
    let bytes = |number: &BoxedUint| Zeroizing::new(number.to_be_bytes());
    let (d, p, q, iqmp) = (bytes(&d), bytes(&p), bytes(&q), bytes(&Zeroizing::new(iqmp)));
    let key = PrivateKey::rsa_from_parts(RsaParts {
        n: &n.to_be_bytes(),
        e: &PUBLIC_EXPONENT.to_be_bytes(),
        d: &d,
        p: &p,
        q: &q,
        iqmp: &iqmp,
    })?;
    Ok(Some(key))
}

/// e^-1 modulo the least common multiple of p − 1 and q − 1.
fn private_exponent(p: &BoxedUint, q: &BoxedUint) -> Option<Zeroizing<BoxedUint>> {
    let less_one = |prime: &BoxedUint| Zeroizing::new(prime.wrapping_sub(BoxedUint::one()));
    let multiple = Zeroizing::new(less_one(p).lcm(&less_one(q)));
    let modulus: Option<NonZero<BoxedUint>> = multiple.to_nz().into();
    let e = BoxedUint::from(PUBLIC_EXPONENT).resize(multiple.bits_precision());
    e.invert_mod(&modulus?).into_option().map(Zeroizing::new)
}
