//! Opens and reads key files so that nothing a path may name can hurt: no
//! waiting for a FIFO, no endless device, no file larger than any key.
//!
//! Facts come from the opened descriptor, never from the path, so that the
//! file that was checked is the file that is read. Does not look inside.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, Mode, OFlags, fstat};
use zeroize::Zeroizing;

/// The largest key file: an RSA key of 16384 bits takes 13 KiB.
const LARGEST: usize = 1 << 20;

/// How long a pipe may stay silent. `ssh-add <(command)` is common, and the
/// command may take a moment; a FIFO nobody writes to must not hang us.
const PIPE_PATIENCE: Duration = Duration::from_secs(5);

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The system's word.
    #[error("{}", reason(.0))]
    Io(#[from] io::Error),
    /// A directory stands there.
    #[error("is a directory")]
    Directory,
    /// A device or a socket stands there.
    #[error("is {0}, not a file")]
    NotAFile(&'static str),
    /// A FIFO that nobody writes to.
    #[error("is a FIFO, and nothing was written to it for {} seconds", PIPE_PATIENCE.as_secs())]
    SilentPipe,
    /// More than any key file holds.
    #[error("is larger than {} KiB", .0 / 1024)]
    TooLarge(usize),
}

impl Error {
    /// Nothing is there.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == ErrorKind::NotFound)
    }
}

/// The path with something appended to its last part: `id` and `-cert.pub`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What an error of the system says, without Rust's number behind it.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

/// An open file and the facts about it.
#[derive(Debug)]
pub(crate) struct Opened {
    file: File,
    kind: FileType,
    mode: u32,
    ours: bool,
}

/// Opens a path for reading; symbolic links are followed.
pub(crate) fn open(path: &Path) -> io::Result<Opened> {
    // NONBLOCK: a FIFO without a writer. NOCTTY: a terminal device must not become ours.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Opened::new(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// All of standard input, however long the person takes to type or paste it.
pub(crate) fn read_stdin() -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut stdin = io::stdin().lock();
    gather(LARGEST, |space| stdin.read(space).map_err(Error::Io))
}

impl Opened {
    fn new(file: File) -> io::Result<Self> {
        let facts = fstat(&file)?;
        #[allow(clippy::useless_conversion, reason = "it has 16 bits on macOS")]
        let mode = u32::from(facts.st_mode) & 0o777;
        Ok(Self {
            kind: FileType::from_raw_mode(facts.st_mode),
            mode,
            ours: facts.st_uid == rustix::process::getuid().as_raw(),
            file,
        })
    }

    /// Whether an ordinary file was opened.
    pub(crate) fn is_file(&self) -> bool {
        self.kind == FileType::RegularFile
    }

    /// What it is, in a word.
    pub(crate) fn kind(&self) -> &'static str {
        match self.kind {
            FileType::RegularFile => "a file",
            FileType::Directory => "a folder",
            FileType::Fifo => "a FIFO",
            FileType::Socket => "a socket",
            _ => "a device",
        }
    }

    /// What it is read through.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// The mode, when the file is ours and others may do anything with it.
    ///
    /// Files of another owner pass: that owner may always read them anyway.
    pub(crate) fn too_open(&self) -> Option<u32> {
        (self.ours && self.mode & 0o077 != 0).then_some(self.mode)
    }

    /// Everything in it, up to the size of a key file.
    pub(crate) fn read(&mut self) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.read_up_to(LARGEST)
    }

    /// Everything in it, up to another size.
    pub(crate) fn read_up_to(&mut self, limit: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self.kind {
            FileType::RegularFile => gather(limit, |space| Ok(self.file.read(space)?)),
            FileType::Fifo => self.read_pipe(limit),
            FileType::Directory => Err(Error::Directory),
            _ => Err(Error::NotAFile(self.kind())),
        }
    }

    fn read_pipe(&mut self, limit: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        let deadline = Instant::now() + PIPE_PATIENCE;
        let bytes = gather(limit, |space| {
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                let wait = Timespec::try_from(left).map_err(io::Error::other)?;
                let ready =
                    poll(&mut [PollFd::new(&self.file.as_fd(), PollFlags::IN)], Some(&wait));
                match ready {
                    Ok(0) => return Err(Error::SilentPipe),
                    Ok(_) => {}
                    Err(rustix::io::Errno::INTR) => continue,
                    Err(error) => return Err(Error::Io(error.into())),
                }
                match self.file.read(space) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    other => return Ok(other?),
                }
            }
        })?;
        if bytes.is_empty() { Err(Error::SilentPipe) } else { Ok(bytes) }
    }
}

/// Reads to the end into memory that is wiped, also where it grew out of.
fn gather(
    limit: usize,
    mut read: impl FnMut(&mut [u8]) -> Result<usize, Error>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(vec![0_u8; 8 * 1024]);
    let mut filled = 0;
    loop {
        if filled == bytes.len() {
            if filled > limit {
                return Err(Error::TooLarge(limit));
            }
            let mut larger = Zeroizing::new(vec![0_u8; bytes.len() * 2]);
            larger[..filled].copy_from_slice(&bytes);
            bytes = larger;
        }
        match read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(Error::Io(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if filled > limit {
        return Err(Error::TooLarge(limit));
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use rustix::fs::{CWD, mknodat};
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

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
    fn nothing_larger_than_a_key_is_taken_in() {
        let folder = folder();
        let path = folder.path().join("large");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(matches!(read(&path), Err(Error::TooLarge(_))));
        File::create(&path).unwrap().set_len(LARGEST as u64).unwrap();
        assert_eq!(read(&path).unwrap().len(), LARGEST);
    }

    #[test]
    fn modes_that_let_others_in_are_told() {
        let folder = folder();
        let path = folder.path().join("key");
        std::fs::write(&path, "x").unwrap();
        for (mode, expected) in [
            (0o600, None),
            (0o400, None),
            (0o700, None),
            (0o640, Some(0o640)),
            (0o601, Some(0o601)),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(open(&path).unwrap().too_open(), expected, "{mode:o}");
        }
    }
}
