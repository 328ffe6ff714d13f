//! Is this number prime?
//!
//! First a cheap question that nearly every composite number fails, then those FIPS 186-5 asks.
//! Both raise to a power whose bits are those of the number, in steps that do not depend on them:
//! who watches does not learn which prime it was. There is no Lucas test, because its steps do.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Choice, CtAssign, MontyForm, MontyMultiplier, Odd, Word};
use crypto_primes::hazmat::MillerRabin;
use zeroize::Zeroizing;

use super::random_number;
use crate::Result;

/// How many squarings go by between two looks at whether to give up.
const PATIENCE: u32 = 64;

/// Fermat's question with base 2: is 2^(n−1) = 1 mod n? None when told to give up.
///
/// Base 2 because multiplying by it is an addition: a quarter faster than any other.
pub(super) fn may_be_prime(number: &Odd<BoxedUint>, quit: &dyn Fn() -> bool) -> Option<bool> {
    let params = BoxedMontyParams::new(number.clone());
    let one = BoxedMontyForm::one(&params);
    let mut power = Zeroizing::new(one.clone());
    let mut doubled = Zeroizing::new(one.clone());
    let mut multiplier = <BoxedMontyForm as MontyForm>::Multiplier::from(&params);
    // n − 1 has the bits of n, but for the last.
    for place in (1..number.bit_width()).rev() {
        if place % PATIENCE == 0 && quit() {
            return None;
        }
        multiplier.square_assign(&mut power);
        doubled.copy_montgomery_from(&power);
        *doubled += &*power;
        power.as_montgomery_mut().ct_assign(doubled.as_montgomery(), bit(number, place));
    }
    multiplier.square_assign(&mut power);
    Some(power.as_montgomery() == one.as_montgomery())
}

/// The bit at a place everybody may know.
fn bit(number: &BoxedUint, place: u32) -> Choice {
    let word = number.as_words()[(place / Word::BITS) as usize];
    Choice::from_u8_lsb((word >> (place % Word::BITS)) as u8 & 1)
}

/// Miller and Rabin's question, as often as FIPS 186-5 table B.1 says, with a fresh random base
/// each time. None when told to give up.
pub(super) fn is_prime(number: &Odd<BoxedUint>, quit: &dyn Fn() -> bool) -> Result<Option<bool>> {
    let test = MillerRabin::new(number.clone());
    for _ in 0..rounds(number.bit_width()) {
        if quit() {
            return Ok(None);
        }
        if test.test(&*random_base(number)?).is_composite() {
            return Ok(Some(false));
        }
    }
    Ok(Some(true))
}

/// A base from 2 to n − 2, each as likely as any other.
fn random_base(number: &BoxedUint) -> Result<Zeroizing<BoxedUint>> {
    loop {
        let base = random_number(number.bit_width())?;
        if *base > BoxedUint::one() && *base < number.wrapping_sub(BoxedUint::one()) {
            return Ok(base);
        }
    }
}

/// FIPS 186-5 table B.1, tests of Miller and Rabin only: 5 for primes of 1024 bits, 4 from 1536
/// bits on. For shorter ones what its formula (appendix C.1) gives for 2^-112.
fn rounds(bits: u32) -> usize {
    match bits {
        0..600 => 10,
        600..1024 => 8,
        1024..1536 => 5,
        _ => 4,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crypto_primes::hazmat::minimum_mr_iterations;

    use super::*;

    const ON: &dyn Fn() -> bool = &|| false;

    fn number(bytes: &[u8]) -> Odd<BoxedUint> {
        BoxedUint::from_be_slice_vartime(bytes).to_odd().unwrap()
    }

    /// 2^521 − 1, which is prime (Mersenne's).
    fn mersenne() -> Odd<BoxedUint> {
        number(&[&[1][..], &[0xff; 65]].concat())
    }

    #[test]
    fn a_prime_is_prime_and_its_neighbours_are_not() {
        assert_eq!(may_be_prime(&mersenne(), ON), Some(true));
        assert_eq!(is_prime(&mersenne(), ON), Ok(Some(true)));
        for difference in (2..200_u32).step_by(2) {
            let neighbour = mersenne().wrapping_sub(BoxedUint::from(difference));
            let neighbour = neighbour.to_odd().unwrap();
            let expected = crypto_primes::is_prime(crypto_primes::Flavor::Any, neighbour.as_ref());
            assert_eq!(may_be_prime(&neighbour, ON), Some(expected), "{difference} below");
        }
    }

    #[test]
    fn what_only_looks_prime_with_base_2_is_found_out() {
        // 2047 = 23 · 89 and 3215031751 pass tests with base 2, the latter with 3, 5 and 7 too.
        for pseudoprime in [2047_u64, 3_215_031_751] {
            let number = number(&pseudoprime.to_be_bytes());
            assert_eq!(may_be_prime(&number, ON), Some(true));
            assert_eq!(is_prime(&number, ON), Ok(Some(false)));
        }
    }

    #[test]
    fn it_gives_up_when_told() {
        assert_eq!(may_be_prime(&mersenne(), &|| true), None);
        assert_eq!(is_prime(&mersenne(), &|| true), Ok(None));
    }

    #[test]
    fn there_are_as_many_rounds_as_the_standard_asks_for() {
        let strength = |bits| match bits {
            0..1536 => 112,
            1536..2048 => 128,
            _ => 144,
        };
        for bits in [512, 550, 599, 600, 700, 1023, 1024, 1535, 1536, 2047, 2048, 3000] {
            let least = minimum_mr_iterations(bits, strength(bits)).unwrap();
            assert!(rounds(bits) >= least, "{bits} bits: {least}");
        }
    }

    #[test]
    fn a_base_is_neither_0_nor_1_nor_their_negatives() {
        let seven = number(&[7]);
        for _ in 0..200 {
            let base = random_base(&seven).unwrap();
            assert!((2..=5).any(|fine: u32| *base == BoxedUint::from(fine)));
        }
    }
}
