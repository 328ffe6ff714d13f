//! Keys, made by `ssh-keygen` when they are first wanted and kept for this process.
//!
//! Making a key costs more than most cases; a name stands for the same key in every world.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use crate::key_file::KeyFile;
use crate::leftovers;

/// What `ssh-keygen -t … -b …` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// Ed25519.
    Ed25519,
    /// ECDSA over P-256.
    EcdsaP256,
    /// ECDSA over P-384.
    EcdsaP384,
    /// ECDSA over P-521.
    EcdsaP521,
    /// RSA of 1024 bits, the least OpenSSH still takes.
    Rsa1024,
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 3072 bits, `ssh-keygen`'s default.
    Rsa3072,
    /// RSA of 4096 bits.
    Rsa4096,
}

impl KeyType {
    /// One of each algorithm and curve.
    pub const EACH: [Self; 5] =
        [Self::Ed25519, Self::EcdsaP256, Self::EcdsaP384, Self::EcdsaP521, Self::Rsa2048];

    /// The name `ssh-keygen -t` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256 | Self::EcdsaP384 | Self::EcdsaP521 => "ecdsa",
            Self::Rsa1024 | Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => "rsa",
        }
    }

    /// The bits a listing shows.
    pub fn bits(self) -> u32 {
        match self {
            Self::Ed25519 | Self::EcdsaP256 => 256,
            Self::EcdsaP384 => 384,
            Self::EcdsaP521 => 521,
            Self::Rsa1024 => 1024,
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }

    /// The key type's name on the wire.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ssh-ed25519",
            Self::EcdsaP256 => "ecdsa-sha2-nistp256",
            Self::EcdsaP384 => "ecdsa-sha2-nistp384",
            Self::EcdsaP521 => "ecdsa-sha2-nistp521",
            Self::Rsa1024 | Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => "ssh-rsa",
        }
    }

    /// The type as a listing shows it, in capitals.
    pub fn listed_name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ED25519",
            Self::EcdsaP256 | Self::EcdsaP384 | Self::EcdsaP521 => "ECDSA",
            Self::Rsa1024 | Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => "RSA",
        }
    }
}

/// A static is never dropped: [`clean_up`] removes it.
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

type Identity = (KeyType, String, String);

/// The key of this type, name and passphrase; its comment is `<name>@keyfob`.
pub(crate) fn key(kind: KeyType, name: &str, passphrase: &str) -> KeyFile {
    static MADE: LazyLock<Mutex<HashMap<Identity, Arc<OnceLock<KeyFile>>>>> =
        LazyLock::new(Mutex::default);
    let identity = (kind, name.to_owned(), passphrase.to_owned());
    // The map's lock is not held while a key is made: two RSA keys are made side by side.
    let mut made = MADE.lock().expect("nothing below the lock panics");
    let place = Arc::clone(made.entry(identity).or_default());
    drop(made);
    place.get_or_init(|| make(kind, name, passphrase)).clone()
}

/// Removes this process's keys. A run calls it at its end.
pub(crate) fn clean_up() {
    if let Some(path) = FOLDER.get() {
        let _ = fs::remove_dir_all(path);
        leftovers::forget_folder(path);
    }
}

fn make(kind: KeyType, name: &str, passphrase: &str) -> KeyFile {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let path = folder().join(format!("{}-{number}", kind.name()));
    let made = Command::new("/usr/bin/ssh-keygen")
        .args(["-q", "-t", kind.name(), "-b", &kind.bits().to_string()])
        .args(["-C", &format!("{name}@keyfob"), "-N", passphrase])
        // The fewest rounds: the cost of the key derivation is not under test here.
        .args(["-a", "1", "-f"])
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .expect("ssh-keygen starts (Debian package openssh-client)");
    assert!(made.status.success(), "ssh-keygen: {}", String::from_utf8_lossy(&made.stderr));
    KeyFile::at(path)
}

fn folder() -> &'static Path {
    FOLDER.get_or_init(|| {
        let made = tempfile::Builder::new().prefix("kf-keys-").tempdir();
        let path = made.expect("a folder for the test keys").keep();
        leftovers::note_folder(&path);
        path
    })
}
