//! A device's manifest: the least version of each item that it has seen, and what it saw of other
//! devices.
//!
//! An item proves that it is genuine; only a manifest proves that it is not an old one put back,
//! and that one that is gone was deleted. Each device writes its own, so that a tool that copies
//! the store between machines never has two versions of one file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::header::{self, Fields};
use crate::id::{DeviceId, ItemId, SlotId, VaultId, hex, random};
use crate::root::Root;
use crate::seal;
use crate::{Problem, Result};

const KIND: &str = "keyfob-manifest";
const SALT_LEN: usize = 32;

/// What all devices together promise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Floors {
    pub(crate) items: BTreeMap<ItemId, Floor>,
    pub(crate) slots: BTreeMap<SlotId, SlotFloor>,
    /// The last sequence number seen of each device.
    pub(crate) seen: BTreeMap<DeviceId, u64>,
}

/// The least version of an item that may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Floor {
    pub(crate) generation: u64,
    /// Deleted: at the same generation this wins.
    pub(crate) gone: bool,
    pub(crate) device: DeviceId,
}

/// What is known of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlotFloor {
    /// Taken back: this wins.
    pub(crate) gone: bool,
    /// SHA-256 of its file.
    pub(crate) digest: [u8; 32],
}

/// One device's manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) device: DeviceId,
    pub(crate) sequence: u64,
    /// SHA-256 of the file before this one.
    pub(crate) previous: [u8; 32],
    pub(crate) floors: Floors,
}

impl Floors {
    /// Takes over what another manifest promises, where that is more.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (id, floor) in &other.items {
            let known = self.items.entry(*id).or_insert(*floor);
            *known = (*known).max(*floor);
        }
        for (id, slot) in &other.slots {
            let known = self.slots.entry(*id).or_insert(*slot);
            *known = (*known).max(*slot);
        }
        for (device, sequence) in &other.seen {
            self.saw(*device, *sequence);
        }
    }

    /// Notes a device's sequence number.
    pub(crate) fn saw(&mut self, device: DeviceId, sequence: u64) {
        let known = self.seen.entry(device).or_default();
        *known = (*known).max(sequence);
    }
}

impl Manifest {
    /// The bytes of its file.
    pub(crate) fn seal(&self, root: &Root, vault: VaultId) -> Result<Vec<u8>> {
        let salt: [u8; SALT_LEN] = random()?;
        let digits = base16ct::lower::encode_string;
        let Self { device, sequence, previous, .. } = self;
        let line =
            header::line(KIND, &[&vault, device, sequence, &digits(previous), &digits(&salt)]);
        let sealed = seal::seal(root.key(), &salt, &line, self.text().as_bytes())?;
        Ok([line.as_bytes(), b"\n", &sealed].concat())
    }

    /// Whose it is, by its first line: nothing proves it.
    pub(crate) fn device_of(file: &[u8], vault: VaultId) -> Result<DeviceId, Problem> {
        let mut fields = Fields::of(header::split(file)?.0, KIND)?;
        if fields.id()? != vault {
            return Err(Problem::OtherStore);
        }
        let device = fields.id()?;
        let _sequence: u64 = fields.number()?;
        let _previous: [u8; 32] = fields.bytes()?;
        let _salt: [u8; SALT_LEN] = fields.bytes()?;
        fields.finish()?;
        Ok(device)
    }

    /// Reads a file.
    pub(crate) fn open(file: &[u8], root: &Root, vault: VaultId) -> Result<Self, Problem> {
        let (line, body) = header::split(file)?;
        let mut fields = Fields::of(line, KIND)?;
        if fields.id()? != vault {
            return Err(Problem::OtherStore);
        }
        let (device, sequence, previous) = (fields.id()?, fields.number()?, fields.bytes()?);
        let salt: [u8; SALT_LEN] = fields.bytes()?;
        fields.finish()?;
        let plain = seal::open(root.key(), &salt, line, body)?;
        let end = plain.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let text = plain.get(..end).and_then(|text| std::str::from_utf8(text).ok());
        let floors = read(text.ok_or(Problem::Content)?)?;
        Ok(Self { device, sequence, previous, floors })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let state = |gone| if gone { "gone" } else { "live" };
        // Writing to a String cannot fail.
        for (id, Floor { generation, gone, device }) in &self.floors.items {
            let _ = writeln!(text, "item {id} {generation} {} {device}", state(*gone));
        }
        for (id, SlotFloor { gone, digest }) in &self.floors.slots {
            let digest = base16ct::lower::encode_string(digest);
            let _ = writeln!(text, "slot {id} {} {digest}", state(*gone));
        }
        for (device, sequence) in &self.floors.seen {
            let _ = writeln!(text, "seen {device} {sequence}");
        }
        text
    }
}

