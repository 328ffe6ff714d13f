//! The keys in the agent, in the order they were added, found by their blob.
//!
//! Holds and finds; who may see or use a key is decided elsewhere.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use keyfob_keys::PublicKey;
use keyfob_protocol::IdentitiesBuilder;
use keyfob_protocol::limits::MAX_FRAME;

use crate::clock::Moment;
use crate::identity::{Identity, IdentityId, Prepared};
use crate::idle::LastUses;
use crate::record::Record;
use crate::stored::ItemId;

/// All keys. Finding, adding and removing one costs the same with ten keys as
/// with ten thousand.
#[derive(Default)]
pub(crate) struct Keyring {
    /// Position in the list → key. Positions only grow, so a walk is in the
    /// order of adding, which is the order OpenSSH lists and clients try.
    /// Boxed: what is only added at the end leaves the map's nodes half empty.
    by_position: BTreeMap<u64, Box<Identity>>,
    /// Found by its blob → position.
    by_blob: HashMap<PublicKey, u64>,
    next_position: u64,
    next_id: u64,
    earliest_expiry: Option<Moment>,
    /// When the next signing object may have rested long enough: never later than it has.
    earliest_wipe: Option<Moment>,
    /// When the time of an item of the store that was fetched is up, or was. Not part of the key:
    /// removed and shown again, it would have all its time once more, and without the passphrase.
    ends: HashMap<ItemId, Moment>,
    /// When items of the store were last used that are not here any more.
    used: LastUses,
    /// The answer to a list request that hides nothing, until a key changes.
    listing: Option<Arc<[u8]>>,
}

