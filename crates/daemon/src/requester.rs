//! Who asks: the client's process and those it was started by, up to the one that a person knows.
//!
//! Read anew for every request that is asked about or signed (I2): a program that takes another's
//! place after it has connected is named by its new name, and a process that has ended is not
//! described by whoever has its number now. What is found here is for people and for the log.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use keyfob_prompt::escape;
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::peer::{self, Status, Surroundings};

use crate::limits::{MAX_CHAIN, MAX_FOLDERS, MAX_SHOWN_PROGRAM};

/// Clients of SSH that can forward an agent: OpenSSH's, PuTTY's family, Dropbear's.
const SSH_CLIENTS: [&str; 5] = ["ssh", "plink", "putty", "winscp", "dbclient"];

/// Processes that are always named.
const NEAREST: usize = 3;

/// What is known of who asks.
#[derive(Debug)]
pub(crate) struct Requester {
    /// The client first, then its parents; empty when nothing can be said.
    pub(crate) chain: Vec<Process>,
    presence: Presence,
    surroundings: Surroundings,
    /// What the client says it was started with.
    words: Vec<Vec<u8>>,
    repository: OnceLock<Option<PathBuf>>,
    /// In words: many notes name the same one.
    shown: OnceLock<String>,
}

/// It, put into words.
struct InWords<'a>(&'a Requester);

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    /// Its number.
    pub(crate) pid: u32,
    /// With the number it names the process for ever.
    pub(crate) start_time: u64,
    /// The program it runs now; `None` when it hides that.
    pub(crate) program: Option<PathBuf>,
}

/// Whether the client's process can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    /// It has ended; another may have its number.
    Gone,
    /// It lives where we cannot see processes, or the system does not tell.
    Unseen,
    /// It used Pageant's window, which a helper of ours serves: who it is, is not told there.
    AtWindow,
}

impl Requester {
    /// Reads who has this number, if it is still the process that started then.
    pub(crate) fn read(pid: Option<u32>, started: Option<u64>) -> Self {
        let Some(pid) = pid else { return Self::without(Presence::Unseen) };
        let Some(started) = started else { return Self::without(Presence::Gone) };
        let (chain, words) = (chain(pid, started), peer::command_line(pid).unwrap_or_default());
        if cfg!(windows) && is_helper(&chain) {
            return Self::without(Presence::AtWindow);
        }
        let surroundings = peer::surroundings(pid);
        // Last: everything above was read of the same process.
        match peer::start_time(pid) {
            Ok(now) if now == started && !chain.is_empty() => Self {
                chain,
                presence: Presence::Here,
                surroundings,
                words,
                repository: OnceLock::new(),
                shown: OnceLock::new(),
            },
            _ => Self::without(Presence::Gone),
        }
    }

    fn without(presence: Presence) -> Self {
        Self {
            chain: Vec::new(),
            presence,
            surroundings: Surroundings::Unknown,
            words: Vec::new(),
            repository: OnceLock::new(),
            shown: OnceLock::new(),
        }
    }

    /// The words of its command line. It may have changed them: good for a guess that something
    /// else proves.
    pub(crate) fn words(&self) -> &[Vec<u8>] {
        &self.words
    }

    /// Whether its names of programs are ours; not where the system does not tell.
    pub(crate) fn sees_what_we_see(&self) -> bool {
        self.surroundings == Surroundings::Ours
    }

    /// Whether its process has ended since it was looked at; `false` for one that is not seen.
    pub(crate) fn has_ended(&self) -> bool {
        self.chain
            .first()
            .is_some_and(|process| peer::start_time(process.pid).ok() != Some(process.start_time))
    }

