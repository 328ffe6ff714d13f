//! Which page belongs to what: slabs of one size, runs of pages, or nothing yet.

use super::{Block, Usage, stop, wipe};
use crate::errno::Errno;
use crate::locked::Protection;
use crate::region::{Backing, CHUNK, Reservation};
use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The heap's own unit, not the machine's: it divides pages of every size.
pub(super) const PAGE: usize = 4096;

/// The pages of one heap and who has them.
pub(super) struct Pages {
    reservation: Reservation,
    backing: Backing,
    /// One entry per page, readable without a lock: a page's owner cannot change while a block
    /// in it is out.
    table: Box<[AtomicU32]>,
    growth: Mutex<Growth>,
}

#[derive(Default)]
struct Growth {
    /// Pages up to here are committed; the next chunk begins here.
    end: usize,
    /// Committed pages nobody has: first page → count, never two adjacent stretches.
    free: BTreeMap<usize, usize>,
    /// What each chunk turned out to be.
    chunks: Vec<Protection>,
    pages_in_runs: usize,
}

/// What the table says about the page in which a block starts.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    Free,
    Slab { class: usize, slab: usize },
    Run { pages: usize, protection: Protection },
}

/// Pages for a slab, and how well they are kept.
pub(super) struct SlabPages {
    pub(super) offset: usize,
    pub(super) protection: Protection,
}

impl Pages {
    pub(super) fn new(reservation: Reservation, backing: Backing) -> Self {
        let pages = reservation.len() / PAGE;
        let table = zeros(pages);
        Self { reservation, backing, table, growth: Mutex::default() }
    }

    /// Bytes of address space.
    pub(super) fn room(&self) -> usize {
        self.reservation.len()
    }

    pub(super) fn base(&self) -> NonNull<u8> {
        self.reservation.base()
    }

    /// Whether an address is one of these pages, committed or not.
    pub(super) fn contains(&self, address: NonNull<u8>) -> bool {
        self.offset_of(address).is_some()
    }

    /// What starts or lies in the page of this address; `None` when it is not ours.
    pub(super) fn entry_at(&self, address: NonNull<u8>) -> Option<Entry> {
        let offset = self.offset_of(address)?;
        let entry = Entry::decode(self.table.get(offset / PAGE)?.load(Ordering::Relaxed));
        match entry {
            // Only the first byte of a run is a block.
            Entry::Run { .. } if !offset.is_multiple_of(PAGE) => None,
            entry => Some(entry),
        }
    }

    /// Pages for the `slab`th slab of a class.
    pub(super) fn take_slab(&self, class: usize, slab: usize) -> Result<SlabPages, Errno> {
        let count = super::slab::pages_of_class(class);
        let mut growth = self.growth();
        let (first, protection) = self.take_pages(&mut growth, count)?;
        let entry = Entry::Slab { class, slab }.encode().ok_or(Errno::NOMEM)?;
        for page in first..first + count {
            self.table[page].store(entry, Ordering::Relaxed);
        }
        Ok(SlabPages { offset: first * PAGE, protection })
    }

    /// A block of whole pages.
    pub(super) fn take_run(&self, size: usize) -> Result<Block, Errno> {
        let count = size.div_ceil(PAGE).max(1);
        let mut growth = self.growth();
        let (first, protection) = self.take_pages(&mut growth, count)?;
        let entry = Entry::Run { pages: count, protection }.encode().ok_or(Errno::NOMEM)?;
        self.table[first].store(entry, Ordering::Relaxed);
        growth.pages_in_runs += count;
        let start = self.base().as_ptr().wrapping_add(first * PAGE);
        Ok(Block { start: NonNull::new(start).ok_or(Errno::NOMEM)?, protection })
    }

    /// Takes back a run, wiped.
    ///
    /// # Safety
    /// `start` is a run given out by `take_run` that nobody uses any more.
    pub(super) unsafe fn give_back_run(&self, start: NonNull<u8>) {
        let Some(first) = self.offset_of(start).map(|offset| offset / PAGE) else {
            stop();
        };
        // Whoever clears the entry has the run: a second return of the same run finds it empty.
        let entry = Entry::decode(self.table[first].swap(0, Ordering::Relaxed));
        let Entry::Run { pages, .. } = entry else {
            stop();
        };
        // SAFETY: these pages are the caller's block, all of it, and in nobody's use.
        unsafe { wipe(start, pages * PAGE) };
        let mut growth = self.growth();
        growth.pages_in_runs -= pages;
        growth.put_free(first, pages);
    }

