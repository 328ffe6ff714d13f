//! A socket that shows some keys only.
//!
//! Whoever is given such a socket, a container for instance, sees these keys and can do nothing to
//! the others, nor to the agent as a whole. It narrows what a connection may; what a key's own
//! rules forbid stays forbidden.

use crate::identity::Identity;
use crate::selector::KeySelector;

/// What a socket shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What it is called.
    pub name: String,
    /// The keys.
    pub keys: Vec<KeySelector>,
}

impl Profile {
    pub(crate) fn shows(&self, key: &Identity) -> bool {
        self.keys.iter().any(|selector| key.is_meant(selector))
    }
}
