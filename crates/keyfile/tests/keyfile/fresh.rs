//! Keys the installed programs make now: the fixtures are of one day, keys are random.

use std::path::Path;
use std::process::Command;

use keyfob_keyfile::{read_private, read_public};
use keyfob_keys::{PrivateKey, PublicKey, Secret};
use tempfile::TempDir;

use crate::container::{Container, block};

const PASSPHRASE: &str = "fresh passphrase";

/// Runs a program that must succeed.
fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{program}: {error} (Debian packages openssh-client, openssl, putty-tools)")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    output.stdout
}

/// Our reading of a private key file and ssh-keygen's must be one.
fn assert_as_ssh_keygen(path: &Path, passphrase: &str) {
    let bytes = std::fs::read(path).unwrap();
    let secret = Secret::from(passphrase.as_bytes().to_vec());
    let file = read_private(&bytes, Some(&secret))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = run("ssh-keygen", &["-y", "-P", passphrase, "-f", path.to_str().unwrap()]);
    assert_eq!(*file.key.public(), PublicKey::from_line(&line).unwrap().0, "{}", path.display());
}

#[test]
fn fresh_openssh_keys_are_read_as_ssh_keygen_reads_them() {
    let folder = TempDir::new().unwrap();
    for (kind, bits) in
        [("ed25519", "256"), ("rsa", "1024"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521")]
    {
        for (format, passphrase) in [
            ("RFC4716", ""),
            ("RFC4716", PASSPHRASE),
            ("PEM", ""),
            ("PEM", PASSPHRASE),
            ("PKCS8", PASSPHRASE),
        ] {
            if kind == "ed25519" && format != "RFC4716" {
                continue;
            }
            let path = folder.path().join(format!("{kind}-{bits}-{format}-{}", passphrase.len()));
            let text = path.to_str().unwrap();
            run(
                "ssh-keygen",
                &[
                    "-q", "-t", kind, "-b", bits, "-m", format, "-a", "2", "-N", passphrase, "-C",
                    "fresh", "-f", text,
                ],
            );
            assert_as_ssh_keygen(&path, passphrase);
            let public = std::fs::read(path.with_extension("pub")).unwrap();
            assert_eq!(read_public(&public).unwrap().1, b"fresh");
        }
    }
}

/// Keys of each type in the usual run; the loop of an hour is run by its name.
const USUAL: usize = 50;
const LONG: usize = 2000;

/// What ssh-keygen makes, in the size that is quickest.
const SSH_KEYGEN: [(&str, &str); 6] = [
    ("ed25519", "256"),
    // One in 256 has a scalar shorter than its field: the `ssh-key` crate 0.7.0-rc.11 refuses
    // those of P-256.
    ("ecdsa", "256"),
    ("ecdsa", "384"),
    ("ecdsa", "521"),
    ("rsa", "1024"),
    ("dsa", "1024"),
];

/// What puttygen makes. One Ed25519 seed in 256 begins with a zero, one in 256 ends with one:
/// the `ssh-key` crate 0.7.0-rc.11 takes the seed in a PPK for a number, refuses some of them
/// and fills up short ones at the wrong end.
const PUTTYGEN: [(&str, &str); 6] = [
    ("ed25519", "255"),
    ("ecdsa", "256"),
    ("ecdsa", "384"),
    ("ecdsa", "521"),
    ("rsa", "1024"),
    ("dsa", "1024"),
];

/// The forms it writes a key in.
fn forms(kind: &str) -> &'static [&'static str] {
    match kind {
        // It writes no other.
        "ed25519" => &["private", "private-openssh-new"],
        "ecdsa" => &["private", "private-openssh", "private-openssh-new"],
        _ => &["private", "private-openssh", "private-openssh-new", "private-sshcom"],
    }
}

fn fresh_keys_of_ssh_keygen(rounds: usize, kinds: &[(&str, &str)]) {
    let folder = TempDir::new().unwrap();
    for (kind, bits) in kinds {
        for round in 0..rounds {
            let path = folder.path().join(format!("{kind}-{bits}-{round}"));
            let text = path.to_str().unwrap();
            run("ssh-keygen", &["-q", "-t", kind, "-b", bits, "-N", "", "-f", text]);
            let bytes = std::fs::read(&path).unwrap();
            let file = read_private(&bytes, None)
                .unwrap_or_else(|error| panic!("{error}: {}", bytes.escape_ascii()));
            let public = std::fs::read(path.with_extension("pub")).unwrap();
            assert_eq!(*file.key.public(), read_public(&public).unwrap().0);
        }
    }
}

/// Each key in one of the forms, in turn.
fn fresh_keys_of_puttygen(rounds: usize, kinds: &[(&str, &str)]) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    let text = path.to_str().unwrap();
    for (kind, bits) in kinds {
        for form in forms(kind).iter().cycle().take(rounds) {
            let make = ["-q", "-t", kind, "-b", bits, "--new-passphrase", "/dev/null"];
            run("puttygen", &[&make[..], &["-O", form, "-o", text]].concat());
            let bytes = std::fs::read(&path).unwrap();
            let file = read_private(&bytes, None)
                .unwrap_or_else(|error| panic!("{form}: {error}: {}", bytes.escape_ascii()));
            let line = run("puttygen", &["-L", text]);
            assert_eq!(*file.key.public(), PublicKey::from_line(&line).unwrap().0, "{form}");
        }
    }
}

