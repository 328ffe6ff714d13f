//! One line per request in the log: who, which key, what for, what came of it.
//! Never a body, never a secret.

use std::fmt;

use keyfob_agent::{KeyName, Record};
use keyfob_keys::HashKind;
use keyfob_keys::signer::SignatureScheme;
use keyfob_protocol::Purpose;
use tracing::{Level, debug, enabled, info, warn};

use crate::peer::Peer;
use crate::wording::shown;

/// Writes one record. Uses of keys and refusals are for everybody's eyes
/// (info, warn); listings happen at every login and are for debugging.
pub(crate) fn note(record: &Record, peer: &Peer, hash: HashKind) {
    if !enabled!(Level::WARN) {
        return;
    }
    let named = |key| Named { key, hash };
    match record {
        Record::Listed | Record::ListedLocked | Record::Queried => {
            debug!(%peer, ?record, "listed");
        }
        Record::Signed { key, scheme: SignatureScheme::RsaSha1, data } => {
            warn!(%peer, key = %named(key), purpose = %For(data), "signed with SHA-1 (ssh-rsa)");
        }
        Record::Signed { key, data, .. } => {
            info!(%peer, key = %named(key), purpose = %For(data), "signed");
        }
        Record::SignRefused { key: Some(key), why } => {
            warn!(%peer, key = %named(key), %why, "refused to sign");
        }
        // Clients ask for keys they have seen elsewhere: no event.
        Record::SignRefused { key: None, why } => debug!(%peer, %why, "refused to sign"),
        Record::Added { key, replaced: false } => info!(%peer, key = %named(key), "added"),
        Record::Added { key, replaced: true } => info!(%peer, key = %named(key), "replaced"),
        Record::Removed(key) => info!(%peer, key = %named(key), "removed"),
        Record::RemovedAll { count } => info!(%peer, count, "removed all keys"),
        Record::Locked => info!(%peer, "locked"),
        Record::Unlocked => info!(%peer, "unlocked"),
        Record::UnlockFailed { failures } => warn!(%peer, failures, "wrong unlock passphrase"),
        Record::Bound { host_key, forwarding } => {
            debug!(%peer, host_key = %host_key.fingerprint(hash), forwarding, "session bound");
        }
        Record::BindRefused(why) => warn!(%peer, %why, "session binding refused"),
        Record::Refused(why) => debug!(%peer, %why, "refused"),
        other => debug!(%peer, record = ?other, "done"),
    }
}

/// Writes what happened without a client.
pub(crate) fn note_own(record: &Record, hash: HashKind) {
    match record {
        Record::Expired(key) => info!(key = %Named { key, hash }, "expired"),
        Record::RemovedAll { count } => info!(count, "removed all keys on SIGUSR1"),
        other => debug!(record = ?other, "done"),
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
        write!(f, "{} {comment}", self.key.public.fingerprint(self.hash))
    }
}

/// What a signature is for, read from the signed data.
struct For<'a>(&'a [u8]);

impl fmt::Display for For<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Purpose::classify(self.0) {
            Purpose::Userauth(login) => {
                write!(f, "login as {}", shown(login.user))
            }
            Purpose::Sshsig(sshsig) => {
                write!(f, "signature for {}", shown(sshsig.namespace))
            }
            _ => f.write_str("unknown"),
        }
    }
}
