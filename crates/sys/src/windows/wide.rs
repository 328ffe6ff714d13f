//! Texts as Windows takes and gives them: 16-bit units, with a zero at the end.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// With its end.
pub(crate) fn ended(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

/// The name of a file, with its end.
///
/// # Errors
/// `InvalidInput` when it has another end before: the system would take it for another name.
pub(crate) fn name(path: &Path) -> io::Result<Vec<u16>> {
    let name = ended(path);
    match name.iter().position(|unit| *unit == 0) {
        Some(at) if at == name.len() - 1 => Ok(name),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// What a call writes into a buffer whose length in units it is told and corrects. `call` answers
/// zero when it failed.
pub(crate) fn filled(call: impl FnOnce(*mut u16, *mut u32) -> i32) -> io::Result<OsString> {
    let mut space = vec![0_u16; LONGEST];
    let mut length = LONGEST as u32;
    if call(space.as_mut_ptr(), &raw mut length) == 0 {
        return Err(io::Error::last_os_error());
    }
    let end = space.iter().position(|unit| *unit == 0).unwrap_or(space.len());
    Ok(OsString::from_wide(&space[..end]))
}

/// The longest path there is, in units.
const LONGEST: usize = 32 * 1024;
