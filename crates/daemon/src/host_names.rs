//! What the known hosts files of this machine call the hosts that proved their keys.
//!
//! Reads the files of the user and of the system, and again when they have changed; where a name is
//! hashed, the settings of `ssh` too. What their lines mean is in `keyfob-hosts`.

use std::collections::VecDeque;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyfob_agent::HostRule;
use keyfob_hosts::{Configured, Index, Search};
use keyfob_keys::PublicKey;
use keyfob_sys::file_stamp::FileStamp;
use keyfob_sys::opening;
use keyfob_sys::os_text::OsStrExt as _;

use crate::clock;
use crate::limits::{MAX_CLIENT_FILES, MAX_CLIENT_SETTINGS, MAX_KNOWN_HOSTS, MAX_REMEMBERED_HOSTS};

/// The files of the user, below the home, and of the system.
const OF_USER: [&str; 2] = [".ssh/known_hosts", ".ssh/known_hosts2"];
#[cfg(unix)]
const OF_SYSTEM: [&str; 2] = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
#[cfg(windows)]
const OF_SYSTEM: [&str; 1] = [r"C:\ProgramData\ssh\ssh_known_hosts"];

/// The user's settings of `ssh`, below the home, and what they are beside.
const SETTINGS: [&str; 2] = [".ssh/config", ".ssh"];

/// The names of host keys.
pub(crate) struct HostNames {
    files: Vec<PathBuf>,
    home: Option<PathBuf>,
    cached: Mutex<Cached>,
    /// Names that were found before: of a hashed name's host others may be hashed too.
    seen: Mutex<VecDeque<String>>,
}

#[derive(Default, Clone)]
struct Cached {
    stamps: Vec<Option<FileStamp>>,
    index: Arc<Index>,
}

impl HostNames {
    /// Of the files that a client of this user reads.
    pub(crate) fn new(home: Option<&Path>) -> Self {
        let of_user = home.into_iter().flat_map(|home| OF_USER.map(|name| home.join(name)));
        Self {
            home: home.map(Path::to_owned),
            ..Self::of(of_user.chain(OF_SYSTEM.map(PathBuf::from)).collect())
        }
    }

    fn of(files: Vec<PathBuf>) -> Self {
        Self { files, home: None, cached: Mutex::default(), seen: Mutex::default() }
    }

    /// What the host of this key is called. May read large files: not for a thread that others
    /// wait for.
    ///
    /// A hashed name is found among the names that are known: those of the client's command line,
    /// those found before, those in the rules for hosts and those in the settings of `ssh`; or a rule
    /// for a host would not hold where its name is hashed.
    pub(crate) fn of_key(
        &self,
        key: &PublicKey,
        words: &[Vec<u8>],
        rules: &[HostRule],
    ) -> Arc<[String]> {
        let index = self.index();
        let mut candidates = Vec::new();
        if index.has_hashed(key) {
            candidates.extend(candidates_in(words, names_in(rules)));
            candidates.extend(lock(&self.seen).iter().cloned());
            // An alias and the host behind it stand there, and nowhere else.
            candidates.extend(self.configured());
        }
        let search = Search { key, candidates: &candidates, unix: clock::now().unix };
        let names = index.names(&search);
        self.remember(&names);
        names.into()
    }

    /// The names in the user's settings of `ssh` and in what they include.
    fn configured(&self) -> Vec<String> {
        let mut names = Vec::new();
        let Some(home) = &self.home else {
            return names;
        };
        let [first, folder] = SETTINGS.map(|name| home.join(name));
        let mut files = vec![first];
        let mut next = 0;
        while let Some(file) = files.get(next) {
            let found =
                Configured::read(&read_up_to(file, MAX_CLIENT_SETTINGS).unwrap_or_default());
            names.extend(found.names);
            for written in &found.includes {
                let path = match written.strip_prefix("~/") {
                    Some(below_home) => home.join(below_home),
                    None => folder.join(written),
                };
                files.extend(meant(&path));
            }
            files.truncate(MAX_CLIENT_FILES);
            next += 1;
        }
        names
    }

    fn remember(&self, names: &[String]) {
        let mut seen = lock(&self.seen);
        for name in names {
            if !seen.contains(name) {
                seen.push_front(name.clone());
                seen.truncate(MAX_REMEMBERED_HOSTS);
            }
        }
    }

