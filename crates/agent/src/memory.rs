//! What the agent remembers: which key a host took for which account, and when each key was last
//! used.
//!
//! `ssh` asks for a signature only after the server said that it takes the key. So a signature for
//! a login over a connection that is proved to lead to a host shows that this host key takes this
//! key for this account. Only the client nearest to the person teaches: what comes over a forwarded
//! agent may be anything a server makes up.
//!
//! Hosts and keys are remembered by their fingerprints: it is bounded, and enough to compare. It
//! orders what is offered and permits nothing.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use keyfob_keys::wire::{Put as _, Reader};
use keyfob_protocol::limits::MAX_USER_NAME;

use crate::clock::Moment;
use crate::limits::{MAX_REMEMBERED, MAX_REMEMBERED_USES, NARROWED_FOR};
use crate::print::Print;
use crate::proved::{Aim, Destination};

/// Of the form it is kept in.
const VERSION: u32 = 1;

/// Which key a host took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The host's key.
    pub host: Print,
    /// The account there.
    pub user: Arc<[u8]>,
    /// The key.
    pub key: Print,
    /// When it was last used so, in seconds since 1970.
    pub used: u64,
}

/// A host and an account whose key a signature proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login<'a> {
    pub(crate) host: Print,
    pub(crate) user: &'a [u8],
}

/// Everything that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    hosts: HashMap<Print, Vec<Known>>,
    count: usize,
    uses: HashMap<Print, u64>,
    /// Hosts that were shown only what is remembered of them, and have not used it since.
    narrowed: HashMap<Print, Moment>,
    forgotten: Forgotten,
    /// Grows with each change.
    version: u64,
    saved: u64,
}

/// What must not come back from where it is kept.
#[derive(Debug, Default)]
struct Forgotten {
    all: Option<u64>,
    hosts: HashMap<Print, u64>,
}

impl<'a> Login<'a> {
    /// The login this is, if it is proved to lead there and its client is on this machine.
    pub(crate) fn proved(destination: &'a Destination) -> Option<Self> {
        let Aim::Login(login) = &destination.aim else {
            return None;
        };
        let host = login.host.as_ref()?;
        let is_nearest = destination.via.is_empty() && !destination.remote;
        is_nearest.then(|| Self { host: Print::of(&host.key), user: &login.user })
    }
}

