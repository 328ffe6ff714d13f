//! Encrypted key files a client left here: shown before they are open, opened when they are needed,
//! closed again on request. PuTTY's extensions ask for that ([`keyfob_protocol::putty`]).
//!
//! The agent keeps the bytes and reads none of them: the driver has them opened elsewhere, and what
//! comes back must be the key that was shown.

use std::sync::Arc;

use keyfob_keys::{PrivateKey, PublicKey, Secret};
use keyfob_protocol::putty::{self, ExtendedKey};
use keyfob_protocol::{AddIdentity, Constraints, PuttyRequest, Response};

use crate::agent::Agent;
use crate::clock::Now;
use crate::destination::Forbidden;
use crate::identity::{Half, Identity};
use crate::keys::hidden;
use crate::print::Print;
use crate::record::{Record, Refusal, SignRefusal};
use crate::session::Session;
use crate::step::{Reply, Step};
use crate::view::View;

/// The bytes of an encrypted key file.
#[derive(PartialEq, Eq)]
pub struct KeptFile(Box<[u8]>);

impl KeptFile {
    /// These. Whoever has them has no key without the passphrase.
    fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Says how long it is.
impl std::fmt::Debug for KeptFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeptFile({} bytes)", self.0.len())
    }
}

/// What was in a file somebody gave to the agent.
#[derive(Debug)]
pub enum GivenFile {
    /// The key and its comment.
    Open(PrivateKey, Vec<u8>),
    /// What can be seen without the passphrase: the public key and the comment.
    Closed(PublicKey, Vec<u8>),
}

impl Agent {
    pub(crate) fn about_putty(
        &self,
        session: &Session,
        request: PuttyRequest<'_>,
        now: Now,
    ) -> Step {
        let failed = |why| Step::Reply(failure(why));
        if self.state(now.moment).lock.locked {
            return failed(Refusal::Locked);
        }
        if request == PuttyRequest::ListExtended {
            return Step::Reply(self.list_extended(session, now));
        }
        // Beyond this machine somebody could have a person asked for passphrases, of files of his
        // choice; and that others forget their keys.
        if session.is_remote() {
            return failed(Refusal::Remote);
        }
        match request {
            PuttyRequest::AddPpk(file) => Step::Look(Secret::from(file.to_vec())),
            PuttyRequest::Reencrypt(blob) => Step::Reply(self.close(session, blob, now)),
            PuttyRequest::ReencryptAll | PuttyRequest::ListExtended => {
                Step::Reply(self.close_all(session, now))
            }
        }
    }

    /// Takes the key of a file that was looked into. A closed one is kept, and opened at its first
    /// use.
    pub fn given(&self, session: &Session, found: GivenFile, file: &[u8], now: Now) -> Reply {
        match found {
            GivenFile::Open(key, comment) => {
                let constraints = Constraints::default();
                let reply = self.add(session, AddIdentity { key, comment, constraints }, now);
                match reply.record {
                    Record::Refused(why) => failure(why),
                    _ => reply,
                }
            }
            GivenFile::Closed(public, comment) => {
                self.keep_file(session, public, comment, KeptFile::new(file), now)
            }
        }
    }

