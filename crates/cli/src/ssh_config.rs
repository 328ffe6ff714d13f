//! The lines of `ssh`'s configuration, with what they include in its place.
//!
//! Conditions are told (`Host`, `Match`), not judged: which of them hold is known for one
//! connection only. The values that name files are made paths where nothing but the user has to be
//! known for it (`%h` and the like depend on the connection). Only files are read: nothing here
//! waits for somebody to write into a pipe.

use std::path::{Path, PathBuf};

use keyfob_protocol::pattern;
use keyfob_sys::os_text::{self, OsStrExt as _, OsStringExt as _};
use keyfob_sys::user;

use crate::files;
use crate::voice::shown;

/// Files may include files; `ssh` itself stops here.
const DEPTH: usize = 16;

/// Files read in all, and files one pattern may mean.
const MANY: usize = 1000;

/// The system's.
pub(crate) const OF_SYSTEM: &str = "/etc/ssh/ssh_config";

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The file it stands in.
    pub(crate) file: PathBuf,
    /// Its number, from 1.
    pub(crate) number: usize,
    /// What it sets, in small letters.
    pub(crate) keyword: String,
    /// The words behind that.
    pub(crate) values: Vec<Vec<u8>>,
    /// Under which condition.
    pub(crate) block: Block,
}

/// The condition a line stands under.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// Which of them, counted through all files; lines of one block stand under one condition.
    pub(crate) number: usize,
    /// As it stands there; none where it holds for every connection.
    pub(crate) condition: Option<String>,
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// The settings in their order.
    pub(crate) lines: Vec<Line>,
    /// Files that are there and could not be read.
    pub(crate) unread: Vec<(PathBuf, files::Error)>,
    read: usize,
    blocks: usize,
}

/// What `IdentityFile` names anywhere, for whatever connection.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    /// In the order of the configuration; they may not be there.
    pub(crate) files: Vec<PathBuf>,
    /// What depends on the connection, as it stands there, to be shown.
    pub(crate) unclear: Vec<String>,
}

/// The files named by the configuration of the user with this home.
pub(crate) fn identity_files(home: &Path) -> Identities {
    Configuration::of_user(home).identities(home)
}

impl Configuration {
    /// What `~/.ssh/config` says.
    pub(crate) fn of_user(home: &Path) -> Self {
        let mut configuration = Self::default();
        let folder = home.join(".ssh");
        let place = Place { home, folder: &folder };
        configuration.read(&folder.join("config"), place, &Block::default(), 0);
        configuration
    }

    /// What the system's says, to this user.
    pub(crate) fn of_system(home: &Path) -> Self {
        let mut configuration = Self::default();
        let place = Place { home, folder: Path::new("/etc/ssh") };
        configuration.read(Path::new(OF_SYSTEM), place, &Block::default(), 0);
        configuration
    }

    /// The files that `IdentityFile` names.
    pub(crate) fn identities(&self, home: &Path) -> Identities {
        let mut identities = Identities::default();
        for line in self.lines.iter().filter(|line| line.keyword == "identityfile") {
            if let Some(value) = line.values.first() {
                identities.take(value, home);
            }
        }
        identities
    }

    fn read(&mut self, path: &Path, place: Place<'_>, outer: &Block, depth: usize) {
        if depth == DEPTH || self.read == MANY {
            return;
        }
        self.read += 1;
        let bytes = match content(path) {
            Ok(bytes) => bytes,
            Err(error) if error.is_missing() => return,
            Err(error) => {
                self.unread.push((path.to_owned(), error));
                return;
            }
        };
        // A condition ends with the file it stands in, and the one around the `Include` goes on.
        let mut block = outer.clone();
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let mut words = words(line).into_iter();
            let Some(keyword) = words.next() else {
                continue;
            };
            let keyword = String::from_utf8_lossy(&keyword).to_ascii_lowercase();
            let values: Vec<Vec<u8>> = words.collect();
            match keyword.as_str() {
                "include" => {
                    for file in values.iter().flat_map(|pattern| included(pattern, place)) {
                        self.read(&file, place, &block, depth + 1);
                    }
                }
                "host" | "match" => block = self.block(&keyword, &values, outer),
                _ => self.lines.push(Line {
                    file: path.to_owned(),
                    number: at + 1,
                    keyword,
                    values,
                    block: block.clone(),
                }),
            }
        }
    }

    fn block(&mut self, keyword: &str, values: &[Vec<u8>], outer: &Block) -> Block {
        self.blocks += 1;
        let all: &[u8] = if keyword == "host" { b"*" } else { b"all" };
        let is_for_all = matches!(values, [one] if one.eq_ignore_ascii_case(all));
        let condition = match (is_for_all, &outer.condition) {
            (true, outer) => outer.clone(),
            (false, _) => {
                let name = if keyword == "host" { "Host" } else { "Match" };
                Some(format!("{name} {}", shown(&values.join(&b' '))))
            }
        };
        Block { number: self.blocks, condition }
    }
}

impl Identities {
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

/// Whose home, and where relative names of included files begin.
#[derive(Clone, Copy)]
struct Place<'a> {
    home: &'a Path,
    folder: &'a Path,
}

fn content(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, files::Error> {
    let mut opened = files::open(path)?;
    if opened.is_file() { opened.read() } else { Err(files::Error::NotAFile(opened.kind())) }
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
pub(crate) fn expanded(value: &[u8], home: &Path) -> Option<PathBuf> {
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

/// The files a pattern means.
fn included(text: &[u8], place: Place<'_>) -> Vec<PathBuf> {
    let path = os_text::path(text);
    let path = match path.strip_prefix("~") {
        Ok(rest) => place.home.join(rest),
        Err(_) => place.folder.join(path),
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

    #[test]
    fn a_line_has_its_place_and_its_condition() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        std::fs::create_dir_all(&ssh).unwrap();
        let text =
            "ForwardAgent no\nHost a *.b\n  Include inner\n  AddKeysToAgent yes\nHost *\nport 1\n";
        std::fs::write(ssh.join("config"), text).unwrap();
        std::fs::write(ssh.join("inner"), "\nUser me\nMatch user x\nUser you\n").unwrap();
        let found = Configuration::of_user(home.path()).lines;
        let told: Vec<_> = found
            .iter()
            .map(|line| (line.keyword.as_str(), line.number, line.block.condition.as_deref()))
            .collect();
        let expected = [
            ("forwardagent", 1, None),
            ("user", 2, Some("Host a *.b")),
            ("user", 4, Some("Match user x")),
            ("addkeystoagent", 4, Some("Host a *.b")),
            ("port", 6, None),
        ];
        assert_eq!(told, expected);
        assert_eq!(found[1].file, ssh.join("inner"));
    }

    #[test]
    fn what_is_no_file_is_told_and_never_waited_for() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join(".ssh/config")).unwrap();
        let read = Configuration::of_user(home.path());
        assert!(matches!(&read.unread[..], [(_, files::Error::NotAFile("a folder"))]));
    }
}
