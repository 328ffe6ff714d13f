//! Starts programs for a process that may not start any itself.
//!
//! Whoever holds keys gives up starting programs, and what a program started by it would inherit
//! (a filter of system calls, a Landlock) is not for a dialog on somebody's screen. So a second
//! process is made before the first secret arrives. It holds a [menu](Recipe) that was written
//! then, starts what is on it and nothing else, and looks at other processes where the kernel
//! would not let the first one (`looking`). It gets no secret: pipes of a helper lead from
//! the one to the other and are only handed through.
//!
//! It ends when the process it works for does, and ends what it started before.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod message;
mod server;

use std::ffi::OsString;
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use crate::Error;
use crate::process::{Fork, fork};

pub use server::{ENDED, KILL, STARTED};

/// A program that may be started, and what a request may add.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The program: a path, or a name that is looked for as usual.
    pub program: PathBuf,
    /// What it is told that it is called, where that is something else.
    pub name: Option<&'static str>,
    /// The arguments it always gets.
    pub arguments: Vec<OsString>,
    /// What a request may add to them.
    pub words: Words,
    /// Its environment; `None` is our own.
    pub environment: Option<Vec<(OsString, OsString)>>,
    /// The variables that a request may set or take away.
    pub variables: Vec<&'static str>,
    /// In which folder, and who hears its errors.
    pub manner: Manner,
}

/// What a request may add to the arguments.
#[derive(Clone, Debug)]
pub enum Words {
    /// Any of these.
    Of(Vec<OsString>),
    /// One text, whatever it says.
    Text,
}

/// How a program runs and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It reads from us; in `/`, its errors are not heard, and it is killed with its group.
    Helper,
    /// The same, but it is asked to end first: it may have a terminal to put right.
    HelperWithTerminal,
    /// It reads nothing, in our folder, and our errors are where its own go; it leads a group,
    /// which is killed with it.
    Dialog,
}

/// What is to be started: one of the menu, and what is added.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Which, counted from 0.
    pub recipe: usize,
    /// More arguments.
    pub words: Vec<OsString>,
    /// Variables that are set, or taken away.
    pub variables: Vec<(&'static str, Option<OsString>)>,
}

/// A program that was ordered. First it is said on `life` whether it could be started
/// ([`STARTED`] and its number, or its error), and at last how it ended ([`ENDED`] and the status):
/// five bytes each, the number in the machine's order. [`KILL`] ends it, and so does closing it.
#[derive(Debug)]
pub struct Started {
    /// Where it reads.
    pub stdin: Option<PipeWriter>,
    /// Where it writes.
    pub stdout: PipeReader,
    /// How it is.
    pub life: UnixStream,
}

/// The way to whoever starts programs.
#[derive(Clone, Debug)]
pub struct Starter {
    menu: Arc<[Recipe]>,
    socket: Arc<OwnedFd>,
}

impl Starter {
    /// Makes the second process, from this one as it is: its open descriptors but the standard
    /// streams are closed there.
    ///
    /// # Errors
    /// As [`fork`]: with a second thread, or once memory for secrets exists.
    pub fn fork(menu: Vec<Recipe>) -> Result<Self, Error> {
        let (ours, theirs) = pair().map_err(|error| Error::Fork(error.into()))?;
        match fork()? {
            Fork::Parent(_) => Ok(Self { menu: menu.into(), socket: Arc::new(ours) }),
            Fork::Child => {
                drop(ours);
                server::stand_alone(&theirs, &menu)
            }
        }
    }

    /// Starts programs from this process, in a thread: where there is no box to start them out of.
    ///
    /// # Errors
    /// When the system gives no descriptors or no thread.
    pub fn local(menu: Vec<Recipe>) -> io::Result<Self> {
        // Whoever started us may have left descriptors open to us. Where this cannot be done, ours
        // are closed by the library that opened them.
        let _ = crate::process::close_others_on_exec();
        let (ours, theirs) = pair()?;
        let menu: Arc<[Recipe]> = menu.into();
        let served = Arc::clone(&menu);
        let thread = std::thread::Builder::new().name("starter".to_owned());
        thread.spawn(move || server::serve(&theirs, &served))?;
        Ok(Self { menu, socket: Arc::new(ours) })
    }

    /// Orders a program. Whether it could be started is said on its `life`.
    ///
    /// # Errors
    /// When no descriptors can be had, the order is too long, or nobody is there any more.
    pub fn start(&self, order: &Order) -> io::Result<Started> {
        let recipe = self.menu.get(order.recipe).ok_or(io::ErrorKind::NotFound)?;
        let (life, theirs) = UnixStream::pair()?;
        let (stdout, out) = io::pipe()?;
        let (input, stdin) = match recipe.manner {
            Manner::Helper | Manner::HelperWithTerminal => {
                let (read, write) = io::pipe()?;
                (Some(read), Some(write))
            }
            Manner::Dialog => (None, None),
        };
        let mut descriptors = vec![theirs.as_fd(), out.as_fd()];
        descriptors.extend(input.as_ref().map(std::os::fd::AsFd::as_fd));
        message::send(&self.socket, &message::start(order, recipe)?, &descriptors)?;
        Ok(Started { stdin, stdout, life })
    }

    /// The values of another process's environment; whoever hangs there does not hang here.
    pub(crate) fn environment(&self, pid: u32) -> io::Result<Vec<u8>> {
        use std::io::Read as _;
        let (mut answer, theirs) = UnixStream::pair()?;
        answer.set_read_timeout(Some(message::PATIENCE))?;
        message::send(&self.socket, &message::environment(pid), &[theirs.as_fd()])?;
        drop(theirs);
        let mut bytes = Vec::new();
        (&mut answer).take(message::MAX_ENVIRONMENT + 1).read_to_end(&mut bytes)?;
        message::outcome(&bytes).map(<[u8]>::to_vec)
    }

    /// A second line, on which short questions are answered one after the other.
    pub(crate) fn line(&self) -> io::Result<OwnedFd> {
        let (ours, theirs) = pair()?;
        message::send(&self.socket, &message::line(), &[theirs.as_fd()])?;
        Ok(ours)
    }
}

/// A message is one piece, and the end of either side is seen by the other.
fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}
