//! The same bytes as puttygen's, for the same key, passphrase and parameters. Debian's is run: not on
//! Windows.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "they run puttygen and read what it writes")]

use std::path::Path;
use std::process::Command;

use keyfob_keys::Secret;

use super::*;
use crate::ppk::File;
use crate::{Limits, PrivateFile, read_private};

const PASSPHRASE: &[u8] = b"correct h\xf6rse";

const TYPES: [&[&str]; 7] = [
    &["-t", "ed25519"],
    &["-t", "rsa", "-b", "1024"],
    &["-t", "rsa", "-b", "2048"],
    &["-t", "ecdsa", "-b", "256"],
    &["-t", "ecdsa", "-b", "384"],
    &["-t", "ecdsa", "-b", "521"],
    &["-t", "dsa", "-b", "1024"],
];

/// Each option puttygen has, at little cost.
const PARAMETERS: [&str; 5] = [
    "version=2",
    "kdf=argon2id,memory=64,passes=1",
    "kdf=argon2id,memory=8192,passes=13,parallelism=1",
    "kdf=argon2i,memory=256,passes=3,parallelism=4",
    "kdf=argon2d,memory=100,passes=2,parallelism=3",
];

fn puttygen(folder: &Path, arguments: &[&str]) {
    let output = Command::new("puttygen").current_dir(folder).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("puttygen: {error} (package putty-tools)"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "puttygen {arguments:?}: {errors}");
}

/// A folder with passphrase files, `none` and `passphrase`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("none"), b"").unwrap();
    std::fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
    folder
}

fn read(text: &[u8]) -> PrivateFile {
    read_private(text, Some(&Secret::from(PASSPHRASE.to_vec())))
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(text)))
}

/// Reads a file of puttygen's, writes the key again with its parameters, and compares.
#[track_caller]
fn assert_same(theirs: &[u8]) {
    let file = File::read(theirs).unwrap();
    let PrivateFile { key, comment } = read(theirs);
    let protection = file.derivation.as_ref().map(|derivation| (derivation, PASSPHRASE));
    let ours = encode(&key, &comment, file.version, protection).unwrap();
    let shown = String::from_utf8_lossy;
    assert!(*ours == theirs, "{}\n{}", shown(&ours), shown(theirs));
}

#[test]
fn every_type_in_every_version_is_as_puttygen_writes_it() {
    let folder = folder();
    for kind in TYPES {
        let new = ["-q", "-C", "a comment", "-o", "plain", "--new-passphrase", "none"];
        puttygen(folder.path(), &[kind, &new[..]].concat());
        for parameters in PARAMETERS {
            for passphrase in ["none", "passphrase"] {
                let change = ["plain", "-o", "changed", "--new-passphrase", passphrase];
                let version = ["--ppk-param", parameters, "--reencrypt"];
                puttygen(folder.path(), &[&change[..], &version].concat());
                assert_same(&std::fs::read(folder.path().join("changed")).unwrap());
            }
        }
    }
}

/// Scalars, seeds and inverses come in every length: one `iqmp` in two needs a sign byte.
#[test]
fn fresh_keys_are_as_puttygen_writes_them() {
    let folder = folder();
    for round in 0..16 {
        for kind in [&TYPES[0], &TYPES[1], &TYPES[3], &TYPES[5]] {
            let comment = "c".repeat(round);
            let new = ["-q", "-C", &comment, "-o", "new", "--new-passphrase", "none"];
            puttygen(folder.path(), &[kind, &new[..]].concat());
            assert_same(&std::fs::read(folder.path().join("new")).unwrap());
        }
    }
}

#[test]
fn a_certificate_stands_where_puttygen_puts_it() {
    let folder = folder();
    let keygen = |arguments: &[&str]| {
        let output = Command::new("ssh-keygen").current_dir(folder.path()).args(arguments).output();
        assert!(output.unwrap().status.success(), "{arguments:?} (package openssh-client)");
    };
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f", "authority"]);
    for kind in [["ed25519", "256"], ["rsa", "1024"], ["ecdsa", "384"], ["dsa", "1024"]] {
        let [name, bits] = kind;
        keygen(&["-q", "-t", name, "-b", bits, "-N", "", "-C", "certified", "-f", name]);
        let public = format!("{name}.pub");
        keygen(&["-q", "-s", "authority", "-I", "id", "-n", "name", &public]);
        let certificate = format!("{name}-cert.pub");
        for (parameters, passphrase) in [("version=2", "none"), (PARAMETERS[1], "passphrase")] {
            let add = [name, "--certificate", &certificate, "-o", "certified"];
            let into = ["-O", "private", "--new-passphrase", passphrase];
            puttygen(folder.path(), &[&add[..], &into, &["--ppk-param", parameters]].concat());
            let theirs = std::fs::read(folder.path().join("certified")).unwrap();
            assert!(read(&theirs).key.public().certificate().is_some());
            assert_same(&theirs);
        }
    }
}

/// The cost is written down, not measured, and more than puttygen's 8 MiB.
#[test]
fn the_cost_is_64_mib_and_three_passes_each_time() {
    let key = PrivateKey::ed25519_from_seed(&[1; 32]);
    let passphrase = Secret::from(PASSPHRASE.to_vec());
    let protection = Protection { passphrase: &passphrase, cipher: None, rounds: None };
    let randomness = Randomness { salt: [0xab; 16], iv: [0; 16], check: 0 };
    let text = write(&key, b"", Version::Three, Some(&protection), &randomness).unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    let expected = format!(
        "Key-Derivation: Argon2id\nArgon2-Memory: 65536\nArgon2-Passes: 3\n\
         Argon2-Parallelism: 1\nArgon2-Salt: {}\n",
        "ab".repeat(16)
    );
    assert!(text.contains(&expected), "{text}");
    let limits = Limits::default();
    assert!(limits.argon2_work_kib >= u64::from(MEMORY_KIB * PASSES));
}
