//! By their mode, which the process' mask only narrows.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

pub(super) fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use crate::private_folder::make_all;

    #[test]
    fn nobody_else_enters_them() {
        let base = tempfile::tempdir().unwrap();
        let above = base.path().join("a");
        make_all(&above.join("b")).unwrap();
        for path in [above.clone(), above.join("b")] {
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }
}
