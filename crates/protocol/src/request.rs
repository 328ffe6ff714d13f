//! Requests: what a client may ask for (RFC 9987 §5).
//!
//! Decodes exactly one body, to its last byte, and encodes what our own client sends. It does
//! not know whether a key is held, or whether the agent is locked.

use keyfob_keys::Secret;
use keyfob_keys::wire::{Put as _, Reader, string_len};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

pub use crate::add::AddIdentity;
use crate::extension::Extension;
use crate::outgoing::Outgoing;
pub use crate::refusal::{Refusal, RefusalReply};
use crate::{Error, Result, number};

/// One request. What may be large is borrowed from the frame; secrets are not.
pub enum Request<'a> {
    /// List the keys.
    Identities,
    /// Sign something.
    Sign(SignRequest<'a>),
    /// Take a private key. Boxed: the other requests are small.
    Add(Box<AddIdentity>),
    /// Forget the key with this blob.
    Remove(&'a [u8]),
    /// Forget all keys.
    RemoveAll,
    /// The same as protocol 1 has it.
    RemoveAllV1,
    /// Lock with this passphrase, which may be empty: refusing that is the agent's part.
    Lock(Secret),
    /// Unlock with this passphrase.
    Unlock(Secret),
    /// An extension.
    Extension(Extension<'a>),
    /// A message that is no request, or one not supported here: its number.
    Unsupported(u8),
}

/// What is to be signed, by which key and how.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SignRequest<'a> {
    /// The blob of the public key or certificate.
    pub key: &'a [u8],
    /// The bytes to sign; what they are says [`Purpose`](crate::Purpose).
    pub data: &'a [u8],
    /// As on the wire, unknown bits included: an unknown one must fail, but only after the key
    /// has been found to be there (agents.md P2).
    pub flags: u32,
}

impl<'a> Request<'a> {
    /// Reads one body, as [`FrameBuffer::next_frame`](crate::FrameBuffer::next_frame) gives it.
    ///
    /// Bytes after the last field are an error, with two exceptions: a listing and a
    /// remove-all have no fields, OpenSSH ignores what follows them, and to refuse a
    /// remove-all would leave keys in the agent that somebody wants gone (RFC 9987 §5.4: it
    /// should be honoured whatever the policy).
    ///
    /// # Errors
    /// The message is refused; the refusal knows the reply.
    pub fn decode(body: &'a [u8]) -> Result<Self, Refusal> {
        let mut reader = Reader::new(body);
        let number = reader.u8().map_err(|_| Refusal::request(0)(Error::Empty))?;
        let decoded = match number {
            number::REQUEST_IDENTITIES => Ok(Self::Identities),
            number::SIGN_REQUEST => sign(reader),
            // OpenSSH reads constraints after both numbers. So do we: a client that uses the
            // wrong one means its constraints all the same. Without any, RFC 9987 §5.2 has
            // them equivalent.
            number::ADD_IDENTITY | number::ADD_ID_CONSTRAINED => {
                AddIdentity::decode(reader).map(|add| Self::Add(Box::new(add)))
            }
            number::REMOVE_IDENTITY => only_string(reader, "key").map(Self::Remove),
            number::REMOVE_ALL_IDENTITIES => Ok(Self::RemoveAll),
            number::REMOVE_ALL_RSA_IDENTITIES => Ok(Self::RemoveAllV1),
            number::LOCK => passphrase(reader).map(Self::Lock),
            number::UNLOCK => passphrase(reader).map(Self::Unlock),
            number::EXTENSION => return Extension::decode(&mut reader).map(Self::Extension),
            other => Ok(Self::Unsupported(other)),
        };
        decoded.map_err(Refusal::request(number))
    }

    /// The message number.
    #[must_use]
    pub fn number(&self) -> u8 {
        match self {
            Self::Identities => number::REQUEST_IDENTITIES,
            Self::Sign(_) => number::SIGN_REQUEST,
            Self::Add(add) if add.constraints.is_none() => number::ADD_IDENTITY,
            Self::Add(_) => number::ADD_ID_CONSTRAINED,
            Self::Remove(_) => number::REMOVE_IDENTITY,
            Self::RemoveAll => number::REMOVE_ALL_IDENTITIES,
            Self::RemoveAllV1 => number::REMOVE_ALL_RSA_IDENTITIES,
            Self::Lock(_) => number::LOCK,
            Self::Unlock(_) => number::UNLOCK,
            Self::Extension(_) => number::EXTENSION,
            Self::Unsupported(number) => *number,
        }
    }

    /// The whole frame, for a client to send. It is wiped when dropped, and written into
    /// memory reserved before: no half of it is left behind in a buffer that was too small.
    ///
    /// # Errors
    /// The agent would close the connection, the frame being too long.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>> {
        let mut out = Outgoing::new(self.number(), self.encoded_len());
        match self {
            Self::Sign(sign) => {
                out.put_string(sign.key);
                out.put_string(sign.data);
                out.put_u32(sign.flags);
            }
            Self::Add(add) => add.encode(&mut out),
            Self::Remove(key) => out.put_string(key),
            Self::Lock(secret) | Self::Unlock(secret) => out.put_string(secret.expose_secret()),
            Self::Extension(extension) => extension.encode(&mut out),
            Self::Identities | Self::RemoveAll | Self::RemoveAllV1 | Self::Unsupported(_) => {}
        }
        out.close()
    }

    /// An upper bound of what follows the message number.
    fn encoded_len(&self) -> usize {
        match self {
            Self::Sign(sign) => string_len(sign.key.len()) + string_len(sign.data.len()) + 4,
            Self::Add(add) => add.encoded_len(),
            Self::Remove(key) => string_len(key.len()),
            Self::Lock(secret) | Self::Unlock(secret) => string_len(secret.expose_secret().len()),
            Self::Extension(extension) => extension.encoded_len(),
            Self::Identities | Self::RemoveAll | Self::RemoveAllV1 | Self::Unsupported(_) => 0,
        }
    }
}

/// Says what it is, never what is in it.
impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({})", self.number())
    }
}

fn sign(mut reader: Reader<'_>) -> Result<Request<'_>> {
    let key = reader.string().map_err(Error::field("key"))?;
    let data = reader.string().map_err(Error::field("data"))?;
    let flags = reader.u32().map_err(Error::field("flags"))?;
    reader.finish().map_err(Error::field("end of the request"))?;
    Ok(Request::Sign(SignRequest { key, data, flags }))
}

/// OpenSSH's agent ends itself when this field is cut, and the keys with it. A client gets a
/// failure here: whoever can send six bytes must not be able to take the keys away.
fn passphrase(reader: Reader<'_>) -> Result<Secret> {
    only_string(reader, "passphrase").map(|bytes| Secret::from(bytes.to_vec()))
}

fn only_string<'a>(mut reader: Reader<'a>, what: &'static str) -> Result<&'a [u8]> {
    let bytes = reader.string().map_err(Error::field(what))?;
    reader.finish().map_err(Error::field("end of the request"))?;
    Ok(bytes)
}