impl Memory {
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0 && self.uses.is_empty()
    }

    /// Remembers that the host took the key.
    pub(crate) fn learn(&mut self, login: &Login<'_>, key: Print, now: u64) {
        self.narrowed.remove(&login.host);
        let before = self.of(&[login.host], Some(login.user));
        let is_old = |known: &&Known| known.key == key && is_soon(known.used, now);
        if !before.first().is_some_and(is_old) {
            self.version += 1;
        }
        self.insert(Known { host: login.host, user: login.user.into(), key, used: now });
    }

    /// Remembers that a key was used, whatever for.
    pub(crate) fn note_use(&mut self, key: Print, now: u64) {
        if !self.uses.insert(key, now).is_some_and(|before| is_soon(before, now)) {
            self.version += 1;
        }
        if self.uses.len() > MAX_REMEMBERED_USES
            && let Some(oldest) = self.uses.iter().min_by_key(|(_, used)| **used)
        {
            let oldest = *oldest.0;
            self.uses.remove(&oldest);
        }
    }

    /// When the key was last used; zero for never.
    pub(crate) fn last_use(&self, key: Print) -> u64 {
        self.uses.get(&key).copied().unwrap_or(0)
    }

    /// What these host keys took, for the account if it is known; the last used first.
    pub(crate) fn of(&self, hosts: &[Print], user: Option<&[u8]>) -> Vec<&Known> {
        let all = hosts.iter().filter_map(|host| self.hosts.get(host)).flatten();
        let mut known: Vec<_> =
            all.filter(|one| user.is_none_or(|user| *one.user == *user)).collect();
        known.sort_by_key(|one| Reverse(one.used));
        known
    }

    /// Everything, the last used first.
    pub(crate) fn all(&self) -> Vec<Known> {
        let mut all: Vec<_> = self.hosts.values().flatten().cloned().collect();
        all.sort_by(|one, other| {
            other
                .used
                .cmp(&one.used)
                .then_with(|| (one.host, &one.user).cmp(&(other.host, &other.user)))
        });
        all
    }

    /// Forgets these host keys; says how many accounts there were.
    pub(crate) fn forget(&mut self, hosts: &[Print], now: u64) -> usize {
        let mut gone = 0;
        for host in hosts {
            gone += self.hosts.remove(host).map_or(0, |known| known.len());
            // So many more cannot have been kept: then all of them go when it comes back.
            if self.forgotten.hosts.len() < MAX_REMEMBERED {
                self.forgotten.hosts.insert(*host, now);
            } else {
                self.forgotten.all = Some(now);
            }
            self.narrowed.remove(host);
        }
        self.count -= gone.min(self.count);
        self.version += 1;
        gone
    }

    /// Forgets everything, the order of the last uses too.
    pub(crate) fn forget_all(&mut self, now: u64) -> usize {
        let gone = self.count;
        let version = self.version + 1;
        let forgotten = Forgotten { all: Some(now), hosts: HashMap::new() };
        *self = Self { forgotten, version, saved: self.saved, ..Self::default() };
        gone
    }

    /// Whether a host may be shown only what is remembered of it: not if it was a moment ago and
    /// used nothing of that, because then it no longer takes it.
    pub(crate) fn may_narrow(&mut self, hosts: &[Print], now: Moment) -> bool {
        self.narrowed.retain(|_, since| since.until(now) < NARROWED_FOR);
        if hosts.iter().any(|host| self.narrowed.contains_key(host)) {
            return false;
        }
        // Many at once: whoever is not noted is shown all.
        if self.narrowed.len() + hosts.len() > MAX_REMEMBERED {
            return false;
        }
        self.narrowed.extend(hosts.iter().map(|host| (*host, now)));
        true
    }

    /// Whether there is something that is not kept yet.
    pub(crate) fn unsaved(&self) -> Option<u64> {
        (self.version != self.saved).then_some(self.version)
    }

    /// It is kept as it was at this version.
    pub(crate) fn saved(&mut self, version: u64) {
        self.saved = version;
        if version == self.version {
            self.forgotten = Forgotten::default();
        }
    }

    /// The form it is kept in.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_u32(VERSION);
        out.put_u32(u32::try_from(self.count).unwrap_or(u32::MAX));
        for Known { host, user, key, used } in self.hosts.values().flatten() {
            out.put_string(&host.0);
            out.put_string(user);
            out.put_string(&key.0);
            out.put_u64(*used);
        }
        out.put_u32(u32::try_from(self.uses.len()).unwrap_or(u32::MAX));
        for (key, used) in &self.uses {
            out.put_string(&key.0);
            out.put_u64(*used);
        }
        out
    }

    /// Takes in what was kept, beside what was learned meanwhile; `false` when it cannot be read.
    /// What follows it does not count.
    pub(crate) fn recall(&mut self, kept: &[u8]) -> bool {
        let Some((hosts, uses)) = decode(kept) else {
            return false;
        };
        for known in hosts {
            let forgotten = self.forgotten.hosts.get(&known.host).copied().max(self.forgotten.all);
            let is_older = self
                .of(&[known.host], Some(&known.user))
                .first()
                .is_some_and(|newer| newer.used >= known.used);
            if forgotten.is_none_or(|when| when < known.used) && !is_older {
                self.insert(known);
            }
        }
        for (key, used) in uses {
            let forgotten = self.forgotten.all.is_some_and(|when| used <= when);
            if !forgotten && self.uses.len() < MAX_REMEMBERED_USES && used > self.last_use(key) {
                self.uses.insert(key, used);
            }
        }
        true
    }

    /// How many accounts are remembered, last uses, hosts that were narrowed or forgotten.
    #[cfg(fuzzing)]
    pub(crate) fn counts(&self) -> [usize; 4] {
        let known = self.hosts.values().map(Vec::len).sum();
        assert_eq!(known, self.count, "what is counted is what there is");
        assert!(self.hosts.values().all(|known| !known.is_empty()), "a host without an account");
        [known, self.uses.len(), self.narrowed.len(), self.forgotten.hosts.len()]
    }

    fn insert(&mut self, known: Known) {
        let of_host = self.hosts.entry(known.host).or_default();
        match of_host.iter_mut().find(|one| one.user == known.user) {
            Some(one) => *one = known,
            None => {
                of_host.push(known);
                self.count += 1;
            }
        }
        if self.count > MAX_REMEMBERED {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self.hosts.values().flatten().min_by_key(|one| one.used).cloned();
        let Some(oldest) = oldest else {
            return;
        };
        if let Some(of_host) = self.hosts.get_mut(&oldest.host) {
            of_host.retain(|one| *one != oldest);
            if of_host.is_empty() {
                self.hosts.remove(&oldest.host);
            }
            self.count -= 1;
        }
    }
}

/// A use so soon after another one is not worth writing it down anew.
fn is_soon(before: u64, now: u64) -> bool {
    (before..before.saturating_add(60)).contains(&now)
}

type Kept = (Vec<Known>, Vec<(Print, u64)>);

