//! By `/proc`: programs of this user, and the sockets they listen at.
//!
//! Agents hide themselves (`PR_SET_DUMPABLE`): their name and their words are seen all the same,
//! what they have open is not.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use keyfob_sys::peer;

/// Processes that are looked at.
const MANY: usize = 65536;

/// Of `/proc/PID/status`, where all that is wanted stands in front.
const STATUS: u64 = 4096;

/// Of the list of sockets: a busy desktop has some thousand lines of a hundred bytes.
const SOCKETS: u64 = 8 << 20;

/// One that runs.
#[derive(Debug)]
pub(in super::super) struct Process {
    pub(in super::super) pid: u32,
    /// What it is called.
    pub(in super::super) name: String,
    /// The words it was started with.
    pub(in super::super) words: Vec<Vec<u8>>,
}

/// Those of this user that have one of these names.
pub(in super::super) fn called(names: &[&str], uid: u32) -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().take(MANY).flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut found: Vec<Process> = pids.filter_map(|pid| process(pid, names, uid)).collect();
    found.sort_by_key(|process| process.pid);
    found
}

/// The sockets it listens at that have a name.
pub(in super::super) fn sockets(pid: u32) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return Vec::new();
    };
    let targets = entries.take(MANY).flatten().filter_map(|it| fs::read_link(it.path()).ok());
    let inodes: Vec<String> = targets
        .filter_map(|target| {
            let inner = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inner.to_owned())
        })
        .collect();
    let list = bounded(Path::new("/proc/net/unix"), SOCKETS).unwrap_or_default();
    let mut found: Vec<PathBuf> =
        list.lines().filter_map(|line| named_listener(line, &inodes)).collect();
    found.sort();
    found.dedup();
    found
}

/// `address: references protocol flags type state inode path`; flag 10000 says that it listens.
fn named_listener(line: &str, inodes: &[String]) -> Option<PathBuf> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (flags, inode, path) = (fields.get(3)?, *fields.get(6)?, *fields.get(7)?);
    let listens = *flags == "00010000" && inodes.iter().any(|known| known == inode);
    (listens && path.starts_with('/')).then(|| path.into())
}

fn process(pid: u32, names: &[&str], uid: u32) -> Option<Process> {
    let status = bounded(Path::new(&format!("/proc/{pid}/status")), STATUS)?;
    let field = |name: &str| {
        let mut lines = status.lines().filter_map(|line| line.split_once(":\t"));
        lines.find(|(found, _)| *found == name).map(|(_, value)| value)
    };
    let name = field("Name")?.to_owned();
    let owner: u32 = field("Uid")?.split('\t').next()?.parse().ok()?;
    if owner != uid || !names.contains(&name.as_str()) || field("State")?.starts_with('Z') {
        return None;
    }
    Some(Process { pid, name, words: peer::command_line(pid).unwrap_or_default() })
}

/// When a process was started, in seconds since 1970; only where the kernel tells when it began.
pub(in super::super) fn started(pid: u32) -> Option<u64> {
    let ticks = peer::start_time(pid).ok()?;
    let text = fs::read_to_string("/proc/stat").ok()?;
    let boot: u64 =
        text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(boot + ticks / rustix::param::clock_ticks_per_second().max(1))
}

/// When a file got its name, in seconds since 1970.
pub(in super::super) fn put_in_place(file: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    u64::try_from(fs::metadata(file).ok()?.ctime()).ok()
}

fn bounded(path: &Path, limit: u64) -> Option<String> {
    let mut text = Vec::new();
    fs::File::open(path).ok()?.take(limit).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::process_name;

    #[test]
    fn a_socket_we_listen_at_is_found_and_one_we_do_not_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(sockets(std::process::id()).contains(&path));
        drop(listener);
        assert!(!sockets(std::process::id()).contains(&path));
    }

    #[test]
    fn a_program_is_found_by_its_name_and_its_user() {
        let mut child = std::process::Command::new("/bin/sleep").arg("71").spawn().unwrap();
        let uid = keyfob_sys::user::effective_uid();
        let is_there = |names: &[&str], uid| {
            called(names, uid).iter().any(|process| process.pid == child.id())
        };
        // The name is that of whoever starts it until it has begun.
        while process_name::of(child.id()).as_deref() != Some("sleep") {}
        let seen = (is_there(&["sleep"], uid), is_there(&["sleep"], uid + 1), is_there(&[], uid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(seen, (true, false, false));
    }
}
