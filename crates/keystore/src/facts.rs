//! What an item says of its key: its comment, its halves that are not secret, its rules.

use keyfob_keys::PublicKey;
use keyfob_keys::wire::{Put as _, Reader};

use crate::limits::MAX_COMMENT;
use crate::{Error, Problem, Result};

/// Everything about an item but its secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Any bytes: from outside, to be escaped before they are shown.
    pub comment: Vec<u8>,
    /// When it came into the store, in seconds since 1970.
    pub created: u64,
    /// The public key; none for what is no key.
    pub public: Option<PublicKey>,
    /// A certificate of it.
    pub certificate: Option<PublicKey>,
    /// What limits its use.
    pub terms: Terms,
}

/// What limits the use of a key: as `ssh-add` has it, but for as long as the key is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Seconds after which an opened key asks for the passphrase of the store again.
    pub lifetime: Option<u32>,
    /// Seconds without use after which it does so too.
    pub idle: Option<u32>,
    /// Whether a person confirms each use.
    pub confirm: bool,
    /// Where it may be used; empty for everywhere.
    pub destinations: Vec<Destination>,
}

/// One destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// As it was typed, to be shown.
    pub text: Vec<u8>,
    /// As `restrict-destination-v00@openssh.com` encodes one constraint, host keys and all
    /// (PROTOCOL.agent). This crate does not look into it.
    pub constraint: Vec<u8>,
}

impl Facts {
    /// In the order of the specification: a name and a value for each.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        if self.comment.len() > MAX_COMMENT {
            return Err(Error::TooLong { what: "the comment", limit: MAX_COMMENT });
        }
        let mut out = Vec::new();
        let mut put = |name: &str, value: &[u8]| {
            out.put_string(name.as_bytes());
            out.put_string(value);
        };
        put("comment", &self.comment);
        put("created", &self.created.to_be_bytes());
        if let Some(public) = &self.public {
            put("public", public.blob());
        }
        if let Some(certificate) = &self.certificate {
            put("certificate", certificate.blob());
        }
        if let Some(lifetime) = self.terms.lifetime {
            put("lifetime", &lifetime.to_be_bytes());
        }
        if let Some(idle) = self.terms.idle {
            put("idle", &idle.to_be_bytes());
        }
        if self.terms.confirm {
            put("confirm", b"");
        }
        for Destination { text, constraint } in &self.terms.destinations {
            put("destination", text);
            put("constraint", constraint);
        }
        Ok(out)
    }

    /// Reads what [`Facts::encode`] writes. A name it does not know may be a limit it would not
    /// keep, so it refuses the item.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Problem> {
        let mut pairs = Pairs::new(bytes);
        let comment = pairs.expect(b"comment")?.to_vec();
        if comment.len() > MAX_COMMENT {
            return Err(Problem::Content);
        }
        let created = u64::from_be_bytes(array(pairs.expect(b"created")?)?);
        let key = |blob: Option<&[u8]>| {
            blob.map(PublicKey::from_blob).transpose().map_err(|_| Problem::Content)
        };
        let public = key(pairs.take(b"public")?)?;
        let certificate = key(pairs.take(b"certificate")?)?;
        let mut seconds = |name| -> Result<Option<u32>, Problem> {
            Ok(pairs.take(name)?.map(array).transpose()?.map(u32::from_be_bytes))
        };
        let (lifetime, idle) = (seconds(b"lifetime")?, seconds(b"idle")?);
        let confirm = match pairs.take(b"confirm")? {
            Some(b"") => true,
            Some(_) => return Err(Problem::Content),
            None => false,
        };
        let mut destinations = Vec::new();
        while let Some(text) = pairs.take(b"destination")? {
            let constraint = pairs.expect(b"constraint")?.to_vec();
            destinations.push(Destination { text: text.to_vec(), constraint });
        }
        pairs.finish()?;
        let terms = Terms { lifetime, idle, confirm, destinations };
        Ok(Self { comment, created, public, certificate, terms })
    }
}

/// Names and values, one after the other.
struct Pairs<'a> {
    reader: Reader<'a>,
    next: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Pairs<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { reader: Reader::new(bytes), next: None }
    }

    /// The value, if the next name is this one.
    fn take(&mut self, name: &[u8]) -> Result<Option<&'a [u8]>, Problem> {
        if self.next.is_none() && !self.reader.is_empty() {
            let mut string = || self.reader.string().map_err(|_| Problem::Content);
            self.next = Some((string()?, string()?));
        }
        Ok(self.next.take_if(|(known, _)| *known == name).map(|(_, value)| value))
    }

    fn expect(&mut self, name: &[u8]) -> Result<&'a [u8], Problem> {
        self.take(name)?.ok_or(Problem::Content)
    }

    fn finish(self) -> Result<(), Problem> {
        if self.next.is_none() && self.reader.is_empty() { Ok(()) } else { Err(Problem::Content) }
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Problem> {
    bytes.try_into().map_err(|_| Problem::Content)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_keys::PrivateKey;

    use super::*;

    fn facts() -> Facts {
        Facts {
            comment: b"me\xff".to_vec(),
            created: 7,
            public: Some(PrivateKey::ed25519_from_seed(&[1; 32]).public().clone()),
            certificate: None,
            terms: Terms {
                lifetime: Some(3600),
                idle: Some(600),
                confirm: true,
                destinations: vec![Destination { text: b"host".into(), constraint: vec![1, 2] }],
            },
        }
    }

    #[test]
    fn facts_come_back_as_they_were() {
        for facts in [facts(), Facts::default()] {
            assert_eq!(Facts::decode(&facts.encode().unwrap()).unwrap(), facts);
        }
    }

    #[test]
    fn a_rule_this_release_does_not_know_refuses_the_item() {
        let mut more = facts().encode().unwrap();
        more.put_string(b"max-uses");
        more.put_string(b"3");
        assert_eq!(Facts::decode(&more), Err(Problem::Content));
    }

    #[test]
    fn facts_cut_anywhere_or_in_another_order_are_refused() {
        let whole = facts().encode().unwrap();
        let ends: Vec<usize> = (0..whole.len()).collect();
        let read = ends.iter().filter(|end| Facts::decode(&whole[..**end]).is_ok()).count();
        // Where a pair ends, what is left is whole: behind created, public, lifetime, idle, confirm.
        assert_eq!(read, 5);
        let mut swapped = Vec::new();
        for (name, value) in [(&b"created"[..], &[0; 8][..]), (b"comment", b"")] {
            swapped.put_string(name);
            swapped.put_string(value);
        }
        assert_eq!(Facts::decode(&swapped), Err(Problem::Content));
    }
}
