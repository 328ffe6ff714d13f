//! Symbolic links: whose they are is where they lead.

use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::Path;

use super::super::program::{self, Program};
use super::super::record::Record;
use super::super::step::What;
use super::There;

pub(super) const WHAT: What = What::Link;

/// Before the program.
pub(super) const WHICH: &str = "to";

pub(super) fn file_name(name: &str) -> String {
    name.to_owned()
}

pub(super) fn link(target: &Path, path: &Path) -> io::Result<()> {
    symlink(target, path)
}

pub(super) fn there(path: &Path, program: &Program, _record: &Record) -> There {
    match std::fs::read_link(path) {
        Ok(target) if program::is_called_so(&target) => match program.is(path) {
            true => There::Current,
            false => There::Ours,
        },
        Err(error) if error.kind() == ErrorKind::NotFound => There::Nothing,
        // Another link, or what is no link.
        Ok(_) | Err(_) => There::Other,
    }
}

/// The link says it itself.
pub(super) fn remember_sum(_record: &mut Record, _path: &Path, _program: &Program) {}
