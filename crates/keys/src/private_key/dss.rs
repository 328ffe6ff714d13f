//! DSA private values: checked against their public half, and no more.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd};
use zeroize::{Zeroize, Zeroizing};

use crate::key_data::{Dss, bit_length};
use crate::{Error, Result};

/// Why nothing is signed or verified with it.
pub(crate) const REASON: &str = "OpenSSH has removed DSA and its keys are too short to be safe";

const MISMATCH: Error = Error::Mismatch("the numbers of the DSA key");

/// y = g^x mod p, for an x below q.
pub(super) fn public_value(group: &Dss, x: &[u8]) -> Result<Vec<u8>> {
    let p = BoxedUint::from_be_slice_vartime(&group.p);
    let modulus: Option<Odd<BoxedUint>> = Odd::new(p).into();
    let bits = bit_length(&group.q);
    let mut secret = BoxedUint::from_be_slice(x, bits).map_err(|_| MISMATCH)?;
    let value = power(&modulus.ok_or(MISMATCH)?, &group.g, &secret, bits)?;
    secret.zeroize();
    Ok(value.to_be_bytes_trimmed_vartime().into())
}

/// Checks that q divides p − 1, that x is below q, and that y = g^x mod p; gives a copy of x.
/// Whether p and q are prime is not tested, as OpenSSH does not.
pub(super) fn check(public: &Dss, x: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let p = BoxedUint::from_be_slice_vartime(&public.p);
    let q = BoxedUint::from_be_slice_vartime(&public.q);
    let order: Option<NonZero<BoxedUint>> = NonZero::new(q.clone()).into();
    let modulus: Option<Odd<BoxedUint>> = Odd::new(p.clone()).into();
    let (Some(order), Some(modulus)) = (order, modulus) else {
        return Err(MISMATCH);
    };
    if p.rem_vartime(&order) != BoxedUint::one() {
        return Err(MISMATCH);
    }
    // Longer than the order is wrong in any case; below it fits its precision.
    let mut secret = BoxedUint::from_be_slice(x, q.bits_precision()).map_err(|_| MISMATCH)?;
    let in_range = bool::from(secret.is_nonzero()) && secret < q;
    let derived = power(&modulus, &public.g, &secret, bit_length(&public.q))?;
    secret.zeroize();
    if !in_range || derived != BoxedUint::from_be_slice_vartime(&public.y) {
        return Err(MISMATCH);
    }
    Ok(Zeroizing::new(x.to_vec()))
}

/// base^exponent, in a time that tells only how long an exponent may be.
fn power(
    modulus: &Odd<BoxedUint>,
    base: &[u8],
    exponent: &BoxedUint,
    bits: u32,
) -> Result<BoxedUint> {
    let params = BoxedMontyParams::new_vartime(modulus.clone());
    let base = BoxedUint::from_be_slice(base, modulus.bits_precision()).map_err(|_| MISMATCH)?;
    Ok(BoxedMontyForm::new(base, &params).pow_bounded_exp(exponent, bits).retrieve())
}
