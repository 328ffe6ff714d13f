//! Keys the installed programs make now: the fixtures are of one day, keys are random.

use std::path::Path;
use std::process::Command;

use keyfob_keyfile::{read_private, read_public};
use keyfob_keys::{PublicKey, Secret};
use tempfile::TempDir;

const PASSPHRASE: &str = "fresh passphrase";

/// Runs a program that must succeed.
fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{program}: {error} (Debian packages openssh-client and openssl)")
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

/// One ECDSA key in 256 has a short scalar, one Ed25519 seed in 256 a zero in front.
#[test]
fn many_fresh_keys_are_read() {
    let folder = TempDir::new().unwrap();
    for round in 0..40 {
        for (kind, bits) in [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "521")] {
            let path = folder.path().join(format!("{kind}-{bits}-{round}"));
            run(
                "ssh-keygen",
                &["-q", "-t", kind, "-b", bits, "-N", "", "-f", path.to_str().unwrap()],
            );
            let file = read_private(&std::fs::read(&path).unwrap(), None).ok().unwrap();
            let public = std::fs::read(path.with_extension("pub")).unwrap();
            assert_eq!(*file.key.public(), read_public(&public).unwrap().0);
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
