//! The data a client has signed to log in (RFC 4252 §7, and OpenSSH's host-bound variant).
//!
//! Recognises it to the last byte, as strictly as OpenSSH's agent does: a constrained key signs
//! nothing else. It does not compare anything with the connection; that is the agent's part.

use keyfob_keys::PublicKey;
use keyfob_keys::wire::Reader;

use crate::error::Error;
use crate::limits::{MAX_SESSION_ID, MAX_USER_NAME};
use crate::text::text;
use crate::{Result, number};

const PLAIN: &[u8] = b"publickey";
const HOST_BOUND: &[u8] = b"publickey-hostbound-v00@openssh.com";
const SERVICE: &[u8] = b"ssh-connection";

/// A public key login. Borrows from the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Userauth<'a> {
    /// The session identifier, 1 to [`MAX_SESSION_ID`] bytes.
    pub session_id: &'a [u8],
    /// The name to log in with, at most [`MAX_USER_NAME`] bytes, without a NUL.
    pub user: &'a [u8],
    /// The signature algorithm, which fits the type of the key.
    pub algorithm: &'a [u8],
    /// The key that is to log in: to be compared with the key that is to sign.
    pub key: KeyBlob<'a>,
    /// The host's key, when the client names it (host-bound variant).
    pub host_key: Option<KeyBlob<'a>>,
}

/// The blob of a key that nobody has parsed: it is only ever compared with one that somebody
/// has, and this is done for every signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyBlob<'a>(pub &'a [u8]);

impl PartialEq<PublicKey> for KeyBlob<'_> {
    fn eq(&self, key: &PublicKey) -> bool {
        self.0 == key.blob()
    }
}

impl<'a> Userauth<'a> {
    /// Reads the whole of `data`.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(data: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(data);
        let session_id = reader.string().map_err(Error::field("session id"))?;
        let number = reader.u8().map_err(Error::field("message number"))?;
        let user = text(&mut reader, "user")?;
        let service = text(&mut reader, "service")?;
        let method = text(&mut reader, "method")?;
        let signed = reader.u8().map_err(Error::field("signature flag"))?;
        let algorithm = text(&mut reader, "algorithm")?;
        let key = reader.string().map_err(Error::field("key"))?;
        let host_key = match method {
            HOST_BOUND => Some(reader.string().map_err(Error::field("host key"))?),
            _ => None,
        };
        reader.finish().map_err(Error::field("end of the login"))?;

        expect(
            (1..=MAX_SESSION_ID).contains(&session_id.len()),
            "session id",
        )?;
        expect(number == number::USERAUTH_REQUEST, "message number")?;
        expect(user.len() <= MAX_USER_NAME, "user")?;
        expect(service == SERVICE, "service")?;
        expect(method == PLAIN || method == HOST_BOUND, "method")?;
        // Exactly 1, where a reader of booleans would take any byte but 0: the server puts the
        // 1 there itself when it verifies, so with any other byte this is not a login.
        expect(signed == 1, "signature flag")?;
        expect(fits(algorithm, key), "algorithm")?;
        Ok(Self {
            session_id,
            user,
            algorithm,
            key: KeyBlob(key),
            host_key: host_key.map(KeyBlob),
        })
    }
}

fn expect(condition: bool, what: &'static str) -> Result<()> {
    if condition {
        return Ok(());
    }
    Err(Error::Invalid {
        what,
        why: "not that of a public key login",
    })
}

/// Whether signatures of this algorithm come from keys of this blob's type: the same name,
/// but for RSA, where the name of the signature also tells the hash (RFC 8332).
fn fits(algorithm: &[u8], key: &[u8]) -> bool {
    let of_rsa: [(&[u8], [&[u8]; 2]); 2] = [
        (b"ssh-rsa", [b"rsa-sha2-256", b"rsa-sha2-512"]),
        (
            b"ssh-rsa-cert-v01@openssh.com",
            [
                b"rsa-sha2-256-cert-v01@openssh.com",
                b"rsa-sha2-512-cert-v01@openssh.com",
            ],
        ),
    ];
    let Ok(key_type) = Reader::new(key).string() else {
        return false;
    };
    let with_hash =
        |(name, hashed): &(&[u8], [&[u8]; 2])| *name == key_type && hashed.contains(&algorithm);
    key_type == algorithm || of_rsa.iter().any(with_hash)
}
