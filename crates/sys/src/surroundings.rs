//! Where a process is seen: what its environment says of the screen, and its terminal.
//!
//! For the question *where is the person who started this*, never for *what may it do*: a process
//! chooses its environment itself, so nobody may take the name of a program out of it. Names of
//! variables are the caller's, and nothing but their values leaves this file.
//!
//! Only processes of this user that see the same processes and files as we do are looked at: in
//! another namespace the name of a terminal means another terminal. All is read by process
//! number; what [`Watched`] returns is only good if [`Watched::is_same`] says so afterwards (I2).

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

/// Bytes of a value: no display, path or bus has a longer name.
const MAX_VALUE: usize = 4096;

/// A process that may be looked at: one and the same as long as [`Watched::is_same`] says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    pid: u32,
    parent: u32,
    start_time: u64,
}

/// The terminal of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Its name, under which it was looked at.
    pub path: PathBuf,
    /// The device the kernel says it is: compare it once more when it is open.
    pub device: u64,
    /// What is typed there goes to this very process, and to no shell.
    pub foreground: bool,
}

impl Watched {
    /// Begins to look at a process.
    ///
    /// # Errors
    /// `NotFound` when there is none, `PermissionDenied` when it is not this user's, hides itself
    /// or lives in other namespaces; `Unsupported` where this cannot be known.
    pub fn new(pid: u32) -> io::Result<Self> {
        system::watched(pid)
    }

    /// Its number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The process that started it, if that may be looked at too.
    ///
    /// # Errors
    /// As [`Watched::new`].
    pub fn parent(&self) -> io::Result<Self> {
        let parent = Self::new(self.parent)?;
        // A number that was given away again belongs to somebody younger.
        if parent.start_time > self.start_time || !self.is_same() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(parent)
    }

    /// Whether its number still belongs to it.
    #[must_use]
    pub fn is_same(&self) -> bool {
        crate::peer::start_time(self.pid).is_ok_and(|start_time| start_time == self.start_time)
    }

