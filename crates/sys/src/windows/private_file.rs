//! A new file for this account alone, wherever its folder is.

use std::fs::File;
use std::io;
use std::os::windows::io::FromRawHandle as _;
use std::path::Path;

use windows_sys::Win32::Foundation::{GENERIC_WRITE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateFileW, FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_SYSTEM,
    FILE_FLAGS_AND_ATTRIBUTES, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
};

use super::descriptor::Descriptor;
use super::wide;

/// Makes it for writing; there must be none of this name. Nobody but this account, the system and its
/// administrators may open it, from the moment it exists: a folder outside the profile would have passed
/// on a list that lets others in.
///
/// # Errors
/// `AlreadyExists`, else the system's refusal.
pub fn create(path: &Path) -> io::Result<File> {
    create_as(path, FILE_ATTRIBUTE_NORMAL)
}

/// The same of a file that Cygwin takes for something else than a file: it looks into those with this
/// attribute alone.
///
/// # Errors
/// As [`create`].
pub fn create_for_cygwin(path: &Path) -> io::Result<File> {
    create_as(path, FILE_ATTRIBUTE_SYSTEM)
}

fn create_as(path: &Path, kind: FILE_FLAGS_AND_ATTRIBUTES) -> io::Result<File> {
    let descriptor = Descriptor::of_account_alone("")?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_ptr(),
        bInheritHandle: 0,
    };
    // The standard library's own files may be renamed while they are open too.
    let sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    let name = wide::name(path)?;
    // SAFETY: the name has an end; the attributes and their descriptor live until the call is over.
    let handle = unsafe {
        CreateFileW(
            name.as_ptr(),
            GENERIC_WRITE,
            sharing,
            &raw const attributes,
            CREATE_NEW,
            kind,
            std::ptr::null_mut(),
        )
    };
    if handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened for us; nothing else owns it.
    Ok(unsafe { File::from_raw_handle(handle) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write as _;

    use super::super::access::{ANY, Access};
    use super::*;

    #[test]
    fn a_private_file_is_for_nobody_else_and_never_replaces_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let mut file = create(&path).unwrap();
        file.write_all(b"secret").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"secret");
        let access = Access::of(&File::open(&path).unwrap()).unwrap();
        assert!(access.others(ANY).is_nobody(), "{access:?}");
        assert_eq!(create(&path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(create(Path::new("a\0b")).is_err());
    }
}
