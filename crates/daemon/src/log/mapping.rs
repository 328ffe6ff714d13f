//! From what happened to a line of the log: names, reasons and a digest; never a secret, never what
//! was signed.

use keyfob_sys::os_text::OsStrExt as _;

use keyfob_agent::{
    Aim, Destination, KeyName, Locked, PendingSign, ProvedHost, Question, Record, Refusal,
    SignRefusal,
};
use keyfob_keys::signer::SignatureScheme;
use keyfob_keys::{HashKind, PublicKey};
use keyfob_log::limits::{MAX_HOSTS, MAX_NAMES, MAX_TEXT};
use keyfob_log::{Entry, Event, Host, Key, Process, Purpose};
use sha2::{Digest as _, Sha256};

use crate::peer::Peer;
use crate::purpose::names_repository;
use crate::requester::Requester;

/// The line for what came of a request, or happened without one; `None` for what tells nothing:
/// listings, bindings, and keys somebody has seen elsewhere.
pub(super) fn entry(record: &Record, peer: Option<&Peer>) -> Option<Entry> {
    let entry = what(record)?;
    let requester = peer.map(Peer::noted_requester);
    let destination = match record {
        Record::Signed { destination, .. } | Record::SignRefused { destination, .. } => {
            Some(&**destination)
        }
        Record::ListDenied { way, .. } => Some(&**way),
        _ => None,
    };
    let mut entry = concerning(entry, destination, requester.as_deref());
    if matches!(record, Record::ListDenied { .. }) {
        // To list keys is for nothing in particular.
        entry.purpose = None;
    }
    Some(entry)
}

/// The line for a question that is put to a person.
pub(super) fn question(question: &Question, peer: &Peer) -> Entry {
    let entry = Entry { key: Some(key(&question.key)), ..Entry::new(Event::Asked) };
    concerning(entry, Some(&question.destination), Some(&peer.requester()))
}

/// The line for the passphrase of the key store, which a request needs.
pub(super) fn passphrase(pending: &PendingSign, peer: &Peer) -> Entry {
    let reason = Some("passphrase of the key store".to_owned());
    let entry = Entry { key: Some(key(pending.key())), reason, ..Entry::new(Event::Asked) };
    concerning(entry, Some(pending.destination()), Some(&peer.requester()))
}

fn what(record: &Record) -> Option<Entry> {
    let new = Entry::new;
    let about = |event, name: &KeyName| Entry { key: Some(key(name)), ..new(event) };
    let count = |event, count: usize| Entry { count: u64::try_from(count).ok(), ..new(event) };
    let refused = |reason: String| Entry { reason: Some(reason), ..new(Event::Refused) };
    Some(match record {
        Record::Signed { key, scheme, data, .. } => Entry {
            outcome: manner(*scheme),
            digest: Some(Sha256::digest(data).into()),
            ..about(Event::Signed, key)
        },
        Record::SignRefused { key: Some(name), why, .. } => {
            Entry { key: Some(key(name)), ..refused(why.to_string()) }
        }
        Record::SignRefused { key: None, why: SignRefusal::Locked, .. } => {
            refused(SignRefusal::Locked.to_string())
        }
        Record::Added { key, replaced: false } => about(Event::Added, key),
        Record::Added { key, replaced: true } => about(Event::Replaced, key),
        Record::Removed(key) => about(Event::Removed, key),
        Record::Expired(key) => about(Event::Expired, key),
        Record::Unused(key) => {
            Entry { reason: Some("unused for so long".to_owned()), ..about(Event::Expired, key) }
        }
        Record::RemovedAll { count: all } => count(Event::Removed, *all),
        Record::Locked => with_reason(new(Event::Locked), "agent"),
        Record::Unlocked => with_reason(new(Event::Unlocked), "agent"),
        Record::StoreLocked => with_reason(new(Event::Locked), "key store"),
        Record::StoreUnlocked => with_reason(new(Event::Unlocked), "key store"),
        Record::LockedByItself { cause, locked } => locked_by_itself(&cause.to_string(), *locked),
        Record::UnlockFailed { failures } => {
            Entry { count: Some((*failures).into()), ..new(Event::UnlockFailed) }
        }
        Record::Claimed { refused: None } => new(Event::Claimed),
        Record::Claimed { refused: Some(why) } => refused(format!("right to answer: {why}")),
        Record::HostsForgotten { count: all } => count(Event::Forgotten, *all),
        Record::Refused(Refusal::Malformed(_) | Refusal::UnknownExtension) => return None,
        Record::Refused(why) => refused(why.to_string()),
        Record::ListDenied { why, .. } => refused(format!("list of keys: {why}")),
        Record::BindRefused(why) => refused(format!("session binding: {why}")),
        _ => return None,
    })
}

fn with_reason(entry: Entry, reason: &str) -> Entry {
    Entry { outcome: Some(reason.to_owned()), ..entry }
}

fn locked_by_itself(cause: &str, locked: Locked) -> Entry {
    let (outcome, count) = match locked {
        Locked::All => ("all", None),
        Locked::AllButSession(count) => ("all but keys of the session", Some(count)),
        Locked::Removed(count) => ("key store, keys of the session removed", Some(count)),
        _ => ("unknown", None),
    };
    Entry {
        outcome: Some(outcome.to_owned()),
        reason: Some(cause.to_owned()),
        count: count.and_then(|count| u64::try_from(count).ok()),
        ..Entry::new(Event::Locked)
    }
}