fn decode(kept: &[u8]) -> Option<Kept> {
    let mut reader = Reader::new(kept);
    if reader.u32().ok()? != VERSION {
        return None;
    }
    let print = |reader: &mut Reader<'_>| Some(Print(reader.string().ok()?.try_into().ok()?));
    let (mut hosts, mut uses) = (Vec::new(), Vec::new());
    for _ in 0..reader.u32().ok()? {
        let host = print(&mut reader)?;
        let user = reader.string().ok()?;
        let key = print(&mut reader)?;
        let used = reader.u64().ok()?;
        if user.len() > MAX_USER_NAME || hosts.len() == MAX_REMEMBERED {
            return None;
        }
        hosts.push(Known { host, user: user.into(), key, used });
    }
    for _ in 0..reader.u32().ok()? {
        if uses.len() == MAX_REMEMBERED_USES {
            return None;
        }
        uses.push((print(&mut reader)?, reader.u64().ok()?));
    }
    Some((hosts, uses))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::Duration;

    use super::*;

    fn print(n: u16) -> Print {
        let mut bytes = [0; 32];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        Print(bytes)
    }

    fn learned(memory: &mut Memory, host: u16, user: &str, key: u16, now: u64) {
        memory.learn(&Login { host: print(host), user: user.as_bytes() }, print(key), now);
    }

    fn keys(memory: &Memory, host: u16) -> Vec<Print> {
        memory.of(&[print(host)], None).iter().map(|known| known.key).collect()
    }

    #[test]
    fn each_account_of_a_host_has_its_key_and_the_last_used_comes_first() {
        let mut memory = Memory::default();
        learned(&mut memory, 1, "root", 10, 5);
        learned(&mut memory, 1, "git", 11, 6);
        learned(&mut memory, 2, "git", 12, 7);
        assert_eq!(keys(&memory, 1), [print(11), print(10)]);
        learned(&mut memory, 1, "root", 13, 8);
        assert_eq!(keys(&memory, 1), [print(13), print(11)]);
        assert_eq!(memory.all().len(), 3);
    }

    #[test]
    fn it_is_bounded_and_the_oldest_go_first() {
        let mut memory = Memory::default();
        for n in 0..=u16::try_from(MAX_REMEMBERED).unwrap() {
            learned(&mut memory, n, "me", n, u64::from(n) + 1);
            memory.note_use(print(n), u64::from(n) + 1);
        }
        assert_eq!(memory.all().len(), MAX_REMEMBERED);
        assert!(keys(&memory, 0).is_empty() && !keys(&memory, 1).is_empty());
        assert_eq!(memory.uses.len(), MAX_REMEMBERED_USES);
    }

    #[test]
    fn what_was_kept_comes_back_beside_what_is_newer() {
        let mut kept = Memory::default();
        learned(&mut kept, 1, "root", 10, 5);
        learned(&mut kept, 2, "root", 10, 5);
        kept.note_use(print(10), 5);
        let mut memory = Memory::default();
        learned(&mut memory, 1, "root", 11, 6);
        // The seal pads it.
        assert!(memory.recall(&[kept.encode(), vec![0; 200]].concat()));
        assert_eq!(keys(&memory, 1), [print(11)]);
        assert_eq!(keys(&memory, 2), [print(10)]);
        assert_eq!(memory.last_use(print(10)), 5);
    }

    /// Lost otherwise: what was forgotten while the key store was locked is back when it opens.
    #[test]
    fn what_was_forgotten_does_not_come_back() {
        let mut memory = Memory::default();
        learned(&mut memory, 1, "root", 10, 5);
        learned(&mut memory, 2, "root", 10, 5);
        let kept = memory.encode();
        assert_eq!(memory.forget(&[print(1)], 9), 1);
        assert!(memory.recall(&kept));
        assert!(keys(&memory, 1).is_empty() && !keys(&memory, 2).is_empty());
        assert_eq!(memory.forget_all(9), 1);
        assert!(memory.recall(&kept) && memory.all().is_empty());
        let version = memory.unsaved().unwrap();
        memory.saved(version);
        assert_eq!(memory.unsaved(), None);
    }

    #[test]
    fn what_is_cut_or_announces_too_much_is_nothing() {
        let mut memory = Memory::default();
        learned(&mut memory, 1, "root", 10, 5);
        memory.note_use(print(10), 5);
        let kept = memory.encode();
        let mut fresh = Memory::default();
        for end in 0..kept.len() {
            assert!(!fresh.recall(&kept[..end]), "cut at {end}");
        }
        assert!(!fresh.recall(&[&[0, 0, 0, 1], &[0xff; 4][..]].concat()));
        assert!(fresh.is_empty());
    }

    /// Lost otherwise: a host that no longer takes the key shows no other one ever again.
    #[test]
    fn a_host_that_used_nothing_of_what_it_was_shown_is_shown_all_next_time() {
        let mut memory = Memory::default();
        let host = [print(1)];
        let at = |seconds| Moment(Duration::from_secs(seconds));
        assert!(memory.may_narrow(&host, at(0)));
        assert!(!memory.may_narrow(&host, at(1)));
        learned(&mut memory, 1, "root", 10, 5);
        assert!(memory.may_narrow(&host, at(2)));
        assert!(memory.may_narrow(&host, at(2 + NARROWED_FOR.as_secs())));
    }
}
