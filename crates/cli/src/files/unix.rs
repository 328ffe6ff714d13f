//! What a descriptor tells, and pipes that nobody writes into.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};

use keyfob_sys::opening;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use zeroize::Zeroizing;

use super::{Error, Facts, Kind, PIPE_PATIENCE, gather};
use crate::exposure::Exposure;

pub(super) fn open(path: &Path) -> io::Result<File> {
    opening::without_waiting(path)
}

pub(super) fn facts(file: &File) -> io::Result<Facts> {
    let facts = fstat(file)?;
    #[allow(clippy::useless_conversion, reason = "it has 16 bits on macOS")]
    let mode = u32::from(facts.st_mode) & 0o777;
    let ours = facts.st_uid == rustix::process::getuid().as_raw();
    let kind = match FileType::from_raw_mode(facts.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Fifo => Kind::Fifo,
        FileType::Socket => Kind::Socket,
        _ => Kind::Device,
    };
    Ok(Facts { kind, too_open: Exposure::of_mode(mode).filter(|_| ours) })
}

pub(super) fn read_pipe(pipe: &mut File, limit: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let deadline = Instant::now() + PIPE_PATIENCE;
    let bytes = gather(limit, |space| {
        loop {
            let left: Duration = deadline.saturating_duration_since(Instant::now());
            let wait = Timespec::try_from(left).map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&wait)) {
                Ok(0) => return Err(Error::SilentPipe),
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(Error::Io(error.into())),
            }
            match pipe.read(space) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => return Ok(other?),
            }
        }
    })?;
    if bytes.is_empty() { Err(Error::SilentPipe) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Instant;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn read(path: &Path) -> Result<Vec<u8>, Error> {
        open(path).map_err(Error::Io)?.read().map(|bytes| bytes.to_vec())
    }

    #[test]
    fn a_file_behind_links_is_read_whole() {
        let folder = folder();
        let content = vec![7; 100_000];
        std::fs::write(folder.path().join("key"), &content).unwrap();
        std::os::unix::fs::symlink("key", folder.path().join("link")).unwrap();
        assert_eq!(read(&folder.path().join("link")).unwrap(), content);
    }

    #[test]
    fn what_is_no_file_is_named_and_never_waited_for() {
        assert!(matches!(read(Path::new("/")), Err(Error::Directory)));
        assert!(matches!(read(Path::new("/dev/zero")), Err(Error::NotAFile("a device"))));
        assert!(read(Path::new("/nonexistent")).unwrap_err().is_missing());
    }

    #[test]
    fn a_fifo_without_a_writer_is_given_up() {
        let folder = folder();
        let path = folder.path().join("fifo");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let started = Instant::now();
        assert!(matches!(read(&path), Err(Error::SilentPipe)));
        assert!(started.elapsed() < PIPE_PATIENCE + Duration::from_secs(2));
    }

    #[test]
    fn a_pipe_with_a_writer_is_read_however_it_comes() {
        let folder = folder();
        let path = folder.path().join("fifo");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let writing = path.clone();
        let writer = std::thread::spawn(move || {
            let mut file = File::options().write(true).open(writing).unwrap();
            for part in [b"one ".as_slice(), b"two"] {
                file.write_all(part).unwrap();
                std::thread::sleep(Duration::from_millis(30));
            }
        });
        assert_eq!(read(&path).unwrap(), b"one two");
        writer.join().unwrap();
    }

    #[test]
    fn modes_that_let_others_in_are_told() {
        let folder = folder();
        let path = folder.path().join("key");
        std::fs::write(&path, "x").unwrap();
        assert!(Exposure::of_mode(0o640).is_some() && Exposure::of_mode(0o601).is_some());
        for (mode, expected) in [
            (0o600, None),
            (0o400, None),
            (0o700, None),
            (0o640, Some(0o640)),
            (0o601, Some(0o601)),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let expected = expected.and_then(Exposure::of_mode);
            assert_eq!(open(&path).unwrap().too_open(), expected, "{mode:o}");
        }
    }
}
