//! Unix sockets, as Windows has them: files of their own kind, and who is at the other end.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::{AsRawHandle as _, AsRawSocket as _, AsSocket};
use std::path::Path;

use windows_sys::Win32::Networking::WinSock::{
    IOC_OUT, IOC_VENDOR, SOCKET, WSAGetLastError, WSAIoctl,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_ATTRIBUTE_TAG_INFO, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_FLAG_OPEN_REPARSE_POINT, FileAttributeTagInfo, GetFileInformationByHandleEx,
};
use windows_sys::Win32::System::SystemServices::IO_REPARSE_TAG_AF_UNIX;

/// `SIO_AF_UNIX_GETPEERPID` (`afunix.h`), which the crate does not have.
const PEER_PROCESS: u32 = IOC_OUT | IOC_VENDOR | 256;

/// Who connected, or who listens.
///
/// # Errors
/// The system's refusal: a socket of another kind, or one that is not connected; `NotFound` where the
/// system names nobody.
pub fn peer(socket: &impl AsSocket) -> io::Result<u32> {
    let handle = socket.as_socket().as_raw_socket() as SOCKET;
    let (mut process, mut written) = (0_u32, 0_u32);
    // SAFETY: the system writes at most the four bytes it is told of; nothing is waited for by another
    // way. The handle is open until the borrow ends.
    let failed = unsafe {
        WSAIoctl(
            handle,
            PEER_PROCESS,
            std::ptr::null(),
            0,
            (&raw mut process).cast(),
            size_of::<u32>() as u32,
            &raw mut written,
            std::ptr::null_mut(),
            None,
        )
    };
    if failed != 0 {
        // SAFETY: no arguments; it is this thread's last error.
        return Err(io::Error::from_raw_os_error(unsafe { WSAGetLastError() }));
    }
    match (written as usize, process) {
        (4, 1..) => Ok(process),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Whether this very file is one. What cannot be looked at is none.
#[must_use]
pub fn is_one(path: &Path) -> bool {
    let flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
    let file = OpenOptions::new().access_mode(0).custom_flags(flags).open(path);
    file.and_then(|file| tag(&file)).is_ok_and(|tag| tag == IO_REPARSE_TAG_AF_UNIX)
}

/// What is there in the place of a file's content; 0 where that is not so.
fn tag(file: &File) -> io::Result<u32> {
    let mut told = FILE_ATTRIBUTE_TAG_INFO::default();
    // SAFETY: the handle is open; the structure is of the kind that is named, and of this size.
    let done = unsafe {
        GetFileInformationByHandleEx(
            file.as_raw_handle(),
            FileAttributeTagInfo,
            (&raw mut told).cast(),
            size_of_val(&told) as u32,
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let is_other = told.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT != 0;
    Ok(if is_other { told.ReparseTag } else { 0 })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// Lost otherwise: a person's file is removed in the place of a socket that was left behind.
    #[test]
    fn no_other_file_is_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine");
        std::fs::write(&file, "text").unwrap();
        assert_eq!(tag(&File::open(&file).unwrap()).unwrap(), 0);
        for path in [file.as_path(), folder.path(), &folder.path().join("none")] {
            assert!(!is_one(path), "{}", path.display());
        }
    }

    /// Lost otherwise: a question names a process that has nothing to do with the request.
    #[test]
    fn of_a_socket_of_another_kind_nobody_is_named() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        peer(&client).unwrap_err();
    }
}
