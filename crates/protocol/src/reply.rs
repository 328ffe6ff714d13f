//! What a client reads: the answers of any agent, ours or not.
//!
//! Stricter than it need be about cut messages, and lenient where other agents are known to
//! differ: the old numbers for failure, and names after a plain success.

use keyfob_keys::wire::Reader;

use crate::error::Error;
use crate::hosts::HostsReply;
use crate::limits::MAX_IDENTITIES;
use crate::log::{self, LogStatus};
use crate::refusals::{self, Refused};
use crate::security::{self, Process};
use crate::settings::{self, SettingsStatus};
use crate::store::{self, StoreReply};
use crate::watch::{self, WatchReply};
use crate::{Details, Result, details, extension, hosts, number};

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
    /// How the key store is, and what came of a request about it.
    Store(StoreReply),
    /// Which keys hosts took.
    Hosts(HostsReply),
    /// What was refused lately, the oldest first.
    Refusals(Vec<Refused>),
    /// Which settings count.
    Settings(SettingsStatus),
    /// Where the log stands.
    Log(Box<LogStatus>),
    /// What protects the agent's process.
    Security(Process),
    /// What goes on.
    Watch(Box<WatchReply>),
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
                let name = reader.string().map_err(Error::field("name of an extension"))?;
                if name == details::NAME.as_bytes() {
                    return Details::decode(reader).map(Self::Details);
                }
                if name == refusals::NAME.as_bytes() {
                    return refusals::decode(reader).map(Self::Refusals);
                }
                if name == hosts::NAME.as_bytes() {
                    return HostsReply::decode(reader).map(Self::Hosts);
                }
                if name == settings::NAME.as_bytes() {
                    return settings::decode(reader).map(Self::Settings);
                }
                if name == log::NAME.as_bytes() {
                    return log::decode(reader).map(Box::new).map(Self::Log);
                }
                if name == security::NAME.as_bytes() {
                    return security::decode(reader).map(Self::Security);
                }
                if name == watch::NAME.as_bytes() {
                    return WatchReply::decode(reader).map(Box::new).map(Reply::Watch);
                }
                if name == store::NAME.as_bytes() {
                    return StoreReply::decode(reader).map(Self::Store);
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
        let name = reader.string().map_err(Error::field("name of an extension"))?;
        names.push(name.to_vec());
    }
    Ok(Reply::Extensions(names))
}

fn identities(mut reader: Reader<'_>) -> Result<Reply> {
    let count = reader.u32().map_err(Error::field("number of keys"))?;
    if count as usize > MAX_IDENTITIES {
        return Err(Error::TooLarge { what: "keys in a listing", limit: MAX_IDENTITIES });
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Response;

    #[test]
    fn our_own_answers_are_read_back() {
        let table = [
            (Response::Success, Reply::Success),
            (Response::Failure, Reply::Failure),
            (Response::ExtensionFailure, Reply::ExtensionFailure),
            (Response::Signature(b"sig".to_vec()), Reply::Signature(b"sig".to_vec())),
            (
                Response::Extensions(extension::SERVED),
                Reply::Extensions(
                    extension::SERVED.iter().map(|name| name.as_bytes().to_vec()).collect(),
                ),
            ),
        ];
        for (response, expected) in table {
            assert_eq!(Reply::decode(&response.encode()[4..]).unwrap(), expected);
        }
    }

    /// Lost otherwise: a refusal by an old agent looks like a broken one.
    #[test]
    fn failure_has_three_numbers() {
        for number in [5, 30, 102] {
            assert_eq!(Reply::decode(&[number]), Ok(Reply::Failure));
        }
    }

    #[test]
    fn names_after_a_plain_success_answer_a_query_too() {
        let answer = b"\x06\0\0\0\x03a@b\0\0\0\x03c@d";
        let names = vec![b"a@b".to_vec(), b"c@d".to_vec()];
        assert_eq!(Reply::decode(answer), Ok(Reply::Extensions(names)));
        assert_eq!(Reply::decode(b"\x06"), Ok(Reply::Success));
    }

    /// Lost otherwise: an agent makes its client take gigabytes of memory.
    #[test]
    fn an_announced_number_of_keys_is_only_a_word() {
        let too_many = [&[12][..], &2049_u32.to_be_bytes()].concat();
        assert!(matches!(Reply::decode(&too_many), Err(Error::TooLarge { .. })));
        let unproven = [&[12][..], &2048_u32.to_be_bytes()].concat();
        assert!(matches!(Reply::decode(&unproven), Err(Error::Field { .. })));
    }

    #[test]
    fn every_cut_and_every_byte_more_is_refused() {
        let bodies: [&[u8]; 3] = [
            b"\x0e\0\0\0\x03sig",
            b"\x0c\0\0\0\x01\0\0\0\x03key\0\0\0\x01c",
            b"\x1d\0\0\0\x05query",
        ];
        for body in bodies {
            assert!(Reply::decode(body).is_ok());
            for end in 0..body.len() {
                assert!(Reply::decode(&body[..end]).is_err(), "cut at {end}");
            }
            assert!(Reply::decode(&[body, b"\0"].concat()).is_err());
        }
        assert_eq!(Reply::decode(&[13]), Err(Error::NotAReply(13)));
    }

    proptest! {
        #[test]
        fn any_bytes_at_all_break_nothing(
            number in prop::sample::select(vec![5, 6, 12, 14, 28, 29, 30, 102, 200]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = Reply::decode(&[&[number][..], &rest].concat());
        }
    }
}
