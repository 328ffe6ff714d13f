//! Files and folders only: what the name of a pipe or a device leads to is not opened, because
//! opening alone is something that happens to whoever is at the other end.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Component, Path, Prefix};

use zeroize::Zeroizing;

use super::{Error, Facts, Kind};
use crate::exposure::Exposure;

/// `FILE_FLAG_BACKUP_SEMANTICS`: without it a folder cannot be told from a file that is closed to us.
const FOLDERS_TOO: u32 = 0x0200_0000;

/// `SECURITY_IDENTIFICATION`.
const IDENTIFICATION: u32 = 0x0001_0000;

pub(super) fn open(path: &Path) -> io::Result<File> {
    if is_device(path) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "is a device or a pipe, not a file",
        ));
    }
    // Should a link lead to a pipe all the same, its server learns who we are, and cannot act as us.
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(FOLDERS_TOO).security_qos_flags(IDENTIFICATION);
    options.open(path)
}

/// Of a device that has a name like a file (`NUL`) the system does not tell even so much.
pub(super) fn facts(file: &File) -> io::Result<Facts> {
    let kind = match file.metadata() {
        Ok(facts) if facts.is_dir() => Kind::Folder,
        Ok(facts) if facts.is_file() => Kind::File,
        Ok(_) | Err(_) => Kind::Device,
    };
    // A device has no list worth the name.
    let too_open = if kind == Kind::Device { None } else { Exposure::of(file)? };
    Ok(Facts { kind, too_open })
}

/// None was opened.
pub(super) fn read_pipe(_pipe: &mut File, _limit: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    Err(Error::NotAFile("a pipe"))
}

/// How a volume without a letter is called.
const VOLUME: &[u8] = b"Volume{";

fn is_device(path: &Path) -> bool {
    let Some(Component::Prefix(prefix)) = path.components().next() else { return false };
    match prefix.kind() {
        Prefix::DeviceNS(_) => true,
        Prefix::UNC(_, share) | Prefix::VerbatimUNC(_, share) => share.eq_ignore_ascii_case("pipe"),
        // `\\?\pipe`, `\\?\GLOBALROOT`: all but a volume by its number.
        Prefix::Verbatim(name) => {
            let volume = name.as_encoded_bytes().get(..VOLUME.len());
            !volume.is_some_and(|start| start.eq_ignore_ascii_case(VOLUME))
        }
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_is_named_and_never_waited_for() {
        let read = |path: &str| super::super::open(Path::new(path)).unwrap().read();
        assert!(matches!(read(r"C:\"), Err(Error::Directory)));
        for path in [
            r"\\.\pipe\nobody",
            r"\\here\pipe\nobody",
            r"\\.\C:",
            r"\\?\pipe\nobody",
            r"\\?\GLOBALROOT\Device\NamedPipe\nobody",
        ] {
            assert!(super::super::open(Path::new(path)).is_err(), "{path}");
        }
        let missing = super::super::open(Path::new(r"C:\nonexistent")).unwrap_err();
        assert!(Error::Io(missing).is_missing());
    }
}
