//! What the agent should hold, and what it may do with it.

use keyfob_keys::{Algorithm, PublicKey};
use keyfob_protocol::destination::Constraint;
use keyfob_protocol::{AddIdentity, Extension, PuttyRequest, Request, SignRequest};

use crate::agent::cast::{CAST, DAY};
use crate::agent::path::Path;

/// A key as it should be.
pub(crate) struct Held {
    pub(crate) public: PublicKey,
    /// Which addition it is: a replaced key is another one.
    pub(crate) number: u64,
    comment: Vec<u8>,
    confirm: bool,
    steps: Vec<Constraint>,
    end: Option<u64>,
    idle: Option<u64>,
    used: u64,
    pub(crate) is_stored: bool,
    /// Its private half is in the agent.
    is_here: bool,
}

/// What should come of a request to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refuses,
    Fetches,
    Asks,
    Signs,
}

/// The settings that are changed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    pub(crate) no_sha1: bool,
    /// Requests from other machines see and sign nothing.
    pub(crate) local_only: bool,
    /// Every key stays this long at most.
    pub(crate) session: Option<u64>,
}

/// A request to sign that waits.
pub(crate) struct Wish {
    pub(crate) blob: Vec<u8>,
    pub(crate) number: u64,
    pub(crate) data: Vec<u8>,
    pub(crate) flags: u32,
    /// A person said yes.
    pub(crate) confirmed: bool,
}

#[derive(Default)]
pub(crate) struct Model {
    /// In the order of the list.
    pub(crate) keys: Vec<Held>,
    pub(crate) locked: bool,
    /// How often it was locked: what opened an earlier lock opens no later one.
    pub(crate) locks: u64,
    pub(crate) sealed: bool,
    pub(crate) rules: Rules,
    pub(crate) now: u64,
    /// The clock on the wall, which may go back.
    pub(crate) wall: i64,
    /// The key store is there.
    stored: bool,
    hidden: Vec<Vec<u8>>,
    additions: u64,
}

impl Model {
    pub(crate) fn unix(&self) -> u64 {
        (DAY + self.now).saturating_add_signed(self.wall)
    }

    /// Time has passed.
    pub(crate) fn expire(&mut self) {
        let (now, before) = (self.now, self.keys.len());
        let lives = |key: &Held| {
            key.end.is_none_or(|end| now < end)
                && key.idle.is_none_or(|idle| now < key.used.saturating_add(idle))
        };
        self.keys.retain(lives);
        if self.keys.len() < before {
            self.show();
        }
    }

    pub(crate) fn find(&self, blob: &[u8]) -> Option<&Held> {
        self.keys.iter().find(|key| key.public.blob() == blob)
    }

    fn find_mut(&mut self, blob: &[u8]) -> Option<&mut Held> {
        self.keys.iter_mut().find(|key| key.public.blob() == blob)
    }

    /// The blobs this connection is shown.
    pub(crate) fn shown(&self, path: &Path) -> Vec<&[u8]> {
        let all = self.keys.iter().filter(|key| !self.locked && self.shows(path, key));
        all.map(|key| key.public.blob()).collect()
    }

    fn shows(&self, path: &Path, key: &Held) -> bool {
        !(self.rules.local_only && path.is_remote())
            && path.shows_only.is_none_or(|first| key.comment.first() == Some(&first))
            && path.shows(&key.steps, self.unix())
    }

    /// Whether a request that is no signature should succeed; and does what it does.
    pub(crate) fn does(&mut self, path: &mut Path, request: Request<'_>) -> bool {
        let is_about_all = matches!(request, Request::RemoveAll | Request::RemoveAllV1);
        if is_about_all && path.shows_only.is_some() {
            return false;
        }
        match request {
            Request::Add(addition) => self.adds(path, *addition),
            Request::Remove(blob) => self.removes(path, blob),
            Request::RemoveAll | Request::RemoveAllV1 => {
                if !self.locked {
                    self.empty();
                }
                !self.locked
            }
            Request::Extension(Extension::SessionBind(bind)) => path.bind(&bind),
            Request::Extension(Extension::Query) => !self.locked,
            Request::Extension(Extension::Putty(request)) => {
                !self.locked && self.closes(path, request)
            }
            _ => false,
        }
    }

    /// Forgets private halves that are in the store too, for who is on this machine.
    fn closes(&mut self, path: &Path, request: PuttyRequest<'_>) -> bool {
        let seen = |model: &Self, key: &Held| model.shows(path, key);
        match request {
            PuttyRequest::ListExtended => true,
            _ if path.is_remote() => false,
            // It is looked into, or refused.
            PuttyRequest::AddPpk(_) => false,
            PuttyRequest::Reencrypt(blob) => {
                let is_meant = self.find(blob).is_some_and(|key| key.is_stored && seen(self, key));
                if let Some(key) = self.find_mut(blob).filter(|_| is_meant) {
                    key.is_here = false;
                }
                is_meant
            }
            PuttyRequest::ReencryptAll => {
                let shown: Vec<bool> = self.keys.iter().map(|key| seen(self, key)).collect();
                let all = self.keys.iter_mut().zip(shown).filter(|(_, shown)| *shown);
                let (mut closed, mut open) = (false, false);
                for (key, _) in all {
                    key.is_here &= !key.is_stored;
                    closed |= key.is_stored;
                    open |= !key.is_stored;
                }
                closed || !open
            }
        }
    }

