//! A real systemd of a user without rights, in namespaces and control groups of its own, as a login
//! starts one. It ends with the test, and everything it started with it.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyfob_testkit::user::{User, is_root};
use keyfob_testkit::{Output, Run, Running, World};

use crate::support::skipped;

const SYSTEMD: &str = "/usr/lib/systemd/systemd";

/// Where control groups are, in each of the ways systemd uses them.
const TREES: [&str; 3] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"];

/// Arguments: the control group, the user's number, its folder, where programs are. The group is
/// the user's own, as logind would make it; systemd itself must not be process 1.
const LOGIN: &str = r#"
set -e
for tree in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    [ -e "$tree/cgroup.procs" ] || continue
    mkdir "$tree/$1"
    chown -R "$2:$2" "$tree/$1"
    echo $$ >"$tree/$1/cgroup.procs"
done
export USER_NUMBER="$2" USER_FOLDER="$3" USER_PATH="$4"
exec unshare --mount --pid --fork --kill-child --mount-proc sh -c '
    mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p /run/systemd/system &&
    setpriv --reuid="$USER_NUMBER" --regid="$USER_NUMBER" --clear-groups \
        env -i PATH="$USER_PATH" HOME="$USER_FOLDER/home" XDG_RUNTIME_DIR="$USER_FOLDER/run" \
        LANG=C /usr/lib/systemd/systemd --user
'
"#;

/// The user's systemd, and the user.
pub(crate) struct UserManager<'a> {
    world: &'a World,
    folder: PathBuf,
    programs: PathBuf,
    group: String,
    login: Option<Running>,
}

impl<'a> UserManager<'a> {
    /// A user with keyfob in this folder of theirs, logged in; `None`, with a word about it, where
    /// that cannot be.
    pub(crate) fn start(world: &'a World, programs: &str) -> Option<Self> {
        if !is_root() {
            skipped("only root can start systemd for another user, in groups of its own");
            return None;
        }
        if !Path::new(SYSTEMD).exists() {
            skipped("systemd is not installed");
            return None;
        }
        let folder = User::Stranger.folder(world);
        let group = format!("keyfob-{}", folder.display()).replace(['/', '.'], "-");
        let programs = folder.join(programs);
        let mut manager = Self { world, folder, programs, group, login: None };
        for folder in [manager.home(), manager.runtime(), manager.programs.clone()] {
            manager.make_folder(&folder);
        }
        let binary = env!("CARGO_BIN_EXE_keyfob");
        let copy = world.system_program("install").args(["-m", "755", binary]);
        copy.arg(manager.programs.join("keyfob")).output().exits(0);
        manager.login().then_some(manager)
    }

    /// Logs in; whether systemd is there then.
    pub(crate) fn login(&mut self) -> bool {
        let number = User::Stranger.number().to_string();
        let run =
            self.world.system_program("sh").args(["-c", LOGIN, "login", &self.group, &number]);
        let run = run.arg(&self.folder).arg(self.path()).in_folder("/");
        self.login = Some(run.limit(Duration::from_secs(300)).start());
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if self.inner().is_some() {
                let state = self.systemctl(&["is-system-running"]).output().stdout();
                if ["running", "degraded"].contains(&state.trim()) {
                    return true;
                }
            }
            let ended = self.login.as_mut().is_none_or(|login| !login.is_alive());
            if ended || Instant::now() > deadline {
                let said = self.login.take().map(|mut login| {
                    login.kill();
                    login.wait().stderr()
                });
                skipped(&format!("no systemd for a user: {}", said.unwrap_or_default().trim()));
                return false;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Logs out: everything ends.
    pub(crate) fn logout(&mut self) {
        if let Some(mut login) = self.login.take() {
            login.kill();
        }
        for tree in TREES {
            let group = Path::new(tree).join(&self.group);
            let deadline = Instant::now() + Duration::from_secs(5);
            // Its processes have been killed, and may take a moment.
            while group.exists() && Instant::now() < deadline {
                remove_groups(&group);
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        // As logind does.
        let _ = fs::remove_dir_all(self.runtime());
        self.make_folder(&self.runtime());
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    pub(crate) fn runtime(&self) -> PathBuf {
        self.folder.join("run")
    }

    /// Where the agent of the units listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.runtime().join("keyfob/agent.sock")
    }

    /// Where the user's own keyfob is.
    pub(crate) fn keyfob_path(&self) -> PathBuf {
        self.programs.join("keyfob")
    }

    fn path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.programs.display())
    }

    /// A folder of the user's.
    pub(crate) fn make_folder(&self, path: &Path) {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).unwrap();
        let number = Some(User::Stranger.number());
        let own = path.ancestors().take_while(|path| path.starts_with(&self.folder));
        own.for_each(|path| chown(path, number, number).unwrap());
    }

    /// A file of the user's, below the home.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home().join(name);
        self.make_folder(path.parent().unwrap());
        fs::write(&path, text).unwrap();
        chown(&path, Some(User::Stranger.number()), Some(User::Stranger.number())).unwrap();
        path
    }

    /// A program of the user's, as from a shell of the login.
    pub(crate) fn program(&self, name: impl AsRef<std::ffi::OsStr>) -> Run {
        let number = User::Stranger.number().to_string();
        let run = self.inside().args(["setpriv", "--reuid", &number, "--regid", &number]);
        let run = run.args(["--clear-groups", "env", "-i", "LANG=C", "SHELL=/bin/bash"]);
        run.arg(format!("PATH={}", self.path()))
            .arg(format!("HOME={}", self.home().display()))
            .arg(format!("XDG_RUNTIME_DIR={}", self.runtime().display()))
            .arg(name)
    }

    /// The same as root: what a package does.
    pub(crate) fn inside(&self) -> Run {
        let pid = self.inner().expect("somebody is logged in").to_string();
        self.world.system_program("nsenter").args(["-t", &pid, "-m", "-p"]).in_folder("/")
    }

    pub(crate) fn keyfob(&self, words: &[&str]) -> Output {
        self.program("keyfob").args(words).output()
    }

    pub(crate) fn systemctl(&self, words: &[&str]) -> Run {
        self.program("systemctl").args(["--user", "--no-pager"]).args(words)
    }

    /// What systemd says of a unit, in a word.
    pub(crate) fn state(&self, question: &str, unit: &str) -> String {
        self.systemctl(&[question, unit]).output().stdout().trim().to_owned()
    }

    /// A variable that systemd hands on.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let all = self.systemctl(&["show-environment"]).output().stdout();
        let start = format!("{name}=");
        all.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
    }

    /// `ssh-add` and others of OpenSSH, told of the agent of the units.
    pub(crate) fn client(&self, words: &[&str]) -> Output {
        let socket = format!("SSH_AUTH_SOCK={}", self.socket().display());
        self.program("env").arg(socket).args(words).output()
    }

    /// The first process in there.
    fn inner(&self) -> Option<u32> {
        let pid = self.login.as_ref()?.pid().as_raw_nonzero();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        let child: u32 = children.split_ascii_whitespace().next()?.parse().ok()?;
        // Before unshare has started it, it may be another.
        let status = fs::read_to_string(format!("/proc/{child}/status")).ok()?;
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
        (numbers.split_ascii_whitespace().last() == Some("1")).then_some(child)
    }
}

impl Drop for UserManager<'_> {
    fn drop(&mut self) {
        self.logout();
    }
}

fn remove_groups(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_groups(&entry.path());
        }
    }
    let _ = fs::remove_dir(group);
}
