//! PuTTY's extensions: key files left with the agent, encrypted, until they are first used.
//!
//! Pageant's window, `pageant --encrypted` and `pageant -l` speak them (PuTTY, `agentf.h` and
//! `pageant.c`; the manual's appendix on its agent protocol). Their answers are of the general kind:
//! a plain success with something behind it.
//!
//! | Request | Content | Answer |
//! |---|---|---|
//! | [`ADD_PPK`] | string: a whole PPK file | success |
//! | [`REENCRYPT`] | string: a public key's blob | success |
//! | [`REENCRYPT_ALL`] | nothing | success, u32: keys that are still here in clear |
//! | [`LIST_EXTENDED`] | nothing | success, u32 count, each: string blob, string comment, string: u32 flags |

use keyfob_keys::wire::{Put as _, Reader, string_len};

use crate::error::Error;
use crate::limits::{MAX_FRAME, MAX_IDENTITIES};
use crate::{Result, number};

/// Takes a PPK file: at once if it is not encrypted, else at its first use.
pub const ADD_PPK: &str = "add-ppk@putty.projects.tartarus.org";
/// Forgets one private key until it is decrypted again.
pub const REENCRYPT: &str = "reencrypt@putty.projects.tartarus.org";
/// Forgets all private keys of which there is an encrypted form.
pub const REENCRYPT_ALL: &str = "reencrypt-all@putty.projects.tartarus.org";
/// Lists the keys, and which of them there is an encrypted form of.
pub const LIST_EXTENDED: &str = "list-extended@putty.projects.tartarus.org";

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PuttyRequest<'a> {
    /// The file. Its key is in it in clear unless it is encrypted.
    AddPpk(&'a [u8]),
    /// The key.
    Reencrypt(&'a [u8]),
    /// All keys.
    ReencryptAll,
    /// The list.
    ListExtended,
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtendedKey<'a> {
    /// The blob of the public key or certificate.
    pub key_blob: &'a [u8],
    /// For people, unescaped.
    pub comment: &'a [u8],
    /// An encrypted form of it is here, so it can be forgotten and come back.
    pub has_encrypted: bool,
    /// Its private half has to be decrypted before it can sign.
    pub is_away: bool,
}

impl<'a> PuttyRequest<'a> {
    /// Reads what follows the name; `None` for a name that is none of these.
    pub(crate) fn decode(name: &[u8], reader: &mut Reader<'a>) -> Option<Result<Self>> {
        let named = |other: &str| name == other.as_bytes();
        let content = |reader: &mut Reader<'a>, what| {
            let bytes = reader.string().map_err(Error::field(what))?;
            finish(reader).map(|()| bytes)
        };
        if named(ADD_PPK) {
            return Some(content(reader, "key file").map(Self::AddPpk));
        }
        if named(REENCRYPT) {
            return Some(content(reader, "key").map(Self::Reencrypt));
        }
        if named(REENCRYPT_ALL) {
            return Some(finish(reader).map(|()| Self::ReencryptAll));
        }
        named(LIST_EXTENDED).then(|| finish(reader).map(|()| Self::ListExtended))
    }

    fn parts(&self) -> (&'static str, Option<&'a [u8]>) {
        match self {
            Self::AddPpk(file) => (ADD_PPK, Some(file)),
            Self::Reencrypt(key) => (REENCRYPT, Some(key)),
            Self::ReencryptAll => (REENCRYPT_ALL, None),
            Self::ListExtended => (LIST_EXTENDED, None),
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let (name, content) = self.parts();
        out.put_string(name.as_bytes());
        if let Some(content) = content {
            out.put_string(content);
        }
    }

    pub(crate) fn encoded_len(&self) -> usize {
        let (name, content) = self.parts();
        string_len(name.len()) + content.map_or(0, |content| string_len(content.len()))
    }
}

/// Says what it is, never what is in it.
impl std::fmt::Debug for PuttyRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.parts().0)
    }
}

