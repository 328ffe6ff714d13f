//! One key in the agent: its public half, its private half or where that is, its rules.

use std::sync::Arc;
use std::time::Duration;

use keyfob_keys::PublicKey;
use keyfob_keys::shield::Sealed;
use keyfob_keys::signer::Signer;
use keyfob_protocol::destination::Constraint;
use keyfob_protocol::details::{Detail, Place};

use crate::clock::Moment;
use crate::kept::KeptFile;
use crate::print::Print;
use crate::record::KeyName;
use crate::selector::KeySelector;
use crate::stored::ItemId;

/// Names one key in the agent for as long as it is there. A key that is
/// replaced gets a new number, so that what was decided for the old one cannot
/// be used for the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityId(pub(crate) u64);

/// A key the agent holds.
pub(crate) struct Identity {
    pub(crate) id: IdentityId,
    pub(crate) public: PublicKey,
    pub(crate) print: Print,
    pub(crate) comment: Arc<[u8]>,
    /// The private half.
    pub(crate) half: Half,
    /// Where it comes from, if from the key store.
    pub(crate) origin: Option<Origin>,
    /// The encrypted file it is in, if a client left that here. Never beside an origin.
    pub(crate) file: Option<Arc<KeptFile>>,
    pub(crate) expires: Option<Moment>,
    /// How long it stays without use; `None` as long as the rules for all keys say.
    pub(crate) idle: Option<Duration>,
    /// When it signed last; when it came, before that.
    pub(crate) last_used: Moment,
    pub(crate) confirm: bool,
    pub(crate) destinations: Arc<[Constraint]>,
    pub(crate) prepared: Option<Prepared>,
}

/// The private half.
#[derive(Clone)]
pub(crate) enum Half {
    /// Here, sealed.
    Sealed(Arc<Sealed>),
    /// In the key store, until it is needed.
    InStore,
    /// In the file a client left here, until it is needed.
    InFile,
}

/// An item of the key store.
pub(crate) struct Origin {
    pub(crate) item: ItemId,
    pub(crate) generation: u64,
    /// How long it stays, once it is here.
    pub(crate) lifetime: Option<Duration>,
    /// Its rules are not known before the store was unlocked for the first time.
    pub(crate) rules_known: bool,
}

/// The key's signing object, kept from one signature to the next because
/// building it costs more than most signatures do.
pub(crate) struct Prepared {
    pub(crate) signer: Arc<Signer>,
    pub(crate) last_used: Moment,
}

impl Identity {
    /// The key as the log and a question name it.
    pub(crate) fn name(&self) -> KeyName {
        KeyName { public: self.public.clone(), comment: Arc::clone(&self.comment) }
    }

    /// The key as its lister sees it.
    pub(crate) fn detail(&self, now: Moment, default_idle: Option<Duration>) -> Detail {
        let remaining = self.expires.map(|end| now.until(end).as_secs());
        Detail {
            key_blob: self.public.blob().to_vec(),
            comment: self.comment.to_vec(),
            confirm: self.confirm,
            destinations: u32::try_from(self.destinations.len()).unwrap_or(u32::MAX),
            expires_in: remaining.map(seconds),
            idle: self.idle.or(default_idle).map(|span| seconds(span.as_secs())),
            place: self.place(),
            proved: !self.has_unknown_rules(),
        }
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Place {
        let open = !self.is_away();
        match (&self.origin, &self.file) {
            (Some(_), _) => Place::Store { open },
            (None, Some(_)) => Place::File { open },
            (None, None) => Place::Session,
        }
    }

    /// Whether this entry of the settings means it.
    pub(crate) fn is_meant(&self, selector: &KeySelector) -> bool {
        selector.selects(self.print, &self.public, &self.comment)
    }

    /// Whether its private half would have to be fetched: from the key store, or out of its file.
    pub(crate) fn is_away(&self) -> bool {
        !matches!(self.half, Half::Sealed(_))
    }

    /// Whether its private half may be forgotten, because it is somewhere else as well.
    pub(crate) fn comes_back(&self) -> bool {
        self.origin.is_some() || self.file.is_some()
    }

    /// Whether nobody can say who may see it: its rules are in a store that was never unlocked.
    pub(crate) fn has_unknown_rules(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| !origin.rules_known)
    }

    /// Forgets the private half of a key that comes back; other keys have it nowhere else. The
    /// lifetime of one from a file goes on: it is not given anew.
    pub(crate) fn unload(&mut self) {
        if self.origin.is_some() {
            self.half = Half::InStore;
            self.expires = None;
        } else if self.file.is_some() {
            self.half = Half::InFile;
        } else {
            return;
        }
        self.prepared = None;
    }

    pub(crate) fn expired(&self, now: Moment) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

fn seconds(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
