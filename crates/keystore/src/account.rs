//! Unlocking for whoever is logged in as an account of this machine, without a passphrase.
//!
//! The slot's key comes from 32 random bytes that the system keeps for the account, by a name that this
//! store and this machine have alone. What the system wants kept with them is no part of the store: a
//! copy of it elsewhere opens with its passphrase, as before.
//!
//! It is made by a person's wish only: every program of the account can open the store then.

use std::path::PathBuf;

use keyfob_sys::account_secret as keeper;
use keyfob_sys::file_size;

use crate::disk::{self, place};
use crate::id::{DeviceId, VaultId};
use crate::limits::MAX_SMALL_FILE;
use crate::seal::{KEY_LEN, Key};
use crate::slot::{Method, SALT_LEN, SlotKey, SlotKind};
use crate::store::Store;
use crate::unlocked::{Trust, Unlocked};
use crate::{Error, Problem, Result};

/// Who keeps the secret, in a sentence; none where this system has nobody for it.
pub const ACCOUNT_KEEPER: Option<&str> = keeper::KEEPER;

/// What the file beside this machine's memory of the store ends in.
const KEPT: &str = ".account";

/// The secret of this account, as a way to unlock the slot of this machine.
pub struct AccountKey {
    device: DeviceId,
    secret: Key,
}

impl Method for AccountKey {
    fn serves(&self, kind: SlotKind) -> bool {
        kind == SlotKind::Account(self.device)
    }

    fn key(&self, _kind: SlotKind, salt: &[u8; SALT_LEN]) -> Result<SlotKey> {
        Key::derived(self.secret.bytes(), salt, b"keyfob account slot 1").map(SlotKey)
    }

    fn called(&self) -> &'static str {
        "login of this account"
    }

    fn refused(&self) -> Error {
        Error::WrongAccount
    }
}

impl AccountKey {
    /// Of a secret.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of(device: DeviceId, bytes: &[u8]) -> Result<Self> {
        let mut secret = Key::blank()?;
        secret.bytes_mut().copy_from_slice(bytes);
        Ok(Self { device, secret })
    }
}

impl Store {
    /// Whether whoever is logged in as this account opens it, as its files say.
    ///
    /// # Errors
    /// The system's, or what is wrong with this machine's memory.
    pub fn opens_by_account(&self) -> Result<bool> {
        Ok(self.account_device()?.is_some())
    }

    /// What the system keeps for this account to open the store with; none where it keeps nothing.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn account_key(&self) -> Result<Option<AccountKey>> {
        let Some(device) = self.account_device()? else {
            return Ok(None);
        };
        let path = self.kept_file();
        let kept = self.disk.read(&path, MAX_SMALL_FILE).map_err(Error::io(&path))?;
        let Some(kept) = kept else {
            return Ok(None);
        };
        let found = keeper::find(&name(self.vault, device), &kept, KEY_LEN);
        let found = found.map_err(Error::io(path))?;
        let mut secret = Key::blank()?;
        secret.bytes_mut().copy_from_slice(&found);
        Ok(Some(AccountKey { device, secret }))
    }

    /// The name of this machine, if there is a slot for it.
    fn account_device(&self) -> Result<Option<DeviceId>> {
        let Some(state) = self.state()? else {
            return Ok(None);
        };
        let ours = |slot: &crate::Slot| slot.kind() == SlotKind::Account(state.device);
        Ok(self.slots()?.iter().any(ours).then_some(state.device))
    }

    fn kept_file(&self) -> PathBuf {
        self.states.join(format!("{}{KEPT}", self.vault))
    }

    /// Has the system forget what it keeps.
    pub(crate) fn forget_account(&self, device: DeviceId) -> Result<()> {
        let path = self.kept_file();
        keeper::forget(&name(self.vault, device)).map_err(Error::io(&path))?;
        self.disk.remove(&path).map_err(Error::io(path))
    }
}

