//! A folder of its own, with keys, OpenSSH's agent in it and a proxy in front of that.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::proxy::{Exchange, Proxy};

/// Name and size of the user's keys.
const USER_KEYS: [(&str, &str, &str); 6] = [
    ("ed25519", "ed25519", "256"),
    ("p256", "ecdsa", "256"),
    ("p384", "ecdsa", "384"),
    ("p521", "ecdsa", "521"),
    ("rsa2048", "rsa", "2048"),
    ("rsa4096", "rsa", "4096"),
];

pub(crate) struct World {
    folder: TempDir,
    agent: Child,
    proxy: Option<Proxy>,
}

impl World {
    /// Everything made and running.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent");
        let agent = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(&socket)
            .env("SSH_ASKPASS", "/bin/true")
            .env("SSH_ASKPASS_REQUIRE", "force")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(&socket);
        let proxy = Some(Proxy::start(&folder.path().join("proxy"), &socket));
        let world = Self { folder, agent, proxy };
        let askpass = world.path("askpass");
        fs::write(&askpass, "#!/bin/sh\necho a lock passphrase\n").unwrap();
        fs::set_permissions(&askpass, fs::Permissions::from_mode(0o700)).unwrap();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A user key of each type, and a certificate for some of them.
    pub(crate) fn make_user_keys(&self) -> Vec<PathBuf> {
        self.key("user-ca", "ed25519", "256");
        let keys: Vec<PathBuf> =
            USER_KEYS.iter().map(|(name, kind, bits)| self.key(name, kind, bits)).collect();
        for name in ["ed25519", "p256", "rsa2048"] {
            let authority = self.path("user-ca");
            self.keygen(|run| {
                run.arg("-s").arg(&authority).args(["-I", "an id", "-n", "root,git"]);
                run.args(["-V", "-1d:+1d", "-z", "7"]).arg(self.path(&format!("{name}.pub")));
            });
        }
        keys
    }

    /// A key without passphrase.
    pub(crate) fn key(&self, name: &str, kind: &str, bits: &str) -> PathBuf {
        let path = self.path(name);
        self.keygen(|run| {
            run.args(["-t", kind, "-b", bits, "-N", "", "-C", name, "-f"]).arg(&path);
        });
        path
    }

    pub(crate) fn keygen(&self, with: impl FnOnce(&mut Command)) {
        let mut run = self.command("ssh-keygen");
        run.arg("-q");
        with(&mut run);
        finish(&mut run);
    }

    /// `ssh-add` with these arguments, through the proxy.
    pub(crate) fn ssh_add<A: AsRef<OsStr>>(&self, arguments: &[A]) {
        finish(self.command("ssh-add").args(arguments));
    }

    /// A program that sees the proxy as its agent, and nobody at a terminal.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut run = Command::new(program);
        run.env("SSH_AUTH_SOCK", self.path("proxy"))
            .env("SSH_ASKPASS", self.path("askpass"))
            .env("SSH_ASKPASS_REQUIRE", "force")
            .env_remove("SSH_AGENT_PID")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        run
    }

    /// Ends the agent and gives what was said to it.
    pub(crate) fn recorded(mut self) -> Vec<Exchange> {
        self.proxy.take().unwrap().stop()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.agent.kill();
        let _ = self.agent.wait();
    }
}

/// Runs it to its end, which has to be a good one.
pub(crate) fn finish(run: &mut Command) {
    let output = run.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{run:?}: {}\n{said}", output.status);
}

fn wait_for(socket: &Path) {
    let give_up = Instant::now() + Duration::from_secs(10);
    while !socket.exists() {
        assert!(Instant::now() < give_up, "{} is not there", socket.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}
