//! Names of files and programs as bytes, and back: messages, logs and key files carry bytes.
//!
//! On Unix they are bytes. Windows has 16-bit units there, which are shown as UTF-8: back and forth is
//! the same name for all that is valid Unicode, and no other one comes out of bytes.

use std::ffi::OsString;
use std::path::PathBuf;

#[cfg(unix)]
pub use std::os::unix::ffi::{OsStrExt, OsStringExt};

#[cfg(windows)]
pub use wide::{OsStrExt, OsStringExt};

/// The path of these bytes.
#[must_use]
pub fn path(bytes: &[u8]) -> PathBuf {
    OsString::from_vec(bytes.to_vec()).into()
}

#[cfg(windows)]
mod wide {
    use std::ffi::{OsStr, OsString};

    /// A name as bytes.
    pub trait OsStrExt {
        /// UTF-8; half of a surrogate pair has three bytes that are none.
        fn as_bytes(&self) -> &[u8];
    }

    /// Bytes as a name, and its own bytes.
    pub trait OsStringExt {
        /// What is no UTF-8 becomes U+FFFD: such a name is nobody's.
        fn from_vec(bytes: Vec<u8>) -> Self;

        /// As [`OsStrExt::as_bytes`].
        fn into_vec(self) -> Vec<u8>;
    }

    impl OsStrExt for OsStr {
        fn as_bytes(&self) -> &[u8] {
            self.as_encoded_bytes()
        }
    }

    impl OsStringExt for OsString {
        fn from_vec(bytes: Vec<u8>) -> Self {
            match String::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into(),
            }
        }

        fn into_vec(self) -> Vec<u8> {
            self.into_encoded_bytes()
        }
    }
}
