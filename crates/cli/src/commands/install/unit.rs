//! The systemd units, which are the files in `packaging/systemd` but for the program they start.

use std::path::{Path, PathBuf};

/// The unit that is enabled: its socket leads to the agent, which starts with its first client.
pub(crate) const SOCKET: &str = "keyfob.socket";

/// The agent.
pub(crate) const SERVICE: &str = "keyfob.service";

const SOCKET_TEXT: &str = include_str!("../../../../../packaging/systemd/keyfob.socket");
const SERVICE_TEXT: &str = include_str!("../../../../../packaging/systemd/keyfob.service");

/// What the packaged service starts.
const PACKAGED: &str = "ExecStart=/usr/bin/keyfob ";

/// No unit can start this program, however it is written.
#[derive(Debug, thiserror::Error)]
#[error(
    "systemd starts no program with a quote, a backslash or a control character in its path, nor one that is not UTF-8"
)]
pub(super) struct Unspeakable;

/// The units by name, for this program.
pub(super) fn texts(program: &Path) -> Result<[(&'static str, String); 2], Unspeakable> {
    let path = program.to_str().filter(|path| !path.contains(is_forbidden)).ok_or(Unspeakable)?;
    let start = format!("ExecStart={} ", word(path));
    Ok([(SOCKET, SOCKET_TEXT.to_owned()), (SERVICE, SERVICE_TEXT.replacen(PACKAGED, &start, 1))])
}

/// What systemd takes for an attack, quoted or not.
fn is_forbidden(character: char) -> bool {
    character.is_ascii_control() || ['"', '\'', '\\'].contains(&character)
}

/// The program of `systemctl show -p ExecStart`: `{ path=/usr/bin/keyfob ; argv[]=… }`.
pub(super) fn program_of(shown: &str) -> Option<PathBuf> {
    let (_, rest) = shown.split_once("{ path=")?;
    rest.split_once(" ; argv[]=").map(|(path, _)| PathBuf::from(path))
}

/// A path as the first word of a command line (systemd.service(5), "Command lines"). Variables
/// are not replaced in the path itself, but they are in the name the program is called by, which
/// decides what keyfob is: the colon forbids that.
fn word(path: &str) -> String {
    let escaped = path.replace('%', "%%");
    let colon = if path.contains('$') { ":" } else { "" };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@:%".contains(&byte);
    match escaped.bytes().all(is_plain) {
        true => format!("{colon}{escaped}"),
        false => format!("\"{colon}{escaped}\""),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_packaged_units_are_those_of_the_packaged_program() {
        let [(_, socket), (_, service)] = texts(Path::new("/usr/bin/keyfob")).unwrap();
        assert_eq!(socket, SOCKET_TEXT);
        assert_eq!(service, SERVICE_TEXT);
        assert_eq!(SERVICE_TEXT.matches(PACKAGED).count(), 1);
    }

    #[test]
    fn a_path_is_one_word_whatever_is_in_it() {
        for (path, expected) in [
            ("/opt/keyfob-1.0/bin/keyfob", "/opt/keyfob-1.0/bin/keyfob"),
            ("/home/a b/keyfob", "\"/home/a b/keyfob\""),
            ("/100%/keyfob", "/100%%/keyfob"),
            ("/a$HOME/keyfob", "\":/a$HOME/keyfob\""),
            ("/é/keyfob", "\"/é/keyfob\""),
            ("/a;b/keyfob", "\"/a;b/keyfob\""),
        ] {
            assert_eq!(word(path), expected);
        }
    }

    #[test]
    fn a_path_no_unit_can_name_is_refused() {
        use keyfob_sys::os_text::OsStrExt as _;
        for path in
            [&b"/\xff/keyfob"[..], b"/it's/keyfob", b"/a\"/keyfob", b"/a\\b/keyfob", b"/\n/keyfob"]
        {
            assert!(texts(Path::new(std::ffi::OsStr::from_bytes(path))).is_err());
        }
    }

    #[test]
    fn the_program_of_a_unit_is_what_systemctl_tells() {
        let shown = "{ path=/usr/bin/keyfob ; argv[]=/usr/bin/keyfob agent -D ; pid=0 }";
        assert_eq!(program_of(shown), Some(PathBuf::from("/usr/bin/keyfob")));
        assert_eq!(program_of(""), None);
    }
}
