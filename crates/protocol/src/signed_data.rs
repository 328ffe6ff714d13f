//! What the bytes of a sign request are for, as far as they say so themselves.
//!
//! It tells a login and a file signature (PROTOCOL.sshsig) from everything else, for the log,
//! for the question to a person and for policy. It is no permission: anybody can write bytes
//! that look like a login.

use keyfob_keys::wire::Reader;

use crate::Result;
use crate::error::Error;
use crate::text::text;
use crate::userauth::Userauth;

const SSHSIG: &[u8] = b"SSHSIG";

/// What a signature is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// To log in somewhere.
    Userauth(Userauth<'a>),
    /// A signed file, message or commit.
    Sshsig(Sshsig<'a>),
    /// Not recognised: a certificate being signed, another protocol, or a trick.
    Other,
}

/// The part of a file signature that is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sshsig<'a> {
    /// What the signature is good for: `git`, `file`, `email`, …
    pub namespace: &'a [u8],
    /// The hash of the file: `sha256` or `sha512`.
    pub hash: &'a [u8],
}

impl<'a> Purpose<'a> {
    /// Looks at the data of a sign request.
    #[must_use]
    pub fn classify(data: &'a [u8]) -> Self {
        if let Ok(sshsig) = Sshsig::parse(data) {
            return Self::Sshsig(sshsig);
        }
        Userauth::parse(data).map_or(Self::Other, Self::Userauth)
    }
}

impl<'a> Sshsig<'a> {
    /// Reads the whole of `data`.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(data: &'a [u8]) -> Result<Self> {
        let rest = data
            .strip_prefix(SSHSIG)
            .ok_or(Error::Invalid { what: "magic bytes", why: "not those of a file signature" })?;
        let mut reader = Reader::new(rest);
        let namespace = text(&mut reader, "namespace")?;
        // For a later version to say more in; PROTOCOL.sshsig has it ignored, so do we.
        reader.string().map_err(Error::field("reserved"))?;
        let hash = text(&mut reader, "hash")?;
        reader.string().map_err(Error::field("hash of the message"))?;
        reader.finish().map_err(Error::field("end of the signed data"))?;
        // PROTOCOL.sshsig forbids an empty one, so that a signature is never good for all.
        if namespace.is_empty() {
            return Err(Error::Invalid { what: "namespace", why: "it is empty" });
        }
        Ok(Self { namespace, hash })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use keyfob_keys::wire::Put as _;
    use proptest::prelude::*;

    use super::*;

    fn sshsig(namespace: &[u8], reserved: &[u8]) -> Vec<u8> {
        let mut data = SSHSIG.to_vec();
        data.put_string(namespace);
        data.put_string(reserved);
        data.put_string(b"sha512");
        data.put_string(&[9; 64]);
        data
    }

    #[test]
    fn a_file_signature_says_what_it_is_good_for() {
        let data = sshsig(b"git", b"");
        let expected = Sshsig { namespace: b"git", hash: b"sha512" };
        assert_eq!(Purpose::classify(&data), Purpose::Sshsig(expected));
        let data = sshsig(b"git", b"a later version");
        assert_eq!(Purpose::classify(&data), Purpose::Sshsig(expected));
    }

    #[test]
    fn what_is_not_one_to_its_last_byte_is_not_called_one() {
        let data = sshsig(b"git", b"");
        for end in 0..data.len() {
            assert_eq!(Purpose::classify(&data[..end]), Purpose::Other, "cut at {end}");
        }
        let longer = [&data[..], b"\0"].concat();
        assert_eq!(Purpose::classify(&longer), Purpose::Other);
        assert_eq!(Purpose::classify(&sshsig(b"", b"")), Purpose::Other);
        assert_eq!(Purpose::classify(&sshsig(b"g\0t", b"")), Purpose::Other);
    }

    proptest! {
        #[test]
        fn any_bytes_are_something(data in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(Purpose::classify(&data), Purpose::Other);
        }
    }
}
