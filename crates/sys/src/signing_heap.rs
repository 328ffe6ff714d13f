//! Where aws-lc keeps prepared keys: a heap of ours, in locked memory outside of dumps.
//!
//! aws-lc asks for memory through three functions that can be replaced once per process. Its
//! private keys, blinding factors and scratch numbers then live in pages that are never swapped
//! out nor dumped, are zero in a forked child, and are wiped when freed. When the limit on
//! locked memory is used up, further pages are only kept out of dumps, and [`usage`] says so.
//!
//! What it cannot cover: registers, the stack, and what Rust code around aws-lc allocates.

use crate::heap::Heap;
pub use crate::heap::Usage;
use crate::region::Backing;
use std::ffi::{c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::OnceLock;

/// Routes aws-lc's allocations here; the first call does it, later ones repeat its answer.
///
/// Call it before aws-lc is used for the first time: what it allocated earlier stays where it
/// is, unprotected, and is never given back. `false` when somebody else replaced the functions
/// before; aws-lc then works as ever, in ordinary memory.
///
/// Pages come from anonymous locked memory, not from `memfd_secret`: this heap grows and is
/// busy, and memory without a kernel mapping would cost large pages all over the machine.
pub fn install() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        // SAFETY: the three functions keep to the contract of malloc, realloc and free, live
        // as long as the process, and are called once only (`OnceLock`). aws-lc reads the
        // pointers without a lock, which is why this comes before its first use.
        let answer = unsafe {
            aws_lc_sys::CRYPTO_set_mem_functions(Some(allocate), Some(resize), Some(release))
        };
        answer == 1
    })
}

/// How much is in use, and how much of it could be locked.
pub fn usage() -> Usage {
    HEAP.usage()
}

pub(crate) static HEAP: Heap = Heap::new(Backing::Anonymous);

/// malloc: null when there is no memory, which aws-lc reports as a failed operation.
unsafe extern "C" fn allocate(size: usize, _file: *const c_char, _line: c_int) -> *mut c_void {
    match HEAP.allocate(size) {
        Ok(block) => block.start.as_ptr().cast(),
        Err(_) => std::ptr::null_mut(),
    }
}

/// free.
///
/// # Safety
/// As of free: a block of this heap (or null), not used afterwards.
unsafe extern "C" fn release(block: *mut c_void, _file: *const c_char, _line: c_int) {
    let Some(start) = NonNull::new(block.cast::<u8>()) else {
        return;
    };
    if HEAP.size_of(start).is_none() {
        // Allocated before `install`. Its size and its allocator are unknown: leave it.
        return;
    }
    // SAFETY: a block of this heap, and the caller gives it up.
    unsafe { HEAP.release(start) };
}

/// realloc: the old block stays as it is when there is no memory for a larger one.
///
/// # Safety
/// As of realloc: a block of this heap (or null); when the answer is not null it is not used
/// afterwards.
unsafe extern "C" fn resize(
    block: *mut c_void,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    let Some(start) = NonNull::new(block.cast::<u8>()) else {
        // SAFETY: asks for nothing; the arguments are not even looked at.
        return unsafe { allocate(size, file, line) };
    };
    let Some(had) = HEAP.size_of(start) else {
        // Allocated before `install`: how much to copy is unknown. A failure is the honest answer.
        return std::ptr::null_mut();
    };
    // Blocks are wiped whole when freed, so one that is somewhat too large does no harm.
    if size <= had && size > had / 2 {
        return block;
    }
    let Ok(new) = HEAP.allocate(size) else {
        return std::ptr::null_mut();
    };
    // SAFETY: both blocks are ours, distinct, and at least `min(had, size)` long.
    unsafe {
        std::ptr::copy_nonoverlapping(start.as_ptr(), new.start.as_ptr(), had.min(size));
    }
    // SAFETY: the caller gives the old block up in exchange for the new one.
    unsafe { HEAP.release(start) };
    new.start.as_ptr().cast()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn take(size: usize) -> *mut u8 {
        // SAFETY: asks for memory only.
        unsafe { allocate(size, std::ptr::null(), 0) }.cast()
    }

    fn change(block: *mut u8, size: usize) -> *mut u8 {
        // SAFETY: the tests pass blocks of this heap and use the answer only.
        unsafe { resize(block.cast(), size, std::ptr::null(), 0) }.cast()
    }

    fn give(block: *mut u8) {
        // SAFETY: the tests give back blocks of this heap, once.
        unsafe { release(block.cast(), std::ptr::null(), 0) }
    }

    fn bytes<'a>(block: *mut u8, len: usize) -> &'a mut [u8] {
        // SAFETY: the tests ask for no more than they allocated.
        unsafe { std::slice::from_raw_parts_mut(block, len) }
    }

    #[test]
    fn a_block_keeps_its_content_when_it_grows_and_shrinks() {
        let mut block = take(10);
        bytes(block, 10).copy_from_slice(b"0123456789");
        for size in [16, 17, 1000, 5000, 70_000, 5000, 100, 10] {
            block = change(block, size);
            assert_eq!(bytes(block, 10), b"0123456789", "{size}");
        }
        give(block);
    }

    #[test]
    fn null_is_what_it_is_for_malloc_and_free() {
        give(std::ptr::null_mut());
        let block = change(std::ptr::null_mut(), 40);
        assert!(!block.is_null());
        assert_eq!(bytes(block, 40), [0; 40]);
        give(block);
        assert!(!take(0).is_null());
    }

    #[test]
    fn too_much_is_refused_and_the_old_block_stays() {
        assert!(take(usize::MAX).is_null());
        let block = take(10);
        bytes(block, 10).fill(7);
        assert!(change(block, usize::MAX).is_null());
        assert_eq!(bytes(block, 10), [7; 10]);
        give(block);
    }

    #[test]
    fn memory_from_before_is_left_alone() {
        let mut elsewhere = [1_u8; 64];
        give(elsewhere.as_mut_ptr());
        assert!(change(elsewhere.as_mut_ptr(), 128).is_null());
        assert_eq!(elsewhere, [1; 64]);
    }

    #[test]
    fn installing_twice_is_installing_once() {
        assert!(install());
        assert!(install());
    }

    #[test]
    fn aws_lc_allocates_here_once_installed() {
        assert!(install());
        // SAFETY: plain allocation functions; the block is freed once.
        let block = unsafe { aws_lc_sys::OPENSSL_malloc(1234) };
        let start = NonNull::new(block.cast::<u8>()).unwrap();
        assert!(HEAP.size_of(start).is_some_and(|size| size >= 1234));
        // SAFETY: as above.
        unsafe { aws_lc_sys::OPENSSL_free(block) };
    }
}
