//! Patterns for user and host names, as OpenSSH writes them: `*` is any run of bytes, `?` any
//! one byte, everything else itself. No lists, no negation, no escapes.
//!
//! Patterns and names both come from outside. The obvious recursive matcher takes exponential
//! time on `*a*a*a*a*b`; this one only ever goes back to the last star, so it takes at most as
//! many steps as pattern and text have bytes, multiplied, and both are limited.

use crate::limits::{MAX_USER_NAME, MAX_USER_PATTERN};

/// Whether `text` matches `pattern` from end to end. Bytes are compared, case matters.
///
/// A pattern longer than [`MAX_USER_PATTERN`] or a text longer than [`MAX_USER_NAME`] does not
/// match: a permission that is not understood is none.
#[must_use]
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    if pattern.len() > MAX_USER_PATTERN || text.len() > MAX_USER_NAME {
        return false;
    }
    let (mut p, mut t) = (0, 0);
    // Behind the last star, and where its run of text ends at present.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                star = Some((p, t));
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                // The last star takes one byte more. An earlier star need not be tried again:
                // whatever it could take, the last one can take as well.
                let Some((behind, run)) = star else {
                    return false;
                };
                star = Some((behind, run + 1));
                (p, t) = (behind, run + 1);
            }
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}
