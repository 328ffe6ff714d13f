//! What a settings file must not be: what keeps a reader waiting.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

/// Reading it waits for somebody to write.
pub(super) fn waits(path: &Path) -> bool {
    let kind = std::fs::metadata(path).map(|found| found.file_type());
    kind.is_ok_and(|kind| kind.is_fifo() || kind.is_socket())
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use crate::settings::Settings;
    use std::path::Path;

    #[test]
    fn a_fifo_does_not_make_the_start_hang() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(Settings::load(&file(&path, false)).is_err());
    }

    #[test]
    fn an_empty_device_is_an_empty_file() {
        let settings = Settings::load(&file(Path::new("/dev/null"), true)).unwrap();
        assert_eq!(settings, Settings::default());
    }
}
