//! As the shells of Unix take them.

use std::path::Path;

use super::super::{bytes, shown};
use crate::shell::Shell;

/// Every shell knows it.
pub(super) const TILDE_COUNTS: bool = true;

/// One word to a shell, and to no program a flag.
pub(super) fn quoted(path: &Path) -> String {
    let path = bytes(path);
    // A dash alone is standard input.
    let not_a_flag = if path.len() > 1 && path.starts_with(b"-") { &b"./"[..] } else { b"" };
    shown(&Shell::Sh.quote(&[not_a_flag, path].concat()))
}

pub(super) fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "/._-+@".contains(letter)
}
