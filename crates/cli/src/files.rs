//! Opens and reads key files so that nothing a path may name can hurt: no
//! waiting for a FIFO, no endless device, no file larger than any key.
//!
//! Facts come from the opened descriptor, never from the path, so that the
//! file that was checked is the file that is read. Does not look inside.

#[cfg_attr(unix, path = "files/unix.rs")]
#[cfg_attr(windows, path = "files/windows.rs")]
mod system;

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfob_sys::os_handle::Borrowed;
use zeroize::Zeroizing;

use crate::exposure::Exposure;
use crate::lent::lent;

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
    #[cfg_attr(windows, allow(dead_code, reason = "there are none"))]
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
    facts: Facts,
}

/// What the system tells of it.
#[derive(Debug, Clone)]
struct Facts {
    kind: Kind,
    /// What lets others in.
    too_open: Option<Exposure>,
}

/// What can stand at a path.
#[cfg_attr(windows, allow(dead_code, reason = "neither has a name in a folder there"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Fifo,
    Socket,
    Device,
}

/// Opens a path for reading; symbolic links are followed.
pub(crate) fn open(path: &Path) -> io::Result<Opened> {
    let file = system::open(path)?;
    Ok(Opened { facts: system::facts(&file)?, file })
}

/// All of standard input, however long the person takes to type or paste it.
pub(crate) fn read_stdin() -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut stdin = io::stdin().lock();
    gather(LARGEST, |space| stdin.read(space).map_err(Error::Io))
}

/// What a folder is called.
pub(crate) const FOLDER: &str = "a folder";

impl Opened {
    /// Whether an ordinary file was opened.
    pub(crate) fn is_file(&self) -> bool {
        self.facts.kind == Kind::File
    }

    /// What it is, in a word.
    pub(crate) fn kind(&self) -> &'static str {
        match self.facts.kind {
            Kind::File => "a file",
            Kind::Folder => FOLDER,
            Kind::Fifo => "a FIFO",
            Kind::Socket => "a socket",
            Kind::Device => "a device",
        }
    }

    /// What it is read through.
    pub(crate) fn descriptor(&self) -> Borrowed<'_> {
        lent(&self.file)
    }

    /// What lets others do anything with it.
    ///
    /// On Unix files of another owner pass: that owner may always read them anyway. On Windows they do
    /// not, as OpenSSH has it there.
    pub(crate) fn too_open(&self) -> Option<Exposure> {
        self.facts.too_open.clone()
    }

    /// Everything in it, up to the size of a key file.
    pub(crate) fn read(&mut self) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.read_up_to(LARGEST)
    }

    /// Everything in it, up to another size.
    pub(crate) fn read_up_to(&mut self, limit: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self.facts.kind {
            Kind::File => gather(limit, |space| Ok(self.file.read(space)?)),
            Kind::Fifo => system::read_pipe(&mut self.file, limit),
            Kind::Folder => Err(Error::Directory),
            Kind::Socket | Kind::Device => Err(Error::NotAFile(self.kind())),
        }
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

    #[test]
    fn a_file_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let content = vec![7; 100_000];
        std::fs::write(folder.path().join("key"), &content).unwrap();
        assert_eq!(*open(&folder.path().join("key")).unwrap().read().unwrap(), content);
    }

    #[test]
    fn nothing_larger_than_a_key_is_taken_in() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large");
        let read = || open(&path).unwrap().read();
        File::create(&path).unwrap().set_len(LARGEST as u64 + 1).unwrap();
        assert!(matches!(read(), Err(Error::TooLarge(_))));
        File::create(&path).unwrap().set_len(LARGEST as u64).unwrap();
        assert_eq!(read().unwrap().len(), LARGEST);
    }
}
