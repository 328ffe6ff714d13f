//! Work with secrets that leaves nothing of them behind.
//!
//! Libraries that compute with private numbers wipe what they return and forget what they needed
//! on the way: a copy of a prime in a buffer that was freed, a seed in a frame of the stack that
//! nobody looks at any more. A core dump or a swapped page shows them for as long as the process
//! lives. So, whatever the libraries do:
//!
//! - [`Allocator`] wipes all memory the program frees, where the program makes it its own with
//!   `#[global_allocator]`;
//! - [`leaving_none`] runs one piece of work with its memory in locked pages outside of dumps, and
//!   wipes the stack and the vector registers it used.
//!
//! Registers count: a thread that waits for work shows to a dump what it last copied, and code
//! that saves them puts that onto its stack. (Only those of x86-64 are wiped; elsewhere the next
//! computation has to.) Out of reach are the frames of whoever calls: a result that is itself a
//! secret must point to it, not contain it.

use crate::heap::{Heap, wipe};
use crate::region::Backing;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::NonNull;

mod registers;

/// How much of the stack some work may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// 32 KiB: sealing, signatures on elliptic curves, and all that is done with an Ed25519 key.
    /// Wiping costs under a microsecond.
    Shallow,
    /// 256 KiB: everything else. Lattices use 160 KiB, 16384-bit numbers 64 KiB.
    Deep,
}

const SHALLOW: usize = 32 * 1024;
const DEEP: usize = 256 * 1024;

impl Stack {
    /// How much that is.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::Shallow => SHALLOW,
            Self::Deep => DEEP,
        }
    }
}

/// Runs `work` so that neither what it frees nor its stack keeps anything. What it allocates
/// and returns lies in locked memory that is left out of dumps, and is wiped when it is dropped.
pub fn leaving_none<T>(stack: Stack, work: impl FnOnce() -> T) -> T {
    let result = within(work);
    registers::wipe();
    // Called from where `within` was: the frame begins where that one's began, and reaches
    // further down than anything below it did.
    match stack {
        Stack::Shallow => wipe_stack::<SHALLOW>(),
        Stack::Deep => wipe_stack::<DEEP>(),
    }
    result
}

/// Never inlined: a frame of its own, below the caller's.
#[inline(never)]
fn within<T>(work: impl FnOnce() -> T) -> T {
    let _inside = Place::enter(true);
    work()
}

#[inline(never)]
fn wipe_stack<const BYTES: usize>() {
    let area = [0_u8; BYTES];
    zeroize::optimization_barrier(&area);
}

/// The system's allocator, but what is freed is wiped, and what is allocated within
/// [`leaving_none`] is in locked memory.
pub struct Allocator;

pub(crate) static HEAP: Heap = Heap::new(Backing::Anonymous);

/// More than any alignment asked of it in practice; the heap's pages have it.
const LARGEST_ALIGNMENT: usize = 4096;

// SAFETY: every block comes from the system's allocator or from the heap, each of which gives out
// memory nobody else has; `layout` is kept; a block returns to where it came from (the heap knows
// its own by their addresses). Nothing here panics. `realloc` is the default one: take, copy,
// give back. Growing in place would be faster and, when the system moves a block instead, leave
// the old content behind.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match take_locked(layout) {
            Some(block) => block.as_ptr(),
            // SAFETY: the caller's promises, passed on.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match take_locked(layout) {
            // The heap's blocks are zero when given.
            Some(block) => block.as_ptr(),
            // SAFETY: the caller's promises, passed on.
            None => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(start) = NonNull::new(block) else {
            return;
        };
        if HEAP.owns(start) {
            let _outside = Place::enter(false);
            // SAFETY: a block of this heap, which the caller gives up. The heap wipes it.
            unsafe { HEAP.release(start) };
            return;
        }
        // SAFETY: the caller gives up this block, which has that many bytes.
        unsafe { wipe(start, layout.size()) };
        // SAFETY: the caller's promises, passed on; the block is not the heap's.
        unsafe { System.dealloc(block, layout) };
    }
}

