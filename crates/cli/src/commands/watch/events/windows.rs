//! Waits for events. There is no signal to wait for: Ctrl-C is a key to whoever draws on the
//! console.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use keyfob_sys::signals::{Held, Signal};

use super::Event;

/// What was waited for.
pub(in crate::commands::watch) enum Woken {
    /// Something may have happened, or the time is over.
    Look,
    /// A signal is due.
    #[allow(dead_code, reason = "none comes: see the head")]
    Signal(Signal),
}

/// Where events come out.
pub(super) struct Queue {
    events: Receiver<Event>,
}

/// Where they go in.
pub(super) struct Teller {
    events: Sender<Event>,
}

pub(super) fn queue() -> io::Result<(Queue, Teller)> {
    let (events, queue) = channel();
    Ok((Queue { events: queue }, Teller { events }))
}

impl Queue {
    pub(super) fn wait(
        &mut self,
        _held: &Held,
        limit: Duration,
    ) -> io::Result<(Woken, Vec<Event>)> {
        let mut events: Vec<Event> = self.events.recv_timeout(limit).into_iter().collect();
        events.extend(self.events.try_iter());
        Ok((Woken::Look, events))
    }
}

impl Teller {
    /// `false` when nobody listens any more.
    pub(super) fn tell(&self, event: Event) -> bool {
        self.events.send(event).is_ok()
    }

    #[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    pub(super) fn another(&self) -> io::Result<Self> {
        Ok(Self { events: self.events.clone() })
    }
}
