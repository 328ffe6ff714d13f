//! Certificates made by ssh-keygen: every type of key, signed by every type of CA.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use keyfob_keys::wire::Reader;
use keyfob_keys::{
    CertificateKind, Error, HashKind, PrivateKey, PublicKey, SignatureScheme, Signer,
};
use workbench::{Bench, encoded, has_ssh_keygen};

const KINDS: [(&str, &str); 5] =
    [("ed25519", ""), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")];

/// Signs `name` with `ca`; the options come before the file.
fn certify(bench: &Bench, ca: &str, name: &str, options: &[&str]) -> PublicKey {
    let public = format!("{name}.pub");
    let args = [&["-q", "-s", ca, "-I", "an id"], options, &[public.as_str()]].concat();
    bench.ok("ssh-keygen", &args);
    let line = bench.read(&format!("{name}-cert.pub"));
    let (certificate, comment) = PublicKey::from_line(line.as_bytes()).unwrap();
    assert_eq!(comment, b"a comment");
    certificate
}

#[test]
fn k1_every_type_signed_by_every_type_is_read_and_verified() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    let keys = KINDS.map(|(kind, bits)| {
        let name = format!("{kind}{bits}");
        let (private, public) = bench.keygen(&name, kind, bits);
        (name, private, public)
    });
    for (ca_name, _, ca) in &keys {
        for (name, private, public) in &keys {
            let certificate = certify(&bench, ca_name, name, &["-n", "ann,bob", "-z", "7"]);
            let content = certificate.certificate().unwrap();
            content.verify().unwrap();
            assert_eq!(&content.authority, ca);
            let algorithm = content.signature_algorithm().unwrap();
            let expected = if ca_name == "rsa2048" { "rsa-sha2-512" } else { ca.type_name() };
            assert_eq!(algorithm, expected);
            assert_eq!(&certificate.plain(), public);
            assert_ne!(&certificate, public);

            let printed = bench.ok("ssh-keygen", &["-L", "-f", &format!("{name}-cert.pub")]);
            assert!(printed.contains(certificate.type_name()), "{printed}");
            let fingerprint = certificate.fingerprint(HashKind::Sha256).to_string();
            assert!(printed.contains(&fingerprint), "of the plain key: {printed}");
            assert!(printed.contains(&format!("(using {algorithm})")), "{printed}");
            assert_eq!(fingerprint, public.fingerprint(HashKind::Sha256).to_string());
            let listed = bench.ok("ssh-keygen", &["-l", "-f", &format!("{name}-cert.pub")]);
            assert!(listed.contains(&format!("({})", certificate.short_name())), "{listed}");
            assert!(listed.starts_with(&certificate.bits().to_string()), "{listed}");

            signs_with_certificate(private, &certificate);
        }
    }
}

/// A private key takes its certificate, survives the wire with it, and signs.
fn signs_with_certificate(private: &PrivateKey, certificate: &PublicKey) {
    let certified = private.with_certificate(certificate).unwrap();
    assert_eq!(certified.public(), certificate);
    let written = encoded(&certified);
    let mut reader = Reader::new(&written);
    let read = PrivateKey::decode(&mut reader).unwrap();
    reader.finish().unwrap();
    assert_eq!(read.public(), certificate);
    assert_eq!(encoded(&read), written);
    let signer = Signer::prepare(&read).unwrap();
    assert_eq!(signer.public(), certificate);
    let signature = signer.sign(b"data", SignatureScheme::Default).unwrap();
    certificate.verify(b"data", &signature).unwrap();
    private.public().verify(b"data", &signature).unwrap();
}

#[test]
fn every_field_is_what_ssh_keygen_was_told() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    bench.keygen("key", "ed25519", "");
    let options = [
        "-n",
        "ann,bob",
        "-z",
        "18446744073709551615",
        "-V",
        "20300101000000Z:20310101000000Z",
        "-O",
        "clear",
        "-O",
        "force-command=ls -l",
        "-O",
        "permit-pty",
        "-O",
        "extension:own@example.com=value",
    ];
    let certificate = certify(&bench, "ca", "key", &options);
    let content = certificate.certificate().unwrap();
    assert_eq!(content.kind, CertificateKind::User);
    assert_eq!(content.serial, u64::MAX);
    assert_eq!(content.key_id, b"an id");
    assert_eq!(content.principals, [b"ann".to_vec(), b"bob".to_vec()]);
    assert_eq!(content.valid_after, 1_893_456_000);
    assert_eq!(content.valid_before, 1_924_992_000);
    let [(name, value)] = content.critical_options.as_slice() else {
        unreachable!("one critical option");
    };
    assert_eq!(name, b"force-command");
    assert_eq!(Reader::new(value).string().unwrap(), b"ls -l");
    let names: Vec<_> = content.extensions.iter().map(|(name, _)| name.as_slice()).collect();
    assert_eq!(names, [b"own@example.com".as_slice(), b"permit-pty"]);
    assert_eq!(Reader::new(&content.extensions[0].1).string().unwrap(), b"value");
    assert!(content.extensions[1].1.is_empty());

    let host = certify(&bench, "ca", "key", &["-h", "-V", "always:forever"]);
    let content = host.certificate().unwrap();
    assert_eq!(content.kind, CertificateKind::Host);
    assert_eq!((content.valid_after, content.valid_before), (0, u64::MAX));
    assert!(content.principals.is_empty());
}