impl Unlocked {
    /// Lets whoever is logged in as this account open the store without a passphrase, on this machine.
    ///
    /// # Errors
    /// [`Error::NoKeeper`] where the system keeps no secrets; its refusal; what went wrong while writing:
    /// then the store is as it was.
    pub fn add_account(&mut self) -> Result<()> {
        if ACCOUNT_KEEPER.is_none() {
            return Err(Error::NoKeeper);
        }
        let _limit_is_an_error = file_size::Ignored::new();
        let key = AccountKey { device: self.state.device, secret: Key::fresh()? };
        let (store, device) = (self.store.clone(), key.device);
        let path = store.kept_file();
        // By its memory this machine knows later that the slot is its own.
        self.remember(Trust::Remembered);
        if store.state()?.is_none_or(|state| state.device != device) {
            return Err(Error::damaged(store.states, Problem::Unreadable));
        }
        let kept = keeper::keep(&name(store.vault, device), key.secret.bytes());
        let kept = kept.map_err(Error::io(path))?;
        disk::folder(&*store.disk, &store.states)?;
        let file = format!("{}{KEPT}", store.vault);
        let set = place(&*store.disk, &store.states, &file, &kept)
            // What was kept is proved before anything in the store leads to it.
            .and_then(|()| self.set_account_slot(&key));
        if set.is_err() {
            // A secret that opens nothing is no harm, and the first fault is the one to tell.
            let _ = store.forget_account(device);
        }
        set
    }

    /// Adds the slot, or replaces that of this machine.
    fn set_account_slot(&mut self, key: &AccountKey) -> Result<()> {
        self.set_slot(SlotKind::Account(key.device), key)
    }

    /// Takes that back. Whether there was something to take back.
    ///
    /// # Errors
    /// The system's refusal; what went wrong while writing.
    pub fn remove_account(&mut self) -> Result<bool> {
        let device = self.state.device;
        let was_there = self.take_slots_back(|slot| slot.kind() == SlotKind::Account(device))?;
        self.store.forget_account(device)?;
        Ok(was_there)
    }
}