#[test]
fn many_fresh_keys_of_ssh_keygen_are_read() {
    fresh_keys_of_ssh_keygen(USUAL, &SSH_KEYGEN[..5]);
    // Each has a group of its own, which takes its time.
    fresh_keys_of_ssh_keygen(USUAL / 10, &SSH_KEYGEN[5..]);
}

#[test]
fn many_fresh_keys_of_puttygen_are_read() {
    fresh_keys_of_puttygen(USUAL, &PUTTYGEN[..5]);
    fresh_keys_of_puttygen(USUAL / 5, &PUTTYGEN[5..]);
}

#[test]
#[ignore = "takes an hour; run by its name"]
fn two_thousand_fresh_keys_of_each_type_of_ssh_keygen_are_read() {
    fresh_keys_of_ssh_keygen(LONG, &SSH_KEYGEN);
}

#[test]
#[ignore = "takes an hour; run by its name"]
fn two_thousand_fresh_keys_of_each_type_of_puttygen_are_read() {
    fresh_keys_of_puttygen(LONG, &PUTTYGEN);
}

/// What chance brings once in 256 or 65,536 keys: a seed with zeros at either end.
#[test]
fn ed25519_seeds_with_zeros_at_an_end_are_read() {
    let mut seeds = vec![[0; 32]];
    for zeros in [1, 2, 31] {
        let (mut front, mut back) = ([7; 32], [7; 32]);
        front[..zeros].fill(0);
        back[32 - zeros..].fill(0);
        seeds.extend([front, back]);
    }
    for seed in seeds {
        let key = PrivateKey::ed25519_from_seed(&seed);
        let document =
            [&b"\x30\x2e\x02\x01\0\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..], &seed];
        for bytes in [
            Container::of(&key).text(),
            block("PRIVATE KEY", &document.concat()),
            document.concat(),
        ] {
            let file = read_private(&bytes, None).ok().unwrap();
            assert_eq!(file.key.public(), key.public(), "{seed:02x?}");
        }
    }
}

#[test]
fn fresh_openssl_keys_are_read_as_openssl_reads_them() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let pass = format!("pass:{PASSPHRASE}");
    for (name, options) in [
        ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"][..]),
        ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        ("p521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
    ] {
        let plain = at(name);
        run("openssl", &[&["genpkey", "-quiet", "-out", &plain], options].concat());
        run("chmod", &["600", &plain]);
        assert_as_ssh_keygen(Path::new(&plain), "");
        let encrypted = at(&format!("{name}-encrypted"));
        run("openssl", &["pkcs8", "-topk8", "-in", &plain, "-passout", &pass, "-out", &encrypted]);
        run("chmod", &["600", &encrypted]);
        assert_as_ssh_keygen(Path::new(&encrypted), PASSPHRASE);
    }
    ed25519_is_read(&at("ed25519"));
}

/// ssh-keygen 9.2 does not read these; openssl itself says what the public key is.
fn ed25519_is_read(path: &str) {
    run("openssl", &["genpkey", "-algorithm", "ed25519", "-out", path]);
    let spki = run("openssl", &["pkey", "-in", path, "-pubout", "-outform", "DER"]);
    let file = read_private(&std::fs::read(path).unwrap(), None).ok().unwrap();
    assert!(file.key.public().blob().ends_with(&spki[spki.len() - 32..]));
}
