//! What this machine remembers of a store, outside of it: which root it had, and how new it was.
//!
//! A store that was put back as a whole, or replaced by one with another root, proves itself; only
//! a memory elsewhere knows better. It is never copied to another machine, and holds no secret.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::disk::{self, Disk, place};
use crate::header::{self, Fields};
use crate::id::{DeviceId, VaultId, hex};
use crate::limits::MAX_SMALL_FILE;
use crate::seal::KEY_LEN;
use crate::{Error, Problem, Result};

const KIND: &str = "keyfob-state";

/// The memory of one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// What this machine is called in the store.
    pub(crate) device: DeviceId,
    /// The root's commitment; none before the first unlock.
    pub(crate) root: Option<[u8; KEY_LEN]>,
    /// A new root that is about to take the place of this one, and the number of its first
    /// manifest: the store and this memory cannot change in one step.
    pub(crate) next: Option<([u8; KEY_LEN], u64)>,
    /// The highest sequence number of each device's manifest.
    pub(crate) seen: BTreeMap<DeviceId, u64>,
}

impl State {
    /// Nothing known yet.
    pub(crate) fn fresh() -> Result<Self> {
        Ok(Self { device: DeviceId::fresh()?, root: None, next: None, seen: BTreeMap::new() })
    }

    /// Whether a store with this root is one that is expected.
    pub(crate) fn knows(&self, commitment: &[u8; KEY_LEN]) -> bool {
        let next = self.next.as_ref().map(|(next, _)| next);
        self.root.as_ref().is_none_or(|root| root == commitment || next == Some(commitment))
    }

    /// A new root has taken its place: what was seen of the old one counts no more.
    pub(crate) fn follow(&mut self, commitment: &[u8; KEY_LEN]) {
        if let Some((next, sequence)) = self.next
            && next == *commitment
        {
            let seen = [(self.device, sequence)].into();
            *self = Self { device: self.device, root: Some(next), next: None, seen };
        }
    }

    /// Takes over what another process of this machine has noted of the same root.
    pub(crate) fn merge(&mut self, other: &Self) {
        if self.root.is_none() || other.root == self.root {
            self.device = other.device;
            self.next = other.next;
            for (device, sequence) in &other.seen {
                self.saw(*device, *sequence);
            }
        }
    }

    pub(crate) fn saw(&mut self, device: DeviceId, sequence: u64) {
        let known = self.seen.entry(device).or_default();
        *known = (*known).max(sequence);
    }

    /// Reads it, where there is one.
    pub(crate) fn load(disk: &dyn Disk, folder: &Path, vault: VaultId) -> Result<Option<Self>> {
        let path = path(folder, vault);
        let Some(bytes) = disk.read(&path, MAX_SMALL_FILE).map_err(Error::io(&path))? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).ok();
        let read = text.and_then(|text| Self::parse(text, vault).ok());
        read.map(Some).ok_or_else(|| Error::damaged(path, Problem::Content))
    }

    /// Writes it.
    pub(crate) fn save(&self, disk: &dyn Disk, folder: &Path, vault: VaultId) -> Result<()> {
        disk::folder(disk, folder)?;
        place(disk, folder, &vault.to_string(), self.text(vault).as_bytes())
    }

    fn text(&self, vault: VaultId) -> String {
        let mut text = header::line(KIND, &[&vault, &self.device]);
        text.push('\n');
        // Writing to a String cannot fail.
        if let Some(root) = &self.root {
            let _ = writeln!(text, "root {}", base16ct::lower::encode_string(root));
        }
        if let Some((next, sequence)) = &self.next {
            let _ = writeln!(text, "next {} {sequence}", base16ct::lower::encode_string(next));
        }
        for (device, sequence) in &self.seen {
            let _ = writeln!(text, "seen {device} {sequence}");
        }
        text
    }

    /// What can be read is written and read the same.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn fuzz(bytes: &[u8], vault: VaultId) {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        if let Ok(state) = Self::parse(text, vault) {
            assert_eq!(Self::parse(&state.text(vault), vault), Ok(state));
        }
    }

    fn parse(text: &str, vault: VaultId) -> Result<Self, Problem> {
        let mut lines = text.lines();
        let mut fields = Fields::of(lines.next().unwrap_or_default(), KIND)?;
        if fields.id()? != vault {
            return Err(Problem::OtherStore);
        }
        let device = fields.id()?;
        let mut state = Self { device, root: None, next: None, seen: BTreeMap::new() };
        fields.finish()?;
        for line in lines {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["root", digits] => state.root = Some(hex(digits).ok_or(Problem::Content)?),
                ["next", digits, sequence] => {
                    let sequence = header::number(sequence).ok_or(Problem::Content)?;
                    state.next = Some((hex(digits).ok_or(Problem::Content)?, sequence));
                }
                ["seen", device, sequence] => {
                    let device = DeviceId::parse(device).ok_or(Problem::Content)?;
                    let sequence = header::number(sequence).ok_or(Problem::Content)?;
                    state.seen.insert(device, sequence);
                }
                _ => return Err(Problem::Content),
            }
        }
        Ok(state)
    }
}

fn path(folder: &Path, vault: VaultId) -> PathBuf {
    folder.join(vault.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_as_it_was_and_only_for_its_store() {
        let vault = VaultId::fresh().unwrap();
        let mut state = State::fresh().unwrap();
        assert_eq!(State::parse(&state.text(vault), vault), Ok(state.clone()));
        state.root = Some([7; KEY_LEN]);
        state.next = Some(([8; KEY_LEN], 9));
        state.seen.insert(DeviceId::fresh().unwrap(), 12);
        let text = state.text(vault);
        assert_eq!(State::parse(&text, vault), Ok(state));
        assert!(State::parse(&text, VaultId::fresh().unwrap()).is_err());
        assert!(State::parse(&format!("{text}more\n"), vault).is_err());
    }
}
