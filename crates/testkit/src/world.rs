//! A fresh home folder, and the programs as seen from there.
//!
//! Nothing of the developer's environment reaches a program under test: no `SSH_*`, no `DISPLAY`,
//! no home. What is started here and goes to the background is ended with the world.

use std::env;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

use crate::agent::{Announcement, RunningAgent};
use crate::askpass::Askpass;
use crate::client::RawClient;
use crate::fixture::{self, KeyType};
use crate::harness::skip;
use crate::implementation::{Implementation, Version, another_agent, keyfob_binary};
use crate::key_file::KeyFile;
use crate::leftovers;
use crate::output::Output;
use crate::run::{Run, Running, wait_for_end};

/// Where OpenSSH's programs and everything else is.
const SYSTEM_PATH: &str = "/usr/bin:/bin:/usr/sbin:/sbin";

/// One trial's surroundings.
#[derive(Debug)]
pub struct World {
    implementation: Implementation,
    version: Version,
    folder: TempDir,
    counter: AtomicUsize,
    background: Mutex<Vec<Pid>>,
    kept: Mutex<Vec<Running>>,
}

impl World {
    /// A world in which `ssh-agent`, `ssh-add` and `ssh-keygen` mean these.
    ///
    /// # Errors
    /// When the programs are not there; the text says what to install or build.
    pub fn new(implementation: Implementation) -> Result<Self, String> {
        let version = implementation.version()?;
        let folder = tempfile::Builder::new().prefix("kf-").tempdir().map_err(|error| {
            format!("no temporary folder in {}: {error}", env::temp_dir().display())
        })?;
        leftovers::note_folder(folder.path());
        let world = Self {
            implementation,
            version,
            folder,
            counter: AtomicUsize::new(0),
            background: Mutex::default(),
            kept: Mutex::default(),
        };
        for name in ["home", "home/.ssh", "tmp", "bin"] {
            let made = fs::DirBuilder::new().mode(0o700).create(world.folder.path().join(name));
            made.map_err(|error| error.to_string())?;
        }
        if implementation == Implementation::Keyfob {
            let binary = keyfob_binary()?;
            for name in ["ssh-agent", "ssh-add", "ssh-keygen", "keyfob"] {
                symlink(&binary, world.folder.path().join("bin").join(name))
                    .map_err(|error| error.to_string())?;
            }
        } else if let Some(program) = another_agent() {
            symlink(&program, world.folder.path().join("bin/ssh-agent"))
                .map_err(|error| error.to_string())?;
        }
        Ok(world)
    }

    /// Whose programs run here.
    pub fn implementation(&self) -> Implementation {
        self.implementation
    }

    /// Whether ours run here.
    pub fn is_keyfob(&self) -> bool {
        self.implementation == Implementation::Keyfob
    }

    /// Whether the programs behave as this OpenSSH release or a later one.
    pub fn behaves_as(&self, release: &str) -> bool {
        self.version >= Version::parse(release).expect("a release is written `9.2`")
    }

