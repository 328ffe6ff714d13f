//! Chance with a seed: the same in every run.

/// A generator of numbers (xorshift): not for secrets.
pub(crate) struct Chance(u64);

impl Chance {
    /// From this seed, which is not zero.
    pub(crate) fn new(seed: u64) -> Self {
        assert_ne!(seed, 0);
        Self(seed)
    }

    /// The next number.
    pub(crate) fn number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(end).unwrap()).unwrap()
    }

    /// So many bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.number().to_le_bytes()[3]).collect()
    }

    /// So many bytes that read as lengths of 16: they lead deeper into a decoder.
    pub(crate) fn lengths(count: usize) -> Vec<u8> {
        (0..count).map(|at| if at % 4 == 3 { 16 } else { 0 }).collect()
    }
}
