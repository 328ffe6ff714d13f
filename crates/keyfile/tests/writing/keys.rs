//! A key of each type, and a certificate for each.

use std::path::PathBuf;

use keyfob_keyfile::{PrivateFile, read_private};
use keyfob_keys::{PrivateKey, PublicKey};

use crate::programs::{Folder, ssh_keygen};

/// The types every program of the tests knows.
pub(crate) const EACH: [&str; 5] = ["ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048"];

/// The key of this type among the fixtures, as ssh-keygen wrote it.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/accepted");
    std::fs::read(folder.join(format!("openssh-{name}"))).unwrap()
}

/// The key of this type.
pub(crate) fn key(name: &str) -> PrivateKey {
    read(&fixture(name)).key
}

/// Reads a file that is not encrypted.
pub(crate) fn read(bytes: &[u8]) -> PrivateFile {
    read_private(bytes, None).unwrap_or_else(|error| panic!("{error}"))
}

/// A certificate for this public key, of an authority that ssh-keygen makes.
pub(crate) fn certificate(public: &PublicKey, folder: &Folder) -> PublicKey {
    let authority = folder.path("authority");
    if !std::path::Path::new(&authority).exists() {
        ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-f", &authority]).succeeded();
    }
    folder.put("key.pub", &public.plain().to_line(b""));
    let file = folder.path("key.pub");
    ssh_keygen(&["-q", "-s", &authority, "-I", "id", "-n", "name", &file]).succeeded();
    PublicKey::from_line(&folder.get("key-cert.pub")).unwrap().0
}
