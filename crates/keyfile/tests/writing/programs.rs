//! Runs the programs that must read what is written: ssh-keygen, puttygen, openssl.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use keyfob_keys::PublicKey;
use tempfile::TempDir;

/// A folder for the files of one test.
pub(crate) struct Folder(TempDir);

/// What a program said.
pub(crate) struct Said {
    command: String,
    success: bool,
    pub(crate) stdout: Vec<u8>,
    stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file that ssh-keygen takes for private enough.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.at(name), bytes).unwrap();
        std::fs::set_permissions(self.at(name), PermissionsExt::from_mode(0o600)).unwrap();
        self.path(name)
    }

    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.at(name)).unwrap()
    }
}

impl Said {
    /// What it wrote; it must have succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Vec<u8> {
        assert!(self.success, "{}: {}", self.command, self.stderr);
        self.stdout
    }

    /// The public key in the line it wrote.
    #[track_caller]
    pub(crate) fn line(self) -> (PublicKey, Vec<u8>) {
        let command = self.command.clone();
        let said = self.succeeded();
        PublicKey::from_line(&said)
            .unwrap_or_else(|error| panic!("{command}: {error}: {}", said.escape_ascii()))
    }
}

pub(crate) fn ssh_keygen<A: AsRef<OsStr>>(arguments: &[A]) -> Said {
    run("ssh-keygen", "openssh-client", arguments)
}

pub(crate) fn puttygen<A: AsRef<OsStr>>(arguments: &[A]) -> Said {
    run("puttygen", "putty-tools", arguments)
}

pub(crate) fn openssl<A: AsRef<OsStr>>(arguments: &[A]) -> Said {
    run("openssl", "openssl", arguments)
}

/// Runs a program that has nobody to ask.
fn run<A: AsRef<OsStr>>(program: &str, package: &str, arguments: &[A]) -> Said {
    let mut command = Command::new("setsid");
    command.args(["--wait", program]).args(arguments).env_remove("DISPLAY").stdin(Stdio::null());
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error} (package {package})"));
    let shown = arguments.iter().map(|argument| argument.as_ref().to_string_lossy());
    Said {
        command: [program.into()].into_iter().chain(shown).collect::<Vec<_>>().join(" "),
        success: output.status.success(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
