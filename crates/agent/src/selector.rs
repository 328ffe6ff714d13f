//! Which keys a rule or a profile means: by fingerprint, or by a pattern of their comments.

use keyfob_keys::{HashKind, PublicKey};
use keyfob_protocol::pattern;

use crate::print::Print;

/// One entry of a list of keys in the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySelector(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Sha256(String),
    Md5(String),
    Comment(String),
}

impl KeySelector {
    /// `SHA256:…`, `MD5:…`, or a pattern for a comment with `*` and `?`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.to_owned();
        Self(if text.starts_with("SHA256:") {
            Form::Sha256(text)
        } else if text.starts_with("MD5:") {
            Form::Md5(text)
        } else {
            Form::Comment(text)
        })
    }

    /// Is it this key?
    pub(crate) fn selects(&self, print: Print, public: &PublicKey, comment: &[u8]) -> bool {
        match &self.0 {
            Form::Sha256(text) => *text == print.to_string(),
            Form::Md5(text) => *text == public.fingerprint(HashKind::Md5).to_string(),
            // A comment may be longer than a pattern is ever compared with; its beginning has to do.
            Form::Comment(text) => {
                let end = comment.len().min(keyfob_protocol::limits::MAX_USER_NAME);
                pattern::matches(text.as_bytes(), &comment[..end])
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_keys::PrivateKey;

    use super::*;

    #[test]
    fn a_key_is_meant_by_its_fingerprint_or_its_comment() {
        let public = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        let print = Print::of(&public);
        let selects = |text: &str| KeySelector::new(text).selects(print, &public, b"me@work");
        assert!(selects(&print.to_string()));
        assert!(selects(&public.fingerprint(HashKind::Md5).to_string()));
        assert!(selects("*@work") && selects("me@work") && selects("me@wor?"));
        assert!(!selects("work") && !selects("*@home"));
        assert!(!selects("SHA256:*"), "a fingerprint is no pattern");
    }
}