impl Keyring {
    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.by_position.len()
    }

    /// The keys in the order they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Identity> {
        self.by_position.values().map(Box::as_ref)
    }

    /// Bytes of a list of all keys, as far as a frame goes.
    pub(crate) fn size_of_list(&self) -> usize {
        /// The two lengths in front.
        const LENGTHS: usize = 8;
        let sizes = self.iter().map(|it| LENGTHS + it.public.blob().len() + it.comment.len());
        sizes.sum::<usize>().min(MAX_FRAME)
    }

    /// The same, to change what is no part of the list.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Identity> {
        self.by_position.values_mut().map(Box::as_mut)
    }

    /// The key with this public blob.
    pub(crate) fn find(&self, blob: &[u8]) -> Option<&Identity> {
        self.by_position.get(self.by_blob.get(blob)?).map(Box::as_ref)
    }

    pub(crate) fn find_mut(&mut self, blob: &[u8]) -> Option<&mut Identity> {
        self.by_position.get_mut(self.by_blob.get(blob)?).map(Box::as_mut)
    }

    /// A number no key in this agent has had.
    pub(crate) fn fresh_id(&mut self) -> IdentityId {
        self.next_id += 1;
        IdentityId(self.next_id)
    }

    /// Adds a key, or puts it in the place of the one with the same blob: the
    /// new constraints count (RFC 9987), the position in the list stays.
    ///
    /// Returns whether one was replaced.
    pub(crate) fn put(&mut self, identity: Identity) -> bool {
        self.listing = None;
        self.note_expiry(identity.expires);
        if let Some(position) = self.by_blob.get(&identity.public) {
            if let Some(before) = self.by_position.insert(*position, Box::new(identity)) {
                self.used.note(&before);
            }
            return true;
        }
        self.by_blob.insert(identity.public.clone(), self.next_position);
        self.by_position.insert(self.next_position, Box::new(identity));
        self.next_position += 1;
        false
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, blob: &[u8]) -> Option<Box<Identity>> {
        let position = self.by_blob.remove(blob)?;
        self.listing = None;
        let identity = self.by_position.remove(&position)?;
        self.used.note(&identity);
        Some(identity)
    }

    /// Takes all keys out and says how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        let count = self.len();
        self.by_position.values().for_each(|identity| self.used.note(identity));
        self.by_position.clear();
        self.by_blob.clear();
        self.listing = None;
        self.earliest_expiry = None;
        count
    }

    /// Takes out what has expired, or was not used for so long; a key of the store only forgets its
    /// private half. Costs nothing while nothing is due.
    pub(crate) fn expire(&mut self, now: Moment, idle: Option<Duration>) -> Vec<Record> {
        if self.earliest_expiry.is_none_or(|earliest| now < earliest) {
            return Vec::new();
        }
        let mut expired = Vec::new();
        let mut gone = Vec::new();
        for (position, identity) in &mut self.by_position {
            let name = identity.name();
            if identity.expired(now) {
                expired.push(Record::Expired(name));
            } else if identity.idle_end(idle).is_some_and(|end| end <= now) {
                expired.push(Record::Unused(name));
            } else {
                continue;
            }
            let Some(origin) = &identity.origin else {
                // Unused, it goes back into its file; when its time is up that goes too.
                if identity.file.is_some() && !identity.expired(now) {
                    identity.unload();
                } else {
                    gone.push(*position);
                }
                continue;
            };
            if let Some(end) = identity.expires.filter(|end| *end <= now) {
                self.ends.insert(origin.item, end);
            }
            self.used.note(identity);
            identity.unload();
        }
        for identity in gone.iter().filter_map(|position| self.by_position.remove(position)) {
            self.by_blob.remove(identity.public.blob());
            self.listing = None;
        }
        let ends = self.iter().flat_map(|one| [one.expires, one.idle_end(idle)]);
        self.earliest_expiry = ends.flatten().min();
        expired
    }

    /// Takes out what does not satisfy this.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Identity) -> bool) {
        let before = self.len();
        self.by_position.retain(|_, identity| {
            let keeps = keep(identity);
            if !keeps {
                self.used.note(identity);
            }
            keeps
        });
        if self.len() < before {
            let kept: HashSet<u64> = self.by_position.keys().copied().collect();
            self.by_blob.retain(|_, position| kept.contains(position));
            self.listing = None;
        }
    }

    /// Forgets the private halves of all keys that come back.
    pub(crate) fn unload_stored(&mut self) {
        self.by_position.values_mut().for_each(|identity| identity.unload());
    }

    /// When the time of this item was up, or the time it may go unused: who wants it again has to
    /// give the passphrase after that.
    pub(crate) fn ended(
        &self,
        item: ItemId,
        idle: Option<Duration>,
        now: Moment,
    ) -> Option<Moment> {
        let end = self.ends.get(&item).copied().filter(|end| *end <= now);
        end.max(self.used.ended(item, idle, now))
    }

    /// Until when an item stays that is fetched now. One that was here since the passphrase was
    /// given has no more time than was left of it.
    pub(crate) fn lives_until(
        &mut self,
        item: ItemId,
        lifetime: Option<Duration>,
        now: Moment,
    ) -> Option<Moment> {
        let whole = now.after(lifetime?)?;
        let left = self.ends.get(&item).copied().filter(|end| *end > now);
        let end = left.map_or(whole, |left| left.min(whole));
        self.ends.insert(item, end);
        Some(end)
    }

    /// This key stays no longer than until then.
    pub(crate) fn shorten(&mut self, blob: &[u8], end: Moment) {
        let Some(identity) = self.find_mut(blob).filter(|key| !key.is_away()) else {
            return;
        };
        let end = identity.expires.map_or(end, |expires| expires.min(end));
        identity.expires = Some(end);
        let item = identity.origin.as_ref().map(|origin| origin.item);
        if let Some(item) = item {
            self.ends.insert(item, end);
        }
        self.note_expiry(Some(end));
    }

    /// The passphrase of the store was given: what is fetched from now on has its whole time.
    pub(crate) fn begin_anew(&mut self, now: Moment) {
        self.ends.retain(|_, end| *end <= now);
        self.used.clear();
    }

    /// Of how many items of the store it is known when their time was up, or when they were used.
    #[cfg(fuzzing)]
    pub(crate) fn known_items(&self) -> usize {
        assert_eq!(self.by_blob.len(), self.by_position.len(), "each key has one place");
        self.ends.len().max(self.used.len())
    }

    /// When the next key may expire: never later than it does.
    pub(crate) fn earliest_expiry(&self) -> Option<Moment> {
        self.earliest_expiry
    }

    /// Keeps a signing object for the next signature of the key, which rests after so long.
    pub(crate) fn prepare(&mut self, id: IdentityId, blob: &[u8], ready: Prepared, idle: Duration) {
        let due = ready.last_used.after(idle);
        let Some(identity) = self.find_mut(blob).filter(|it| it.id == id && !it.is_away()) else {
            return;
        };
        identity.prepared = Some(ready);
        self.earliest_wipe = sooner(self.earliest_wipe, due);
    }

    /// Wipes the signing objects that were last used `idle` ago or earlier;
    /// says when the next one may be due. Costs nothing while nothing is.
    pub(crate) fn wipe_idle(&mut self, now: Moment, idle: Duration) -> Option<Moment> {
        if self.earliest_wipe.is_none_or(|earliest| now < earliest) {
            return self.earliest_wipe;
        }
        let mut next = None;
        for identity in self.by_position.values_mut() {
            let Some(due) = identity.prepared.as_ref().and_then(|p| p.last_used.after(idle)) else {
                continue;
            };
            if due <= now {
                identity.prepared = None;
            } else {
                next = sooner(next, Some(due));
            }
        }
        self.earliest_wipe = next;
        next
    }

    /// Wipes every signing object.
    pub(crate) fn wipe_prepared(&mut self) {
        for identity in self.by_position.values_mut() {
            identity.prepared = None;
        }
        self.earliest_wipe = None;
    }

    /// Whether any key may be hidden from some connections.
    pub(crate) fn has_destinations(&self) -> bool {
        self.iter()
            .any(|identity| !identity.destinations.is_empty() || identity.has_unknown_rules())
    }

    /// The answer that lists every key, built once and kept until a key comes
    /// or goes: nothing is encoded again that has not changed.
    pub(crate) fn listing(&mut self) -> Arc<[u8]> {
        if let Some(listing) = &self.listing {
            return Arc::clone(listing);
        }
        let listing = answer(self.iter());
        self.listing = Some(Arc::clone(&listing));
        listing
    }

    /// Other rules count from now on: every key is looked at when somebody next looks at one.
    pub(crate) fn look_at_all(&mut self, now: Moment) {
        self.earliest_expiry = Some(now);
        self.earliest_wipe = Some(now);
    }

    /// Knows of one more end.
    pub(crate) fn note_expiry(&mut self, expires: Option<Moment>) {
        self.earliest_expiry = sooner(self.earliest_expiry, expires);
    }
}

/// The first of two, where there are two.
pub(crate) fn sooner(one: Option<Moment>, other: Option<Moment>) -> Option<Moment> {
    one.into_iter().chain(other).min()
}

/// The answer to a list request with these keys. A key beyond the size every
/// client accepts is left out rather than making the whole list unreadable
/// (P7); a shorter one behind it may still fit.
pub(crate) fn answer<'a>(identities: impl Iterator<Item = &'a Identity>) -> Arc<[u8]> {
    let mut builder = IdentitiesBuilder::new();
    for identity in identities {
        let _fits = builder.push(identity.public.blob(), &identity.comment);
    }
    builder.finish()
}
