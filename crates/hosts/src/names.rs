//! Whether the names of a known hosts line mean a host: patterns with `*` and
//! `?`, `!` for exceptions, and hashed names (`HashKnownHosts`).
//!
//! Hosts arrive in lower case, in the form the file uses (`[host]:port` for a
//! port other than 22). No name is resolved.

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Whether this field means the host.
pub(crate) fn matches(names: &[u8], host: &[u8]) -> bool {
    if names.starts_with(b"|") {
        return hashed(names, host);
    }
    let mut any = false;
    for name in names.split(|byte| *byte == b',') {
        match name.split_first() {
            // An exception wins over every other name of the line.
            Some((b'!', pattern)) if pattern_matches(&pattern.to_ascii_lowercase(), host) => {
                return false;
            }
            Some((b'!', _)) => {}
            _ => any |= pattern_matches(&name.to_ascii_lowercase(), host),
        }
    }
    any
}

fn hashed(field: &[u8], host: &[u8]) -> bool {
    Hashed::parse(field).is_some_and(|hashed| hashed.is_of(host))
}

/// `|1|salt|hash`, both in base64: HMAC-SHA1 of the name under the salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hashed {
    salt: [u8; 20],
    hash: [u8; 20],
}

impl Hashed {
    /// Reads the field.
    pub(crate) fn parse(field: &[u8]) -> Option<Self> {
        let mut parts = field.strip_prefix(b"|1|")?.split(|byte| *byte == b'|');
        let (salt, hash) = (digest(parts.next()?)?, digest(parts.next()?)?);
        parts.next().is_none().then_some(Self { salt, hash })
    }

    /// Whether it hides this name, given in lower case.
    pub(crate) fn is_of(&self, host: &[u8]) -> bool {
        // HMAC takes keys of every length.
        Hmac::<Sha1>::new_from_slice(&self.salt)
            .is_ok_and(|mac| mac.chain_update(host).verify_slice(&self.hash).is_ok())
    }
}

/// Twenty bytes from base64: salt and hash have the length of a SHA-1 digest.
fn digest(base64: &[u8]) -> Option<[u8; 20]> {
    let text = std::str::from_utf8(base64).ok()?;
    let mut buffer = [0; 20];
    let length = Base64::decode(text, &mut buffer).ok()?.len();
    (length == buffer.len()).then_some(buffer)
}

/// `*` is any text, `?` any one character. Linear in the product of the
/// lengths: a hostile pattern cannot stall the client.
fn pattern_matches(pattern: &[u8], host: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    // Where to go back to: behind the last star, and how much it had taken.
    let mut star: Option<(usize, usize)> = None;
    while seen < host.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, seen));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == host[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((behind, taken)) => {
                    star = Some((behind, taken + 1));
                    at = behind;
                    seen = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at.min(pattern.len())..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_exceptions_are_those_of_ssh() {
        for (names, host, expected) in [
            ("host", "host", true),
            ("HOST", "host", true),
            ("a,host", "host", true),
            ("*.example,!bad.example", "good.example", true),
            ("*.example,!bad.example", "bad.example", false),
            ("!bad.example,*.example", "bad.example", false),
            ("!other", "host", false),
            ("h?st", "host", true),
            ("h?st", "hst", false),
            ("*", "anything", true),
            ("10.0.*.1", "10.0.77.1", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("[host]:2222", "[host]:2222", true),
            ("[host]:2222", "host", false),
            ("", "host", false),
        ] {
            assert_eq!(matches(names.as_bytes(), host.as_bytes()), expected, "{names} {host}");
        }
    }

    // Made with `ssh-keygen -H` from a line for "host.example".
    const HASHED: &[u8] = b"|1|DO0ahkIHPkd+m9LmTBzysCF0ysY=|OI/eMiAE9Jai+Bq5Ec8BBsvI1tM=";

    #[test]
    fn a_hashed_name_is_found_by_the_host_and_by_no_other() {
        assert!(matches(HASHED, b"host.example"));
        assert!(!matches(HASHED, b"host.exampl"));
    }

    #[test]
    fn broken_hashes_match_nothing() {
        for field in ["|", "|1", "|1||", "|2|aaaa|bbbb", "|1|AAAA|AAAA", "|1|%|%"] {
            assert!(!matches(field.as_bytes(), b"host"), "{field}");
        }
    }

    #[test]
    fn many_stars_cost_no_more_than_the_product_of_the_lengths() {
        let pattern = "*a".repeat(300) + "b";
        assert!(!matches(pattern.as_bytes(), &vec![b'a'; 5_000]));
    }
}