/// A block of the heap, when this thread is within [`leaving_none`] and the heap has one.
fn take_locked(layout: Layout) -> Option<NonNull<u8>> {
    if !Place::is_inside() || layout.align() > LARGEST_ALIGNMENT {
        return None;
    }
    let size = match layout.align() {
        ..=16 => layout.size(),
        // Whole pages, the only blocks of the heap that are aligned to more than 16.
        _ => layout.size().max(LARGEST_ALIGNMENT + 1),
    };
    // The heap keeps its books in ordinary memory, or asking it would ask it again.
    let _outside = Place::enter(false);
    HEAP.allocate(size).ok().map(|block| block.start)
}

/// Where this thread allocates; as before when dropped.
struct Place {
    before: bool,
}

thread_local! {
    // Without a destructor and without a first use: an allocator may read it at any time.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

impl Place {
    fn enter(inside: bool) -> Self {
        Self { before: INSIDE.replace(inside) }
    }

    fn is_inside() -> bool {
        INSIDE.get()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(size: usize, align: usize) -> (NonNull<u8>, Layout) {
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: the size is not zero.
        let block = unsafe { Allocator.alloc(layout) };
        (NonNull::new(block).unwrap(), layout)
    }

    fn give(block: NonNull<u8>, layout: Layout) {
        // SAFETY: the tests give back what they took, once.
        unsafe { Allocator.dealloc(block.as_ptr(), layout) };
    }

    #[test]
    fn only_what_is_taken_inside_is_locked() {
        let (before, layout) = take(40, 8);
        let (inside, nested) = leaving_none(Stack::Shallow, || {
            let nested = leaving_none(Stack::Deep, || take(40, 8).0);
            (take(40, 8).0, nested)
        });
        let (after, _) = take(40, 8);
        assert!(HEAP.owns(inside) && HEAP.owns(nested));
        assert!(!HEAP.owns(before) && !HEAP.owns(after));
        for block in [before, inside, nested, after] {
            give(block, layout);
        }
    }

    #[test]
    fn every_alignment_is_kept() {
        leaving_none(Stack::Shallow, || {
            for shift in 0..=13 {
                for size in [1, 100, 5000, 100_000] {
                    let (block, layout) = take(size, 1 << shift);
                    assert_eq!(block.as_ptr().addr() % layout.align(), 0, "{layout:?}");
                    give(block, layout);
                }
            }
        });
    }

    #[test]
    fn a_block_keeps_its_content_when_it_grows_into_or_out_of_locked_memory() {
        let (block, layout) = take(32, 8);
        // SAFETY: 32 bytes of ours.
        unsafe { block.write_bytes(7, 32) };
        let grow = |block: NonNull<u8>, layout, size| {
            // SAFETY: a block of this allocator, with its layout, not used afterwards.
            NonNull::new(unsafe { Allocator.realloc(block.as_ptr(), layout, size) }).unwrap()
        };
        let inside = leaving_none(Stack::Shallow, || grow(block, layout, 6000));
        assert!(HEAP.owns(inside));
        let layout = Layout::from_size_align(6000, 8).unwrap();
        let outside = grow(inside, layout, 64);
        assert!(!HEAP.owns(outside));
        // SAFETY: the first 32 of 64 bytes of ours.
        let kept = unsafe { std::slice::from_raw_parts(outside.as_ptr(), 32) };
        assert_eq!(kept, [7; 32]);
        give(outside, Layout::from_size_align(64, 8).unwrap());
    }

    #[test]
    fn a_panic_ends_the_work_and_not_the_rule() {
        let result = std::panic::catch_unwind(|| leaving_none(Stack::Shallow, || panic!("work")));
        assert!(result.is_err());
        assert!(!Place::is_inside());
    }

    #[test]
    fn more_than_the_heap_has_comes_from_elsewhere() {
        leaving_none(Stack::Shallow, || {
            let (block, layout) = take(1 << 30, 8);
            assert!(!HEAP.owns(block));
            // SAFETY: not touched, so not wiped either: a gigabyte would be.
            unsafe { System.dealloc(block.as_ptr(), layout) };
        });
    }
}
