//! Takes the multiples of small primes out of a window of numbers: nine tenths of all odd ones go
//! for a thousandth of what testing them would cost.
//!
//! Which places of the window are marked depends on the secret. Who shares the processor's caches
//! could learn something of it, as from every sieve; the tests that follow give nothing away.

use crypto_bigint::{BoxedUint, Limb, NonZero, Reciprocal, Word};
use zeroize::Zeroizing;

/// The odd primes up to a limit, and how to divide by several of them at once.
pub(super) struct SmallPrimes {
    primes: Vec<u32>,
    /// Products of primes that follow each other, as many as fit a word, and how many those are.
    products: Vec<(Reciprocal, usize)>,
}

impl SmallPrimes {
    pub(super) fn up_to(limit: u32) -> Self {
        let primes = odd_primes(limit);
        let mut products = Vec::new();
        let mut rest = primes.as_slice();
        while !rest.is_empty() {
            let (product, count) = product_of_first(rest);
            if let Some(product) = NonZero::new(Limb(product)).into_option() {
                products.push((Reciprocal::new(product), count));
            }
            rest = &rest[count..];
        }
        Self { primes, products }
    }

    /// Calls `each` with every prime and the remainder of `number` by it.
    fn remainders(&self, number: &BoxedUint, mut each: impl FnMut(u32, u32)) {
        let mut rest = self.primes.as_slice();
        for (product, count) in &self.products {
            let remainder = number.rem_limb_with_reciprocal(product).0;
            let (some, more) = rest.split_at(*count);
            for &prime in some {
                // Below the prime, so it fits.
                each(prime, (remainder % Word::from(prime)) as u32);
            }
            rest = more;
        }
    }
}

/// The product of as many of the first primes as fit a word, and their number: at least one.
fn product_of_first(primes: &[u32]) -> (Word, usize) {
    let mut product: Word = 1;
    for (count, &prime) in primes.iter().enumerate() {
        match product.checked_mul(Word::from(prime)) {
            Some(larger) => product = larger,
            None => return (product, count),
        }
    }
    (product, primes.len())
}

/// Eratosthenes, over odd numbers: place i stands for 2i + 1.
fn odd_primes(limit: u32) -> Vec<u32> {
    let mut composite = vec![false; (limit as usize).div_ceil(2)];
    let mut primes = Vec::new();
    for place in 1..composite.len() {
        if composite[place] {
            continue;
        }
        let prime = 2 * place + 1;
        primes.extend(u32::try_from(prime));
        // From its square on: what is below has a smaller factor.
        for multiple in (prime * prime / 2..composite.len()).step_by(prime) {
            composite[multiple] = true;
        }
    }
    primes
}

/// Odd numbers that follow each other, less those with a small factor.
pub(super) struct Window {
    first: Zeroizing<BoxedUint>,
    composite: Zeroizing<Vec<bool>>,
}

impl Window {
    /// So many odd numbers from `first` on, which is odd.
    pub(super) fn open(first: Zeroizing<BoxedUint>, length: usize, small: &SmallPrimes) -> Self {
        let mut composite = Zeroizing::new(vec![false; length]);
        small.remainders(&first, |prime, remainder| {
            // The first place whose number, first + 2·place, the prime divides.
            let missing = if remainder == 0 { 0 } else { prime - remainder };
            let twice = if missing.is_multiple_of(2) { missing } else { missing + prime };
            let places = composite.iter_mut().skip((twice / 2) as usize);
            places.step_by(prime as usize).for_each(|place| *place = true);
        });
        Self { first, composite }
    }

    /// The number at a place, unless it has a small factor.
    pub(super) fn candidate(&self, place: usize) -> Option<Zeroizing<BoxedUint>> {
        if *self.composite.get(place)? {
            return None;
        }
        let offset = BoxedUint::from(2 * place as u64);
        Some(Zeroizing::new(self.first.wrapping_add(&offset)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_small_primes_are_the_primes() {
        assert_eq!(odd_primes(30), [3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert_eq!(odd_primes(1 << 16).len(), 6541, "all but 2");
        for limit in [0, 1, 2] {
            assert!(odd_primes(limit).is_empty(), "{limit}");
        }
    }

    #[test]
    fn a_number_stays_in_the_window_when_no_small_prime_divides_it() {
        let small = SmallPrimes::up_to(1000);
        for first in [1_000_003_u64, 0xffff_ffff_ffff_0001, 3 * 5 * 7 * 11 * 13] {
            let window = Window::open(Zeroizing::new(BoxedUint::from(first)), 4096, &small);
            for place in 0..4096_u64 {
                let number = u128::from(first) + 2 * u128::from(place);
                let has_factor = small.primes.iter().any(|&p| number % u128::from(p) == 0);
                let candidate = window.candidate(place as usize);
                assert_eq!(candidate.is_none(), has_factor, "{number}");
            }
            assert!(window.candidate(4096).is_none(), "behind its end");
        }
    }

    #[test]
    fn remainders_are_those_of_a_plain_division() {
        let small = SmallPrimes::up_to(70_000);
        let number = BoxedUint::from_be_slice_vartime(&[0xc5; 100]);
        let mut seen = Vec::new();
        small.remainders(&number, |prime, remainder| {
            let divisor = NonZero::new(Limb::from(prime)).unwrap();
            assert_eq!(number.rem_limb(divisor), Limb::from(remainder), "{prime}");
            seen.push(prime);
        });
        assert_eq!(seen, small.primes);
    }
}
