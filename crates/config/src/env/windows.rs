//! What can be run, and where temporary files go.
//!
//! A program is an `.exe` here: scripts that only a shell runs are not looked for.

use std::path::{Path, PathBuf};

/// The file of a program of this name.
pub(super) fn program_file(name: &str) -> PathBuf {
    let has_end = Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("exe"));
    if has_end { name.into() } else { format!("{name}.exe").into() }
}

/// Whether it can be run: its name says it.
pub(super) fn runs(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// Where temporary files go when nothing says so.
pub(super) fn temporary_directory() -> PathBuf {
    std::env::temp_dir()
}

#[cfg(test)]
mod tests {
    use super::super::{Environment, Name};
    use super::*;

    #[test]
    fn programs_are_found_where_a_shell_finds_them() {
        let found = |path: &str, name| Environment::default().with(Name::Path, path).program(name);
        let here = r"C:\nowhere;C:\windows\system32";
        let cmd = Some(PathBuf::from(r"C:\windows\system32\cmd.exe"));
        assert_eq!(found(here, "cmd"), cmd);
        assert_eq!(found(here, "cmd.exe"), cmd);
        assert_eq!(found(r"windows\system32;.;", "cmd"), None);
        assert_eq!(Environment::default().program("cmd"), None);
    }

    #[test]
    fn there_is_a_folder_for_temporary_files() {
        assert!(Environment::default().temporary_directory().is_dir());
    }
}
