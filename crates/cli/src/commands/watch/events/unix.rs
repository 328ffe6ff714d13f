//! Waits for signals and events at once: the one that draws is told of an event by a byte in a pipe.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use keyfob_sys::signals::{self, Held};
use rustix::process::Signal;

use super::Event;

/// What was waited for.
pub(in crate::commands::watch) enum Woken {
    /// Something may have happened, or the time is over.
    Look,
    /// A signal is due.
    Signal(Signal),
}

/// Where events come out.
pub(super) struct Queue {
    events: Receiver<Event>,
    bell: PipeReader,
}

/// Where they go in.
pub(super) struct Teller {
    events: Sender<Event>,
    bell: PipeWriter,
}

pub(super) fn queue() -> io::Result<(Queue, Teller)> {
    let (events, queue) = channel();
    let (bell, ring) = io::pipe()?;
    Ok((Queue { events: queue, bell }, Teller { events, bell: ring }))
}

impl Queue {
    pub(super) fn wait(&mut self, held: &Held, limit: Duration) -> io::Result<(Woken, Vec<Event>)> {
        match held.wait_within(self.bell.as_fd(), limit)? {
            None => Ok((Woken::Look, Vec::new())),
            Some(signals::Event::Signal(signal)) => Ok((Woken::Signal(signal), Vec::new())),
            Some(signals::Event::Readable) => {
                // One byte for each event; there is one at least, and one that is left over rings
                // again.
                let mut bytes = [0; 64];
                let rung = self.bell.read(&mut bytes).unwrap_or(0);
                Ok((Woken::Look, self.events.try_iter().take(rung).collect()))
            }
        }
    }
}

impl Teller {
    /// `false` when nobody listens any more.
    pub(super) fn tell(&self, event: Event) -> bool {
        self.events.send(event).is_ok() && (&self.bell).write_all(&[0]).is_ok()
    }

    pub(super) fn another(&self) -> io::Result<Self> {
        Ok(Self { events: self.events.clone(), bell: self.bell.try_clone()? })
    }
}
