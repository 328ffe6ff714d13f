//! Questions in words. All text from outside is escaped first: a comment must
//! not be able to draw a dialog of its own.

use keyfob_agent::{KeyName, Question};
use keyfob_keys::HashKind;
use keyfob_prompt::escape;

use crate::limits::MAX_SHOWN;
use crate::purpose::Purpose;
use crate::requester::Requester;

/// What a person is asked before a key signs. The first two lines are
/// OpenSSH's, because askpass programs and scripts know them.
pub(crate) fn question(question: &Question, requester: &Requester, hash: HashKind) -> String {
    let comment = shown(&question.key.comment);
    let public = &question.key.public;
    let fingerprint = public.fingerprint(hash);
    let purpose = Purpose { destination: &question.destination, requester, hash };
    format!(
        "Allow use of key {comment}?\nKey fingerprint {fingerprint}.\nKey type {}.\n{}",
        public.short_name(),
        purpose.sentences()
    )
}

/// What a notification says of a use: the key's name, who used it, what for. Nothing of what was
/// signed, and no fingerprint of the key, which nobody compares there.
pub(crate) fn used(key: &KeyName, purpose: Purpose<'_>) -> String {
    let (comment, requester) = (shown(&key.comment), purpose.requester);
    format!("keyfob: {comment} used by {requester}, to {purpose}")
}

/// What is seen of a use, or of one that was refused, in a line that may be cut: what matters most
/// first.
pub(crate) fn seen(key: &KeyName, what: &str, purpose: Purpose<'_>) -> String {
    let (comment, requester) = (shown(&key.comment), purpose.requester);
    format!("{comment} {what}: {purpose}, by {requester}")
}

/// What a person is asked before a terminal may answer questions.
pub(crate) fn claim(requester: &Requester) -> String {
    format!(
        "Allow this program to answer questions?\nWhoever sits there then allows what keys are used for.\nAsked by {requester}."
    )
}

/// What a person is asked who is to give the passphrase of the key store. Others may wait for the
/// same answer; what is told is what the first of them wants.
pub(crate) fn unlocking(key: &KeyName, purpose: Purpose<'_>) -> String {
    let comment = shown(&key.comment);
    let fingerprint = key.public.fingerprint(purpose.hash);
    format!(
        "The key store is locked. Its passphrase opens it for key {comment}.\nKey fingerprint {fingerprint}.\n{}\nTo allow this and open the key store, enter its passphrase: ",
        purpose.sentences()
    )
}

/// The same for the passphrase of a key file a client left with the agent.
pub(crate) fn opening(key: &KeyName, purpose: Purpose<'_>) -> String {
    let comment = shown(&key.comment);
    let fingerprint = key.public.fingerprint(purpose.hash);
    format!(
        "Key {comment} was added encrypted.\nKey fingerprint {fingerprint}.\n{}\nTo allow this and decrypt the key, enter its passphrase: ",
        purpose.sentences()
    )
}

/// Text from outside, in a question or in the log: made safe, and no longer than
/// a person reads. A namespace may have 256 KiB, and what follows it in a dialog
/// would be out of sight.
pub(crate) fn shown(text: &[u8]) -> String {
    shown_within(text, MAX_SHOWN)
}

/// The same, shorter.
pub(crate) fn shown_within(text: &[u8], limit: usize) -> String {
    escape::for_display_within(text, limit)
}

#[cfg(test)]
mod tests {
    use keyfob_agent::Destination;
    use keyfob_keys::PrivateKey;
    use keyfob_keys::wire::Put as _;

    use super::*;

    fn asked(comment: &[u8], namespace: &[u8]) -> String {
        let mut data = b"SSHSIG".to_vec();
        for field in [namespace, b"", b"sha512", &[7; 64]] {
            data.put_string(field);
        }
        let public = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        let key = KeyName { public, comment: comment.into() };
        let mut session = keyfob_agent::Session::new();
        session.bind_failed();
        let destination = Destination::of(&session, &data, key.public.blob()).into();
        let requester = Requester::read(None, None);
        question(&Question { key, destination, remembers: false }, &requester, HashKind::Sha256)
    }

    /// Lost otherwise: somebody opens the key store for a program they never heard of.
    #[test]
    fn who_gives_the_passphrase_is_told_who_wants_the_key_and_what_for() {
        let public = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        let session = keyfob_agent::Session::new();
        let destination = Destination::of(&session, b"something", public.blob());
        let requester = Requester::read(Some(std::process::id()), None);
        let hash = HashKind::Sha256;
        let purpose = Purpose { destination: &destination, requester: &requester, hash };
        let text = unlocking(&KeyName { public, comment: (*b"me@host").into() }, purpose);
        assert!(text.starts_with("The key store is locked."), "{text}");
        assert!(text.contains("for key me@host.\nKey fingerprint SHA256:"), "{text}");
        assert!(text.contains("\nPurpose unknown.\n"), "{text}");
        assert!(text.contains(&format!("\nAsked by {requester}.\n")), "{text}");
        assert!(text.ends_with(" enter its passphrase: "), "{text}");
    }

    /// Lost otherwise: a server behind a forwarded agent moves the line that warns of it out of
    /// the window, or makes the question too long for the program that asks it.
    #[test]
    fn text_from_outside_is_cut_so_that_every_line_is_seen() {
        let long = asked(&[b'c'; 4000], &[0x1b; 100_000]);
        let lines: Vec<_> = long.lines().collect();
        assert_eq!(lines.len(), 6);
        assert!(lines.iter().all(|line| line.chars().count() < 250), "{long}");
        assert_eq!(lines[4], "The request comes over a forwarded connection.");
        let usual = asked(b"me@host", b"git");
        assert!(usual.starts_with("Allow use of key me@host?\n"), "{usual}");
        assert!(usual.contains("\nTo sign for git.\n"), "{usual}");
    }
}