    /// An `ssh` that serves others over one connection (`ControlMaster`): who asked it is not seen.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_ssh() && self.words.first().is_some_and(|word| word.ends_with(b"[mux]"))
    }

    /// A program that itself only ever logs in: whatever else comes from it comes from beyond.
    pub(crate) fn is_ssh(&self) -> bool {
        let is_one = |name: &OsStr| match cfg!(windows) {
            true => SSH_CLIENTS.iter().any(|client| name.eq_ignore_ascii_case(client)),
            false => SSH_CLIENTS.iter().any(|client| name == *client),
        };
        self.chain.first().and_then(Process::name).is_some_and(is_one)
    }

    /// Whether it does for others what it does not for itself, or may: on Windows everybody is seen but
    /// who is in WSL, and who has ended waits for no answer.
    pub(crate) fn passes_on(&self) -> bool {
        match self.presence {
            Presence::Here => self.is_ssh(),
            Presence::Unseen => cfg!(windows),
            Presence::AtWindow | Presence::Gone => true,
        }
    }

    /// The repository that git is in. Looks at the folder of the client and of its parents, the
    /// nearest first; it may wait for a file system.
    pub(crate) fn repository(&self) -> Option<&Path> {
        let find = || {
            // In other namespaces the same names are other folders.
            if self.surroundings == Surroundings::Foreign {
                return None;
            }
            self.chain.iter().find_map(|process| {
                let folder = peer::working_directory(process.pid).ok()?;
                let found =
                    folder.ancestors().take(MAX_FOLDERS).find(|folder| is_work_tree(folder));
                let same = peer::start_time(process.pid).ok()? == process.start_time;
                found.filter(|_| same).map(Path::to_owned)
            })
        };
        self.repository.get_or_init(find).as_deref()
    }
}

/// The processes from this one upwards. It ends at the first process, at the user's service
/// manager, and where another user's processes begin: those tell nothing about who asks.
fn chain(pid: u32, started: u64) -> Vec<Process> {
    let mut chain: Vec<Process> = Vec::new();
    let (mut next, mut latest) = (pid, started);
    let user = peer::user(pid).ok();
    while chain.len() < MAX_CHAIN && next > 1 {
        let Ok(Status { parent, start_time, .. }) = peer::status(next) else { break };
        // A parent that is younger than its child is somebody who was given its number.
        if start_time > latest || (!chain.is_empty() && peer::user(next).ok() != user) {
            break;
        }
        let process = Process { pid: next, start_time, program: peer::executable(next).ok() };
        if !chain.is_empty() && process.name() == Some(OsStr::new("systemd")) {
            break;
        }
        chain.push(process);
        (next, latest) = (parent, start_time);
    }
    chain
}

/// This program, started by this process: of its helpers one alone asks the agent anything, for others.
fn is_helper(chain: &[Process]) -> bool {
    matches!(chain, [client, agent, ..] if agent.pid == std::process::id()
        && client.program.is_some() && client.program == agent.program)
}

fn is_work_tree(folder: &Path) -> bool {
    std::fs::symlink_metadata(folder.join(".git")).is_ok()
}

impl Process {
    /// The program without its folder. The kernel says of one whose file is gone that it was
    /// deleted: an `ssh` that runs on behind an update of its package is an `ssh` still.
    pub(crate) fn name(&self) -> Option<&OsStr> {
        let name = self.program.as_deref()?.file_name()?;
        // On Windows every program's name ends alike.
        let end = if cfg!(windows) { ".exe" } else { " (deleted)" };
        let without = name.to_str().and_then(|name| {
            let start = name.len().checked_sub(end.len())?;
            name.get(start..)?.eq_ignore_ascii_case(end).then_some(&name[..start])
        });
        Some(without.map_or(name, OsStr::new))
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => {
                f.write_str(&escape::for_display_within(name.as_bytes(), MAX_SHOWN_PROGRAM))?;
            }
            None => f.write_str("program unknown")?,
        }
        write!(f, " (pid {})", self.pid)
    }
}