    fn index(&self) -> Arc<Index> {
        let stamps: Vec<_> = self.files.iter().map(|file| FileStamp::of(file)).collect();
        let cached = lock(&self.cached).clone();
        if cached.stamps == stamps {
            return cached.index;
        }
        let mut index = Index::default();
        for file in &self.files {
            if let Some(text) = read(file) {
                index.read(&text);
            }
        }
        let index = Arc::new(index);
        // The stamps are from before: a change meanwhile is one more reading.
        *lock(&self.cached) = Cached { stamps, index: Arc::clone(&index) };
        index
    }
}

/// What these hold is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The text of a file. One that is missing or cannot be read says nothing; a pipe in its place is
/// not waited for.
fn read(path: &Path) -> Option<Vec<u8>> {
    read_up_to(path, MAX_KNOWN_HOSTS)
}

fn read_up_to(path: &Path, limit: u64) -> Option<Vec<u8>> {
    let file = opening::without_waiting(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = Vec::new();
    match file.take(limit).read_to_end(&mut text) {
        Ok(_) => Some(text),
        Err(error) => {
            let path = crate::wording::shown(path.as_os_str().as_bytes());
            tracing::debug!(%path, %error, "a file with names of hosts cannot be read");
            None
        }
    }
}

/// The files that an `Include` means: one `*` in the name of the file is as far as it is followed.
fn meant(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().and_then(|name| name.to_str());
    let Some((start, end)) = name.and_then(|name| name.split_once('*')) else {
        return vec![path.to_owned()];
    };
    let Some(entries) = path.parent().and_then(|folder| std::fs::read_dir(folder).ok()) else {
        return Vec::new();
    };
    let names = entries.flatten().take(MAX_CLIENT_FILES).map(|entry| entry.path());
    let is_meant = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
            name.len() >= start.len() + end.len()
                && !name.starts_with('.')
                && name.starts_with(start)
                && name.ends_with(end)
        })
    };
    let mut files: Vec<_> = names.filter(is_meant).collect();
    files.sort_unstable();
    files
}

/// The names that rules are for, without the patterns.
fn names_in(rules: &[HostRule]) -> Vec<String> {
    let patterns = rules.iter().flat_map(|rule| &rule.matches);
    let names = patterns.map(|pattern| pattern.trim_start_matches('!').to_ascii_lowercase());
    names.filter(|name| !name.contains(['*', '?'])).collect()
}

