//! The client at the other end of a connection.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use keyfob_sys::os_handle::Owned;
use keyfob_sys::peer::{self, Credentials};

use crate::body;
use crate::clock;
use crate::lately::Lately;
use crate::requester::Requester;

/// A client's process. Who it is, is found out when it is first named in a request: a hint for a
/// person, never a ground to allow.
pub(crate) struct Peer {
    credentials: Credentials,
    /// When its process started; `None` when it had ended before we looked.
    started: Option<u64>,
    /// Who asks in the request at hand, once that was found out.
    requester: Mutex<Option<Arc<Requester>>>,
    lately: Arc<Lately>,
}

impl Peer {
    /// The other end of a connection, and what the system gives to know its process by.
    pub(crate) fn new(
        credentials: Credentials,
        process: Option<Owned>,
        lately: Arc<Lately>,
    ) -> Self {
        let started = credentials.pid.and_then(|pid| peer::start_time(pid).ok());
        // Looked at last, the descriptor says that it was this process all the while. It is not
        // kept: a descriptor more for each client would be one client less.
        let gone = process.is_some_and(peer::has_ended);
        let started = started.filter(|_| !gone);
        Self { credentials, started, requester: Mutex::default(), lately }
    }

    /// This process, as a client of itself.
    #[cfg(test)]
    pub(crate) fn ourselves() -> Self {
        let pid = std::process::id();
        let credentials = Credentials { pid: Some(pid), uid: 0, gid: 0 };
        Self::new(credentials, keyfob_sys::process::watch(pid).ok(), Arc::default())
    }

    /// Its process number; `None` in a namespace we cannot see into.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.credentials.pid
    }

    /// Its process for ever: the number and the start. One that had ended when it was looked at is
    /// not seen either.
    pub(crate) fn process(&self) -> Option<(u32, u64)> {
        self.credentials.pid.zip(self.started)
    }

    /// A request begins: what was found out for the one before is not true for it.
    pub(crate) fn begin_request(&self) {
        *self.requester.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Who asks in the request at hand: for all that is decided or asked.
    pub(crate) fn requester(&self) -> Arc<Requester> {
        self.known().unwrap_or_else(|| self.find())
    }

    /// Whether this request comes from beyond the machine: it passes through a program that by itself
    /// never asks such a thing.
    pub(crate) fn passes_on(&self, request: &[u8]) -> bool {
        body::is_of_keyfob(request) && self.requester().passes_on()
            || body::is_of_pageant(request) && self.requester().is_ssh()
    }

    /// Who asked, for a note of what was done. To look costs more than most signatures: whoever
    /// signs a thousand times a second is looked at ten times in it.
    pub(crate) fn noted_requester(&self) -> Arc<Requester> {
        let lately = || self.lately.seen(self.process()?, clock::moment());
        self.known().or_else(lately).unwrap_or_else(|| self.find())
    }

    fn known(&self) -> Option<Arc<Requester>> {
        self.requester.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self) -> Arc<Requester> {
        let found = Arc::new(Requester::read(self.credentials.pid, self.started));
        if let Some(process) = self.process() {
            self.lately.keep(process, &found, clock::moment());
        }
        let mut known = self.requester.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(Arc::clone(&found));
        found
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.noted_requester().fmt(f)
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use keyfob_agent::Moment;

    use super::*;

    /// Lost otherwise: a question names who asked before (I2).
    #[test]
    fn a_question_looks_anew_at_each_request_and_a_note_at_what_was_seen_just_now() {
        let (_ours, theirs) = UnixStream::pair().unwrap();
        let credentials = || peer::credentials(&theirs).unwrap();
        let lately = Arc::new(Lately::default());
        let peer = Peer::new(credentials(), peer::process_handle(&theirs), Arc::clone(&lately));
        let first = peer.requester();
        assert!(Arc::ptr_eq(&first, &peer.requester()));
        assert!(Arc::ptr_eq(&first, &peer.noted_requester()));
        peer.begin_request();
        assert!(!Arc::ptr_eq(&first, &peer.requester()));
        // Another connection of the process.
        let (now, process) = (clock::moment(), peer.process().unwrap());
        let another = Peer::new(credentials(), peer::process_handle(&theirs), Arc::clone(&lately));
        lately.keep(process, &first, Moment(now.0 + Duration::from_secs(60)));
        assert!(Arc::ptr_eq(&first, &another.noted_requester()));
        assert!(!Arc::ptr_eq(&first, &another.requester()));
    }
}
