//! A key of each type, and a certificate for each.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use keyfob_keyfile::{PrivateFile, read_private};
use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{DsaParts, PrivateKey, PublicKey, PublicNumbers};
use zeroize::Zeroizing;

use crate::programs::{Folder, puttygen, ssh_keygen};

/// The types every program of the tests knows.
pub(crate) const EACH: [&str; 6] =
    ["ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048", "dsa"];

/// A file among the fixtures.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/accepted");
    std::fs::read(folder.join(name)).unwrap()
}

/// The passphrase of the encrypted fixtures.
pub(crate) const PASSPHRASE: &[u8] = b"fixture passphrase";

/// The key of this type.
pub(crate) fn key(name: &str) -> PrivateKey {
    if name == "dsa" { dsa() } else { read(&fixture(&format!("openssh-{name}"))).key }
}

/// A DSA key of puttygen's, by the numbers it tells.
fn dsa() -> PrivateKey {
    static NUMBERS: LazyLock<String> = LazyLock::new(|| {
        let folder = Folder::new();
        let (file, none) = (folder.path("dsa.ppk"), folder.put("none", b""));
        puttygen(&["-q", "-t", "dsa", "-b", "1024", "-o", &file, "--new-passphrase", &none])
            .succeeded();
        String::from_utf8(puttygen(&[&file, "-O", "text"]).succeeded()).unwrap()
    });
    let number = |name: &str| {
        let line = NUMBERS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=0x"));
        let digits = line.unwrap();
        let digits = format!("{}{digits}", "0".repeat(digits.len() % 2));
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        (0..digits.len()).step_by(2).map(byte).collect::<Vec<_>>()
    };
    let [p, q, g, y, x] = ["p", "q", "g", "public_y", "private_x"].map(number);
    PrivateKey::dsa_from_parts(DsaParts { p: &p, q: &q, g: &g, y: &y, x: &x }).unwrap()
}

/// A key on a FIDO token, with the public key of this one (PROTOCOL.u2f).
pub(crate) fn on_a_token(key: &PrivateKey) -> PrivateKey {
    let mut bytes = Vec::new();
    match key.public().numbers() {
        PublicNumbers::Ed25519(public) => {
            bytes.put_string(b"sk-ssh-ed25519@openssh.com");
            bytes.put_string(public);
        }
        PublicNumbers::Ecdsa { curve, point } => {
            bytes.put_string(b"sk-ecdsa-sha2-nistp256@openssh.com");
            bytes.put_string(curve.name().as_bytes());
            bytes.put_string(point);
        }
        _ => panic!("no token has such a key"),
    }
    bytes.put_string(b"ssh:");
    bytes.put_u8(1);
    bytes.put_string(&[7; 64]);
    bytes.put_string(b"");
    PrivateKey::decode(&mut Reader::new(&bytes)).unwrap()
}

/// The wire form of a private key, to compare.
pub(crate) fn encoded(key: &PrivateKey) -> Vec<u8> {
    let mut bytes = Zeroizing::new(Vec::new());
    key.encode(&mut bytes);
    bytes.to_vec()
}

/// Reads a file that is not encrypted.
pub(crate) fn read(bytes: &[u8]) -> PrivateFile {
    read_private(bytes, None).unwrap_or_else(|error| panic!("{error}"))
}

/// A certificate for this public key, of an authority that ssh-keygen makes.
pub(crate) fn certificate(public: &PublicKey, folder: &Folder) -> PublicKey {
    let authority = folder.path("authority");
    if !Path::new(&authority).exists() {
        ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-f", &authority]).succeeded();
    }
    folder.put("key.pub", &public.plain().to_line(b""));
    let file = folder.path("key.pub");
    ssh_keygen(&["-q", "-s", &authority, "-I", "id", "-n", "name", &file]).succeeded();
    PublicKey::from_line(&folder.get("key-cert.pub")).unwrap().0
}
