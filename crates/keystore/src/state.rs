//! What this machine remembers of a store, outside of it: which root it had, and how new it was.
//!
//! A store that was put back as a whole, or replaced by one with another root, proves itself; only
//! a memory elsewhere knows better. It is never copied to another machine, and holds no secret.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, place};
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
    /// The highest sequence number of each device's manifest.
    pub(crate) seen: BTreeMap<DeviceId, u64>,
}

impl State {
    /// Nothing known yet.
    pub(crate) fn fresh() -> Result<Self> {
        Ok(Self { device: DeviceId::fresh()?, root: None, seen: BTreeMap::new() })
    }

    /// Reads it; a fresh one where there is none.
    pub(crate) fn load(disk: &dyn Disk, folder: &Path, vault: VaultId) -> Result<Self> {
        let path = path(folder, vault);
        let Some(bytes) = disk.read(&path, MAX_SMALL_FILE).map_err(Error::io(&path))? else {
            return Self::fresh();
        };
        let text = std::str::from_utf8(&bytes).ok();
        let read = text.and_then(|text| Self::parse(text, vault).ok());
        read.ok_or_else(|| Error::damaged(path, Problem::Content))
    }

    /// Writes it.
    pub(crate) fn save(&self, disk: &dyn Disk, folder: &Path, vault: VaultId) -> Result<()> {
        disk.make_folder(folder).map_err(Error::io(folder))?;
        place(disk, folder, &vault.to_string(), self.text(vault).as_bytes())
    }

    fn text(&self, vault: VaultId) -> String {
        let mut text = header::line(KIND, &[&vault, &self.device]);
        text.push('\n');
        // Writing to a String cannot fail.
        if let Some(root) = &self.root {
            let _ = writeln!(text, "root {}", base16ct::lower::encode_string(root));
        }
        for (device, sequence) in &self.seen {
            let _ = writeln!(text, "seen {device} {sequence}");
        }
        text
    }

    fn parse(text: &str, vault: VaultId) -> Result<Self, Problem> {
        let mut lines = text.lines();
        let mut fields = Fields::of(lines.next().unwrap_or_default(), KIND)?;
        if fields.id()? != vault {
            return Err(Problem::OtherStore);
        }
        let mut state = Self { device: fields.id()?, root: None, seen: BTreeMap::new() };
        fields.finish()?;
        for line in lines {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["root", digits] => state.root = Some(hex(digits).ok_or(Problem::Content)?),
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
        state.seen.insert(DeviceId::fresh().unwrap(), 12);
        let text = state.text(vault);
        assert_eq!(State::parse(&text, vault), Ok(state));
        assert!(State::parse(&text, VaultId::fresh().unwrap()).is_err());
        assert!(State::parse(&format!("{text}more\n"), vault).is_err());
    }
}