impl fmt::Display for Requester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown.get_or_init(|| InWords(self).to_string()))
    }
}

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Requester { chain, presence, surroundings, .. }) = self;
        match presence {
            Presence::Gone => return f.write_str("a process that has ended"),
            Presence::AtWindow => return f.write_str("a program that uses Pageant's window"),
            Presence::Unseen => return f.write_str("a process that cannot be seen from here"),
            Presence::Here => {}
        }
        // The nearest, and the one it all began with: the line has to stay in sight.
        let last = chain.len().saturating_sub(1);
        for (index, process) in chain.iter().enumerate() {
            match index {
                0 => {}
                NEAREST if index < last => f.write_str(" ← …")?,
                _ if index > NEAREST && index < last => {}
                _ => f.write_str(" ← ")?,
            }
            if index >= NEAREST && index < last {
                continue;
            }
            process.fmt(f)?;
            if index == 0 && *surroundings == Surroundings::Foreign {
                f.write_str(" in a container or another namespace")?;
            }
        }
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::ended::Ended;

    fn read(child: &Ended, started: u64) -> Requester {
        Requester::read(Some(child.0.id()), Some(started))
    }

    fn sleep_in(folder: &Path) -> (Ended, u64) {
        let child = Command::new("/bin/sleep").arg("30").current_dir(folder).spawn().unwrap();
        let started = peer::start_time(child.id()).unwrap();
        (Ended(child), started)
    }

    #[test]
    fn the_chain_begins_at_the_client_and_goes_to_who_started_it() {
        let (child, started) = sleep_in(Path::new("/"));
        let requester = read(&child, started);
        let pids: Vec<_> = requester.chain.iter().map(|process| process.pid).collect();
        assert_eq!(pids[..2], [child.0.id(), std::process::id()]);
        assert!(pids.len() <= MAX_CHAIN);
        let shown = requester.to_string();
        let mine = format!("sleep (pid {}) ← ", child.0.id());
        assert!(shown.starts_with(&mine), "{shown}");
    }

    /// Lost otherwise: a program that starts itself again and again moves the question out of sight.
    #[test]
    fn a_long_chain_is_named_by_its_ends() {
        let (child, started) = sleep_in(Path::new("/"));
        let mut requester = read(&child, started);
        let process =
            |pid| Process { pid, start_time: 1, program: Some(format!("/p{pid}").into()) };
        requester.chain = (1..=8).map(process).collect();
        let shown = InWords(&requester).to_string();
        assert_eq!(shown, "p1 (pid 1) ← p2 (pid 2) ← p3 (pid 3) ← … ← p8 (pid 8)");
        requester.chain.truncate(4);
        let shown = InWords(&requester).to_string();
        assert_eq!(shown, "p1 (pid 1) ← p2 (pid 2) ← p3 (pid 3) ← p4 (pid 4)");
    }

    /// I2. Lost otherwise: who has got the number of an ended client is taken for it.
    #[test]
    fn i2_whoever_has_its_number_now_is_not_described() {
        let (child, started) = sleep_in(Path::new("/"));
        let other = read(&child, started + 1);
        assert!(other.chain.is_empty());
        assert_eq!(other.to_string(), "a process that has ended");
        let pid = child.0.id();
        let known = read(&child, started);
        assert!(!known.has_ended() && !other.has_ended());
        drop(child);
        assert!(known.has_ended());
        let gone = Requester::read(Some(pid), Some(started));
        assert_eq!(gone.to_string(), "a process that has ended");
        let unseen = Requester::read(None, None).to_string();
        assert_eq!(unseen, "a process that cannot be seen from here");
    }

    /// I2. Lost otherwise: a program asks under the name of the one it has replaced.
    #[test]
    fn i2_a_program_that_took_anothers_place_is_named_by_its_own_name() {
        let mut command = Command::new("/bin/sh");
        let child = command.args(["-c", "read x; exec sleep 30"]);
        let child = child.stdin(std::process::Stdio::piped()).spawn().unwrap();
        let started = peer::start_time(child.id()).unwrap();
        let mut child = Ended(child);
        let before = read(&child, started);
        drop(child.0.stdin.take());
        let named = |requester: &Requester| requester.to_string().starts_with("sleep (pid ");
        assert!(!named(&before), "{before}");
        let limit = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !named(&read(&child, started)) {
            assert!(std::time::Instant::now() < limit, "{}", read(&child, started));
        }
    }

    #[test]
    fn the_repository_is_the_one_around_the_folder_of_the_client() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(folder.join("project/.git")).unwrap();
        std::fs::create_dir_all(folder.join("project/src/deep")).unwrap();
        let (child, started) = sleep_in(&folder.join("project/src/deep"));
        let requester = read(&child, started);
        assert_eq!(requester.repository(), Some(&*folder.join("project")));
    }
}
