//! What of the agent's work watchers are told.

use keyfob_agent::Record;

use crate::driver::Driver;
use crate::peer::Peer;
use crate::purpose::Purpose;
use crate::{audit, wording};

impl Driver {
    /// Notes what was done for a client.
    pub(crate) fn tell_watchers(&self, record: &Record, peer: &Peer) {
        match record {
            Record::Signed { key, destination, .. } => {
                let requester = peer.noted_requester();
                let purpose = Purpose { destination, requester: &requester, hash: self.hash() };
                self.watching().note(true, wording::seen(key, "used", purpose));
            }
            Record::SignRefused { key: Some(key), why, destination } => {
                let requester = peer.noted_requester();
                let purpose = Purpose { destination, requester: &requester, hash: self.hash() };
                let what = format!("refused, {why}");
                self.watching().note(false, wording::seen(key, &what, purpose));
            }
            Record::SignRefused { key: None, .. }
            | Record::ListDenied { .. }
            | Record::Refused(_)
            | Record::BindRefused(_) => {
                if let Some(words) = audit::refusal(record, peer, self.hash()) {
                    self.watching().note(false, words);
                }
            }
            // Where nothing was open there was nothing to close; a right goes all the same.
            Record::StoreLocked => self.changes().locked(),
            Record::Added { .. }
            | Record::Removed(_)
            | Record::RemovedAll { .. }
            | Record::Unlocked
            | Record::StoreUnlocked => self.changes().happened(),
            _ => {}
        }
    }
}
