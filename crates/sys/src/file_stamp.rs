//! Which file has a name, and when it was changed: a different stamp means that it has to be read anew.
//!
//! On Windows a file has no number that is told without opening it: there its size and its times alone
//! tell one from another.

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

/// What a file was when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    which: (u64, u64),
    size: u64,
    /// When its content changed.
    modified: SystemTime,
    /// When anything of it changed, the name it was moved to included, where the system notes that.
    changed: Option<SystemTime>,
}

impl FileStamp {
    /// Of what a path leads to; `None` when that cannot be looked at.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let facts = std::fs::metadata(path).ok()?;
        let modified = facts.modified().ok()?;
        let (which, changed) = (which(&facts), changed(&facts));
        Some(Self { which, size: facts.len(), modified, changed })
    }

    /// When it was changed last.
    #[must_use]
    pub fn changed(&self) -> SystemTime {
        self.changed.unwrap_or(self.modified)
    }
}

#[cfg(unix)]
fn which(facts: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (facts.dev(), facts.ino())
}

/// When it was made, which is another moment for the file that takes its place.
#[cfg(windows)]
fn which(facts: &Metadata) -> (u64, u64) {
    use std::os::windows::fs::MetadataExt as _;
    (facts.creation_time(), u64::from(facts.file_attributes()))
}

#[cfg(unix)]
fn changed(facts: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let seconds = u64::try_from(facts.ctime()).ok()?;
    let nanos = u32::try_from(facts.ctime_nsec()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::new(seconds, nanos))
}

#[cfg(windows)]
fn changed(_facts: &Metadata) -> Option<SystemTime> {
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_written_or_replaced_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(FileStamp::of(&path), None);
        std::fs::write(&path, "one").unwrap();
        let first = FileStamp::of(&path).unwrap();
        assert_eq!(FileStamp::of(&path), Some(first));
        std::fs::write(&path, "other").unwrap();
        let second = FileStamp::of(&path).unwrap();
        assert_ne!(first, second);
        assert!(second.changed() >= first.changed());
    }
}
