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

        expect((1..=MAX_SESSION_ID).contains(&session_id.len()), "session id")?;
        expect(number == number::USERAUTH_REQUEST, "message number")?;
        expect(user.len() <= MAX_USER_NAME, "user")?;
        expect(service == SERVICE, "service")?;
        expect(method == PLAIN || method == HOST_BOUND, "method")?;
        // Exactly 1, where a reader of booleans would take any byte but 0: the server puts the
        // 1 there itself when it verifies, so with any other byte this is not a login.
        expect(signed == 1, "signature flag")?;
        expect(fits(algorithm, key), "algorithm")?;
        Ok(Self { session_id, user, algorithm, key: KeyBlob(key), host_key: host_key.map(KeyBlob) })
    }
}

fn expect(condition: bool, what: &'static str) -> Result<()> {
    if condition {
        return Ok(());
    }
    Err(Error::Invalid { what, why: "not that of a public key login" })
}

/// Whether signatures of this algorithm come from keys of this blob's type: the same name,
/// but for RSA, where the name of the signature also tells the hash (RFC 8332).
fn fits(algorithm: &[u8], key: &[u8]) -> bool {
    let of_rsa: [(&[u8], [&[u8]; 2]); 2] = [
        (b"ssh-rsa", [b"rsa-sha2-256", b"rsa-sha2-512"]),
        (
            b"ssh-rsa-cert-v01@openssh.com",
            [b"rsa-sha2-256-cert-v01@openssh.com", b"rsa-sha2-512-cert-v01@openssh.com"],
        ),
    ];
    let Ok(key_type) = Reader::new(key).string() else {
        return false;
    };
    let with_hash =
        |(name, hashed): &(&[u8], [&[u8]; 2])| *name == key_type && hashed.contains(&algorithm);
    key_type == algorithm || of_rsa.iter().any(with_hash)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use keyfob_keys::wire::Put as _;

    use super::*;

    /// The fields of a login, to be spoilt one by one.
    struct Login<'a> {
        session_id: &'a [u8],
        number: u8,
        user: &'a [u8],
        service: &'a [u8],
        method: &'a [u8],
        signed: u8,
        algorithm: &'a [u8],
        key_type: &'a [u8],
        host_key: Option<&'a [u8]>,
    }

    const GOOD: Login<'_> = Login {
        session_id: &[5; 32],
        number: 50,
        user: b"root",
        service: b"ssh-connection",
        method: b"publickey",
        signed: 1,
        algorithm: b"ssh-ed25519",
        key_type: b"ssh-ed25519",
        host_key: None,
    };

    const HOST_BOUND_LOGIN: Login<'_> =
        Login { method: HOST_BOUND, host_key: Some(b"the host's blob"), ..GOOD };

    impl Login<'_> {
        fn key(&self) -> Vec<u8> {
            let mut key = Vec::new();
            key.put_string(self.key_type);
            key.extend_from_slice(b"the rest of the blob");
            key
        }

        fn encode(&self) -> Vec<u8> {
            let mut out = Vec::new();
            out.put_string(self.session_id);
            out.put_u8(self.number);
            out.put_string(self.user);
            out.put_string(self.service);
            out.put_string(self.method);
            out.put_u8(self.signed);
            out.put_string(self.algorithm);
            out.put_string(&self.key());
            if let Some(host_key) = self.host_key {
                out.put_string(host_key);
            }
            out
        }
    }

    #[test]
    fn a_login_is_read() {
        let data = GOOD.encode();
        let read = Userauth::parse(&data).unwrap();
        assert_eq!(read.session_id, [5; 32]);
        assert_eq!(read.user, b"root");
        assert_eq!(read.algorithm, b"ssh-ed25519");
        assert_eq!(read.key, KeyBlob(&GOOD.key()));
        assert_eq!(read.host_key, None);
    }

    #[test]
    fn a_host_bound_login_names_the_host() {
        let data = HOST_BOUND_LOGIN.encode();
        let read = Userauth::parse(&data).unwrap();
        assert_eq!(read.host_key, Some(KeyBlob(b"the host's blob")));
    }

    /// Lost otherwise: a constrained key signs something that only resembles a login.
    #[test]
    fn whatever_differs_in_one_field_is_no_login() {
        let long_user = vec![b'u'; MAX_USER_NAME + 1];
        let spoilt = [
            ("no session id", Login { session_id: b"", ..GOOD }),
            ("long session id", Login { session_id: &[5; MAX_SESSION_ID + 1], ..GOOD }),
            ("another message", Login { number: 51, ..GOOD }),
            ("a NUL in the user", Login { user: b"ro\0ot", ..GOOD }),
            ("a long user", Login { user: &long_user, ..GOOD }),
            ("another service", Login { service: b"ssh-userauth", ..GOOD }),
            ("another method", Login { method: b"hostbased", ..GOOD }),
            ("a question only", Login { signed: 0, ..GOOD }),
            ("a strange boolean", Login { signed: 2, ..GOOD }),
            ("another algorithm", Login { algorithm: b"ssh-rsa", ..GOOD }),
            (
                "a certificate's algorithm",
                Login { algorithm: b"ssh-ed25519-cert-v01@openssh.com", ..GOOD },
            ),
            ("a host key too many", Login { host_key: Some(b"host"), ..GOOD }),
            ("a host key too few", Login { host_key: None, ..HOST_BOUND_LOGIN }),
        ];
        for (what, login) in spoilt {
            assert!(Userauth::parse(&login.encode()).is_err(), "{what}");
        }
    }

    #[test]
    fn every_cut_and_every_byte_more_is_refused() {
        for login in [GOOD, HOST_BOUND_LOGIN] {
            let data = login.encode();
            for end in 0..data.len() {
                assert!(Userauth::parse(&data[..end]).is_err(), "cut at {end}");
            }
            assert!(Userauth::parse(&[&data[..], b"\0"].concat()).is_err());
        }
    }

    /// Lost otherwise: RSA keys cannot log in, since their algorithm has another name.
    #[test]
    fn the_algorithm_of_an_rsa_key_may_name_the_hash() {
        let (plain, certificate) = (&b"ssh-rsa"[..], &b"ssh-rsa-cert-v01@openssh.com"[..]);
        let table: [(&[u8], &[u8], bool); 8] = [
            (b"ssh-rsa", plain, true),
            (b"rsa-sha2-256", plain, true),
            (b"rsa-sha2-512", plain, true),
            (b"rsa-sha2-512-cert-v01@openssh.com", plain, false),
            (b"ssh-rsa-cert-v01@openssh.com", certificate, true),
            (b"rsa-sha2-256-cert-v01@openssh.com", certificate, true),
            (b"rsa-sha2-512-cert-v01@openssh.com", certificate, true),
            (b"rsa-sha2-512", certificate, false),
        ];
        for (algorithm, key_type, good) in table {
            let data = Login { algorithm, key_type, ..GOOD }.encode();
            assert_eq!(Userauth::parse(&data).is_ok(), good, "{}", algorithm.escape_ascii());
        }
    }
}
