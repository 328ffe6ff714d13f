//! What the system tells as text, what is said to the starter, and the memory that reading takes, for
//! `tests/fuzz`. Not a part of the crate otherwise.

use std::ffi::{OsStr, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::starter::fuzzing as starter;

/// Gives these bytes to the reader of `/proc/PID/stat`, to that of the variables of socket
/// activation, and to the two that read what is said to the starter and by it.
///
/// # Panics
/// When another process is taken for this one, a message is not what was said, or reading it takes
/// more memory than it has bytes.
pub fn read(bytes: &[u8]) {
    let _ = crate::peer::read_status(bytes);
    let taken = crate::activation::check_variables(OsStr::from_bytes(bytes), OsStr::new("1"), 42);
    assert!(taken.is_err() || bytes.iter().rev().skip(2).all(|byte| *byte == b'0'));
    let menu = starter::menu();
    let ((), taken) = taken_by(|| starter::decode(bytes, &menu));
    // A word of two bytes is kept with its place and its length, in a list that doubles as it grows.
    assert!(taken <= 96 * bytes.len() + 1024, "{taken} bytes for {}", bytes.len());
    starter::read(bytes);
}

static TAKEN: AtomicUsize = AtomicUsize::new(0);

// Of the sanitizer every target is built with (<sanitizer/allocator_interface.h>).
unsafe extern "C" {
    safe fn __sanitizer_get_current_allocated_bytes() -> usize;
    safe fn __sanitizer_install_malloc_and_free_hooks(
        taken: extern "C" fn(*const c_void, usize),
        given_back: extern "C" fn(*const c_void),
    ) -> c_int;
}

/// Bytes of the heap that are in use.
#[must_use]
pub fn held() -> usize {
    __sanitizer_get_current_allocated_bytes()
}

/// Does something, and counts the bytes that were asked of the heap meanwhile; what was given back
/// counts as well. Of all threads.
///
/// # Panics
/// When they cannot be counted.
pub fn taken_by<T>(work: impl FnOnce() -> T) -> (T, usize) {
    static COUNTS: Once = Once::new();
    COUNTS.call_once(|| assert!(__sanitizer_install_malloc_and_free_hooks(taken, given_back) != 0));
    let before = TAKEN.load(Ordering::Relaxed);
    let result = work();
    (result, TAKEN.load(Ordering::Relaxed) - before)
}

extern "C" fn taken(_: *const c_void, size: usize) {
    TAKEN.fetch_add(size, Ordering::Relaxed);
}

extern "C" fn given_back(_: *const c_void) {}