#[test]
fn one_changed_byte_anywhere_is_refused_or_does_not_verify() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    bench.keygen("key", "ecdsa", "256");
    let certificate = certify(&bench, "ca", "key", &["-n", "ann"]);
    for at in 0..certificate.blob().len() {
        let mut changed = certificate.blob().to_vec();
        changed[at] ^= 1;
        if let Ok(read) = PublicKey::from_blob(&changed)
            && let Some(content) = read.certificate()
        {
            assert!(content.verify().is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_private_key_with_a_certificate_its_ca_did_not_sign_is_refused() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "rsa", "2048");
    let (private, _) = bench.keygen("key", "ed25519", "");
    let certificate = certify(&bench, "ca", "key", &["-n", "ann"]);
    let written = encoded(&private.with_certificate(&certificate).unwrap());
    let at = written.windows(3).position(|part| part == b"ann").unwrap();
    let mut changed = written.clone();
    changed[at..at + 3].copy_from_slice(b"bob");
    let refused = PrivateKey::decode(&mut Reader::new(&changed));
    assert_eq!(refused.err(), Some(Error::BadSignature));

    // OpenSSH's agent takes one signed with SHA-1; our verify says what it is worth.
    let old = certify(&bench, "ca", "key", &["-t", "ssh-rsa", "-n", "ann"]);
    assert!(old.certificate().unwrap().verify().is_err());
    old.certificate().unwrap().verify_allowing_sha1().unwrap();
    let written = encoded(&private.with_certificate(&old).unwrap());
    PrivateKey::decode(&mut Reader::new(&written)).unwrap();
}

#[test]
fn a_private_key_is_the_same_without_its_certificate() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    for (kind, bits) in [("rsa", "1024"), ("ecdsa", "384"), ("ed25519", "")] {
        let (private, _) = bench.keygen(kind, kind, bits);
        let certificate = certify(&bench, "ca", kind, &["-n", "ann"]);
        let plain = private.with_certificate(&certificate).unwrap().plain();
        assert_eq!(encoded(&plain), encoded(&private));
        assert_eq!(encoded(&plain.plain()), encoded(&private));
    }
}

#[test]
fn a_certificate_of_another_key_is_refused() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    let (private, public) = bench.keygen("one", "ed25519", "");
    bench.keygen("two", "ed25519", "");
    let of_two = certify(&bench, "ca", "two", &[]);
    let mismatch = |result: Result<PrivateKey, Error>| matches!(result, Err(Error::Mismatch(_)));
    assert!(mismatch(private.with_certificate(&of_two)));
    assert!(mismatch(private.with_certificate(&public)), "not a certificate");

    // The same by the wire: two's certificate with the private fields of one.
    let of_one = certify(&bench, "ca", "one", &[]);
    let written = encoded(&private.with_certificate(&of_one).unwrap());
    let at = written.windows(of_one.blob().len()).position(|part| part == of_one.blob()).unwrap();
    let mut swapped = written.clone();
    if of_one.blob().len() == of_two.blob().len() {
        swapped[at..at + of_two.blob().len()].copy_from_slice(of_two.blob());
        assert!(mismatch(PrivateKey::decode(&mut Reader::new(&swapped))));
    }
}

#[test]
fn p10_a_large_certificate_of_256_principals_is_read() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    bench.keygen("key", "rsa", "2048");
    let names: Vec<_> = (0..256).map(|n| format!("{n:060}")).collect();
    let certificate = certify(&bench, "ca", "key", &["-n", &names.join(",")]);
    assert!(certificate.blob().len() > 16 * 1024);
    let content = certificate.certificate().unwrap();
    content.verify().unwrap();
    assert_eq!(content.principals.len(), 256);
}
