//! The search for two primes, on several threads.
//!
//! Every thread hunts for itself: it takes a window of numbers at a random place, leaves out those
//! with small factors, and tests the others until one is prime; then it goes to another place. The
//! first two primes that anybody finds are taken. So no thread waits for another, and the second
//! prime is searched for with all of them.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crypto_bigint::{BitOps, BoxedUint, Limb, NonZero};
use keyfob_sys::traces::{Stack, leaving_none};
use zeroize::Zeroizing;

use super::rsa::PUBLIC_EXPONENT;
use super::sieve::{SmallPrimes, Window};
use super::{Watch, fill, prime, random_number};
use crate::{Error, Result};

/// What a prime of a modulus looks like from above.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    bits: u32,
    /// Whether the modulus has twice as many bits; else one less.
    twice: bool,
}

impl Shape {
    /// FIPS 186-5 A.1.3 wants primes from √2 · 2^(bits/2 − 1) on, and the product has to have
    /// all its bits. For an even length the two highest bits set do both; for an odd one, which
    /// the standard does not know, it is the highest one followed by two that are not.
    pub(super) fn of_modulus(bits: u32) -> Self {
        Self { bits: bits.div_ceil(2), twice: bits.is_multiple_of(2) }
    }

    /// A random odd number of this shape.
    fn random(self) -> Result<Zeroizing<BoxedUint>> {
        let mut number = random_number(self.bits)?;
        number.set_bit_vartime(0, true);
        number.set_bit_vartime(self.bits - 1, true);
        number.set_bit_vartime(self.bits - 2, self.twice);
        if !self.twice {
            number.set_bit_vartime(self.bits - 3, false);
        }
        Ok(number)
    }

    /// Whether a number is of this shape still, after counting on.
    fn fits(self, number: &BoxedUint) -> bool {
        let bit = |place| number.bit_vartime(place);
        number.bit_width_vartime() == self.bits
            && bit(self.bits - 2) == self.twice
            && (self.twice || !bit(self.bits - 3))
    }

    /// Odd numbers in a window: about ninety primes at any length. A power of two.
    fn window(self) -> usize {
        (self.bits as usize * 32).next_power_of_two()
    }

    /// Up to which factors are sieved out. The longer a test takes, the more of them pay.
    fn largest_small_prime(self) -> u32 {
        (self.bits * self.bits / 4).min(1 << 21)
    }

    /// The probability that a number is prime when it has no small factor (Mertens).
    fn density(self) -> f64 {
        const E_TO_GAMMA: f64 = 1.781_072_417_990_198;
        let limit = f64::from(self.largest_small_prime());
        E_TO_GAMMA * limit.ln() / (f64::from(self.bits) * std::f64::consts::LN_2)
    }
}

/// Two primes, each as random as the other, and neither of them 1 modulo the public exponent.
pub(super) fn two_primes(
    shape: Shape,
    threads: NonZeroUsize,
    watch: &dyn Watch,
) -> Result<[Zeroizing<BoxedUint>; 2]> {
    let search = Search {
        shape,
        small: SmallPrimes::up_to(shape.largest_small_prime()),
        watch,
        found: Mutex::new(Vec::with_capacity(2)),
        tested: AtomicU64::new(0),
        over: AtomicBool::new(false),
    };
    search.run(threads)?;
    if watch.stopped() {
        return Err(Error::Stopped);
    }
    let found = search.found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.try_into().map_err(|_| Error::Stopped)
}

struct Search<'a> {
    shape: Shape,
    small: SmallPrimes,
    watch: &'a dyn Watch,
    found: Mutex<Vec<Zeroizing<BoxedUint>>>,
    /// How many numbers were tested so far.
    tested: AtomicU64,
    /// Two were found, or something failed.
    over: AtomicBool,
}

impl Search<'_> {
    fn run(&self, threads: NonZeroUsize) -> Result<()> {
        thread::scope(|scope| {
            // A thread that cannot be had is done without.
            let helpers: Vec<_> = (1..threads.get())
                .map_while(|_| {
                    let named = thread::Builder::new().name("key search".to_owned());
                    named.spawn_scoped(scope, || self.hunt(&|| {})).ok()
                })
                .collect();
            let tell = || self.watch.progress(self.progress());
            helpers.into_iter().fold(self.hunt(&tell), |result, helper| {
                let other = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                result.and(other)
            })
        })
    }

    /// Searches until the search is over. `tell` is called after each number.
    fn hunt(&self, tell: &dyn Fn()) -> Result<()> {
        let result = leaving_none(Stack::Deep, || {
            while !self.quit() {
                if let Some(prime) = self.search_window(tell)? {
                    self.take(prime);
                }
            }
            Ok(())
        });
        if result.is_err() {
            self.over.store(true, Ordering::Relaxed);
        }
        result
    }

    /// A prime out of a fresh window. None when it has none, or the search is over.
    fn search_window(&self, tell: &dyn Fn()) -> Result<Option<Zeroizing<BoxedUint>>> {
        let length = self.shape.window();
        let window = Window::open(self.shape.random()?, length, &self.small);
        // In no order: the first prime above a random place is likelier the longer the gap
        // before it is, where the first met on a random way is as likely as any in the window.
        let (start, stride) = (random_place(length)?, random_place(length)? | 1);
        let way = (0..length).map(|step| step.wrapping_mul(stride).wrapping_add(start) % length);
        for number in way.filter_map(|place| window.candidate(place)) {
            if !self.is_eligible(&number) {
                continue;
            }
            let verdict = self.test(number)?;
            self.tested.fetch_add(1, Ordering::Relaxed);
            tell();
            if verdict.is_some() || self.quit() {
                return Ok(verdict);
            }
        }
        Ok(None)
    }

    /// Of the right shape, and prime to the public exponent when one less.
    fn is_eligible(&self, number: &BoxedUint) -> bool {
        let by_exponent = NonZero::new(Limb::from(PUBLIC_EXPONENT)).into_option();
        let remainder = by_exponent.map(|exponent| number.rem_limb(exponent));
        self.shape.fits(number) && remainder.is_some_and(|remainder| remainder != Limb::ONE)
    }

    /// The number if it is prime.
    fn test(&self, number: Zeroizing<BoxedUint>) -> Result<Option<Zeroizing<BoxedUint>>> {
        let quit = || self.quit();
        let Some(odd) = number.to_odd().into_option() else {
            return Ok(None);
        };
        let prime = prime::may_be_prime(&odd, &quit) == Some(true)
            && prime::is_prime(&odd, &quit)? == Some(true);
        Ok(prime.then_some(number))
    }

    fn take(&self, prime: Zeroizing<BoxedUint>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() < 2 {
            found.push(prime);
        }
        if found.len() == 2 {
            self.over.store(true, Ordering::Relaxed);
        }
    }

    fn quit(&self) -> bool {
        self.over.load(Ordering::Relaxed) || self.watch.stopped()
    }

    /// The probability that so many tests find two primes or more.
    fn progress(&self) -> f64 {
        let tests = self.tested.load(Ordering::Relaxed) as f64;
        let (hit, miss) = (self.shape.density(), 1.0 - self.shape.density());
        let none = miss.powf(tests);
        let one = tests * hit * miss.powf(tests - 1.0);
        (1.0 - none - one).clamp(0.0, 1.0)
    }
}

/// A random place in a window, whose length is a power of two.
fn random_place(length: usize) -> Result<usize> {
    let mut bytes = Zeroizing::new([0; size_of::<usize>()]);
    fill(&mut *bytes)?;
    Ok(usize::from_ne_bytes(*bytes) % length)
}
