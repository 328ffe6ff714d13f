//! What can be run, and where temporary files go.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The file of a program of this name.
pub(super) fn program_file(name: &str) -> PathBuf {
    name.into()
}

/// Whether it can be run.
pub(super) fn runs(path: &Path) -> bool {
    let found = std::fs::metadata(path);
    found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Where temporary files go when nothing says so.
pub(super) fn temporary_directory() -> PathBuf {
    "/tmp".into()
}

#[cfg(test)]
mod tests {
    use super::super::{Environment, Name};
    use super::*;

    #[test]
    fn programs_are_found_where_a_shell_finds_them() {
        let found = |path: &str| Environment::default().with(Name::Path, path).program("sh");
        assert_eq!(found("/nonexistent:/bin:/usr/bin"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(found("bin:.:"), None);
        assert_eq!(Environment::default().program("sh"), None);
    }
}