    /// Bytes in runs and bytes taken from the system; slabs are counted by their classes.
    pub(super) fn usage(&self) -> Usage {
        let growth = self.growth();
        let unlocked = growth.chunks.iter().filter(|kind| **kind == Protection::Unlocked).count();
        Usage {
            in_use: growth.pages_in_runs * PAGE,
            locked: (growth.chunks.len() - unlocked) * CHUNK,
            unlocked: unlocked * CHUNK,
        }
    }

    fn offset_of(&self, address: NonNull<u8>) -> Option<usize> {
        let offset = address.as_ptr().addr().checked_sub(self.base().as_ptr().addr())?;
        (offset < self.reservation.len()).then_some(offset)
    }

    fn growth(&self) -> MutexGuard<'_, Growth> {
        self.growth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// First fit among the free pages, else more from the system.
    fn take_pages(&self, growth: &mut Growth, count: usize) -> Result<(usize, Protection), Errno> {
        if count > self.table.len() {
            return Err(Errno::NOMEM);
        }
        let first = match growth.take_free(count) {
            Some(first) => first,
            None => {
                self.grow(growth, count)?;
                growth.take_free(count).ok_or(Errno::NOMEM)?
            }
        };
        Ok((first, growth.protection(first, count)))
    }

    /// Commits enough chunks for `count` pages in one stretch.
    fn grow(&self, growth: &mut Growth, count: usize) -> Result<(), Errno> {
        let len = (count * PAGE).next_multiple_of(CHUNK);
        let first = growth.end;
        let end = first + len / PAGE;
        if end > self.table.len() {
            return Err(Errno::NOMEM);
        }
        // Moved on before the attempt: a stretch that failed is never tried again.
        growth.end = end;
        let chunks = growth.chunks.len();
        let result = self.reservation.commit(first * PAGE, len, self.backing);
        let protection = result.unwrap_or(Protection::Unlocked);
        growth.chunks.resize(chunks + len / CHUNK, protection);
        result?;
        growth.put_free(first, len / PAGE);
        Ok(())
    }
}

/// From the system as they are: written one by one they would be memory, a page for each 4 MiB of
/// the heap that nobody uses.
fn zeros(count: usize) -> Box<[AtomicU32]> {
    let zeros = Box::into_raw(vec![0_u32; count].into_boxed_slice());
    // SAFETY: just given up by a box of the same length, whose elements have the same size,
    // alignment and valid bit patterns.
    unsafe { Box::from_raw(zeros as *mut [AtomicU32]) }
}

impl Growth {
    fn take_free(&mut self, count: usize) -> Option<usize> {
        let (first, have) = self.free.iter().map(|(a, b)| (*a, *b)).find(|(_, n)| *n >= count)?;
        self.free.remove(&first);
        if have > count {
            self.free.insert(first + count, have - count);
        }
        Some(first)
    }

    fn put_free(&mut self, mut first: usize, mut count: usize) {
        if let Some(after) = self.free.remove(&(first + count)) {
            count += after;
        }
        if let Some((before, have)) = self.free.range(..first).next_back().map(|(a, b)| (*a, *b))
            && before + have == first
        {
            first = before;
            count += have;
        }
        self.free.insert(first, count);
    }

    /// The weakest protection in a stretch: what one may promise of the whole.
    fn protection(&self, first: usize, count: usize) -> Protection {
        let per_chunk = CHUNK / PAGE;
        let chunks = first / per_chunk..(first + count).div_ceil(per_chunk);
        let kinds = self.chunks.get(chunks).unwrap_or_default();
        kinds.iter().copied().min().unwrap_or(Protection::Unlocked)
    }
}

/// An entry in 32 bits: kind (6), protection (2), number (24).
impl Entry {
    const RUN: u32 = 63;

    fn encode(self) -> Option<u32> {
        let (kind, protection, number) = match self {
            Entry::Free => (0, Protection::Unlocked, 0),
            Entry::Slab { class, slab } => (class as u32 + 1, Protection::Unlocked, slab),
            Entry::Run { pages, protection } => (Self::RUN, protection, pages),
        };
        let number = u32::try_from(number).ok().filter(|number| *number < 1 << 24)?;
        Some(kind << 26 | protection.to_bits() << 24 | number)
    }

    fn decode(bits: u32) -> Self {
        let number = (bits & 0xff_ffff) as usize;
        match bits >> 26 {
            0 => Entry::Free,
            Self::RUN => {
                Entry::Run { pages: number, protection: Protection::from_bits(bits >> 24 & 3) }
            }
            kind => Entry::Slab { class: kind as usize - 1, slab: number },
        }
    }
}