    /// The key of a kept file was opened. `Ok` as well when the file is not here any more: who
    /// waits for it finds that out.
    ///
    /// # Errors
    /// When nothing can be sealed now, or it is another key.
    pub fn opened(
        &self,
        file: &Arc<KeptFile>,
        key: PrivateKey,
        now: Now,
    ) -> Result<(), SignRefusal> {
        let sealed = self.shield.seal(&key).map_err(|_| SignRefusal::Locked)?;
        let public = key.public().clone();
        drop(key);
        let idle = self.policy().key_idle;
        let mut state = self.state(now.moment);
        if state.lock.locked || state.sealed {
            return Err(SignRefusal::Locked);
        }
        let Some(identity) = state.keyring.find_mut(public.blob()) else {
            return Err(SignRefusal::Removed);
        };
        let is_it = identity.file.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, file));
        if !is_it || !matches!(identity.half, Half::InFile) {
            return Ok(());
        }
        identity.half = Half::Sealed(Arc::new(sealed));
        identity.last_used = now.moment;
        let due = identity.idle_end(idle);
        state.keyring.note_expiry(due);
        Ok(())
    }

    fn keep_file(
        &self,
        session: &Session,
        public: PublicKey,
        comment: Vec<u8>,
        file: KeptFile,
        now: Now,
    ) -> Reply {
        let policy = self.policy();
        let mut state = self.state(now.moment);
        if state.lock.locked {
            return failure(Refusal::Locked);
        }
        let mut view = View::new(&policy, session, now);
        if let Err(why) = hidden(&mut view, &state.keyring, public.blob()) {
            return failure(why);
        }
        let file = Arc::new(file);
        // A key that is here stays as it is, its rules with it; now it can be closed as well. One of
        // the key store can be anyway.
        if let Some(known) = state.keyring.find_mut(public.blob()) {
            if known.origin.is_none() {
                known.file.get_or_insert(file);
            }
            return Reply::success(Record::Added { key: known.name(), replaced: true });
        }
        let lifetime = [policy.default_lifetime, policy.session].into_iter().flatten().min();
        let identity = Identity {
            id: state.keyring.fresh_id(),
            print: Print::of(&public),
            public,
            comment: comment.into(),
            half: Half::InFile,
            origin: None,
            file: Some(file),
            expires: lifetime.and_then(|span| now.moment.after(span)),
            idle: None,
            last_used: now.moment,
            confirm: false,
            destinations: Arc::default(),
            prepared: None,
        };
        if session.profile().is_some_and(|profile| !profile.shows(&identity)) {
            return failure(Forbidden::NotInProfile);
        }
        let key = identity.name();
        state.keyring.put(identity);
        Reply::success(Record::Added { key, replaced: false })
    }

    /// Forgets one private half that comes back.
    fn close(&self, session: &Session, blob: &[u8], now: Now) -> Reply {
        let policy = self.policy();
        let mut state = self.state(now.moment);
        let mut view = View::new(&policy, session, now);
        if let Err(why) = hidden(&mut view, &state.keyring, blob) {
            return failure(why);
        }
        let Some(identity) = state.keyring.find_mut(blob) else {
            return failure(Refusal::NoSuchKey);
        };
        if !identity.comes_back() {
            return failure(Refusal::NoEncryptedForm);
        }
        let name = identity.name();
        identity.unload();
        state.forget_stale();
        Reply::success(Record::Closed { key: Some(name) })
    }

    /// The same with all this connection may know of.
    fn close_all(&self, session: &Session, now: Now) -> Reply {
        let policy = self.policy();
        let mut state = self.state(now.moment);
        let mut view = View::new(&policy, session, now);
        let (mut closed, mut in_clear) = (0_usize, 0_usize);
        for identity in state.keyring.iter_mut() {
            if view.shows(identity).is_err() {
                continue;
            }
            if identity.comes_back() {
                identity.unload();
                closed += 1;
            } else {
                in_clear += 1;
            }
        }
        state.forget_stale();
        if closed == 0 && in_clear > 0 {
            return failure(Refusal::NoEncryptedForm);
        }
        let answer = Response::Putty(putty::still_in_clear(in_clear));
        Reply::now(answer, Record::Closed { key: None })
    }

    fn list_extended(&self, session: &Session, now: Now) -> Reply {
        let policy = self.policy();
        let state = self.state(now.moment);
        let mut view = View::new(&policy, session, now);
        let seen = state.keyring.iter().filter(|identity| view.shows(identity).is_ok());
        let answer = putty::extended_list(seen.map(|identity| ExtendedKey {
            key_blob: identity.public.blob(),
            comment: &identity.comment,
            has_encrypted: identity.comes_back(),
            is_away: identity.is_away(),
        }));
        Reply::now(Response::Putty(answer), Record::Listed)
    }
}

/// These extensions are known, so that a refusal is theirs.
fn failure(why: impl Into<Refusal>) -> Reply {
    Reply::now(Response::ExtensionFailure, Record::Refused(why.into()))
}
