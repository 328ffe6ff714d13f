//! What the agent is told of the keys in the store.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use keyfob_agent::{ItemId, Rules, StoredKey};
use keyfob_keys::PublicKey;
use keyfob_keystore::{Error, Facts, Item, Listed, Store, Terms, Unlocked};
use keyfob_protocol::destination::Constraint;

/// As the files of a locked store say it.
pub(super) fn of_locked(store: &Store) -> Result<Vec<StoredKey>, Error> {
    Ok(store.list()?.iter().flat_map(said).collect())
}

/// With the proof of the seal. A key with rules that are not understood is not shown.
pub(super) fn of_open(unlocked: &Unlocked) -> Vec<StoredKey> {
    let items = unlocked.items();
    items.iter().filter(|item| rules(&item.facts.terms).is_some()).flat_map(proved).collect()
}

/// What an open store has proved of an item, for when it is locked again.
pub(super) struct Proved {
    generation: u64,
    keys: [Option<PublicKey>; 2],
    pub(super) comment: Arc<[u8]>,
    pub(super) rules: Rules,
}

impl Proved {
    /// Whether it was this key in this version.
    pub(super) fn is_of(&self, key: &StoredKey) -> bool {
        self.generation == key.generation
            && self.keys.iter().flatten().any(|known| *known == key.public)
    }
}

/// All items whose rules are understood.
pub(super) fn proved_of(unlocked: &Unlocked) -> HashMap<ItemId, Proved> {
    let items = unlocked.items();
    let understood = items.iter().filter_map(|item| {
        let rules = rules(&item.facts.terms);
        if rules.is_none() {
            let name = item.name.as_str();
            tracing::warn!(name, "a key with destinations that cannot be read is not shown");
        }
        let keys = [item.facts.public.clone(), item.facts.certificate.clone()];
        let (generation, comment) = (item.generation, comment_of(item).into());
        let proved = Proved { generation, keys, comment, rules: rules? };
        Some((ItemId(item.id.to_bytes()), proved))
    });
    understood.collect()
}

/// A key and its certificate, the certificate first: a server that takes both is asked once.
fn both(
    item: [u8; 16],
    generation: u64,
    public: Option<&PublicKey>,
    certificate: Option<&PublicKey>,
    comment: &[u8],
) -> Vec<StoredKey> {
    let comment: Arc<[u8]> = comment.into();
    let keys = certificate.into_iter().chain(public);
    keys.map(|public| StoredKey {
        item: ItemId(item),
        generation,
        public: public.clone(),
        comment: Arc::clone(&comment),
        rules: None,
    })
    .collect()
}

fn proved(item: &Item) -> Vec<StoredKey> {
    let Facts { public, certificate, .. } = &item.facts;
    let (id, comment) = (item.id.to_bytes(), comment_of(item));
    both(id, item.generation, public.as_ref(), certificate.as_ref(), comment)
}

fn comment_of(item: &Item) -> &[u8] {
    let comment = &item.facts.comment;
    if comment.is_empty() { item.name.as_str().as_bytes() } else { comment }
}

fn said(listed: &Listed) -> Vec<StoredKey> {
    let Listed { public, certificate, comment, .. } = listed;
    let comment = if comment.is_empty() { listed.name.as_str().as_bytes() } else { comment };
    let id = listed.id.to_bytes();
    both(id, listed.generation, public.as_ref(), certificate.as_ref(), comment)
}

/// `None` when a destination cannot be read: a rule that is not understood is not dropped.
fn rules(terms: &Terms) -> Option<Rules> {
    let destinations: Result<Vec<Constraint>, _> = terms
        .destinations
        .iter()
        .map(|destination| Constraint::from_bytes(&destination.constraint))
        .collect();
    Some(Rules {
        lifetime: terms.lifetime.map(|seconds| Duration::from_secs(seconds.into())),
        idle: terms.idle.map(|seconds| Duration::from_secs(seconds.into())),
        confirm: terms.confirm,
        destinations: destinations.ok()?.into(),
    })
}
