//! Looks at what the kernel shows of a process only to whoever could debug it: its program, its
//! folder, its namespaces, its environment.
//!
//! A process in a Landlock may debug nobody outside of it, so from then on it has the starter look
//! ([`through`]). What is shown is the same; both are read of whoever has the number *now*.

use std::fs;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv, send};

use crate::starter::Starter;
use crate::starter::wire::QUIETLY;

/// Bytes of an environment that are looked at. The kernel allows megabytes; what tells of the
/// screen stands in any honest one long before.
pub(crate) const MAX_ENVIRONMENT: u64 = 128 * 1024 - 1;

/// Longest name of a link: what the system calls a path.
const MAX_LINK: usize = 4096;

/// What leads somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Program,
    Folder,
    ProcessNamespace,
    MountNamespace,
}

/// Who looks instead.
struct Other {
    starter: Starter,
    /// One question at a time; none takes longer than the kernel does.
    line: Mutex<OwnedFd>,
}

static OTHER: OnceLock<Other> = OnceLock::new();

/// From now on the starter looks.
///
/// # Errors
/// When it cannot be reached.
pub(crate) fn through(starter: &Starter) -> io::Result<()> {
    let line = Mutex::new(starter.line()?);
    let _ = OTHER.set(Other { starter: starter.clone(), line });
    Ok(())
}

/// Where a link of this process leads.
pub(crate) fn link(pid: u32, which: Link) -> io::Result<PathBuf> {
    match OTHER.get() {
        None => link_directly(pid, which),
        Some(other) => other.link(pid, which),
    }
}

/// The environment this process started with.
pub(crate) fn environment(pid: u32) -> io::Result<Vec<u8>> {
    match OTHER.get() {
        None => environment_directly(pid),
        Some(other) => other.starter.environment(pid),
    }
}

impl Other {
    fn link(&self, pid: u32, which: Link) -> io::Result<PathBuf> {
        let [a, b, c, d] = pid.to_ne_bytes();
        let mut answer = [0; MAX_LINK + 1];
        let line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        without_interruption(|| send(&*line, &[which as u8, a, b, c, d], QUIETLY))?;
        let (length, _) = without_interruption(|| recv(&*line, &mut answer, RecvFlags::empty()))?;
        drop(line);
        match answer.get(..length) {
            Some([0, path @ ..]) => Ok(std::ffi::OsString::from_vec(path.to_vec()).into()),
            Some([1, a, b, c, d]) => {
                Err(io::Error::from_raw_os_error(i32::from_ne_bytes([*a, *b, *c, *d])))
            }
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// The starter's side of such a line, until it is closed.
pub(crate) fn answer_all(line: &OwnedFd) {
    let mut question = [0; 5];
    while let Ok((5, _)) = without_interruption(|| recv(line, &mut question, RecvFlags::empty())) {
        let [which, a, b, c, d] = question;
        let which = match which {
            0 => Link::Program,
            1 => Link::Folder,
            2 => Link::ProcessNamespace,
            _ => Link::MountNamespace,
        };
        let answer = match link_directly(u32::from_ne_bytes([a, b, c, d]), which) {
            Ok(path) => [&[0], path.as_os_str().as_bytes()].concat(),
            Err(error) => {
                let number = error.raw_os_error().unwrap_or(libc::EIO);
                [&[1][..], &number.to_ne_bytes()].concat()
            }
        };
        if without_interruption(|| send(line, &answer, QUIETLY)).is_err() {
            return;
        }
    }
}

fn link_directly(pid: u32, which: Link) -> io::Result<PathBuf> {
    let name = match which {
        Link::Program => "exe",
        Link::Folder => "cwd",
        Link::ProcessNamespace => "ns/pid",
        Link::MountNamespace => "ns/mnt",
    };
    fs::read_link(format!("/proc/{pid}/{name}"))
}

/// Without another's help.
pub(crate) fn environment_directly(pid: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(format!("/proc/{pid}/environ"))?;
    file.take(MAX_ENVIRONMENT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn without_interruption<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}
