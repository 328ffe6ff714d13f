//! One line per request in the log: who, which key, what for, what came of it.
//! Never a body, never a secret.
//!
//! The whole line is the message, not fields beside it: the journal shows the
//! message only, and the log is there to be read.

use std::fmt;

use keyfob_agent::{KeyName, Locked, Record, Refusal, SignRefusal};
use keyfob_keys::HashKind;
use keyfob_keys::signer::SignatureScheme;
use tracing::{Level, debug, enabled, info, warn};

use crate::peer::Peer;
use crate::purpose::Purpose;
use crate::wording::shown;

/// Writes one record. Uses of keys and refusals are for everybody's eyes
/// (info, warn); listings happen at every login and are for debugging.
pub(crate) fn note(record: &Record, peer: &Peer, hash: HashKind) {
    if !enabled!(Level::WARN) {
        return;
    }
    let named = |key| Named { key, hash };
    match record {
        Record::Listed | Record::ListedLocked | Record::Queried | Record::StoreAsked => {
            debug!("answered {peer}: {record:?}");
        }
        Record::Signed { key, scheme, destination, .. } => {
            let purpose =
                Purpose { destination, requester: &peer.noted_requester(), hash }.to_string();
            match scheme {
                SignatureScheme::RsaSha1 => {
                    warn!("signed with SHA-1 (ssh-rsa), {}, for {peer}: {purpose}", named(key));
                }
                _ => info!("signed, {}, for {peer}: {purpose}", named(key)),
            }
        }
        Record::SignRefused { key: Some(_), .. } | Record::ListDenied { .. } => {
            if let Some(words) = refusal(record, peer, hash) {
                warn!("{words}");
            }
        }
        // Clients ask for keys they have seen elsewhere: no event.
        Record::SignRefused { key: None, why, .. } => debug!("refused to sign for {peer}: {why}"),
        Record::Added { key, replaced: false } => info!("added, {}, by {peer}", named(key)),
        Record::Added { key, replaced: true } => info!("replaced, {}, by {peer}", named(key)),
        Record::Removed(key) => info!("removed, {}, by {peer}", named(key)),
        Record::RemovedAll { count } => info!("removed all keys ({count}), by {peer}"),
        Record::Locked => info!("locked by {peer}"),
        Record::Unlocked => info!("unlocked by {peer}"),
        Record::StoreUnlocked => info!("key store unlocked by {peer}"),
        Record::StoreLocked => info!("key store and all keys locked by {peer}"),
        Record::UnlockFailed { failures } => {
            warn!("wrong unlock passphrase from {peer}, the {failures}. in a row");
        }
        Record::Claimed { refused: None } => info!("questions may be answered by {peer}"),
        Record::Claimed { refused: Some(why) } => {
            warn!("questions may not be answered by {peer}: {why}");
        }
        Record::Bound { host_key, forwarding } => {
            let host_key = host_key.fingerprint(hash);
            debug!("session of {peer} bound to host key {host_key}, forwarding: {forwarding}");
        }
        Record::BindRefused(why) => warn!("session binding of {peer} refused: {why}"),
        Record::Refused(why) => debug!("refused, for {peer}: {why}"),
        other => debug!("done for {peer}: {other:?}"),
    }
}

/// A refusal somebody may ask about, in words.
pub(crate) fn refusal(record: &Record, peer: &Peer, hash: HashKind) -> Option<String> {
    match record {
        Record::SignRefused { key: Some(key), why, destination } => {
            let purpose = Purpose { destination, requester: &peer.noted_requester(), hash };
            let key = Named { key, hash };
            Some(format!("refused to {purpose}, {key}, for {peer}: {why}"))
        }
        Record::SignRefused { key: None, why: SignRefusal::Locked, .. } => {
            Some(format!("refused to sign for {peer}: {}", SignRefusal::Locked))
        }
        Record::Refused(Refusal::Malformed(_) | Refusal::UnknownExtension) => None,
        Record::Refused(why) => Some(format!("refused, for {peer}: {why}")),
        Record::ListDenied { way, why } => {
            let way = Purpose { destination: way, requester: &peer.noted_requester(), hash }.way();
            Some(format!("a list {way}, for {peer}, shows nothing: {why}"))
        }
        Record::BindRefused(why) => Some(format!("session binding of {peer} refused: {why}")),
        _ => None,
    }
}

/// Writes what happened without a client.
pub(crate) fn note_own(record: &Record, hash: HashKind) {
    match record {
        Record::Expired(key) => info!("expired, {}", Named { key, hash }),
        Record::RemovedAll { count } => info!("removed all keys ({count}), on SIGUSR1"),
        Record::Unused(key) => info!("forgotten, unused for so long, {}", Named { key, hash }),
        Record::LockedByItself { cause, locked } => match locked {
            Locked::All => info!("key store and all keys locked: {cause}"),
            Locked::AllButSession(count) => warn!(
                "{cause}: {count} keys of this session stay, nobody gave a passphrase to seal them under"
            ),
            Locked::Removed(count) => {
                info!("key store locked, keys of this session removed ({count}): {cause}");
            }
            _ => info!("locked: {cause}"),
        },
        other => debug!("done: {other:?}"),
    }
}

/// A key as the log shows it.
struct Named<'a> {
    key: &'a KeyName,
    hash: HashKind,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let comment = shown(&self.key.comment);
        write!(f, "{} \"{comment}\"", self.key.public.fingerprint(self.hash))
    }
}