fn finish(reader: &mut Reader<'_>) -> Result<()> {
    reader.finish().map_err(Error::field("end of the request"))
}

/// The answer to [`PuttyRequest::ListExtended`]: a whole frame. Keys beyond the size of one are left
/// out, as in the plain listing (P7).
#[must_use]
pub fn extended_list<'a>(keys: impl Iterator<Item = ExtendedKey<'a>>) -> Vec<u8> {
    let mut body = vec![number::SUCCESS];
    body.put_u32(0);
    let mut count = 0_u32;
    for key in keys.take(MAX_IDENTITIES) {
        let strings = string_len(key.key_blob.len()) + string_len(key.comment.len());
        if body.len() + strings + string_len(4) > MAX_FRAME {
            continue;
        }
        body.put_string(key.key_blob);
        body.put_string(key.comment);
        let flags = u32::from(key.has_encrypted) | u32::from(key.is_away) << 1;
        body.put_string(&flags.to_be_bytes());
        count += 1;
    }
    if let Some(field) = body.get_mut(1..5) {
        field.copy_from_slice(&count.to_be_bytes());
    }
    framed(&body)
}

/// The answer to [`PuttyRequest::ReencryptAll`]: a whole frame.
#[must_use]
pub fn still_in_clear(count: usize) -> Vec<u8> {
    let mut body = vec![number::SUCCESS];
    body.put_u32(u32::try_from(count).unwrap_or(u32::MAX));
    framed(&body)
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(string_len(body.len()));
    frame.put_string(body);
    frame
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Extension, Request};

    const EACH: [PuttyRequest<'_>; 4] = [
        PuttyRequest::AddPpk(b"PuTTY-User-Key-File-3: x"),
        PuttyRequest::Reencrypt(b"blob"),
        PuttyRequest::ReencryptAll,
        PuttyRequest::ListExtended,
    ];

    #[test]
    fn each_is_read_as_it_was_written_and_not_when_it_is_cut_or_longer() {
        for request in EACH {
            let frame = Request::Extension(Extension::Putty(request)).encode().unwrap();
            let body = &frame[4..];
            let Ok(Request::Extension(Extension::Putty(read))) = Request::decode(body) else {
                panic!("{request:?}");
            };
            assert!(read == request);
            assert!(Request::decode(&[body, b"\0"].concat()).is_err(), "{request:?} and more");
            let name = 1 + string_len(request.parts().0.len());
            for end in name..body.len() {
                assert!(Request::decode(&body[..end]).is_err(), "{request:?} cut at {end}");
            }
        }
    }

    /// As Pageant 0.78 answers them, byte for byte.
    #[test]
    fn answers_are_a_success_with_something_behind_it() {
        assert_eq!(still_in_clear(2), b"\0\0\0\x05\x06\0\0\0\x02");
        let key = |has_encrypted, is_away| ExtendedKey {
            key_blob: b"k",
            comment: b"c",
            has_encrypted,
            is_away,
        };
        let list =
            extended_list([key(true, true), key(true, false), key(false, false)].into_iter());
        let line = |flags: u8| [b"\0\0\0\x01k\0\0\0\x01c\0\0\0\x04\0\0\0", &[flags][..]].concat();
        let expected = [b"\0\0\0\x3b\x06\0\0\0\x03", &line(3)[..], &line(1), &line(0)].concat();
        assert_eq!(list, expected);
    }

    /// Lost otherwise: a client that reads no longer frame sees no key at all.
    #[test]
    fn a_list_is_no_longer_than_a_frame() {
        let (long, short) = (vec![1; MAX_FRAME - 100], vec![2; 10]);
        let keys = [&long, &long, &short].map(|blob| ExtendedKey {
            key_blob: blob,
            comment: b"",
            has_encrypted: false,
            is_away: false,
        });
        let list = extended_list(keys.into_iter());
        assert!(list.len() <= 4 + MAX_FRAME);
        assert_eq!(list[5..9], [0, 0, 0, 2], "the short one fits behind the long one");
    }
}