/// Adds where it was good, which way it came and who asked.
fn concerning(
    mut entry: Entry,
    destination: Option<&Destination>,
    requester: Option<&Requester>,
) -> Entry {
    if let Some(destination) = destination {
        entry.purpose = Some(purpose(destination, requester));
        entry.via = destination.via.iter().take(MAX_HOSTS).map(host).collect();
        entry.remote = destination.remote;
    }
    if let Some(requester) = requester {
        entry.requester = requester.chain.iter().map(process).collect();
    }
    entry
}

fn purpose(destination: &Destination, requester: Option<&Requester>) -> Purpose {
    match &destination.aim {
        Aim::Login(login) => {
            Purpose::Login { user: cut(&login.user), host: login.host.as_ref().map(host) }
        }
        Aim::Signature { namespace } => Purpose::Signature {
            namespace: cut(namespace),
            repository: requester
                .filter(|_| names_repository(destination))
                .and_then(Requester::repository)
                .map(|path| cut(path.as_os_str().as_bytes())),
        },
        _ => Purpose::Unknown,
    }
}

fn host(host: &ProvedHost) -> Host {
    let names = host.names.iter().take(MAX_NAMES).cloned().collect();
    Host { names, host_key: fingerprint(&host.key.plain()) }
}

fn key(name: &KeyName) -> Key {
    Key {
        name: cut(&name.comment),
        kind: name.public.short_name(),
        fingerprint: fingerprint(&name.public),
    }
}

/// What is said of a signature's kind: only where it is not the key's own.
fn manner(scheme: SignatureScheme) -> Option<String> {
    let name = match scheme {
        SignatureScheme::RsaSha1 => "ssh-rsa",
        SignatureScheme::RsaSha256 => "rsa-sha2-256",
        SignatureScheme::RsaSha512 => "rsa-sha2-512",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Always the same hash, whatever questions show: a log is searched years later.
fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashKind::Sha256).to_string()
}

fn process(process: &crate::requester::Process) -> Process {
    Process {
        pid: process.pid,
        start: process.start_time,
        program: process.program.as_deref().map(|path| cut(path.as_os_str().as_bytes())),
    }
}

/// No more of a text than a line takes, and one byte by which is seen that there was more: the queue
/// must not hold what a client can make large.
fn cut(text: &[u8]) -> Vec<u8> {
    text.get(..=MAX_TEXT).unwrap_or(text).to_vec()
}

#[cfg(test)]
mod tests {
    use keyfob_agent::{Destination, Session};
    use keyfob_keys::PrivateKey;
    use keyfob_log::{Begin, Journal, Limits, books};

    use super::*;

    fn name() -> KeyName {
        let public = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        KeyName { public, comment: b"me@host\x1b[2J".as_slice().into() }
    }

    fn signed(data: &[u8]) -> Record {
        let key = name();
        let destination = Destination::of(&Session::new(), data, key.public.blob()).into();
        let scheme = SignatureScheme::Default;
        Record::Signed { key, scheme, data: data.to_vec(), destination }
    }

    /// The bytes of its line on disk.
    fn line(entry: &Entry) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let mut journal =
            Journal::open(folder.path(), Limits::default(), 1, &Begin::plain().unwrap()).unwrap();
        journal.append(entry, 2).unwrap();
        let book = &books(folder.path()).unwrap()[0];
        let text = std::fs::read(book.file(1)).unwrap();
        text.split(|byte| *byte == b'\n').nth(1).unwrap().to_vec()
    }

    /// Data of every length around what fits in a line, of bytes that stand for nothing else there.
    #[test]
    fn what_was_signed_is_never_in_a_line_but_its_digest_is() {
        for length in (0..200).step_by(13).chain([511, 512, 513, 250_000]) {
            for byte in [b'Z', 0x1b, 0xff] {
                let data = vec![byte; length];
                let line = line(&entry(&signed(&data), None).unwrap());
                let text = String::from_utf8(line).unwrap();
                let digest: String =
                    Sha256::digest(&data).iter().map(|byte| format!("{byte:02x}")).collect();
                assert!(text.contains(&digest), "{text}");
                for shown in
                    ["ZZZ", "5a5a5a", "\\u001b\\u001b", "1b1b1b", "ffffff", "\\ufffd\\ufffd"]
                {
                    assert!(!text.replace(&digest, "").contains(shown), "{text}");
                }
            }
        }
    }

    /// Lost otherwise: a client that cannot be trusted makes the queue hold megabytes.
    #[test]
    fn a_text_from_outside_is_cut_before_it_is_queued() {
        let mut data = b"SSHSIG".to_vec();
        use keyfob_keys::wire::Put as _;
        for field in [[b'n'; 100_000].as_slice(), b"", b"sha512", &[7; 64]] {
            data.put_string(field);
        }
        let entry = entry(&signed(&data), None).unwrap();
        let Some(Purpose::Signature { namespace, .. }) = &entry.purpose else {
            panic!("{entry:?}")
        };
        assert_eq!(namespace.len(), MAX_TEXT + 1);
    }

    #[test]
    fn nothing_a_terminal_would_obey_reaches_the_file() {
        assert!(
            line(&entry(&signed(b"data"), None).unwrap())
                .iter()
                .all(|byte| (32..127).contains(byte))
        );
    }
}