    fn adds(&mut self, path: &Path, addition: AddIdentity) -> bool {
        let AddIdentity { key, comment, constraints } = addition;
        let none = constraints.lifetime == Some(0) || constraints.idle == Some(0);
        let first = comment.first().copied();
        let public = key.public().clone();
        let hidden = self.find(public.blob()).is_some_and(|key| !self.shows(path, key));
        let unseen = path.shows_only.is_some() && path.shows_only != first;
        if none || hidden || unseen || self.locked || self.sealed {
            return false;
        }
        let lifetime = constraints.lifetime.map(u64::from);
        let lifetime = lifetime.into_iter().chain(self.rules.session).min();
        self.put(Held {
            public,
            number: 0,
            comment,
            confirm: constraints.confirm,
            steps: constraints.destinations,
            end: lifetime.map(|span| self.now + span),
            idle: constraints.idle.map(u64::from),
            used: self.now,
            is_stored: false,
            is_here: true,
        });
        true
    }

    fn put(&mut self, mut key: Held) {
        self.additions += 1;
        key.number = self.additions;
        let before = self.keys.iter().position(|held| held.public == key.public);
        match before {
            Some(at) => self.keys[at] = key,
            None => self.keys.push(key),
        }
    }

    fn removes(&mut self, path: &Path, blob: &[u8]) -> bool {
        let may = !self.locked && self.find(blob).is_some_and(|key| self.shows(path, key));
        if may {
            self.keys.retain(|key| key.public.blob() != blob);
            if self.stored && is_in_store(blob) {
                self.hidden.push(blob.to_vec());
            }
        }
        may
    }

    /// All keys go, and a seal that holds nothing any more.
    pub(crate) fn empty(&mut self) {
        self.keys.clear();
        self.sealed = false;
        if self.stored {
            self.hidden.extend(stored().map(|key| key.blob().to_vec()));
        }
    }

    /// The store is there now, or not.
    pub(crate) fn set_stored(&mut self, stored: bool) {
        self.stored = stored;
        self.keys.retain(|key| !key.is_stored || stored);
        self.hidden.retain(|_| stored);
        self.show();
    }

    pub(crate) fn show_all(&mut self) {
        self.hidden.clear();
        self.show();
    }

    fn show(&mut self) {
        let there = if self.stored { usize::MAX } else { 0 };
        for (at, public) in stored().enumerate().take(there) {
            let is_hidden = self.hidden.iter().any(|blob| blob == public.blob());
            if is_hidden || self.find(public.blob()).is_some() {
                continue;
            }
            self.put(Held {
                public: public.clone(),
                number: 0,
                comment: b"stored".to_vec(),
                confirm: confirms(at),
                steps: steps_of(at),
                end: None,
                idle: None,
                used: 0,
                is_stored: true,
                is_here: false,
            });
        }
    }

    /// The private halves of the store's keys are forgotten.
    pub(crate) fn unload(&mut self) {
        self.keys.iter_mut().filter(|key| key.is_stored).for_each(|key| key.is_here = false);
    }

    /// A new request to sign.
    pub(crate) fn signs(&mut self, path: &Path, request: &SignRequest<'_>) -> Verdict {
        let Some(key) = self.find(request.key).filter(|_| !self.locked) else {
            return Verdict::Refuses;
        };
        let sha1 = key.public.algorithm() == Algorithm::Rsa && request.flags == 0;
        if request.flags & !6 != 0 || sha1 && self.rules.no_sha1 {
            return Verdict::Refuses;
        }
        if !self.may_sign(path, key, request.data) {
            return Verdict::Refuses;
        }
        match (self.sealed || !key.is_here, key.confirm) {
            (true, _) => Verdict::Fetches,
            (false, true) => Verdict::Asks,
            (false, false) => self.uses(request.key),
        }
    }

    fn may_sign(&self, path: &Path, key: &Held, data: &[u8]) -> bool {
        !(self.rules.local_only && path.is_remote())
            && path.shows_only.is_none_or(|first| key.comment.first() == Some(&first))
            && path.signs(&key.steps, &key.public, data, self.unix())
    }

    fn uses(&mut self, blob: &[u8]) -> Verdict {
        let now = self.now;
        self.find_mut(blob).expect("it was found").used = now;
        Verdict::Signs
    }

    /// One that waited goes on. `asks` where it may still be asked about.
    pub(crate) fn goes_on(&mut self, path: &Path, wish: &Wish, asks: bool) -> Verdict {
        let key = self.find(&wish.blob).filter(|key| key.number == wish.number);
        let Some(key) = key.filter(|_| !self.locked && !self.sealed) else {
            return Verdict::Refuses;
        };
        if !self.may_sign(path, key, &wish.data) || !key.is_here {
            return Verdict::Refuses;
        }
        match (key.confirm && !wish.confirmed, asks) {
            (true, true) => Verdict::Asks,
            (true, false) => Verdict::Refuses,
            (false, _) => self.uses(&wish.blob),
        }
    }

    /// The private half of a key has come. Another key's than was asked for is of no use.
    pub(crate) fn fetched(&mut self, path: &Path, wish: &Wish, is_right: bool) -> Verdict {
        if !is_right || self.locked || self.sealed {
            return Verdict::Refuses;
        }
        let number = wish.number;
        if let Some(key) = self.find_mut(&wish.blob).filter(|key| key.number == number) {
            key.is_here = true;
        }
        self.goes_on(path, wish, true)
    }
}

/// The store's keys.
pub(crate) fn stored() -> impl Iterator<Item = &'static PublicKey> {
    CAST.stored.iter().map(|at| CAST.keys[*at].public())
}

fn is_in_store(blob: &[u8]) -> bool {
    stored().any(|key| key.blob() == blob)
}

/// The second of them wants a yes and may go to one host.
pub(crate) fn confirms(at: usize) -> bool {
    at == 1
}

pub(crate) fn steps_of(at: usize) -> Vec<Constraint> {
    match at {
        1 => vec![super::cast::step(None, 0, b"")],
        _ => Vec::new(),
    }
}
