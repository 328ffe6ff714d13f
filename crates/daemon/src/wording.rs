//! Questions in words. All text from outside is escaped first: a comment must
//! not be able to draw a dialog of its own.

use std::fmt::Write as _;

use keyfob_agent::Question;
use keyfob_keys::HashKind;
use keyfob_prompt::escape;
use keyfob_protocol::Purpose;

/// What a person is asked before a key signs. The first two lines are
/// OpenSSH's, because askpass programs and scripts know them.
pub(crate) fn question(question: &Question, hash: HashKind) -> String {
    let comment = escape::for_display(&question.key.comment);
    let fingerprint = question.key.public.fingerprint(hash);
    let mut text = format!("Allow use of key {comment}?\nKey fingerprint {fingerprint}.");
    // Writing to a String cannot fail.
    match Purpose::classify(&question.data) {
        Purpose::Userauth(login) => {
            let _ = write!(text, "\nTo log in as {}.", escape::for_display(login.user));
        }
        Purpose::Sshsig(sshsig) => {
            let _ = write!(text, "\nTo sign for {}.", escape::for_display(sshsig.namespace));
        }
        _ => text.push_str("\nPurpose unknown."),
    }
    if question.remote {
        text.push_str("\nThe request comes over a forwarded connection.");
    }
    text
}
