//! Extensions of the protocol that are requests of their own (RFC 9987 §5.8).
//!
//! Reads and writes them. An unknown one is no error of the client: it is told so.

use keyfob_keys::PublicKey;
use keyfob_keys::wire::{Put as _, Reader, string_len};

use crate::error::Error;
use crate::hosts::{self, HostsRequest};
use crate::limits::MAX_SESSION_ID;
use crate::putty::{self, PuttyRequest};
use crate::store::StoreRequest;
use crate::text::text;
use crate::watch::{self, WatchRequest};
use crate::{Refusal, Result, details, host_key, log, number, refusals, security, settings, store};

/// Asks for the names of the extensions.
pub const QUERY: &str = "query";
/// Tells which SSH session a connection to the agent serves.
pub const SESSION_BIND: &str = "session-bind@openssh.com";
/// What `query` is answered with: as OpenSSH, without `query` itself.
pub const SERVED: &[&str] = &[
    SESSION_BIND,
    details::NAME,
    store::NAME,
    refusals::NAME,
    hosts::NAME,
    settings::NAME,
    watch::NAME,
    log::NAME,
    security::NAME,
    putty::ADD_PPK,
    putty::REENCRYPT,
    putty::REENCRYPT_ALL,
    putty::LIST_EXTENDED,
];

