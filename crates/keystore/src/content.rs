//! What is sealed: the facts of an item, and its secret.
//!
//! Two strings (RFC 4251 §5), facts and body, and zeros up to the end. The body of a key is
//! OpenSSH's own form with nothing encrypted, so that what a recovery brings out needs no keyfob.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use keyfob_keys::wire::{Put as _, Reader, string_len};
use keyfob_keys::{PrivateKey, Secret, openssh};
use keyfob_sys::os_text::{OsStrExt as _, OsStringExt as _};
use keyfob_sys::traces::{Stack, leaving_none};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::facts::Facts;
use crate::id::random;
use crate::item::Kind;
use crate::limits::MAX_FIELD;
use crate::{Error, Problem, Result};

/// The secret of an item.
pub enum Content {
    /// A private key.
    Key(PrivateKey),
    /// A file elsewhere.
    Reference {
        /// Where it is: an absolute path.
        path: PathBuf,
        /// What opens it, if anything has to.
        passphrase: Option<Secret>,
    },
    /// Bytes.
    Secret(Secret),
}

impl Content {
    /// What the item is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Key(_) => Kind::Key,
            Self::Reference { .. } => Kind::Reference,
            Self::Secret(_) => Kind::Secret,
        }
    }
}

/// What it is, and nothing of it.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.kind())
    }
}

/// The plain bytes, before they are padded.
pub(crate) fn encode(facts: &Facts, content: &Content) -> Result<Zeroizing<Vec<u8>>> {
    let encoded = facts.encode()?;
    let body = body(facts, content)?;
    let len = string_len(encoded.len()) + string_len(body.len());
    let mut plain = Zeroizing::new(Vec::with_capacity(len));
    plain.put_string(&encoded);
    plain.put_string(&body);
    Ok(plain)
}

fn body(facts: &Facts, content: &Content) -> Result<Zeroizing<Vec<u8>>> {
    match content {
        Content::Key(key) => {
            key.ensure_signs()?;
            let check = u32::from_be_bytes(random()?);
            Ok(openssh::plain_container(key, &facts.comment, check))
        }
        Content::Reference { path, passphrase } => {
            let path = path.as_os_str().as_bytes();
            let passphrase = passphrase.as_ref().map_or(&b""[..], |it| it.expose_secret());
            for (what, field) in [("the path", path), ("the passphrase", passphrase)] {
                if field.len() > MAX_FIELD {
                    return Err(Error::TooLong { what, limit: MAX_FIELD });
                }
            }
            let len = string_len(path.len()) + string_len(passphrase.len());
            let mut body = Zeroizing::new(Vec::with_capacity(len));
            body.put_string(path);
            body.put_string(passphrase);
            Ok(body)
        }
        Content::Secret(secret) if secret.expose_secret().len() > MAX_FIELD => {
            Err(Error::TooLong { what: "the secret", limit: MAX_FIELD })
        }
        Content::Secret(secret) => Ok(Zeroizing::new(secret.expose_secret().to_vec())),
    }
}

/// Reads the facts alone.
pub(crate) fn decode_facts(plain: &[u8]) -> Result<Facts, Problem> {
    Facts::decode(parts(plain)?.0)
}

/// Reads everything.
pub(crate) fn decode(plain: &[u8], kind: Kind) -> Result<(Facts, Content), Problem> {
    let (facts, body) = parts(plain)?;
    let facts = Facts::decode(facts)?;
    let content = leaving_none(Stack::Shallow, || read_body(body, kind))?;
    // A header that names one key and a seal that holds another would sign with the wrong one.
    match &content {
        Content::Key(key) if Some(key.public()) != facts.public.as_ref() => Err(Problem::Content),
        _ => Ok((facts, content)),
    }
}

fn parts(plain: &[u8]) -> Result<(&[u8], &[u8]), Problem> {
    let mut reader = Reader::new(plain);
    let mut string = || reader.string().map_err(|_| Problem::Content);
    let parts = (string()?, string()?);
    let padding = reader.rest();
    if padding.iter().all(|byte| *byte == 0) { Ok(parts) } else { Err(Problem::Content) }
}

