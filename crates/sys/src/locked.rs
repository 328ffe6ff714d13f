//! Bytes that must not reach a disk, a dump or another process.
//!
//! Backed by `memfd_secret` (memory even the kernel does not map) where the system has it,
//! else by locked pages excluded from dumps; small secrets share pages, because the limit on
//! locked memory is 8 MiB by default and a page each would use it up at 2,000 keys. When nothing
//! can be locked the bytes are still usable and [`LockedBytes::protection`] says so.
//!
//! It does not encrypt: that is the shield's work in `keys`.

use crate::Error;
use crate::heap::Heap;
pub use crate::heap::Usage;
use crate::region::Backing;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

/// How well memory is kept from others; a weaker kind is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// Excluded from dumps where the system can do that, but it may be swapped out.
    Unlocked,
    /// Never swapped, and excluded from dumps.
    Locked,
    /// `memfd_secret`: also unreachable for the kernel itself, and for `/proc/PID/mem`.
    SecretMemory,
}

/// A fixed number of bytes in locked memory, zero at first, wiped when dropped.
pub struct LockedBytes {
    start: NonNull<u8>,
    len: usize,
    protection: Protection,
}

/// Use `memfd_secret`, or (with `false`) ordinary locked memory.
///
/// A machine cannot hibernate while secret memory is in use: that is its point, and the reason
/// for this switch. Affects memory taken from the system afterwards, so call it first.
pub fn use_secret_memory(wanted: bool) {
    SECRET_MEMORY.store(wanted, Ordering::Relaxed);
}

/// How much is in use, and how much of it could be locked.
pub fn usage() -> Usage {
    HEAP.usage()
}

static SECRET_MEMORY: AtomicBool = AtomicBool::new(true);
pub(crate) static HEAP: Heap = Heap::new(Backing::SecretMemory);

#[cfg(target_os = "linux")]
pub(crate) fn secret_memory_wanted() -> bool {
    SECRET_MEMORY.load(Ordering::Relaxed)
}

impl LockedBytes {
    /// Takes `len` zero bytes.
    ///
    /// # Errors
    /// [`Error::Memory`] when there is none at all; memory that cannot be locked is no error.
    pub fn new(len: usize) -> Result<Self, Error> {
        match HEAP.allocate(len) {
            Ok(block) => Ok(Self { start: block.start, len, protection: block.protection }),
            Err(errno) => Err(Error::Memory { bytes: len, source: errno.into() }),
        }
    }

    /// How well these bytes are kept.
    pub fn protection(&self) -> Protection {
        self.protection
    }
}

// SAFETY: the block has one owner, which may be on any thread; the heap below is thread-safe.
unsafe impl Send for LockedBytes {}
// SAFETY: through a shared reference the bytes are only read.
unsafe impl Sync for LockedBytes {}

impl Deref for LockedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the block has at least `len` initialised bytes and is ours until dropped.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for LockedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` makes us its only user.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for LockedBytes {
    fn drop(&mut self) {
        // SAFETY: taken from this heap in `new`, returned only here, never used again.
        unsafe { HEAP.release(self.start) };
    }
}

impl fmt::Debug for LockedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockedBytes({} bytes, {:?})", self.len, self.protection)
    }
}

impl Protection {
    pub(crate) fn to_bits(self) -> u32 {
        match self {
            Protection::Unlocked => 0,
            Protection::Locked => 1,
            Protection::SecretMemory => 2,
        }
    }

    pub(crate) fn from_bits(bits: u32) -> Self {
        match bits {
            2 => Protection::SecretMemory,
            1 => Protection::Locked,
            _ => Protection::Unlocked,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_zero_then_ours_to_fill() {
        let mut bytes = LockedBytes::new(32).unwrap();
        assert_eq!(&*bytes, &[0; 32]);
        bytes.copy_from_slice(&[9; 32]);
        assert_eq!(&*bytes, &[9; 32]);
    }

    #[test]
    fn no_bytes_are_fine_too() {
        assert!(LockedBytes::new(0).unwrap().is_empty());
    }

    #[test]
    fn debug_output_shows_no_content() {
        let mut bytes = LockedBytes::new(4).unwrap();
        bytes.copy_from_slice(b"abcd");
        let shown = format!("{bytes:?}");
        assert!(!shown.contains("abcd") && !shown.contains("97"), "{shown}");
    }

    #[test]
    fn four_thousand_small_secrets_share_pages() {
        // A page each would be 16 MiB: twice what a user may lock.
        let before = usage();
        let secrets: Vec<_> = (0..4000).map(|_| LockedBytes::new(32).unwrap()).collect();
        let after = usage();
        let taken = after.locked + after.unlocked - before.locked - before.unlocked;
        assert!(taken <= 512 * 1024, "{taken} bytes");
        drop(secrets);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn secret_memory_cannot_be_read_even_by_root_through_proc() {
        use std::os::unix::fs::FileExt;
        let mut bytes = LockedBytes::new(64).unwrap();
        bytes.fill(0xa5);
        let mut seen = [0; 64];
        let memory = std::fs::File::open("/proc/self/mem").unwrap();
        let read = memory.read_at(&mut seen, bytes.as_ptr().addr() as u64);
        match bytes.protection() {
            Protection::SecretMemory => assert!(read.is_err()),
            Protection::Locked | Protection::Unlocked => {}
        }
    }
}
