//! Names that only this session can work out, as PuTTY makes those of its pipes (`cryptoapi.c`): a
//! short text, sealed by the system for all processes of the session. Not a secret; it keeps programs
//! of other sessions from waiting at a name that can be guessed.

use std::ffi::OsString;
use std::io;

use windows_sys::Win32::Security::Authentication::Identity::{GetUserNameExW, NameUserPrincipal};
use windows_sys::Win32::Security::Cryptography::{
    CRYPTPROTECTMEMORY_BLOCK_SIZE, CRYPTPROTECTMEMORY_CROSS_PROCESS, CryptProtectMemory,
};
use windows_sys::Win32::System::WindowsProgramming::GetUserNameW;

use super::wide;

/// The text with a zero at its end, filled up to a whole block and sealed. As it is where the system
/// does not seal, which PuTTY does not mind either.
#[must_use]
pub fn obscured(text: &str) -> Vec<u8> {
    let block = CRYPTPROTECTMEMORY_BLOCK_SIZE as usize;
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize((text.len() + 1).next_multiple_of(block), 0);
    // A handful of bytes.
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    // SAFETY: whole blocks of a buffer of ours, of this length.
    unsafe {
        CryptProtectMemory(bytes.as_mut_ptr().cast(), length, CRYPTPROTECTMEMORY_CROSS_PROCESS)
    };
    bytes
}

/// The name of the user, as PuTTY asks for it: of `name@domain` what is before the `@`, else the
/// account's.
///
/// # Errors
/// The system's refusal.
pub fn user_name() -> io::Result<OsString> {
    let principal = wide::filled(|buffer, length| {
        // SAFETY: the system writes at most so many units, and says how many.
        i32::from(unsafe { GetUserNameExW(NameUserPrincipal, buffer, length) })
    });
    if let Ok(principal) = principal {
        let text = principal.to_string_lossy();
        return Ok(text.split('@').next().unwrap_or_default().into());
    }
    wide::filled(|buffer, length| {
        // SAFETY: as above.
        unsafe { GetUserNameW(buffer, length) }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_obscured_is_whole_blocks_and_the_same_each_time() {
        for text in ["Pageant", "", "sixteen letters!"] {
            let once = obscured(text);
            assert_eq!(once.len() % 16, 0);
            assert!(once.len() > text.len());
            assert_eq!(once, obscured(text));
        }
    }

    #[test]
    fn the_user_has_a_name() {
        assert!(!user_name().unwrap().is_empty());
    }
}
