//! Blocks of one size: slabs of up to 256 of them, a bit for each.

use super::pages::SlabPages;
use super::{stop, wipe};
use crate::locked::Protection;
use std::ptr::NonNull;

/// The largest block that comes from a slab.
pub(super) const LARGEST: usize = 4096;

/// Eight sizes of 16 to 128 bytes, then four for each doubling.
pub(super) const CLASSES: usize = 28;

/// Which class serves a size; `None` when it is too large for any.
pub(super) fn class_of(size: usize) -> Option<usize> {
    if size <= 128 {
        return Some(size.max(1).div_ceil(16) - 1);
    }
    if size > LARGEST {
        return None;
    }
    // 129..=256 is doubling 0 in steps of 32, 257..=512 doubling 1 in steps of 64, …
    let doubling = ((size - 1) / 128).ilog2() as usize;
    let base = 128 << doubling;
    Some(8 + doubling * 4 + (size - base).div_ceil(base / 4) - 1)
}

/// Bytes of a class's blocks: all are multiples of 16, so that blocks are aligned to that.
pub(super) fn size_of_class(class: usize) -> usize {
    if class < 8 {
        return (class + 1) * 16;
    }
    let base = 128 << ((class - 8) / 4);
    base + base / 4 * ((class - 8) % 4 + 1)
}

/// Pages in a slab: at least eight blocks, at most 256.
pub(super) fn pages_of_class(class: usize) -> usize {
    match size_of_class(class) {
        0..=512 => 1,
        513..=1024 => 2,
        1025..=2048 => 4,
        _ => 8,
    }
}

/// All slabs of one size.
pub(super) struct Class {
    size: usize,
    slots: usize,
    slabs: Vec<Slab>,
    /// Slabs with a free slot; the last one is used first.
    open: Vec<usize>,
    live: usize,
}

struct Slab {
    offset: usize,
    protection: Protection,
    /// One bit per slot, set when it is free.
    free: [u64; 4],
}

impl Class {
    pub(super) fn new(class: usize) -> Self {
        let size = size_of_class(class);
        let slots = pages_of_class(class) * super::pages::PAGE / size;
        Self { size, slots, slabs: Vec::new(), open: Vec::new(), live: 0 }
    }

    pub(super) fn is_full(&self) -> bool {
        self.open.is_empty()
    }

    /// The number the next slab will have.
    pub(super) fn next_number(&self) -> usize {
        self.slabs.len()
    }

    /// Blocks given out.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    pub(super) fn add(&mut self, pages: SlabPages) {
        let mut free = [0; 4];
        for slot in 0..self.slots {
            free[slot / 64] |= 1 << (slot % 64);
        }
        self.open.push(self.slabs.len());
        self.slabs.push(Slab { offset: pages.offset, protection: pages.protection, free });
    }

    /// Offset of a block in the heap; `None` when every slab is full.
    pub(super) fn take(&mut self) -> Option<(usize, Protection)> {
        let slab = self.slabs.get_mut(*self.open.last()?)?;
        let word = slab.free.iter().position(|word| *word != 0)?;
        let bit = slab.free[word].trailing_zeros() as usize;
        slab.free[word] &= !(1 << bit);
        if slab.free == [0; 4] {
            self.open.pop();
        }
        self.live += 1;
        Some((slab.offset + (word * 64 + bit) * self.size, slab.protection))
    }

    /// Wipes a block and marks it free.
    ///
    /// # Safety
    /// `start` is a block taken from slab number `slab` of this class (in the heap that begins at
    /// `base`), and nobody uses it any more.
    pub(super) unsafe fn give_back(&mut self, slab: usize, base: NonNull<u8>, start: NonNull<u8>) {
        let Some(owner) = self.slabs.get_mut(slab) else {
            stop();
        };
        let offset = start.as_ptr().addr() - base.as_ptr().addr() - owner.offset;
        let (slot, inside) = (offset / self.size, offset % self.size);
        let (word, bit) = (slot / 64, 1 << (slot % 64));
        // Inside a block, past the last one, or free already: not a block that is out.
        if inside != 0 || slot >= self.slots || owner.free[word] & bit != 0 {
            stop();
        }
        // SAFETY: the caller's block, all of it; still marked as taken, and the lock is held.
        unsafe { wipe(start, self.size) };
        if owner.free == [0; 4] {
            self.open.push(slab);
        }
        owner.free[word] |= bit;
        self.live -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_gets_the_smallest_class_that_holds_it() {
        for size in 0..=LARGEST {
            let class = class_of(size).unwrap();
            assert!(size_of_class(class) >= size, "{size}");
            assert!(class == 0 || size_of_class(class - 1) < size, "{size}");
        }
        assert_eq!(class_of(LARGEST + 1), None);
        assert_eq!(class_of(LARGEST), Some(CLASSES - 1));
    }

    #[test]
    fn blocks_of_every_class_are_aligned_to_sixteen_and_fit_the_bitmap() {
        for class in 0..CLASSES {
            assert_eq!(size_of_class(class) % 16, 0);
            let slots = Class::new(class).slots;
            assert!((6..=256).contains(&slots), "{class}: {slots}");
        }
    }
}
