//! What a key may be used for: the constraints at the end of an add request (RFC 9987 §5.2.7).
//!
//! Every constraint is read to its last byte and kept, or the add is refused: one that is
//! accepted and not enforced is worse than none. How they are enforced is the agent's part.

use keyfob_keys::wire::{Put as _, Reader, string_len};

use crate::error::Error;
use crate::text::text;
use crate::{Result, destination, number};

/// How long a key stays without use: the name, and `u32` seconds behind it. An agent that does not
/// know it refuses the key, as with every constraint it would not keep.
pub const IDLE: &str = "idle@keyfob";

/// The constraints of one key; the default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constraints {
    /// Seconds from the add until the key is forgotten; `None` is for ever.
    ///
    /// `Some(0)` is what it says, forgotten at once: OpenSSH's agent does so too, and a client
    /// that means "for ever" leaves the constraint out (as `ssh-add -t 0` does).
    pub lifetime: Option<u32>,
    /// Seconds without use until the key is forgotten. Ours alone: no other agent takes it.
    pub idle: Option<u32>,
    /// Ask a person at each use.
    pub confirm: bool,
    /// The steps this key may be used for; empty for no restriction.
    pub destinations: Vec<destination::Constraint>,
}

impl Constraints {
    /// Whether there is nothing to enforce.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.lifetime.is_none()
            && self.idle.is_none()
            && !self.confirm
            && self.destinations.is_empty()
    }

    /// Reads to the end of the message.
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        let mut read = Self::default();
        while !reader.is_empty() {
            match reader.u8().map_err(Error::field("constraint"))? {
                number::CONSTRAIN_LIFETIME => {
                    let seconds = reader.u32().map_err(Error::field("lifetime"))?;
                    if read.lifetime.replace(seconds).is_some() {
                        return Err(Error::RepeatedConstraint("lifetime"));
                    }
                }
                number::CONSTRAIN_CONFIRM => {
                    if std::mem::replace(&mut read.confirm, true) {
                        return Err(Error::RepeatedConstraint("confirm"));
                    }
                }
                number::CONSTRAIN_EXTENSION => read.decode_extension(reader)?,
                unknown => return Err(Error::UnknownConstraint(unknown)),
            }
        }
        Ok(read)
    }

    fn decode_extension(&mut self, reader: &mut Reader<'_>) -> Result<()> {
        match text(reader, "name of a constraint")? {
            name if name == destination::NAME.as_bytes() => {
                let content = reader.string().map_err(Error::field("destination"))?;
                if !self.destinations.is_empty() {
                    return Err(Error::RepeatedConstraint(destination::NAME));
                }
                self.destinations = destination::decode(content)?;
                Ok(())
            }
            name if name == IDLE.as_bytes() => {
                let seconds = reader.u32().map_err(Error::field("idle time"))?;
                match self.idle.replace(seconds) {
                    None => Ok(()),
                    Some(_) => Err(Error::RepeatedConstraint(IDLE)),
                }
            }
            b"sk-provider@openssh.com" => Err(Error::Unsupported {
                what: "sk-provider@openssh.com",
                why: "this agent holds no keys that live on a FIDO token",
            }),
            b"associated-certs-v00@openssh.com" => Err(Error::Unsupported {
                what: "associated-certs-v00@openssh.com",
                why: "it belongs to keys on a smart card",
            }),
            unknown => Err(Error::unknown_constraint_extension(unknown)),
        }
    }

    /// Writes them in the order `ssh-add` does, so that our messages look like its messages.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        if let Some(seconds) = self.lifetime {
            out.put_u8(number::CONSTRAIN_LIFETIME);
            out.put_u32(seconds);
        }
        if self.confirm {
            out.put_u8(number::CONSTRAIN_CONFIRM);
        }
        if let Some(seconds) = self.idle {
            out.put_u8(number::CONSTRAIN_EXTENSION);
            out.put_string(IDLE.as_bytes());
            out.put_u32(seconds);
        }
        if !self.destinations.is_empty() {
            out.put_u8(number::CONSTRAIN_EXTENSION);
            out.put_string(destination::NAME.as_bytes());
            destination::encode(&self.destinations, out);
        }
    }

    /// An upper bound of the bytes [`encode`](Self::encode) writes.
    pub(crate) fn encoded_len(&self) -> usize {
        let destinations = destination::encoded_len(&self.destinations);
        let idle = 1 + string_len(IDLE.len()) + 4;
        1 + 4 + 1 + idle + 1 + string_len(destination::NAME.len()) + string_len(destinations)
    }
}
