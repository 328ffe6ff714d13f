//! A secret that the system keeps for whoever is logged in as this account, and gives to all its
//! programs: on Windows DPAPI, on macOS the login keychain. Elsewhere nobody keeps one.
//!
//! What [`keep`] returns is no secret and has to be kept with it: on Windows it is the secret, sealed; on
//! macOS nothing is in it. Nobody is asked anything here.

#[cfg_attr(windows, path = "account_secret/windows.rs")]
#[cfg_attr(target_vendor = "apple", path = "account_secret/apple.rs")]
#[cfg_attr(not(any(windows, target_vendor = "apple")), path = "account_secret/nobody.rs")]
mod system;

use std::io;

use crate::locked::LockedBytes;

/// Who keeps it, in a sentence; none where nobody does.
pub const KEEPER: Option<&str> = system::KEEPER;

/// Has the system keep a secret, by this name and no other; an old one of the name is replaced.
///
/// # Errors
/// The system's refusal; `Unsupported` where nobody keeps any.
pub fn keep(name: &str, secret: &[u8]) -> io::Result<Vec<u8>> {
    system::keep(name, secret)
}

/// The secret of this name.
///
/// # Errors
/// The system's refusal, also when it is another account's or another name's; `InvalidData` when it has
/// another length than this.
pub fn find(name: &str, kept: &[u8], length: usize) -> io::Result<LockedBytes> {
    let mut secret = LockedBytes::new(length).map_err(io::Error::other)?;
    system::find(name, kept, &mut secret)?;
    Ok(secret)
}

/// Has the system forget it, if it is there.
///
/// # Errors
/// The system's refusal.
pub fn forget(name: &str) -> io::Result<()> {
    system::forget(name)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    #[cfg(windows)]
    fn what_is_kept_comes_back_by_its_name_only() {
        let kept = keep("one", &[7; 32]).unwrap();
        assert!(!kept.windows(8).any(|part| part == [7; 8]), "it lies open");
        assert_eq!(find("one", &kept, 32).unwrap()[..], [7; 32]);
        assert!(find("two", &kept, 32).is_err(), "by another name");
        assert!(find("one", &kept, 31).is_err(), "in another length");
        assert!(find("one", b"nonsense", 32).is_err());
        assert!(find("one", b"", 32).is_err());
        forget("one").unwrap();
    }

    #[test]
    #[cfg(not(any(windows, target_vendor = "apple")))]
    fn nobody_keeps_one_and_says_so() {
        assert_eq!(KEEPER, None);
        assert_eq!(keep("one", &[7; 32]).unwrap_err().kind(), io::ErrorKind::Unsupported);
        assert!(find("one", b"", 32).is_err());
    }
}
