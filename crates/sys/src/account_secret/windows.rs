//! DPAPI: sealed under a key that Windows has for the account, from its login.

use std::io;
use std::slice;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{
    CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
};
use zeroize::Zeroize as _;

pub(super) const KEEPER: Option<&str> = Some("Windows (DPAPI)");

pub(super) fn keep(name: &str, secret: &[u8]) -> io::Result<Vec<u8>> {
    let (secret, name) = (blob(secret)?, blob(name.as_bytes())?);
    let mut sealed = NONE;
    // SAFETY: both lie in slices that live and are only read; what comes goes to a variable of ours.
    let done = unsafe {
        CryptProtectData(
            &raw const secret,
            std::ptr::null(),
            &raw const name,
            std::ptr::null(),
            std::ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut sealed,
        )
    };
    let sealed = Given::of(done, sealed)?;
    Ok(sealed.bytes().to_vec())
}

pub(super) fn find(name: &str, kept: &[u8], secret: &mut [u8]) -> io::Result<()> {
    let (kept, name) = (blob(kept)?, blob(name.as_bytes())?);
    let mut opened = NONE;
    // SAFETY: as above.
    let done = unsafe {
        CryptUnprotectData(
            &raw const kept,
            std::ptr::null_mut(),
            &raw const name,
            std::ptr::null(),
            std::ptr::null(),
            CRYPTPROTECT_UI_FORBIDDEN,
            &raw mut opened,
        )
    };
    let mut opened = Given::of(done, opened)?;
    let fits = opened.bytes().len() == secret.len();
    if fits {
        secret.copy_from_slice(opened.bytes());
    }
    opened.bytes_mut().zeroize();
    if fits { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// It is in what the caller keeps, and nowhere else.
pub(super) fn forget(_name: &str) -> io::Result<()> {
    Ok(())
}

const NONE: CRYPT_INTEGER_BLOB = CRYPT_INTEGER_BLOB { cbData: 0, pbData: std::ptr::null_mut() };

/// As the calls take it; they do not write to it.
fn blob(bytes: &[u8]) -> io::Result<CRYPT_INTEGER_BLOB> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    Ok(CRYPT_INTEGER_BLOB { cbData: length, pbData: bytes.as_ptr().cast_mut() })
}

/// What a call has allocated for us.
struct Given(CRYPT_INTEGER_BLOB);

impl Given {
    fn of(done: i32, blob: CRYPT_INTEGER_BLOB) -> io::Result<Self> {
        if done == 0 || blob.pbData.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(blob))
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: it has so many, and is ours until this is dropped.
        unsafe { slice::from_raw_parts(self.0.pbData, self.0.cbData as usize) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and nobody else has it.
        unsafe { slice::from_raw_parts_mut(self.0.pbData, self.0.cbData as usize) }
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        // SAFETY: allocated for us, and not used any more.
        unsafe { LocalFree(self.0.pbData.cast()) };
    }
}
