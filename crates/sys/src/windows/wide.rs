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

/// As much of it as there is room for, with its end; three dots tell that there was more.
pub(crate) fn cut_into(space: &mut [u16], text: &str) {
    let Some(room) = space.len().checked_sub(1) else { return };
    let whole = text.encode_utf16().count() <= room;
    let dots: &[u16] = if whole { &[] } else { &[b'.' as u16; 3] };
    let mut used = 0;
    for one in text.chars() {
        // Half of one would be none.
        if used + one.len_utf16() + dots.len() > room {
            break;
        }
        used += one.encode_utf16(&mut space[used..]).len();
    }
    for unit in dots.iter().take(room - used).chain([&0]) {
        space[used] = *unit;
        used += 1;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cut<const ROOM: usize>(text: &str) -> String {
        let mut space = [u16::MAX; ROOM];
        cut_into(&mut space, text);
        let end = space.iter().position(|unit| *unit == 0).expect("it has an end");
        String::from_utf16(&space[..end]).expect("no half of a character")
    }

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(cut::<6>("keyfob"), "ke...");
        assert_eq!(cut::<7>("keyfob"), "keyfob");
        assert_eq!(cut::<6>("k\u{1F511}eyfob"), "k...");
        assert_eq!(cut::<7>("k\u{1F511}eyfob"), "k\u{1F511}...");
        assert_eq!(cut::<3>("keyfob"), "..");
        assert_eq!(cut::<1>("keyfob"), "");
        cut_into(&mut [], "keyfob");
    }
}
