//! What a client reads: the answers of any agent, ours or not.
//!
//! Stricter than it need be about cut messages, and lenient where other agents are known to
//! differ: the old numbers for failure, and names after a plain success.

use keyfob_keys::wire::Reader;

use crate::error::Error;
use crate::limits::MAX_IDENTITIES;
use crate::{Details, Result, details, extension, number};

/// One answer, its content copied out of the frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Success,
    /// Refused, or not understood.
    Failure,
    /// A known extension failed.
    ExtensionFailure,
    /// A listing.
    Identities(Vec<Identity>),
    /// A signature: `string algorithm, string signature`.
    Signature(Vec<u8>),
    /// The names of extensions, as the agent gave them.
    Extensions(Vec<Vec<u8>>),
    /// The keys with their constraints.
    Details(Details),
}

/// One line of a listing. The key is not parsed: types that are not known here are to be
/// skipped by whoever shows it, not to spoil the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The blob of the public key or certificate.
    pub key_blob: Vec<u8>,
    /// For people, unescaped.
    pub comment: Vec<u8>,
}

impl Reply {
    /// Reads one body, without its length.
    ///
    /// # Errors
    /// It is not a reply, or cut, or has bytes after its end.
    pub fn decode(body: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(body);
        match reader.u8().map_err(|_| Error::Empty)? {
            number::FAILURE | number::SSH2_FAILURE | number::SSH_COM_FAILURE => Ok(Self::Failure),
            number::EXTENSION_FAILURE => Ok(Self::ExtensionFailure),
            number::SUCCESS if reader.is_empty() => Ok(Self::Success),
            // Before RFC 9987 `query` was answered so; PuTTY's agent still does.
            number::SUCCESS => names(reader),
            number::IDENTITIES_ANSWER => identities(reader),
            number::SIGN_RESPONSE => {
                let blob = reader.string().map_err(Error::field("signature"))?;
                reader.finish().map_err(Error::field("end of the reply"))?;
                Ok(Self::Signature(blob.to_vec()))
            }
            number::EXTENSION_RESPONSE => {
                let name = reader
                    .string()
                    .map_err(Error::field("name of an extension"))?;
                if name == details::NAME.as_bytes() {
                    return Details::decode(reader).map(Self::Details);
                }
                if name != extension::QUERY.as_bytes() {
                    return Err(Error::Invalid {
                        what: "name of an extension",
                        why: "nobody asked this one",
                    });
                }
                names(reader)
            }
            other => Err(Error::NotAReply(other)),
        }
    }
}

fn names(mut reader: Reader<'_>) -> Result<Reply> {
    let mut names = Vec::new();
    while !reader.is_empty() {
        let name = reader
            .string()
            .map_err(Error::field("name of an extension"))?;
        names.push(name.to_vec());
    }
    Ok(Reply::Extensions(names))
}

fn identities(mut reader: Reader<'_>) -> Result<Reply> {
    let count = reader.u32().map_err(Error::field("number of keys"))?;
    if count as usize > MAX_IDENTITIES {
        return Err(Error::TooLarge {
            what: "keys in a listing",
            limit: MAX_IDENTITIES,
        });
    }
    // Not with_capacity: the count is the agent's word, the bytes are the proof.
    let mut list = Vec::new();
    for _ in 0..count {
        let key_blob = reader.string().map_err(Error::field("key"))?.to_vec();
        let comment = reader.string().map_err(Error::field("comment"))?.to_vec();
        list.push(Identity { key_blob, comment });
    }
    reader.finish().map_err(Error::field("end of the reply"))?;
    Ok(Reply::Identities(list))
}
