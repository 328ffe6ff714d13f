//! A device and an inode.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::FileIdentity;

pub(super) fn of(file: &File) -> io::Result<FileIdentity> {
    Ok(by(&file.metadata()?))
}

pub(super) fn at(path: &Path) -> io::Result<FileIdentity> {
    Ok(by(&std::fs::symlink_metadata(path)?))
}

pub(super) fn names(path: &Path) -> io::Result<u64> {
    Ok(std::fs::metadata(path)?.nlink())
}

fn by(facts: &Metadata) -> FileIdentity {
    FileIdentity { volume: facts.dev(), number: facts.ino() }
}