/// What the next manifest names this file by.
pub(crate) fn digest(file: &[u8]) -> [u8; 32] {
    Sha256::digest(file).into()
}

fn read(text: &str) -> Result<Floors, Problem> {
    let mut floors = Floors::default();
    for line in text.lines() {
        read_line(line, &mut floors).ok_or(Problem::Content)?;
    }
    Ok(floors)
}

/// What can be read is written and read the same.
#[cfg(any(test, fuzzing))]
#[allow(clippy::expect_used, reason = "a fuzz target says what is wrong by ending")]
pub(crate) fn fuzz(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if let Ok(floors) = read(text) {
        let device = DeviceId::parse("0001020304050607").expect("a good id");
        let manifest = Manifest { device, sequence: 1, previous: [0; 32], floors };
        assert_eq!(read(&manifest.text()).as_ref(), Ok(&manifest.floors));
    }
}

fn read_line(line: &str, floors: &mut Floors) -> Option<()> {
    let fields: Vec<&str> = line.split(' ').collect();
    let gone = |text| match text {
        "gone" => Some(true),
        "live" => Some(false),
        _ => None,
    };
    let fresh = match fields[..] {
        ["item", id, generation, state, device] => {
            let floor = Floor {
                generation: header::number(generation)?,
                gone: gone(state)?,
                device: DeviceId::parse(device)?,
            };
            floors.items.insert(ItemId::parse(id)?, floor).is_none()
        }
        ["slot", id, state, digest] => {
            let slot = SlotFloor { gone: gone(state)?, digest: hex(digest)? };
            floors.slots.insert(SlotId::parse(id)?, slot).is_none()
        }
        ["seen", device, sequence] => {
            let sequence = header::number(sequence)?;
            floors.seen.insert(DeviceId::parse(device)?, sequence).is_none()
        }
        _ => false,
    };
    fresh.then_some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn device(byte: u8) -> DeviceId {
        DeviceId::parse(&format!("{byte:016x}")).unwrap()
    }

    fn item(byte: u8) -> ItemId {
        ItemId::parse(&format!("{byte:032x}")).unwrap()
    }

    fn floor(generation: u64, gone: bool, by: u8) -> Floor {
        Floor { generation, gone, device: device(by) }
    }

    fn manifest() -> Manifest {
        let mut floors = Floors::default();
        floors.items.insert(item(1), floor(3, false, 1));
        floors.items.insert(item(2), floor(u64::MAX, true, 2));
        floors.slots.insert(SlotId::fresh().unwrap(), SlotFloor { gone: false, digest: [7; 32] });
        floors.saw(device(2), 9);
        Manifest { device: device(1), sequence: 4, previous: [8; 32], floors }
    }

    #[test]
    fn a_manifest_comes_back_as_it_was() {
        let (root, vault) = (Root::fresh().unwrap(), VaultId::fresh().unwrap());
        let manifest = manifest();
        let file = manifest.seal(&root, vault).unwrap();
        assert_eq!(Manifest::open(&file, &root, vault), Ok(manifest));
        let other = VaultId::fresh().unwrap();
        assert_eq!(Manifest::open(&file, &root, other), Err(Problem::OtherStore));
    }

    #[test]
    fn lines_that_are_none_or_stand_twice_are_refused() {
        let line = format!("seen {} 1", device(1));
        assert!(read(&line).is_ok());
        for wrong in [
            format!("{line}\n{line}"),
            format!("{line} "),
            "seen x 1".to_owned(),
            "item".to_owned(),
            "other 1 2".to_owned(),
            format!("item {} 1 dead {}", item(1), device(1)),
        ] {
            assert_eq!(read(&wrong), Err(Problem::Content), "{wrong}");
        }
    }

    #[test]
    fn of_two_promises_the_higher_one_counts_and_a_deletion_wins_a_tie() {
        let merged = |one: Floor, other: Floor| {
            let with =
                |floor| Floors { items: BTreeMap::from([(item(1), floor)]), ..Floors::default() };
            let (mut left, mut right) = (with(one), with(other));
            left.merge(&with(other));
            right.merge(&with(one));
            assert_eq!(left, right, "the order of merging must not matter");
            left.items[&item(1)]
        };
        assert_eq!(merged(floor(1, false, 9), floor(2, false, 1)), floor(2, false, 1));
        assert_eq!(merged(floor(2, true, 1), floor(2, false, 9)), floor(2, true, 1));
        assert_eq!(merged(floor(2, true, 1), floor(3, false, 1)), floor(3, false, 1));
        assert_eq!(merged(floor(2, false, 1), floor(2, false, 3)), floor(2, false, 3));
    }
}
