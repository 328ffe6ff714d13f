//! A snapshot of the key store as one file: a plain tar archive, which any system unpacks to a
//! folder that is the store.
//!
//! In memory only: an archive from outside names paths, and none of them reaches the disk before
//! the key store has taken it for one of its own.

use std::io::{self, Read as _};

use keyfob_keystore::{Error as StoreError, Snapshot};
use tar::{Archive, Builder, EntryType, Header};

/// The folder in the archive.
const FOLDER: &str = "keyfob-store";

/// Bytes of an archive that is read: a store of a thousand keys has two million.
pub(crate) const LARGEST: usize = 256 << 20;

/// Why there is no snapshot in a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It is no tar archive, or it is damaged.
    #[error("is no backup of a key store: {0}")]
    Archive(#[from] io::Error),
    /// There is something in it that is none of a store.
    #[error("is no backup of a key store: there is something else in it: {0:?}")]
    Stranger(String),
    /// A file in it is none of a store.
    #[error("is no backup of a key store: {0}")]
    Store(#[from] StoreError),
}

/// The archive. The same snapshot gives the same bytes: no times, no owners.
///
/// # Errors
/// None that could come from memory.
pub(crate) fn written(snapshot: &Snapshot) -> io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (name, bytes) in snapshot.files() {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_size(u64::try_from(bytes.len()).map_err(io::Error::other)?);
        builder.append_data(&mut header, format!("{FOLDER}/{name}"), bytes)?;
    }
    builder.into_inner()
}

/// The snapshot in an archive: files of a store and nothing else.
///
/// # Errors
/// [`Error`].
pub(crate) fn read(bytes: &[u8]) -> Result<Snapshot, Error> {
    let mut snapshot = Snapshot::default();
    for entry in Archive::new(bytes).entries()? {
        let mut entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix('/'));
        match (entry.header().entry_type(), name) {
            // Another program that packed it again may have named the folders.
            (EntryType::Directory, _) => {}
            (EntryType::Regular, Some(name)) => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                snapshot.insert(name, content)?;
            }
            _ => return Err(Error::Stranger(path)),
        }
    }
    Ok(snapshot)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (name, bytes) in [("VAULT", &b"x"[..]), ("keys/a.sealed", &[7; 3000])] {
            snapshot.insert(name, bytes.to_vec()).unwrap();
        }
        // Longer than the field of the old format has room for.
        snapshot.insert(&format!("keys/{}.pub", "n".repeat(120)), Vec::new()).unwrap();
        snapshot
    }

    #[test]
    fn a_snapshot_comes_back_as_it_was() {
        let bytes = written(&snapshot()).unwrap();
        assert_eq!(read(&bytes).unwrap(), snapshot());
        assert_eq!(written(&snapshot()).unwrap(), bytes);
    }

    #[test]
    fn an_archive_with_anything_else_in_it_is_none() {
        let with = |kind: EntryType, path: &str| {
            let mut builder = Builder::new(Vec::new());
            let mut header = Header::new_ustar();
            header.set_entry_type(kind);
            header.set_size(0);
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, io::empty()).unwrap();
            read(&builder.into_inner().unwrap())
        };
        assert!(with(EntryType::Regular, "keyfob-store/keys/a.sealed").is_ok());
        for path in ["/etc/passwd", "keyfob-store/../x", "keyfob-store/keys/../../x.pub", "VAULT"] {
            assert!(with(EntryType::Regular, path).is_err(), "{path}");
        }
        for kind in [EntryType::Symlink, EntryType::Link, EntryType::Fifo, EntryType::Char] {
            assert!(with(kind, "keyfob-store/keys/a.sealed").is_err(), "{kind:?}");
        }
        assert!(read(b"something else").is_err());
        let whole = written(&snapshot()).unwrap();
        assert!(read(&whole[..1000]).is_err());
    }
}