/// These names and those in a command line such as `ssh -p 2222 me@host` or `ssh://me@host:2222/`,
/// alone and with each port in it.
fn candidates_in(words: &[Vec<u8>], mut names: Vec<String>) -> Vec<String> {
    const ENOUGH: usize = 64;
    let words = words.iter().skip(1).take(ENOUGH);
    let words: Vec<_> = words.filter_map(|word| std::str::from_utf8(word).ok()).collect();
    let mut ports = Vec::new();
    for word in words {
        let word = word.strip_prefix("ssh://").unwrap_or(word).trim_end_matches('/');
        let word = word.rsplit_once('@').map_or(word, |(_, host)| host);
        let value = word.rsplit_once(['=', ' ']).map_or(word, |(_, value)| value);
        for word in [word, value, word.trim_start_matches("-p")] {
            match word.rsplit_once(':') {
                Some((host, port)) if port.parse::<u16>().is_ok() => {
                    names.push(host.trim_matches(['[', ']']).to_owned());
                    ports.push(port.to_owned());
                }
                _ if word.parse::<u16>().is_ok() => ports.push(word.to_owned()),
                _ => {}
            }
            names.push(word.trim_matches(['[', ']']).to_owned());
        }
    }
    names.retain(|name| !name.is_empty() && !name.starts_with('-'));
    for list in [&mut names, &mut ports] {
        list.sort_unstable();
        list.dedup();
    }
    ports.truncate(2);
    let with_ports = |name: &String| {
        let with_port = ports.iter().map(|port| format!("[{name}]:{port}")).collect::<Vec<_>>();
        std::iter::once(name.clone()).chain(with_port)
    };
    names.iter().flat_map(with_ports).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use keyfob_keys::PrivateKey;

    use super::*;

    // Made with `ssh-keygen -H` from a line for "host.example".
    const HASHED: &str = "|1|DO0ahkIHPkd+m9LmTBzysCF0ysY=|OI/eMiAE9Jai+Bq5Ec8BBsvI1tM=";

    fn line(names: &str, seed: u8) -> String {
        let key = PrivateKey::ed25519_from_seed(&[seed; 32]).public().clone();
        format!("{names} {}\n", String::from_utf8(key.to_line(b"")).unwrap())
    }

    fn names(names: &HostNames, seed: u8, words: &str) -> Vec<String> {
        let key = PrivateKey::ed25519_from_seed(&[seed; 32]).public().clone();
        let words: Vec<_> = words.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        names.of_key(&key, &words, &[]).to_vec()
    }

    #[test]
    fn a_file_that_changed_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        let hosts = HostNames::of(vec![folder.path().join("missing"), file.clone()]);
        assert_eq!(names(&hosts, 1, ""), [""; 0]);
        fs::write(&file, line("one", 1)).unwrap();
        assert_eq!(names(&hosts, 1, ""), ["one"]);
        // Of the same length, and put in the old one's place.
        fs::write(folder.path().join("new"), line("two", 1)).unwrap();
        fs::rename(folder.path().join("new"), &file).unwrap();
        assert_eq!(names(&hosts, 1, ""), ["two"]);
        fs::remove_file(&file).unwrap();
        assert_eq!(names(&hosts, 1, ""), [""; 0]);
    }

    #[test]
    fn s6_a_hashed_name_is_found_in_the_command_line_and_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        fs::write(&file, line(HASHED, 1)).unwrap();
        let hosts = HostNames::of(vec![file.clone()]);
        assert_eq!(names(&hosts, 1, "ssh other.example"), [""; 0]);
        assert_eq!(names(&hosts, 1, "ssh -v me@host.example uptime"), ["host.example"]);
        assert_eq!(names(&hosts, 1, "ssh alias"), ["host.example"], "it was seen before");
    }

    /// Lost otherwise: "only this key at this host", and at that host every key.
    #[test]
    fn a_hashed_name_is_found_in_a_rule_for_its_host() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        fs::write(&file, line(HASHED, 1)).unwrap();
        let hosts = HostNames::of(vec![file]);
        let key = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
        let named = |pattern: &str| {
            let matches = vec!["*.elsewhere".to_owned(), pattern.to_owned()];
            let rule = HostRule { matches, ..HostRule::default() };
            hosts.of_key(&key, &[b"ssh".to_vec(), b"alias".to_vec()], &[rule]).to_vec()
        };
        assert_eq!(named("*.example"), [""; 0], "a pattern is no name");
        assert_eq!(named("!Host.example"), ["host.example"]);
    }

    /// Lost otherwise: `ssh alias`, names hashed as some systems do by themselves, and no rule with a
    /// pattern holds at that host.
    #[test]
    fn a_hashed_name_is_found_in_the_settings_of_ssh() {
        let home = tempfile::tempdir().unwrap();
        let below = |name: &str| home.path().join(".ssh").join(name);
        fs::create_dir_all(below("config.d")).unwrap();
        fs::write(below("known_hosts"), line(HASHED, 1)).unwrap();
        let found = || names(&HostNames::new(Some(home.path())), 1, "ssh alias");
        assert_eq!(found(), [""; 0]);
        fs::write(below("config"), "Host alias\n HostName Host.Example\n").unwrap();
        assert_eq!(found(), ["host.example"]);
        fs::write(below("config"), "Include config.d/*.conf\nInclude config\n").unwrap();
        assert_eq!(found(), [""; 0], "and a file that includes itself comes to an end");
        fs::write(below("config.d/10.conf"), "Host host\n HostName %h.example\n").unwrap();
        assert_eq!(found(), ["host.example"]);
    }

    /// (On Windows a pipe is in no folder.)
    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("known_hosts");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        assert_eq!(names(&HostNames::of(vec![pipe]), 1, ""), [""; 0]);
    }

    #[test]
    fn every_way_to_write_a_host_is_tried() {
        for words in
            ["ssh -p 2222 me@h", "ssh -p2222 h", "ssh -oPort=2222 -l me h", "ssh ssh://h:2222/"]
        {
            let words: Vec<_> = words.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            let found = candidates_in(&words, Vec::new());
            for wanted in ["h", "[h]:2222"] {
                assert!(found.iter().any(|name| name == wanted), "{wanted}: {found:?}");
            }
        }
    }
}
