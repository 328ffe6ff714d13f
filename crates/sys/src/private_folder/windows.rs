//! By their access list, which what is made in them inherits: a folder outside the profile would have
//! passed on one that lets others in.

use std::io;
use std::path::Path;

use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;
use windows_sys::Win32::Storage::FileSystem::CreateDirectoryW;

use crate::windows::descriptor::Descriptor;
use crate::windows::wide;

/// For the folder, for folders in it and for files in it (`CONTAINER_INHERIT`, `OBJECT_INHERIT`).
const PASSED_ON: &str = "OICI";

pub(super) fn make(path: &Path) -> io::Result<()> {
    let descriptor = Descriptor::of_account_alone(PASSED_ON)?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.as_ptr(),
        bInheritHandle: 0,
    };
    let name = wide::name(path)?;
    // SAFETY: the name has an end; the attributes and their descriptor live until the call is over.
    match unsafe { CreateDirectoryW(name.as_ptr(), &raw const attributes) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs::OpenOptions;
    use std::os::windows::fs::OpenOptionsExt as _;

    use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_BACKUP_SEMANTICS;

    use crate::private_folder::make_all;
    use crate::windows::access::{ANY, Access};

    #[test]
    fn nobody_else_enters_them() {
        let base = tempfile::tempdir().unwrap();
        let above = base.path().join("a");
        make_all(&above.join("b")).unwrap();
        for path in [above.clone(), above.join("b")] {
            let mut options = OpenOptions::new();
            let folder = options.read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
            let access = Access::of(&folder.open(path).unwrap()).unwrap();
            assert!(access.others(ANY).is_nobody(), "{access:?}");
        }
    }
}
