//! Programs and agents as another user.
//!
//! Two users that exist nowhere but as numbers: neither owns anything, and neither is root.

use std::fs::{self, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Pid;

use crate::agent::RunningAgent;
use crate::harness::skip;
use crate::implementation::{Implementation, keyfob_binary};
use crate::output::Output;
use crate::run::Run;
use crate::world::World;

/// Whose processes a case looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// The one who runs the tests.
    Own,
    /// Somebody without rights.
    Stranger,
    /// Somebody else without rights.
    SecondStranger,
}

impl User {
    /// Somebody who is not root: the one who runs the tests, or else a stranger.
    pub fn without_rights() -> Self {
        if is_root() { Self::Stranger } else { Self::Own }
    }

    /// The user's number.
    pub fn number(self) -> u32 {
        match self {
            Self::Own => rustix::process::getuid().as_raw(),
            // `nobody`, and a number below it that no Debian system gives away.
            Self::Stranger => 65534,
            Self::SecondStranger => 65533,
        }
    }

    /// A program of the system as this user, in a folder anybody may enter.
    pub fn program(self, world: &World, name: &str) -> Run {
        self.command(world, Path::new(name))
    }

    fn command(self, world: &World, program: &Path) -> Run {
        let run = match self {
            Self::Own => world.system_program("env"),
            Self::Stranger | Self::SecondStranger => {
                needs_root();
                let number = self.number();
                world
                    .system_program("setpriv")
                    .args([&format!("--reuid={number}"), &format!("--regid={number}")])
                    .args(["--clear-groups", "--"])
            }
        };
        run.arg(program).in_folder("/")
    }

    /// A folder of this user's that only they may enter, below ones that anybody may pass.
    pub fn folder(self, world: &World) -> PathBuf {
        fs::set_permissions(world.folder(), Permissions::from_mode(0o711)).unwrap();
        let path = world.unused("of-user");
        fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
        if self != Self::Own {
            chown(&path, Some(self.number()), Some(self.number())).unwrap();
        }
        path
    }

    /// `ssh-agent` as this user, its flags still to come.
    pub fn ssh_agent(self, world: &World, folder: &Path) -> Run {
        let program = match world.implementation() {
            Implementation::OpenSsh => PathBuf::from("/usr/bin/ssh-agent"),
            Implementation::Keyfob => copy_of_keyfob(world),
        };
        self.command(world, &program).env("HOME", folder).env("TMPDIR", folder)
    }

    /// An agent of this user's, in the foreground.
    pub fn agent(self, world: &World) -> RunningAgent {
        let folder = self.folder(world);
        let socket = folder.join("agent");
        let run = self.ssh_agent(world, &folder).args(["-D", "-a"]).arg(&socket);
        RunningAgent::listening(world, run, socket)
    }
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Ends the trial here when the tests do not run as root.
pub fn needs_root() {
    if !is_root() {
        skip("only root can be two users, or look everywhere: run the tests as root");
    }
}

/// Runs one of the scripts in `python/` as this user.
pub fn python(world: &World, user: User, script: &str, arguments: &[&str]) -> Output {
    // Skips when it is not there.
    let _ = world.system_program("python3");
    user.program(world, "python3").args(["-c", script]).args(arguments).output()
}

/// Waits until a process is this program: `setsid` and others become it in place, and before that
/// it is theirs.
pub fn wait_for_program(world: &World, pid: Pid, name: &str) {
    let path = format!("/proc/{}/comm", pid.as_raw_nonzero());
    world.waits_until(name, Duration::from_secs(5), || {
        fs::read_to_string(&path).is_ok_and(|running| running.trim_end() == name)
    });
}

/// Where the binary was built a stranger may not go.
fn copy_of_keyfob(world: &World) -> PathBuf {
    let folder = world.unused("program");
    fs::DirBuilder::new().mode(0o755).create(&folder).unwrap();
    let copy = folder.join("ssh-agent");
    // By another process: a program that this one has open for writing cannot be run, and any
    // child that starts meanwhile holds it open too.
    let binary = keyfob_binary().unwrap();
    world.system_program("cp").arg(binary).arg(&copy).output().exits(0);
    fs::set_permissions(&copy, Permissions::from_mode(0o755)).unwrap();
    copy
}