    /// The folder around the home; sockets live here, short enough for their 108 bytes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A name in the home folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.home().join(name)
    }

    /// The folder that `TMPDIR` names.
    pub fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// A name no one has used in this world.
    pub fn unused(&self, stem: &str) -> PathBuf {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        self.folder.path().join(format!("{stem}{number}"))
    }

    /// Writes a file into the home and returns its path.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = self.path(name);
        let options =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&path);
        let mut file = options.expect("a file in the world");
        std::io::Write::write_all(&mut file, content.as_ref()).expect("a file in the world");
        // The mode above is cut by the umask.
        file.set_permissions(fs::Permissions::from_mode(mode)).expect("the file's mode");
        path
    }

    /// Writes a program. A process of its own does it: a program that is started while another
    /// thread's new child has not yet closed the file it was written through is "busy".
    #[track_caller]
    pub fn script(&self, path: &Path, text: &str) {
        let run = self.system_program("install").args(["-m", "700", "/dev/stdin"]).arg(path);
        run.stdin(text).output().exits(0);
    }

    /// Makes a folder in the home and returns its path.
    pub fn make_folder(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).expect("a folder in the world");
        path
    }

    /// A key of this type under this name in the home, with `<name>.pub` beside it. Equal names
    /// give equal keys in every world of this process.
    pub fn key(&self, kind: KeyType, name: &str) -> KeyFile {
        fixture::key(kind, name, "").copied_to(&self.path(name))
    }

    /// The same behind a passphrase.
    pub fn encrypted_key(&self, kind: KeyType, name: &str, passphrase: &str) -> KeyFile {
        fixture::key(kind, name, passphrase).copied_to(&self.path(name))
    }

    /// A program of this world by its name, `ssh-agent`, `ssh-add` or `ssh-keygen`.
    pub fn program(&self, name: &str) -> Run {
        let path = format!("{}:{SYSTEM_PATH}", self.folder.path().join("bin").display());
        Run::new(name, self.home())
            .env("HOME", self.home())
            .env("PATH", path)
            .env("TMPDIR", self.temporary())
            .env("LANG", "C")
    }

    /// `ssh-agent`.
    pub fn ssh_agent(&self) -> Run {
        self.program("ssh-agent")
    }

    /// `ssh-add`, not told of an agent.
    pub fn ssh_add(&self) -> Run {
        self.program("ssh-add")
    }

    /// `ssh-keygen`: the one under test. Keys for a case come from [`World::key`].
    pub fn ssh_keygen(&self) -> Run {
        self.program("ssh-keygen")
    }

    /// A program of the system, whatever the implementation: OpenSSH's own `ssh-keygen` as a
    /// judge, or its `ssh-add` against our agent.
    pub fn system_program(&self, name: &str) -> Run {
        let path = SYSTEM_PATH.split(':').map(|folder| Path::new(folder).join(name));
        let found = path.into_iter().find(|path| path.exists());
        let program = found.unwrap_or_else(|| skip(format!("{name} is not installed")));
        Run::new(program, self.home())
            .env("HOME", self.home())
            .env("PATH", SYSTEM_PATH)
            .env("TMPDIR", self.temporary())
            .env("LANG", "C")
    }

    /// An agent in the foreground at a socket in this world.
    #[track_caller]
    pub fn agent(&self) -> RunningAgent {
        RunningAgent::start(self, |run| run)
    }

    /// An agent in the foreground with more flags or variables.
    #[track_caller]
    pub fn agent_with(&self, change: impl FnOnce(Run) -> Run) -> RunningAgent {
        RunningAgent::start(self, change)
    }

    /// A connection to a new agent that lives as long as the world.
    #[track_caller]
    pub fn client(&self) -> RawClient {
        let agent = self.agent();
        let client = agent.client();
        self.keep_agent(agent);
        client
    }

    /// Runs `ssh-agent` with these flags as a daemon; the daemon ends with the world.
    #[track_caller]
    pub fn daemon(&self, flags: &[&str]) -> (Output, Announcement) {
        let output = self.ssh_agent().args(flags).output();
        let announcement = Announcement::parse(&output);
        self.adopt(announcement.pid);
        (output, announcement)
    }

    /// Ends this process with the world.
    pub fn adopt(&self, pid: Pid) {
        leftovers::note_process(pid);
        self.background.lock().expect("no test thread panics in here").push(pid);
    }

    /// Keeps this process running for as long as the world.
    pub fn keep(&self, running: Running) {
        self.kept.lock().expect("no test thread panics in here").push(running);
    }

    /// Keeps this agent running for as long as the world.
    pub fn keep_agent(&self, agent: RunningAgent) {
        self.keep(agent.into_running());
    }

    /// Waits until this holds.
    #[track_caller]
    pub fn waits_until(&self, what: &str, limit: Duration, holds: impl Fn() -> bool) {
        let deadline = Instant::now() + limit;
        while !holds() {
            assert!(Instant::now() < deadline, "not within {limit:?}: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A helper that answers questions as told.
    pub fn askpass(&self) -> Askpass {
        Askpass::new(self)
    }

    /// Makes the passwd entry of the running user name this home: `ssh-add` looks there, not at
    /// `$HOME`. Skips the trial where nss_wrapper is not installed.
    pub fn with_home_in_passwd(&self, run: Run) -> Run {
        let Some(library) = nss_wrapper() else {
            skip("nss_wrapper is not installed (Debian package libnss-wrapper)")
        };
        let uid = rustix::process::getuid().as_raw();
        let gid = rustix::process::getgid().as_raw();
        let home = self.home();
        let entry = format!("tester:x:{uid}:{gid}:Test:{}:/bin/sh\n", home.display());
        let passwd = self.folder.path().join("passwd");
        let group = self.folder.path().join("group");
        fs::write(&passwd, entry).expect("a file in the world");
        fs::write(&group, format!("tester:x:{gid}:\n")).expect("a file in the world");
        run.env("LD_PRELOAD", library)
            .env("NSS_WRAPPER_PASSWD", passwd)
            .env("NSS_WRAPPER_GROUP", group)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let background = self.background.lock().map(|mut list| std::mem::take(&mut *list));
        for pid in background.unwrap_or_default() {
            // The soft signal first: the agent then removes its socket's folder in /tmp.
            let _ = kill_process(pid, Signal::TERM);
            if !wait_for_end(pid, Duration::from_millis(500)) {
                let _ = kill_process_group(pid, Signal::KILL);
                let _ = kill_process(pid, Signal::KILL);
            }
            leftovers::forget_process(pid);
        }
        // What is kept runs on until here. The folder is removed before it is forgotten.
        if let Ok(kept) = self.kept.get_mut() {
            kept.clear();
        }
        let _ = fs::remove_dir_all(self.folder.path());
        leftovers::forget_folder(self.folder.path());
    }
}

fn nss_wrapper() -> Option<PathBuf> {
    let mut places = vec![PathBuf::from("/usr/lib/libnss_wrapper.so")];
    let below = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    places.extend(below.map(|entry| entry.path().join("libnss_wrapper.so")));
    places.into_iter().find(|path| path.exists())
}
