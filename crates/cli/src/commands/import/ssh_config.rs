//! The files that `IdentityFile` names in `~/.ssh/config` and in what it includes.
//!
//! Conditions (`Host`, `Match`) are not looked at: whatever is named anywhere is a key of this
//! person. What a path is for one connection only (`%h` and the like) is told, not guessed.

use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use keyfob_protocol::pattern;
use keyfob_sys::user;

use crate::files;
use crate::voice::shown;

/// Files may include files; `ssh` itself stops here.
const DEPTH: usize = 16;

/// Files read in all, and files one pattern may mean.
const MANY: usize = 1000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Configured {
    /// In the order of the configuration; they may not be there.
    pub(super) files: Vec<PathBuf>,
    /// What depends on the connection, as it stands there, to be shown.
    pub(super) unclear: Vec<String>,
    read: usize,
}

/// The files named by the configuration of the user with this home.
pub(super) fn identity_files(home: &Path) -> Configured {
    let mut configured = Configured::default();
    configured.read(&home.join(".ssh/config"), home, 0);
    configured
}

impl Configured {
    fn read(&mut self, path: &Path, home: &Path, depth: usize) {
        if depth == DEPTH || self.read == MANY {
            return;
        }
        self.read += 1;
        let Ok(bytes) = files::open(path).map_err(files::Error::Io).and_then(|mut it| it.read())
        else {
            return;
        };
        for line in bytes.split(|byte| *byte == b'\n') {
            let mut words = words(line).into_iter();
            let Some(keyword) = words.next() else {
                continue;
            };
            if keyword.eq_ignore_ascii_case(b"include") {
                for pattern in words {
                    for file in included(&pattern, home) {
                        self.read(&file, home, depth + 1);
                    }
                }
            } else if keyword.eq_ignore_ascii_case(b"identityfile")
                && let Some(value) = words.next()
            {
                self.take(&value, home);
            }
        }
    }

    fn take(&mut self, value: &[u8], home: &Path) {
        if value.eq_ignore_ascii_case(b"none") {
            return;
        }
        match expanded(value, home) {
            Some(path) if !self.files.contains(&path) => self.files.push(path),
            Some(_) => {}
            None => self.unclear.push(shown(value)),
        }
    }
}

/// The words of a line: apart by blanks, the first perhaps by `=`, in quotes where they have
/// blanks themselves.
fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let mut rest = line.trim_ascii();
    while !rest.is_empty() {
        let separator =
            |byte: &u8| byte.is_ascii_whitespace() || (words.len() == 1 && *byte == b'=');
        let begin = rest.iter().position(|byte| !separator(byte)).unwrap_or(rest.len());
        rest = &rest[begin..];
        match rest.first() {
            None => break,
            Some(b'#') => break,
            Some(b'"') => {
                let inner = &rest[1..];
                let end = inner.iter().position(|byte| *byte == b'"').unwrap_or(inner.len());
                words.push(inner[..end].to_vec());
                rest = inner.get(end + 1..).unwrap_or_default();
            }
            Some(_) => {
                let first = words.is_empty();
                let ends = |byte: &u8| byte.is_ascii_whitespace() || (first && *byte == b'=');
                let end = rest.iter().position(ends).unwrap_or(rest.len());
                words.push(rest[..end].to_vec());
                rest = &rest[end..];
            }
        }
    }
    words
}

/// A path with `~`, `%d`, `%u` and `%%` replaced; `None` where more has to be known.
fn expanded(value: &[u8], home: &Path) -> Option<PathBuf> {
    let home_bytes = home.as_os_str().as_bytes();
    let mut path = Vec::new();
    let mut bytes = value.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => match bytes.next()? {
                b'%' => path.push(b'%'),
                b'd' => path.extend_from_slice(home_bytes),
                b'u' => path.extend_from_slice(user::name()?.as_bytes()),
                _ => return None,
            },
            // `${NAME}`: what it is for `ssh` is not known here.
            b'$' if bytes.as_slice().first() == Some(&b'{') => return None,
            byte => path.push(*byte),
        }
    }
    let path = PathBuf::from(std::ffi::OsString::from_vec(path));
    Some(match path.strip_prefix("~") {
        Ok(rest) => home.join(rest),
        // Another user's home is not looked up; a relative path is one in the home, as good as any.
        Err(_) if path.as_os_str().as_bytes().starts_with(b"~") => return None,
        Err(_) => home.join(path),
    })
}

/// The files a pattern means: `~/.ssh` is where relative ones begin.
fn included(text: &[u8], home: &Path) -> Vec<PathBuf> {
    let path = Path::new(std::ffi::OsStr::from_bytes(text));
    let path = match path.strip_prefix("~") {
        Ok(rest) => home.join(rest),
        Err(_) => home.join(".ssh").join(path),
    };
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let part = part.as_os_str();
        if part.as_bytes().iter().any(|byte| matches!(byte, b'*' | b'?')) {
            found = found.iter().flat_map(|folder| matching(folder, part.as_bytes())).collect();
        } else {
            found.iter_mut().for_each(|path| path.push(part));
        }
        found.truncate(MANY);
    }
    found
}

fn matching(folder: &Path, wanted: &[u8]) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let hidden = name.as_bytes().starts_with(b".") && !wanted.starts_with(b".");
            !hidden && pattern::matches(wanted, name.as_bytes())
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn split(line: &str) -> Vec<String> {
        let words = words(line.as_bytes()).into_iter();
        words.map(|word| String::from_utf8(word).unwrap()).collect()
    }

    #[test]
    fn lines_are_split_as_ssh_splits_them() {
        assert_eq!(split("  IdentityFile ~/.ssh/a b "), ["IdentityFile", "~/.ssh/a", "b"]);
        assert_eq!(split("IdentityFile=\"a b\""), ["IdentityFile", "a b"]);
        assert_eq!(split("IdentityFile = x=y\r"), ["IdentityFile", "x=y"]);
        assert_eq!(split("# IdentityFile a"), Vec::<String>::new());
        assert_eq!(split("IdentityFile a # why"), ["IdentityFile", "a"]);
        assert_eq!(split("IdentityFile \"open"), ["IdentityFile", "open"]);
    }

    #[test]
    fn what_depends_on_a_connection_is_not_guessed() {
        let home = Path::new("/home/me");
        let expanded = |text: &str| expanded(text.as_bytes(), home);
        assert_eq!(expanded("~/.ssh/a"), Some("/home/me/.ssh/a".into()));
        assert_eq!(expanded("%d/k%%"), Some("/home/me/k%".into()));
        assert_eq!(expanded("/abs"), Some("/abs".into()));
        for unclear in ["~/.ssh/%h", "${HOME}/a", "~other/a", "a%"] {
            assert_eq!(expanded(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn included_files_are_read_and_a_loop_ends() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        std::fs::create_dir_all(ssh.join("config.d")).unwrap();
        std::fs::write(ssh.join("config"), "Include config.d/*.conf\nIdentityFile none\n").unwrap();
        std::fs::write(ssh.join("config.d/a.conf"), "Host x\n identityfile ~/k/a\n").unwrap();
        std::fs::write(ssh.join("config.d/b.conf"), "Include ~/.ssh/config.d/b.conf\n").unwrap();
        std::fs::write(ssh.join("config.d/c"), "IdentityFile ~/k/not\n").unwrap();
        assert_eq!(identity_files(home.path()).files, [home.path().join("k/a")]);
    }
}