/// By what the system knows it: of this store and this machine alone.
fn name(vault: VaultId, device: DeviceId) -> String {
    format!("keyfob account slot 1 {vault} {device}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_keys::Secret;

    use super::*;
    use crate::root::Root;
    use crate::slot::Slot;
    use crate::{Cost, Made};

    fn id<const N: usize>(first: u8) -> crate::Id<N> {
        let mut bytes = [0; N];
        bytes.iter_mut().zip(first..).for_each(|(place, number)| *place = number);
        bytes.into()
    }

    #[test]
    fn only_the_secret_of_this_machine_opens_its_slot() {
        let (vault, root) = (id(0), Root::fresh().unwrap());
        let key = AccountKey::of(id(7), &[1; KEY_LEN]).unwrap();
        let slot = Slot::make(vault, SlotKind::Account(id(7)), &key, &root).unwrap();
        let slot = Slot::read(&slot.file(), vault).unwrap();
        assert!(slot.open(vault, &key).unwrap().is_some());
        let other = AccountKey::of(id(7), &[2; KEY_LEN]).unwrap();
        assert!(slot.open(vault, &other).unwrap().is_none(), "another secret");
        let other = AccountKey::of(id(8), &[1; KEY_LEN]).unwrap();
        assert!(slot.open(vault, &other).unwrap().is_none(), "another machine");
        let passphrase = Secret::from(vec![1; KEY_LEN]);
        assert!(slot.open(vault, &passphrase).unwrap().is_none(), "it is no passphrase");
    }

    #[test]
    fn a_slot_that_was_changed_or_moved_to_another_store_opens_nothing() {
        let (vault, root) = (id(0), Root::fresh().unwrap());
        let key = AccountKey::of(id(7), &[1; KEY_LEN]).unwrap();
        let file = Slot::make(vault, SlotKind::Account(id(7)), &key, &root).unwrap().file();
        let line = String::from_utf8_lossy(&file).into_owned();
        assert!(line.starts_with("keyfob-slot 2 000102030405060708090a0b0c0d0e0f "), "{line}");
        for bit in 0..file.len() * 8 {
            let mut changed = file.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let opened = Slot::read(&changed, vault).ok().map(|slot| slot.open(vault, &key));
            assert!(!matches!(opened, Some(Ok(Some(_)))), "bit {bit}");
        }
        // With the name of the other store in its place, whose secret is the same by a miracle.
        let end = file.iter().position(|byte| *byte == b'\n').unwrap();
        let other: VaultId = id(1);
        let head = line.split('\n').next().unwrap().replace(&vault.to_string(), &other.to_string());
        let moved = [head.as_bytes(), &file[end..]].concat();
        let slot = Slot::read(&moved, other).unwrap();
        assert!(slot.open(other, &key).unwrap().is_none());
        assert!(slot.open(vault, &key).unwrap().is_none());
    }

    #[test]
    fn older_and_newer_formats_keep_to_their_kinds() {
        let (vault, root) = (id(0), Root::fresh().unwrap());
        let key = AccountKey::of(id(7), &[1; KEY_LEN]).unwrap();
        let file = Slot::make(vault, SlotKind::Account(id(7)), &key, &root).unwrap().file();
        let swap = |file: &[u8], from: &str, to: &str| {
            let at = file.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
            [&file[..at], to.as_bytes(), &file[at + from.len()..]].concat()
        };
        let old = swap(&file, "keyfob-slot 2", "keyfob-slot 1");
        assert_eq!(Slot::read(&old, vault).unwrap_err(), Problem::Header);
        let new = swap(&file, "keyfob-slot 2", "keyfob-slot 3");
        assert_eq!(Slot::read(&new, vault).unwrap_err(), Problem::Version(3));
        let passphrase = Secret::from(b"x".to_vec());
        let kind = SlotKind::Passphrase(Cost::LEAST);
        let other = Slot::make(vault, kind, &passphrase, &root).unwrap().file();
        let other = swap(&other, "keyfob-slot 1", "keyfob-slot 2");
        assert_eq!(Slot::read(&other, vault).unwrap_err(), Problem::Header);
    }

    /// Made by Python's `hmac` and an XChaCha20-Poly1305 written for it, which know nothing of this code.
    #[test]
    fn a_slot_that_another_implementation_made_opens() {
        let vault = id(0);
        let key = AccountKey::of(id(7), &(0..32).collect::<Vec<u8>>()).unwrap();
        let file = [GOLDEN_LINE.as_bytes(), b"\n", &base16ct::lower::decode_vec(GOLDEN).unwrap()];
        let slot = Slot::read(&file.concat(), vault).unwrap();
        let root = slot.open(vault, &key).unwrap().unwrap();
        assert_eq!(root.key().bytes(), (0..32).collect::<Vec<u8>>());
    }

    const GOLDEN_LINE: &str = "keyfob-slot 2 000102030405060708090a0b0c0d0e0f 5051525354555657 account 0708090a0b0c0d0e 202122232425262728292a2b2c2d2e2f e7e12fda0e6886071ada9785347c93aef5b34b166adcedbf5a0af19585dea97b";
    const GOLDEN: &str = concat!(
        "404142434445464748494a4b4c4d4e4f5051525354555657afad8f15c6c9f12a3252650aac75ec61",
        "b7a05c34241becc815fefdeb9bfcf16f71f8946c8d208f01709906325d04a4c7494e18ed16847940",
        "d88d00f1079125fda6c8febc749914c782b5e7d04cd79b1b6f7fd204f9bef2007792e0d17dcba595",
        "88fb2f36847c2b1411354feb2a3f003d220e3935f6cae769cbe583a940e6670355a1c3ea5b55e9b8",
        "9c4d3702a3110eb8801b5d185b8f804ad6577d94c3b1831efa171e00682ffd196dfc1b65666e01b8",
        "1a2766fd1733b186cedaafd7edff7052fd7193586204f59a0f495b068bff4d41497d782b05b95bd1",
        "45af3f4d14c43818ef03ebcd5c3c5aa149aed09055e16d82a18a45cb3f89c27871597568053ef6a7",
        "4f3e23d8e34a7e161f31458d5179e81a",
    );

    fn made(folder: &std::path::Path) -> Unlocked {
        let passphrase = Secret::from(b"right".to_vec());
        let (store, states) = (folder.join("store"), folder.join("states"));
        let made = Store::create(&store, &states, &passphrase, Cost::FLOOR).unwrap();
        let Made { store, .. } = made;
        store
    }

    #[test]
    #[cfg(windows)]
    fn the_login_opens_the_store_until_that_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut unlocked = made(folder.path());
        let store = unlocked.store().clone();
        assert!(store.account_key().unwrap().is_none(), "without a wish");
        unlocked.add_account().unwrap();
        assert!(unlocked.findings().is_empty(), "{:?}", unlocked.findings());
        assert!(store.opens_by_account().unwrap());
        let key = store.account_key().unwrap().unwrap();
        store.unlock(&key, Trust::Remembered).unwrap();
        // Again: a new secret in the place of the old one.
        unlocked.add_account().unwrap();
        assert!(matches!(store.unlock(&key, Trust::Remembered), Err(Error::WrongAccount)));
        let key = store.account_key().unwrap().unwrap();
        store.unlock(&key, Trust::Remembered).unwrap();

        // What Windows keeps for one store is nothing to another.
        let other_folder = tempfile::tempdir().unwrap();
        let mut other = made(other_folder.path());
        other.add_account().unwrap();
        let (ours, theirs) = (store.kept_file(), other.store().kept_file());
        std::fs::copy(&ours, &theirs).unwrap();
        let refused = other.store().account_key();
        assert!(matches!(refused, Err(Error::Io { .. })), "{:?}", refused.is_ok());

        assert!(unlocked.remove_account().unwrap());
        assert!(!unlocked.remove_account().unwrap());
        assert!(!ours.exists() && !store.opens_by_account().unwrap());
        assert!(store.account_key().unwrap().is_none());
        assert!(matches!(store.unlock(&key, Trust::Remembered), Err(Error::NoSlot(_))));
        store.unlock(&Secret::from(b"right".to_vec()), Trust::Remembered).unwrap();
    }

    #[test]
    #[cfg(windows)]
    fn a_new_root_takes_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut unlocked = made(folder.path());
        unlocked.add_account().unwrap();
        let kept = unlocked.store().kept_file();
        let made = unlocked.rekey(&Secret::from(b"right".to_vec()), Cost::FLOOR).unwrap();
        assert!(!kept.exists() && !made.store.store().opens_by_account().unwrap());
    }

    #[test]
    #[cfg(not(any(windows, target_vendor = "apple")))]
    fn without_a_keeper_nothing_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut unlocked = made(folder.path());
        let slots = unlocked.store().slots().unwrap().len();
        assert!(matches!(unlocked.add_account(), Err(Error::NoKeeper)));
        assert_eq!(unlocked.store().slots().unwrap().len(), slots);
        assert!(!unlocked.remove_account().unwrap());
    }

    /// What a machine with a keeper adds to a store that this one shares.
    #[test]
    fn the_slot_is_a_good_one_to_every_reader() {
        let folder = tempfile::tempdir().unwrap();
        let mut unlocked = made(folder.path());
        let device = unlocked.state.device;
        let key = AccountKey::of(device, &[1; KEY_LEN]).unwrap();
        unlocked.set_account_slot(&key).unwrap();
        let store = unlocked.store().clone();
        assert!(store.opens_by_account().unwrap());
        let found = store.unlock(&key, Trust::Remembered).unwrap().check().unwrap();
        assert!(found.is_empty(), "{found:?}");
        // That of another machine stays where it is, and is none of ours.
        let other = AccountKey::of(id(9), &[2; KEY_LEN]).unwrap();
        unlocked.set_account_slot(&other).unwrap();
        store.unlock(&key, Trust::Remembered).unwrap();
        assert!(unlocked.remove_account().unwrap());
        assert!(!store.opens_by_account().unwrap());
        store.unlock(&other, Trust::Remembered).unwrap();
        assert!(matches!(store.unlock(&key, Trust::Remembered), Err(Error::NoSlot(_))));
    }
}
