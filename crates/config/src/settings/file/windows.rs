//! What a settings file must not be: what keeps a reader waiting. That is a matter of its name
//! here, and asking what is behind the name of a pipe already connects to it.

use std::path::{Component, Path, Prefix};

/// Reading it may wait for somebody to write.
pub(super) fn waits(path: &Path) -> bool {
    match path.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::DeviceNS(_) => true,
            Prefix::UNC(_, share) | Prefix::VerbatimUNC(_, share) => {
                share.eq_ignore_ascii_case("pipe")
            }
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn a_pipe_does_not_make_the_start_hang() {
        for path in [r"\\.\pipe\keyfob", r"\\here\PIPE\keyfob", r"\\?\UNC\here\pipe\keyfob"] {
            let error = Settings::load(&file(Path::new(path), false)).unwrap_err();
            assert!(error.to_string().ends_with("it is not a file"), "{error}");
        }
        for path in [r"C:\pipe\keyfob", r"pipe\keyfob", r"\\?\C:\pipe\a", r"\\here\share\pipe"] {
            assert!(!waits(Path::new(path)), "{path}");
        }
    }
}
