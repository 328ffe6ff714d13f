//! A heap for secrets: blocks in locked memory, zero when given, wiped when returned.
//!
//! One thread-safe allocator serves the small secrets of this program (`locked`), the signing
//! backend (`signing_heap`) and work with secrets (`traces`), each with a heap of its own. Blocks
//! up to 4 KiB come from slabs of one size each, with a lock per size, so that two threads meet
//! only when they want the same size; larger ones are runs of pages. All bookkeeping lies outside:
//! a write past the end of a block can spoil a neighbour's bytes but not the heap, and a block
//! returned twice stops the process.
//!
//! It does not give memory back to the system: what was locked once stays locked.

mod pages;
mod slab;

use crate::errno::Errno;
use crate::locked::Protection;
use crate::region::{Backing, CHUNK, Reservation};
use pages::{Entry, Pages};
use slab::{Class, LARGEST, class_of, size_of_class};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Address space of one heap. Costs nothing until used; it is an upper bound on all secrets.
#[cfg(target_pointer_width = "64")]
pub(crate) const WANTED: usize = 256 * 1024 * 1024;
#[cfg(not(target_pointer_width = "64"))]
pub(crate) const WANTED: usize = 32 * 1024 * 1024;

/// Where even this cannot be reserved there are no secrets: some dozen keys.
const LEAST: usize = 16 * CHUNK;

/// A heap; made for `static`s.
pub(crate) struct Heap {
    backing: Backing,
    inner: OnceLock<Inner>,
    /// Held while address space is reserved.
    starting: Mutex<()>,
}

/// How much a heap holds, and how well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes in blocks given out, as rounded up by the heap.
    pub in_use: usize,
    /// Bytes taken from the system in secret or locked memory.
    pub locked: usize,
    /// Bytes taken from the system that could not be locked: excluded from dumps only.
    pub unlocked: usize,
}

/// A block given out: at least as large as asked, zero-filled, aligned to 16.
pub(crate) struct Block {
    pub(crate) start: NonNull<u8>,
    pub(crate) protection: Protection,
}

struct Inner {
    pages: Pages,
    classes: [Mutex<Class>; slab::CLASSES],
}

impl Heap {
    pub(crate) const fn new(backing: Backing) -> Self {
        Self { backing, inner: OnceLock::new(), starting: Mutex::new(()) }
    }

    /// Gives a block of at least `size` bytes; it stays until [`Heap::release`].
    pub(crate) fn allocate(&self, size: usize) -> Result<Block, Errno> {
        let inner = self.inner()?;
        match class_of(size) {
            Some(class) => inner.allocate_small(class),
            None => inner.pages.take_run(size),
        }
    }

    /// How many bytes the block at `start` has; `None` when it is no block of this heap.
    #[cfg(any(test, feature = "aws-lc"))]
    pub(crate) fn size_of(&self, start: NonNull<u8>) -> Option<usize> {
        let pages = &self.inner.get()?.pages;
        match pages.entry_at(start)? {
            Entry::Free => None,
            Entry::Slab { class, .. } => Some(size_of_class(class)),
            Entry::Run { pages, .. } => Some(pages * pages::PAGE),
        }
    }

    /// Whether this address lies in this heap, whoever has it.
    pub(crate) fn owns(&self, address: NonNull<u8>) -> bool {
        self.inner.get().is_some_and(|inner| inner.pages.contains(address))
    }

    /// Wipes a block and takes it back.
    ///
    /// # Safety
    /// `start` came from `allocate` of this heap, is returned once, and is not used afterwards.
    /// (What can be checked of this is checked, and stops the process.)
    pub(crate) unsafe fn release(&self, start: NonNull<u8>) {
        let Some(inner) = self.inner.get() else {
            stop();
        };
        match inner.pages.entry_at(start) {
            Some(Entry::Slab { class, slab }) => {
                let base = inner.pages.base();
                // SAFETY: passed on from the caller; the page table says it is a slab of this class.
                unsafe { inner.class(class).give_back(slab, base, start) };
            }
            // SAFETY: passed on from the caller; the page table says a run starts here.
            Some(Entry::Run { .. }) => unsafe { inner.pages.give_back_run(start) },
            Some(Entry::Free) | None => stop(),
        }
    }

    /// What is in use now.
    pub(crate) fn usage(&self) -> Usage {
        let Some(inner) = self.inner.get() else {
            return Usage::default();
        };
        let mut usage = inner.pages.usage();
        for class in 0..slab::CLASSES {
            usage.in_use += inner.class(class).live() * size_of_class(class);
        }
        usage
    }

    /// Reserves its address space, where that was not done yet, and says how much it is: less than
    /// [`WANTED`] under a limit on address space.
    pub(crate) fn reserve(&self) -> Result<usize, Errno> {
        Ok(self.inner()?.pages.room())
    }

    fn inner(&self) -> Result<&Inner, Errno> {
        if let Some(inner) = self.inner.get() {
            return Ok(inner);
        }
        let _starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inner) = self.inner.get() {
            return Ok(inner);
        }
        // A failure is not remembered: the limit may be raised.
        let inner = Inner {
            pages: Pages::new(reservation(Reservation::new)?, self.backing),
            classes: std::array::from_fn(|class| Mutex::new(Class::new(class))),
        };
        Ok(self.inner.get_or_init(|| inner))
    }
}

/// What is wanted, or else a quarter of what can be had: the other heaps, stacks and everybody's
/// ordinary memory have to live under the same limit.
fn reservation<T>(new: impl Fn(usize) -> Result<T, Errno>) -> Result<T, Errno> {
    let mut len = WANTED;
    while len > LEAST && matches!(new(4 * len), Err(Errno::NOMEM)) {
        len /= 2;
    }
    new(len)
}

impl Inner {
    fn class(&self, class: usize) -> MutexGuard<'_, Class> {
        // A panic inside a class is impossible by construction; a poisoned one is still consistent.
        self.classes[class].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn allocate_small(&self, class: usize) -> Result<Block, Errno> {
        let mut slabs = self.class(class);
        if slabs.is_full() {
            let number = slabs.next_number();
            let pages = self.pages.take_slab(class, number)?;
            slabs.add(pages);
        }
        let (offset, protection) = slabs.take().ok_or(Errno::NOMEM)?;
        drop(slabs);
        let start = self.pages.base().as_ptr().wrapping_add(offset);
        Ok(Block { start: NonNull::new(start).ok_or(Errno::NOMEM)?, protection })
    }
}

/// Overwrites memory with zeros, and not only in the optimiser's opinion.
///
/// # Safety
/// `[start, start + len)` is writable and nobody else uses it.
pub(crate) unsafe fn wipe(start: NonNull<u8>, len: usize) {
    // SAFETY: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), len) };
    // A plain fill, which the compiler makes as fast as the machine allows, and then a barrier
    // it cannot see through: byte-wise volatile writes would cost more than a signature does.
    bytes.fill(0);
    zeroize::optimization_barrier(bytes);
}

/// The heap was misused (a block returned twice, or one that never was ours). Going on would
/// hand one secret's memory to two owners; there is nobody to report to below an allocator.
fn stop() -> ! {
    std::process::abort()
}

const _: () = assert!(LARGEST == pages::PAGE, "runs start where slabs end");

#[cfg(test)]
mod tests;
