//! The way to the process, or the thread, that starts programs.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::{Manner, Order, Recipe, message, server, wire};
use crate::Error;
use crate::process::{Fork, fork};

/// A program that was ordered. First it is said on `life` whether it could be started
/// ([`STARTED`](super::STARTED) and its number, or its error), and at last how it ended ([`ENDED`](super::ENDED) and the status):
/// five bytes each, the number in the machine's order. [`KILL`](super::KILL) ends it, and so does closing it.
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
    /// As [`fork`]: with a second thread, or once memory for secrets exists; also where neither would
    /// notice the end of the other.
    pub fn fork(menu: Vec<Recipe>) -> Result<Self, Error> {
        if !wire::ENDS_ARE_SEEN {
            return Err(Error::Fork("nobody would notice the end of the other".into()));
        }
        let (ours, theirs) = wire::pair().map_err(|error| Error::Fork(error.into()))?;
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
        let (ours, theirs) = wire::pair()?;
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
}

#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "only who is in a box has another look")
)]
impl Starter {
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
        let (ours, theirs) = wire::pair()?;
        message::send(&self.socket, &message::line(), &[theirs.as_fd()])?;
        Ok(ours)
    }
}
