//! Copies: a symbolic link needs an administrator here, and another name of a program that runs cannot
//! be taken away. Whose they are is what is in them, now or when they were made.

use std::io::{self, ErrorKind};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::super::program::Program;
use super::super::record::Record;
use super::super::step::What;
use super::There;

pub(super) const WHAT: What = What::Copy;

/// Before the program.
pub(super) const WHICH: &str = "of";

pub(super) fn file_name(name: &str) -> String {
    format!("{name}.exe")
}

pub(super) fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::fs::copy(target, path).map(drop)
}

pub(super) fn there(path: &Path, program: &Program, record: &Record) -> There {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return There::Nothing,
        Ok(found) if found.is_file() => {}
        Ok(_) | Err(_) => return There::Other,
    }
    match sum(path) {
        Some(found) if Some(&found) == sum(&program.path).as_ref() => There::Current,
        Some(found) if record.sums.contains(&found) => There::Ours,
        _ => There::Other,
    }
}

/// What was copied, by which a copy of an older version is known again.
pub(super) fn remember_sum(record: &mut Record, _path: &Path, program: &Program) {
    if let Some(sum) = sum(&program.path)
        && !record.sums.contains(&sum)
    {
        record.sums.push(sum);
    }
}

fn sum(path: &Path) -> Option<String> {
    let mut hash = Hash::default();
    io::copy(&mut std::fs::File::open(path).ok()?, &mut hash).ok()?;
    Some(hash.sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A file of megabytes goes through it in pieces.
#[derive(Default)]
struct Hash {
    sha: Sha256,
}

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sha.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
