//! What the integration tests share: the shortest way from a file to a key.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests; each uses its part"
)]

pub(crate) mod agent;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64ct::{Base64, Encoding};
use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{HashKind, PrivateKey, PublicKey};
use zeroize::Zeroizing;

/// The hashes of fingerprints, as `ssh-keygen -E` calls them.
pub(crate) const HASHES: [(&str, HashKind); 5] = [
    ("sha256", HashKind::Sha256),
    ("md5", HashKind::Md5),
    ("sha1", HashKind::Sha1),
    ("sha384", HashKind::Sha384),
    ("sha512", HashKind::Sha512),
];

/// The private key of an unencrypted file in OpenSSH's format, read as little as it takes:
/// reading such files properly is the work of another crate.
pub(crate) fn read_private(text: &str) -> PrivateKey {
    let blob = decode(text);
    let section = private_section(&blob);
    PrivateKey::decode(&mut Reader::new(&section[8..])).unwrap()
}

/// Check words, private key, comment and padding.
pub(crate) fn private_section(blob: &[u8]) -> &[u8] {
    let mut reader = Reader::new(blob.strip_prefix(b"openssh-key-v1\0").unwrap());
    for _ in 0..3 {
        reader.string().unwrap();
    }
    assert_eq!(reader.u32().unwrap(), 1);
    reader.string().unwrap();
    reader.string().unwrap()
}

/// What is between the armour lines.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    Base64::decode_vec(&base64).unwrap()
}

/// An unencrypted file in OpenSSH's format.
pub(crate) fn write_private(key: &PrivateKey, comment: &str) -> String {
    let mut section = Zeroizing::new(vec![7; 8]);
    key.encode(&mut section);
    section.put_string(comment.as_bytes());
    for padding in 1..8 {
        if section.len().is_multiple_of(8) {
            break;
        }
        section.push(padding);
    }
    let mut blob = b"openssh-key-v1\0".to_vec();
    blob.put_string(b"none");
    blob.put_string(b"none");
    blob.put_string(b"");
    blob.put_u32(1);
    blob.put_string(key.public().blob());
    blob.put_string(&section);
    let base64 = Base64::encode_string(&blob);
    let lines: Vec<_> =
        base64.as_bytes().chunks(70).map(|line| str::from_utf8(line).unwrap()).collect();
    let name = "OPENSSH PRIVATE KEY";
    format!("-----BEGIN {name}-----\n{}\n-----END {name}-----\n", lines.join("\n"))
}

/// The bytes of the wire form.
pub(crate) fn encoded(key: &PrivateKey) -> Vec<u8> {
    let mut out = Zeroizing::new(Vec::new());
    key.encode(&mut out);
    out.to_vec()
}

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

pub(crate) fn read_fixture(path: impl AsRef<Path>) -> String {
    let path = fixtures().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// A folder with keys and a program to run in it.
pub(crate) struct Bench(pub(crate) tempfile::TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(self.path(name), content).unwrap();
        // ssh-keygen refuses private keys that others may read.
        std::fs::set_permissions(self.path(name), PermissionsExt::from_mode(0o600)).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs in the folder, without the person's agent and home.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> Output {
        Command::new(program)
            .args(args)
            .current_dir(self.0.path())
            .env_remove("SSH_AUTH_SOCK")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .output()
            .unwrap_or_else(|why| panic!("{program} {args:?}: {why}"))
    }

    /// Runs, must succeed, gives what it printed.
    pub(crate) fn ok(&self, program: &str, args: &[&str]) -> String {
        let output = self.run(program, args);
        assert!(
            output.status.success(),
            "{program} {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// A key made by ssh-keygen: private, public and the comment in the `.pub` file.
    pub(crate) fn keygen(&self, name: &str, kind: &str, bits: &str) -> (PrivateKey, PublicKey) {
        let mut args = vec!["-q", "-t", kind, "-N", "", "-C", "a comment", "-f", name];
        if !bits.is_empty() {
            args.extend(["-b", bits]);
        }
        self.ok("ssh-keygen", &args);
        let private = read_private(&self.read(name));
        let line = self.read(&format!("{name}.pub"));
        let (public, comment) = PublicKey::from_line(line.as_bytes()).unwrap();
        assert_eq!(comment, b"a comment");
        (private, public)
    }
}

/// Whether a program is there. A test without its program says so and passes: which programs
/// must be there is for `tests/run` to say.
pub(crate) fn has(program: &str, args: &[&str]) -> bool {
    let there = Command::new(program).args(args).output().is_ok();
    if !there {
        println!("skipped: {program} is not installed");
    }
    there
}

pub(crate) fn has_ssh_keygen() -> bool {
    has("ssh-keygen", &["-?"])
}
