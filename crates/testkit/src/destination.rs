//! `restrict-destination-v00@openssh.com` as bytes.

use crate::key_file::KeyFile;
use crate::wire::{Message, number};

/// One end of a permitted step.
#[derive(Clone, Debug, Default)]
pub struct Hop {
    user: String,
    host: String,
    keys: Vec<(Vec<u8>, bool)>,
}

impl Hop {
    /// The machine where the agent runs.
    pub fn here() -> Self {
        Self::default()
    }

    /// A host with this host key.
    pub fn host(name: &str, key: &KeyFile) -> Self {
        Self { user: String::new(), host: name.to_owned(), keys: vec![(key.blob(), false)] }
    }

    /// A host whose certificate this authority signed.
    pub fn certified_by(name: &str, authority: &KeyFile) -> Self {
        Self { user: String::new(), host: name.to_owned(), keys: vec![(authority.blob(), true)] }
    }

    /// A host of this name of which no key is known.
    pub fn named_without_key(name: &str) -> Self {
        Self { host: name.to_owned(), ..Self::default() }
    }

    /// For this user, or pattern of users, only.
    pub fn user(mut self, user: &str) -> Self {
        user.clone_into(&mut self.user);
        self
    }

    fn encoded(&self) -> Message {
        let head = Message::fields().string(&self.user).string(&self.host).string(b"");
        self.keys.iter().fold(head, |message, (key, is_authority)| {
            message.string(key).byte(u8::from(*is_authority))
        })
    }
}

/// One permitted step.
#[derive(Clone, Debug)]
pub struct Destination {
    /// Where the step starts.
    pub from: Hop,
    /// Where it leads.
    pub to: Hop,
}

impl Destination {
    /// From here to this host.
    pub fn direct(to: Hop) -> Self {
        Self { from: Hop::here(), to }
    }

    /// From this host, over a forwarded agent, to that one.
    pub fn over(from: Hop, to: Hop) -> Self {
        Self { from, to }
    }

    /// The constraint that permits these steps and no other.
    pub fn constraint(steps: &[Self]) -> Message {
        let list = steps.iter().fold(Message::fields(), |list, step| list.string(step.encoded()));
        Message::fields()
            .byte(number::CONSTRAIN_EXTENSION)
            .string("restrict-destination-v00@openssh.com")
            .string(list)
    }

    fn encoded(&self) -> Message {
        Message::fields().string(self.from.encoded()).string(self.to.encoded()).string(b"")
    }
}
