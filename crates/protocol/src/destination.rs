//! `restrict-destination-v00@openssh.com`: from where to where a key may be used.
//!
//! Reads and writes the constraint (PROTOCOL.agent §2) and refuses what contradicts itself, as
//! OpenSSH does. Whether a connection satisfies it is decided in the agent.
//!
//! On the wire a constraint is a list of `string { string from, string to, string reserved }`,
//! a hop is `string user, string host, string reserved` and then `(string key, bool is_ca)` to
//! its end. The reserved strings must be empty: whatever a later version says in them would be
//! a condition we do not check.

use keyfob_keys::PublicKey;
use keyfob_keys::wire::{Put as _, Reader, string_len};

use crate::limits::{MAX_DESTINATIONS, MAX_HOST_NAME, MAX_USER_PATTERN};
use crate::text::text;
use crate::{Error, Result, host_key};

/// The extension's name.
pub const NAME: &str = "restrict-destination-v00@openssh.com";

/// One permitted step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// Where the step begins; [`Hop::is_origin`] for the machine the agent runs on.
    pub from: Hop,
    /// Where it ends.
    pub to: Hop,
}

/// One end of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hop {
    /// Pattern for the user name (see [`pattern`](crate::pattern)); empty stands for all.
    /// Always empty at the `from` end.
    pub user: Vec<u8>,
    /// Name of the host, empty at the origin. It is for people, and for the names in a host
    /// certificate; a host is recognised by its keys.
    pub host: Vec<u8>,
    /// The keys that are this host.
    pub keys: Vec<KeySpec>,
}

/// One key of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// The host's key, or the authority's.
    pub key: PublicKey,
    /// Whether `key` is an authority: then host certificates made by it count, and the key
    /// itself does not.
    pub is_authority: bool,
}

impl Hop {
    /// The machine the agent runs on.
    #[must_use]
    pub fn is_origin(&self) -> bool {
        self.host.is_empty() && self.keys.is_empty()
    }
}

/// Reads the content of the extension, at least one constraint.
pub(crate) fn decode(content: &[u8]) -> Result<Vec<Constraint>> {
    let mut reader = Reader::new(content);
    let mut constraints = Vec::new();
    while !reader.is_empty() {
        if constraints.len() == MAX_DESTINATIONS {
            return Err(Error::TooLarge { what: "destinations", limit: MAX_DESTINATIONS });
        }
        let one = reader.string().map_err(Error::field("destination"))?;
        constraints.push(Constraint::decode(one)?);
    }
    if constraints.is_empty() {
        // OpenSSH adds the key without a restriction then, which nobody can have meant.
        return Err(invalid("the list is empty"));
    }
    Ok(constraints)
}

/// Writes the content of the extension, as a string.
pub(crate) fn encode(constraints: &[Constraint], out: &mut Vec<u8>) {
    out.put_u32(length(encoded_len(constraints)));
    for constraint in constraints {
        out.put_u32(length(constraint.encoded_len()));
        constraint.encode(out);
    }
}

/// Bytes [`encode`] writes, without the length in front.
pub(crate) fn encoded_len(constraints: &[Constraint]) -> usize {
    let each = constraints.iter().map(|c| string_len(c.encoded_len()));
    each.sum()
}

impl Constraint {
    /// One constraint as the extension writes it, without the length in front: for who keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_len());
        self.encode(&mut out);
        out
    }

    /// Reads what [`Constraint::to_bytes`] writes.
    ///
    /// # Errors
    /// As for a constraint that comes in a message.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::decode(bytes)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        for hop in [&self.from, &self.to] {
            out.put_u32(length(hop.encoded_len()));
            hop.encode(out);
        }
        out.put_string(b"");
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let from = reader.string().map_err(Error::field("destination"))?;
        let to = reader.string().map_err(Error::field("destination"))?;
        reserved(&mut reader)?;
        reader.finish().map_err(Error::field("destination"))?;
        let (from, to) = (Hop::decode(from)?, Hop::decode(to)?);
        if !from.user.is_empty() {
            return Err(invalid("a user is named at the beginning of a step"));
        }
        if from.host.is_empty() != from.keys.is_empty() {
            return Err(invalid("a step begins at a host without keys or name"));
        }
        if to.host.is_empty() || to.keys.is_empty() {
            return Err(invalid("a step ends at a host without keys or name"));
        }
        Ok(Self { from, to })
    }

    fn encoded_len(&self) -> usize {
        string_len(self.from.encoded_len()) + string_len(self.to.encoded_len()) + string_len(0)
    }
}

impl Hop {
    fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let user = limited(&mut reader, "user pattern of a destination", MAX_USER_PATTERN)?;
        let host = limited(&mut reader, "host name of a destination", MAX_HOST_NAME)?;
        reserved(&mut reader)?;
        let mut keys = Vec::new();
        while !reader.is_empty() {
            keys.push(KeySpec::decode(&mut reader)?);
        }
        Ok(Self { user, host, keys })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.put_string(&self.user);
        out.put_string(&self.host);
        out.put_string(b"");
        for spec in &self.keys {
            out.put_string(spec.key.blob());
            out.put_bool(spec.is_authority);
        }
    }

    fn encoded_len(&self) -> usize {
        let keys = self.keys.iter().map(|k| string_len(k.key.blob().len()) + 1);
        string_len(self.user.len())
            + string_len(self.host.len())
            + string_len(0)
            + keys.sum::<usize>()
    }
}

impl KeySpec {
    fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        const WHAT: &str = "host key of a destination";
        let blob = reader.string().map_err(Error::field(WHAT))?;
        let is_authority = reader.bool().map_err(Error::field(WHAT))?;
        let key = host_key::read(blob).map_err(Error::field(WHAT))?;
        Ok(Self { key, is_authority })
    }
}

fn limited(reader: &mut Reader<'_>, what: &'static str, limit: usize) -> Result<Vec<u8>> {
    let bytes = text(reader, what)?;
    if bytes.len() > limit {
        return Err(Error::TooLarge { what, limit });
    }
    Ok(bytes.to_vec())
}

fn reserved(reader: &mut Reader<'_>) -> Result<()> {
    let bytes = reader.string().map_err(Error::field("destination"))?;
    if bytes.is_empty() {
        return Ok(());
    }
    Err(Error::Unsupported {
        what: "an extended destination",
        why: "its conditions are not known here",
    })
}

fn invalid(why: &'static str) -> Error {
    Error::Invalid { what: "destination", why }
}

/// A length field. What does not fit is far beyond [`MAX_FRAME`](crate::limits::MAX_FRAME), and
/// such a frame is refused as a whole when it is closed.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
