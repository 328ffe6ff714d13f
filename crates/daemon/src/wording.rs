//! Questions in words. All text from outside is escaped first: a comment must
//! not be able to draw a dialog of its own.

use std::fmt::Write as _;

use keyfob_agent::{KeyName, Question};
use keyfob_keys::HashKind;
use keyfob_prompt::escape;
use keyfob_protocol::Purpose;

use crate::limits::MAX_SHOWN;

/// What a person is asked before a key signs. The first two lines are
/// OpenSSH's, because askpass programs and scripts know them.
pub(crate) fn question(question: &Question, hash: HashKind) -> String {
    let comment = shown(&question.key.comment);
    let fingerprint = question.key.public.fingerprint(hash);
    let mut text = format!("Allow use of key {comment}?\nKey fingerprint {fingerprint}.");
    // Writing to a String cannot fail.
    match Purpose::classify(&question.data) {
        Purpose::Userauth(login) => {
            let _ = write!(text, "\nTo log in as {}.", shown(login.user));
        }
        Purpose::Sshsig(sshsig) => {
            let _ = write!(text, "\nTo sign for {}.", shown(sshsig.namespace));
        }
        _ => text.push_str("\nPurpose unknown."),
    }
    if question.remote {
        text.push_str("\nThe request comes over a forwarded connection.");
    }
    text
}

/// What a person is asked who is to give the passphrase of the key store.
pub(crate) fn unlocking(key: &KeyName, remote: bool, hash: HashKind) -> String {
    let comment = shown(&key.comment);
    let fingerprint = key.public.fingerprint(hash);
    let mut text = format!("The key store is locked. To use key {comment},\n");
    // Writing to a String cannot fail.
    let _ = write!(text, "fingerprint {fingerprint}, ");
    if remote {
        text.push_str("for a request that comes over a forwarded connection, ");
    }
    text.push_str("enter its passphrase: ");
    text
}

/// Text from outside, in a question or in the log: made safe, and no longer than
/// a person reads. A namespace may have 256 KiB, and what follows it in a dialog
/// would be out of sight.
pub(crate) fn shown(text: &[u8]) -> String {
    escape::for_display_within(text, MAX_SHOWN)
}

#[cfg(test)]
mod tests {
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
        question(&Question { key, data, remote: true }, HashKind::Sha256)
    }

    /// Lost otherwise: a server behind a forwarded agent moves the line that warns of it out of
    /// the window, or makes the question too long for the program that asks it.
    #[test]
    fn text_from_outside_is_cut_so_that_every_line_is_seen() {
        let long = asked(&[b'c'; 4000], &[0x1b; 100_000]);
        let lines: Vec<_> = long.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.chars().count() < 250), "{long}");
        assert_eq!(lines[3], "The request comes over a forwarded connection.");
        let usual = asked(b"me@host", b"git");
        assert!(usual.starts_with("Allow use of key me@host?\n"), "{usual}");
        assert!(usual.contains("\nTo sign for git.\n"), "{usual}");
    }
}