fn read_body(body: &[u8], kind: Kind) -> Result<Content, Problem> {
    match kind {
        Kind::Key => {
            let part = openssh::read_plain_container(body).map_err(|_| Problem::Content)?;
            Ok(Content::Key(part.key))
        }
        Kind::Reference => {
            let mut reader = Reader::new(body);
            let mut string = || reader.string().map_err(|_| Problem::Content);
            let (path, passphrase) = (string()?, string()?);
            reader.finish().map_err(|_| Problem::Content)?;
            let is_long = path.len().max(passphrase.len()) > MAX_FIELD;
            if !is_absolute(path) || is_long {
                return Err(Problem::Content);
            }
            let bytes = path;
            let path = PathBuf::from(OsString::from_vec(bytes.to_vec()));
            // No name on this system: written again it would be another one.
            if path.as_os_str().as_bytes() != bytes {
                return Err(Problem::Content);
            }
            let passphrase = (!passphrase.is_empty()).then(|| Secret::from(passphrase.to_vec()));
            Ok(Content::Reference { path, passphrase })
        }
        Kind::Secret if body.len() > MAX_FIELD => Err(Problem::Content),
        Kind::Secret => Ok(Content::Secret(Secret::from(body.to_vec()))),
    }
}

/// Named from the root by this system or another: a store is copied from one to the other, and what
/// is linked is not there then, but no damage.
fn is_absolute(path: &[u8]) -> bool {
    match path {
        [b'/', ..] | [b'\\', b'\\', ..] => true,
        [drive, b':', b'/' | b'\\', ..] => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Lost otherwise: a store that was copied from another system is said to be damaged.
    #[test]
    fn a_link_made_on_another_system_is_no_damage() {
        let facts = facts(&PrivateKey::ed25519_from_seed(&[1; 32]));
        let read = |path: &str| {
            let reference = Content::Reference { path: path.into(), passphrase: None };
            decode(&encode(&facts, &reference).unwrap(), Kind::Reference).map(drop)
        };
        for path in ["/home/me/id", r"C:\Users\me\id", "C:/id", r"\\server\share\id"] {
            assert_eq!(read(path), Ok(()), "{path}");
        }
        for path in ["", "id", "./id", "C:id", r"\id", "1:/id"] {
            assert_eq!(read(path), Err(Problem::Content), "{path}");
        }
    }

    fn facts(key: &PrivateKey) -> Facts {
        Facts { comment: b"me".to_vec(), public: Some(key.public().clone()), ..Facts::default() }
    }

    #[test]
    fn each_kind_comes_back_as_it_was() {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let facts = facts(&key);
        let passphrase = Some(Secret::from(b"pass\xff".to_vec()));
        let reference = Content::Reference { path: "/a b/\u{fc}".into(), passphrase };
        let plain = encode(&facts, &reference).unwrap();
        let Content::Reference { path, passphrase } = decode(&plain, Kind::Reference).unwrap().1
        else {
            panic!("another kind")
        };
        assert_eq!(path, PathBuf::from("/a b/\u{fc}"));
        assert_eq!(passphrase.unwrap().expose_secret(), b"pass\xff");

        let plain = encode(&facts, &Content::Key(key)).unwrap();
        let (read, Content::Key(key)) = decode(&plain, Kind::Key).unwrap() else {
            panic!("another kind")
        };
        assert_eq!(read, facts);
        assert_eq!(Some(key.public()), facts.public.as_ref());
    }

    #[test]
    fn a_key_that_is_not_the_one_of_the_facts_is_refused() {
        let (one, other) =
            (PrivateKey::ed25519_from_seed(&[1; 32]), PrivateKey::ed25519_from_seed(&[2; 32]));
        let plain = encode(&facts(&other), &Content::Key(one)).unwrap();
        assert_eq!(decode(&plain, Kind::Key).unwrap_err(), Problem::Content);
    }

    #[test]
    fn padding_that_is_not_zero_is_refused() {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let mut plain = encode(&facts(&key), &Content::Key(key)).unwrap().to_vec();
        plain.extend([0; 9]);
        assert!(decode(&plain, Kind::Key).is_ok());
        plain.push(1);
        assert_eq!(decode(&plain, Kind::Key).unwrap_err(), Problem::Content);
    }

    #[test]
    fn a_link_that_depends_on_where_one_stands_is_refused() {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let relative = Content::Reference { path: "id".into(), passphrase: None };
        let plain = encode(&facts(&key), &relative).unwrap();
        assert_eq!(decode(&plain, Kind::Reference).unwrap_err(), Problem::Content);
    }
}
