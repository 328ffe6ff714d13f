//! What an agent remembers, kept with the keys: sealed, and worth nothing to who cannot open it.
//!
//! What is in it is the agent's business. It is no key: a store without it, or with one that does
//! not open, is whole, and begins with nothing remembered. It is one file that is replaced as a
//! whole, and no manifest speaks of it: an older one that is put back tells what was once true.

use std::io::ErrorKind;

use keyfob_keys::wire::{Put as _, Reader};
use keyfob_sys::file_size;

use crate::disk::{Disk, place};
use crate::header::{self, Fields, split};
use crate::id::{VaultId, random};
use crate::layout::{self, Layout};
use crate::limits::MAX_MEMORY_FILE;
use crate::root::Root;
use crate::seal::{KEY_LEN, open, seal};
use crate::unlocked::Unlocked;
use crate::{Error, Problem, Result};

const KIND: &str = "keyfob-memory";

impl Unlocked {
    /// What was kept; `None` when nothing was.
    ///
    /// # Errors
    /// The system's, or [`Error::Damaged`]: then it is as good as nothing.
    pub fn memory(&self) -> Result<Option<Vec<u8>>> {
        let path = self.store.layout.memory();
        let file = match self.store.disk.read(&path, MAX_MEMORY_FILE) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                return Err(Error::damaged(path, Problem::TooLong));
            }
            Err(error) => return Err(Error::io(path)(error)),
        };
        let read = unsealed(&file, &self.root, self.store.vault);
        read.map(Some).map_err(|problem| Error::damaged(path, problem))
    }

    /// Keeps this instead of what was kept before.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::Busy`], [`Error::OtherRoot`] when the store got another root
    /// meanwhile, or the system's: what was kept before stays.
    pub fn keep_memory(&self, memory: &[u8]) -> Result<()> {
        let _limit_is_an_error = file_size::Ignored::new();
        let _alone = self.store.lock()?;
        self.ensure_same_root()?;
        write(&*self.store.disk, &self.store.layout, &self.root, self.store.vault, memory)
    }
}

/// Writes it into the folder of a store.
pub(crate) fn write(
    disk: &dyn Disk,
    layout: &Layout,
    root: &Root,
    vault: VaultId,
    memory: &[u8],
) -> Result<()> {
    let file = sealed(root, vault, memory)?;
    if file.len() > MAX_MEMORY_FILE {
        return Err(Error::TooLong { what: "the memory", limit: MAX_MEMORY_FILE });
    }
    place(disk, layout.folder(), layout::MEMORY, &file)
}

fn sealed(root: &Root, vault: VaultId, memory: &[u8]) -> Result<Vec<u8>> {
    let salt: [u8; KEY_LEN] = random()?;
    let line = header::line(KIND, &[&vault, &base16ct::lower::encode_string(&salt)]);
    let mut content = Vec::with_capacity(memory.len() + 4);
    content.put_string(memory);
    let body = seal(root.key(), &salt, &line, &content)?;
    Ok([line.as_bytes(), b"\n", &body].concat())
}

fn unsealed(file: &[u8], root: &Root, vault: VaultId) -> Result<Vec<u8>, Problem> {
    let (line, body) = split(file)?;
    let mut fields = Fields::of(line, KIND)?;
    if fields.id()? != vault {
        return Err(Problem::OtherStore);
    }
    let salt = fields.bytes::<KEY_LEN>()?;
    fields.finish()?;
    let content = open(root.key(), &salt, line, body)?;
    let memory = Reader::new(&content).string().map_err(|_| Problem::Content)?;
    Ok(memory.to_vec())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_for_its_store_and_its_root_only() {
        let (root, vault) = (Root::fresh().unwrap(), VaultId::fresh().unwrap());
        let file = sealed(&root, vault, b"where I log in").unwrap();
        assert_eq!(unsealed(&file, &root, vault).unwrap(), b"where I log in");
        assert!(!file.windows(5).any(|bytes| bytes == b"where"));
        assert!(unsealed(&file, &root, VaultId::fresh().unwrap()).is_err());
        assert!(unsealed(&file, &Root::fresh().unwrap(), vault).is_err());
    }

    #[test]
    fn a_changed_or_cut_file_does_not_open() {
        let (root, vault) = (Root::fresh().unwrap(), VaultId::fresh().unwrap());
        let file = sealed(&root, vault, b"where I log in").unwrap();
        for bit in 0..file.len() * 8 {
            let mut changed = file.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(unsealed(&changed, &root, vault).is_err(), "bit {bit}");
        }
        for end in 0..file.len() {
            assert!(unsealed(&file[..end], &root, vault).is_err(), "cut at {end}");
        }
    }
}