    /// The values these variables had when the process started; empty ones are left out.
    ///
    /// # Errors
    /// The system's refusal, or that the process is another one by now.
    pub fn variables<N: AsRef<str> + Copy>(&self, names: &[N]) -> io::Result<Vec<(N, OsString)>> {
        let found = select(&system::environment(self.pid)?, names);
        if self.is_same() { Ok(found) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    /// Its controlling terminal; `None` when it has none, or none that belongs to this user.
    ///
    /// # Errors
    /// As [`Watched::variables`].
    pub fn terminal(&self) -> io::Result<Option<Terminal>> {
        let found = system::terminal(self.pid)?;
        if self.is_same() { Ok(found) } else { Err(io::ErrorKind::NotFound.into()) }
    }
}

/// Takes named values out of an environment as the kernel shows it: `NAME=value` and a zero byte
/// each. The last one may be cut off, so it does not count without its end.
fn select<N: AsRef<str> + Copy>(environment: &[u8], names: &[N]) -> Vec<(N, OsString)> {
    use crate::os_text::OsStringExt as _;
    let complete = environment.iter().rposition(|byte| *byte == 0).unwrap_or(0);
    let mut found: Vec<(N, OsString)> = Vec::new();
    for entry in environment[..complete].split(|byte| *byte == 0) {
        let Some(at) = entry.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = (&entry[..at], &entry[at + 1..]);
        let wanted = names.iter().find(|wanted| wanted.as_ref().as_bytes() == name);
        let known = |name: &N| found.iter().any(|(known, _)| known.as_ref() == name.as_ref());
        // The first of a name is the one `getenv` finds.
        if let Some(name) = wanted.filter(|name| !known(name))
            && !value.is_empty()
            && value.len() <= MAX_VALUE
        {
            found.push((*name, OsString::from_vec(value.to_vec())));
        }
    }
    found
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Terminal, Watched};
    use crate::looking::{self, Link};
    use crate::user;
    use std::fs;
    use std::io::{self, Read as _};
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    use std::path::PathBuf;

    pub(super) fn watched(pid: u32) -> io::Result<Watched> {
        let status = crate::peer::status(pid).map_err(io::Error::other)?;
        let watched = Watched { pid, parent: status.parent, start_time: status.start_time };
        if !is_of_user(pid)? || !sees_what_we_see(pid)? || !watched.is_same() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(watched)
    }

    /// All of its users are ours: the real one, the one that counts, and those it could turn into.
    fn is_of_user(pid: u32) -> io::Result<bool> {
        let own = user::effective_uid().to_string();
        let status = read(&format!("/proc/{pid}/status"), 16 * 1024)?;
        let status = String::from_utf8_lossy(&status);
        let users = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        Ok(users.is_some_and(|users| users.split_whitespace().all(|user| user == own)))
    }

    /// The kernel shows this of whom we could attach a debugger to, and of nobody else.
    fn sees_what_we_see(pid: u32) -> io::Result<bool> {
        for (kind, which) in [("pid", Link::ProcessNamespace), ("mnt", Link::MountNamespace)] {
            let its = looking::link(pid, which)?;
            if its != fs::read_link(format!("/proc/self/ns/{kind}"))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn environment(pid: u32) -> io::Result<Vec<u8>> {
        looking::environment(pid)
    }

    pub(super) fn terminal(pid: u32) -> io::Result<Option<Terminal>> {
        let line = read(&format!("/proc/{pid}/stat"), 4096)?;
        let Some(Numbers { group, terminal, foreground }) = parse(&line) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let Some((path, device)) = name(terminal) else {
            return Ok(None);
        };
        let Ok(found) = fs::symlink_metadata(&path) else {
            return Ok(None);
        };
        let is_it = found.file_type().is_char_device() && found.rdev() == device;
        let is_ours = found.uid() == user::effective_uid();
        let foreground = foreground > 0 && foreground == group;
        Ok((is_it && is_ours).then_some(Terminal { path, device, foreground }))
    }

    pub(super) struct Numbers {
        pub(super) group: i32,
        pub(super) terminal: i32,
        pub(super) foreground: i32,
    }

    /// See `peer`: the name of the program may hold anything, what follows it is numbers.
    pub(super) fn parse(line: &[u8]) -> Option<Numbers> {
        let end = line.iter().rposition(|byte| *byte == b')')?;
        let rest = std::str::from_utf8(&line[end + 1..]).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - 3)?.parse().ok();
        Some(Numbers { group: field(5)?, terminal: field(7)?, foreground: field(8)? })
    }

    /// Pseudo terminals (major 136 to 143) and the console's (major 4): where people sit.
    pub(super) fn name(number: i32) -> Option<(PathBuf, u64)> {
        let number = number.cast_unsigned();
        let (major, minor) = ((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xf_ff00));
        let path = match (major, minor) {
            (136..=143, _) => format!("/dev/pts/{}", (major - 136) * 256 + minor),
            (4, 1..=63) => format!("/dev/tty{minor}"),
            _ => return None,
        };
        Some((path.into(), rustix::fs::makedev(major, minor)))
    }

    fn read(path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Terminal, Watched};
    use std::io;

    pub(super) fn watched(_pid: u32) -> io::Result<Watched> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn environment(_pid: u32) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn terminal(_pid: u32) -> io::Result<Option<Terminal>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    struct Sleeper(Child);

    impl Sleeper {
        fn new(change: impl FnOnce(&mut Command)) -> Self {
            let mut command = Command::new("/bin/sleep");
            change(command.arg("20").env_clear());
            let sleeper = Self(command.spawn().unwrap());
            // While a program is being started its arguments and its environment read as empty.
            let arguments = format!("/proc/{}/cmdline", sleeper.0.id());
            while std::fs::read(&arguments).unwrap().is_empty() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
            sleeper
        }

        fn watched(&self) -> Watched {
            Watched::new(self.0.id()).unwrap()
        }
    }

    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn u1_the_screen_of_another_process_is_known() {
        let sleeper = Sleeper::new(|command| {
            command.env("DISPLAY", ":7").env("SSH_ASKPASS", "/evil").env("EMPTY", "");
        });
        let found = sleeper.watched().variables(&["DISPLAY", "WAYLAND_DISPLAY", "EMPTY"]).unwrap();
        assert_eq!(found, [("DISPLAY", OsString::from(":7"))]);
    }

    #[test]
    fn i2_a_process_that_ended_is_not_described_by_who_came_after() {
        let mut sleeper = Sleeper::new(|_| {});
        let watched = sleeper.watched();
        assert_eq!(watched.parent().unwrap().pid(), std::process::id());
        sleeper.0.kill().unwrap();
        sleeper.0.wait().unwrap();
        assert!(!watched.is_same());
        assert!(watched.variables(&["PATH"]).is_err());
        assert!(watched.terminal().is_err());
    }

    /// Lost otherwise: a parent that ended and whose number was given to a stranger.
    #[test]
    fn a_parent_younger_than_its_child_is_none() {
        let older = Watched::new(std::process::id()).unwrap();
        let sleeper = Sleeper::new(|_| {});
        let child = Watched { parent: sleeper.0.id(), start_time: 1, ..older };
        assert!(child.parent().is_err());
    }

    #[test]
    fn a_process_of_another_user_is_not_looked_at() {
        if !rustix::process::geteuid().is_root() {
            assert!(Watched::new(1).is_err(), "the first process is root's");
            return;
        }
        use std::os::unix::process::CommandExt as _;
        let sleeper = Sleeper::new(|command| {
            command.uid(65534);
        });
        assert!(Watched::new(sleeper.0.id()).is_err());
    }

    #[test]
    fn only_whole_values_that_are_not_too_long_count() {
        let names = ["A", "B", "C"];
        let of = |bytes: &[u8]| select(bytes, &names);
        assert_eq!(of(b"A=1\0B=2\0C=cut off"), [("A", "1".into()), ("B", "2".into())]);
        assert_eq!(of(b"A=1\0A=2\0AB=3\0=\0A\0"), [("A", "1".into())]);
        assert_eq!(of(b""), []);
        assert_eq!(of(b"no end"), []);
        let long = [b"A=", &[b'x'; MAX_VALUE + 1][..], b"\0B=2\0"].concat();
        assert_eq!(of(&long), [("B", "2".into())]);
    }

    #[test]
    fn terminals_have_the_names_the_kernel_gives_them() {
        let name = |number| system::name(number).map(|(path, _)| path);
        assert_eq!(name(136 << 8), Some("/dev/pts/0".into()));
        assert_eq!(name((136 << 8) | 255), Some("/dev/pts/255".into()));
        assert_eq!(name(137 << 8 | 1), Some("/dev/pts/257".into()));
        assert_eq!(name((4 << 8) | 1), Some("/dev/tty1".into()));
        assert_eq!(name(4 << 8 | 64), None, "a serial line");
        assert_eq!(name(0), None);
    }

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_numbers() {
        let numbers = system::parse(b"77 (a) R 1 (b 9) S 5 6 7 34816 6 10 11\n").unwrap();
        assert_eq!((numbers.group, numbers.terminal, numbers.foreground), (6, 34816, 6));
        assert!(system::parse(b"77 (sh) S 5 6").is_none());
    }
}