/// One extension request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extension<'a> {
    /// Which extensions are there?
    Query,
    /// This connection serves that session.
    SessionBind(SessionBind<'a>),
    /// The keys with their constraints, please ([`details`]).
    Details,
    /// About the key store ([`store`]).
    Store(StoreRequest<'a>),
    /// What was refused lately, and why ([`refusals`])?
    Refusals,
    /// Which keys hosts took ([`hosts`]).
    Hosts(HostsRequest),
    /// Which settings count ([`settings`])?
    Settings,
    /// Where does the log stand ([`log`])?
    Log,
    /// What protects the agent's process ([`security`])?
    Security,
    /// What goes on, and answers to questions ([`watch`]).
    Watch(WatchRequest<'a>),
    /// PuTTY's ([`putty`]).
    Putty(PuttyRequest<'a>),
    /// Not known here, its name; never empty.
    Unknown(&'a [u8]),
}

/// `session-bind@openssh.com` (PROTOCOL.agent §1): the client proves which host it talks to by
/// the signature that host made at the key exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionBind<'a> {
    /// The host's key or certificate.
    pub host_key: PublicKey,
    /// The session identifier; 1 to [`MAX_SESSION_ID`] bytes.
    pub session_id: &'a [u8],
    /// The host's signature of the session identifier. **Not checked** by the decoder: call
    /// [`verify`](Self::verify).
    pub signature: &'a [u8],
    /// Whether the connection will be forwarded to that host, rather than used to log in there.
    pub forwarding: bool,
}

impl<'a> Extension<'a> {
    /// Reads what follows the message number.
    pub(crate) fn decode(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        let name =
            text(reader, "name of an extension").map_err(Refusal::request(number::EXTENSION))?;
        match name {
            b"" => Err(Refusal::request(number::EXTENSION)(Error::Invalid {
                what: "name of an extension",
                why: "it is empty",
            })),
            name if name == QUERY.as_bytes() => {
                let end = reader.finish().map_err(Error::field("end of query"));
                end.map_err(Refusal::extension(false))?;
                Ok(Self::Query)
            }
            name if name == details::NAME.as_bytes() => {
                let end = reader.finish().map_err(Error::field("end of the request"));
                end.map_err(Refusal::extension(false))?;
                Ok(Self::Details)
            }
            name if name == refusals::NAME.as_bytes() => {
                let end = reader.finish().map_err(Error::field("end of the request"));
                end.map_err(Refusal::extension(false))?;
                Ok(Self::Refusals)
            }
            name if name == settings::NAME.as_bytes() => {
                let end = reader.finish().map_err(Error::field("end of the request"));
                end.map_err(Refusal::extension(false))?;
                Ok(Self::Settings)
            }
            name if name == log::NAME.as_bytes() => {
                let end = reader.finish().map_err(Error::field("end of the request"));
                end.map_err(Refusal::extension(false))?;
                Ok(Self::Log)
            }
            name if name == security::NAME.as_bytes() => {
                let end = reader.finish().map_err(Error::field("end of the request"));
                end.map_err(Refusal::extension(false))?;
                Ok(Self::Security)
            }
            name if name == store::NAME.as_bytes() => {
                StoreRequest::decode(reader).map(Self::Store).map_err(Refusal::extension(false))
            }
            name if name == hosts::NAME.as_bytes() => {
                HostsRequest::decode(reader).map(Self::Hosts).map_err(Refusal::extension(false))
            }
            name if name == watch::NAME.as_bytes() => {
                WatchRequest::decode(reader).map(Self::Watch).map_err(Refusal::extension(false))
            }
            name if name == SESSION_BIND.as_bytes() => {
                SessionBind::decode(reader).map(Self::SessionBind).map_err(Refusal::extension(true))
            }
            name => match PuttyRequest::decode(name, reader) {
                Some(read) => read.map(Self::Putty).map_err(Refusal::extension(false)),
                None => Ok(Self::Unknown(name)),
            },
        }
    }

    /// Writes what follows the message number; of an unknown one only the name.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Query => out.put_string(QUERY.as_bytes()),
            Self::Details => out.put_string(details::NAME.as_bytes()),
            Self::Store(request) => request.encode(out),
            Self::Hosts(request) => request.encode(out),
            Self::Watch(request) => request.encode(out),
            Self::Putty(request) => request.encode(out),
            Self::Refusals => out.put_string(refusals::NAME.as_bytes()),
            Self::Settings => out.put_string(settings::NAME.as_bytes()),
            Self::Log => out.put_string(log::NAME.as_bytes()),
            Self::Security => out.put_string(security::NAME.as_bytes()),
            Self::SessionBind(bind) => {
                out.put_string(SESSION_BIND.as_bytes());
                out.put_string(bind.host_key.blob());
                out.put_string(bind.session_id);
                out.put_string(bind.signature);
                out.put_bool(bind.forwarding);
            }
            Self::Unknown(name) => out.put_string(name),
        }
    }

    pub(crate) fn encoded_len(&self) -> usize {
        match self {
            Self::Query => string_len(QUERY.len()),
            Self::Details => string_len(details::NAME.len()),
            Self::Store(request) => request.encoded_len(),
            Self::Hosts(request) => request.encoded_len(),
            Self::Watch(request) => request.encoded_len(),
            Self::Putty(request) => request.encoded_len(),
            Self::Refusals => string_len(refusals::NAME.len()),
            Self::Settings => string_len(settings::NAME.len()),
            Self::Log => string_len(log::NAME.len()),
            Self::Security => string_len(security::NAME.len()),
            Self::SessionBind(bind) => {
                let strings = [bind.host_key.blob(), bind.session_id, bind.signature];
                let each = strings.iter().map(|s| string_len(s.len()));
                string_len(SESSION_BIND.len()) + each.sum::<usize>() + 1
            }
            Self::Unknown(name) => string_len(name.len()),
        }
    }
}

impl<'a> SessionBind<'a> {
    fn decode(reader: &mut Reader<'a>) -> Result<Self> {
        let key = reader.string().map_err(Error::field("host key"))?;
        let session_id = reader.string().map_err(Error::field("session id"))?;
        let signature = reader.string().map_err(Error::field("signature"))?;
        // Any non-zero byte is "forwarded" (RFC 4251 §5): reading 2 as "not forwarded" has let
        // remote use pass for local in another agent (agents.md P4).
        let forwarding = reader.bool().map_err(Error::field("forwarding"))?;
        reader.finish().map_err(Error::field("end of session-bind"))?;
        if session_id.is_empty() {
            return Err(Error::Invalid { what: "session id", why: "it is empty" });
        }
        if session_id.len() > MAX_SESSION_ID {
            return Err(Error::TooLarge { what: "session id", limit: MAX_SESSION_ID });
        }
        Ok(Self {
            host_key: host_key::read(key).map_err(Error::field("host key"))?,
            session_id,
            signature,
            forwarding,
        })
    }

    /// Checks that the host made this signature for this session.
    ///
    /// A certificate must also be signed by its authority: a destination may name the
    /// authority, and then the certificate is all there is to go by. SHA-1 is accepted, as
    /// OpenSSH does: the client has by then agreed with an old host on `ssh-rsa`, what is
    /// signed is the hash of a key exchange that neither side chooses alone (a collision does
    /// not help, a second preimage is not known), and refusing would only make people who have
    /// to reach such hosts give up the constraint.
    ///
    /// # Errors
    /// It did not, or the certificate is not genuine.
    pub fn verify(&self) -> Result<()> {
        if let Some(certificate) = self.host_key.certificate() {
            certificate.verify().map_err(Error::field("host certificate"))?;
        }
        let plain = self.host_key.plain();
        plain
            .verify_allowing_sha1(self.session_id, self.signature)
            .map_err(Error::field("signature of the session"))
    }
}
