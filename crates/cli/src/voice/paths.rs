//! Paths as their owner would write them, and as they can be pasted into a shell.

#[cfg_attr(unix, path = "paths/unix.rs")]
#[cfg_attr(windows, path = "paths/windows.rs")]
mod system;
// The rules for Windows are tried everywhere.
#[cfg(all(test, unix))]
#[allow(dead_code, reason = "only what is tried is used")]
#[path = "paths/windows.rs"]
mod windows;

use std::path::{MAIN_SEPARATOR, Path};

use super::shown_path;

/// A path as it can be pasted into a shell, behind a command that would take a dash in front for
/// a flag.
pub(crate) fn quoted(path: &Path) -> String {
    system::quoted(path)
}

/// A path as its owner would write it.
pub(crate) fn brief(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~{MAIN_SEPARATOR}{}", shown_path(rest)),
        None => shown_path(path),
    }
}

/// The same where it can be pasted into a shell: only in the home, and where nothing in it has to
/// be quoted, is the home left out.
pub(crate) fn quoted_brief(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if system::TILDE_COUNTS && shown_path(rest).chars().all(system::is_plain) => {
            brief(path, home)
        }
        _ => quoted(path),
    }
}
