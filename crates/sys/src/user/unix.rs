//! The user database, passwd(5) and whatever else the system asks.

use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// The effective user.
pub fn effective_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The home of the real user by the user database, not by `HOME`: what `ssh-add` uses to
/// find the default keys. `None` when the user has no entry.
pub fn home_directory() -> Option<PathBuf> {
    let home = entry(rustix::process::getuid().as_raw(), |entry| entry.pw_dir)?;
    (!home.is_empty()).then(|| home.into())
}

/// The login name of the real user.
pub fn name() -> Option<OsString> {
    entry(rustix::process::getuid().as_raw(), |entry| entry.pw_name)
}

/// The name of this machine, as bytes: it is hashed and shown, never resolved.
pub fn host_name() -> OsString {
    OsStr::from_bytes(rustix::system::uname().nodename().to_bytes()).to_owned()
}

/// The largest buffer tried for one entry; real ones need a few hundred bytes.
const LARGEST_ENTRY: usize = 1024 * 1024;

/// One text of the user's entry.
fn entry(uid: u32, field: impl Fn(&libc::passwd) -> *mut libc::c_char) -> Option<OsString> {
    let mut space = vec![0_u8; 1024];
    loop {
        // SAFETY: all-zero is a valid `passwd`: integers and null pointers.
        let mut found: libc::passwd = unsafe { std::mem::zeroed() };
        let mut result = std::ptr::null_mut();
        // SAFETY: every pointer is to a live variable, and the length is that of the buffer.
        let error = unsafe {
            libc::getpwuid_r(
                uid,
                &raw mut found,
                space.as_mut_ptr().cast(),
                space.len(),
                &raw mut result,
            )
        };
        match error {
            0 if !result.is_null() => return text(field(&found)),
            libc::ERANGE if space.len() < LARGEST_ENTRY => space.resize(space.len() * 4, 0),
            libc::EINTR => {}
            _ => return None,
        }
    }
}

fn text(pointer: *const libc::c_char) -> Option<OsString> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the library filled it with a terminated string inside our buffer, which lives.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(OsString::from_vec(text.to_bytes().to_vec()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_home_is_the_databases_not_the_environments() {
        let line = std::fs::read_to_string("/etc/passwd").unwrap();
        let uid = rustix::process::getuid().as_raw().to_string();
        let entry = line.lines().map(|line| line.split(':').collect::<Vec<_>>());
        if let Some(fields) = entry.into_iter().find(|fields| fields.get(2) == Some(&&*uid)) {
            assert_eq!(home_directory().unwrap(), PathBuf::from(fields[5]));
            assert_eq!(name().unwrap(), fields[0]);
        }
    }

    #[test]
    fn a_user_without_an_entry_has_no_home() {
        assert_eq!(super::entry(0xffff_fff0, |entry| entry.pw_dir), None);
    }

    #[test]
    fn the_machine_has_a_name() {
        assert!(!host_name().is_empty());
    }
}
