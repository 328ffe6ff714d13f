//! RSA of every size and exponent the standard allows (S3 of reference/agents.md §4): what
//! fails here is somebody's key that "is not accepted".

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{Algorithm, PrivateKey, PublicKey, SignatureScheme, Signer};
use workbench::{encoded, fixtures, read_fixture, read_private};

const SCHEMES: [(SignatureScheme, &str); 4] = [
    (SignatureScheme::Default, "rsa-sha2-512"),
    (SignatureScheme::RsaSha512, "rsa-sha2-512"),
    (SignatureScheme::RsaSha256, "rsa-sha2-256"),
    (SignatureScheme::RsaSha1, "ssh-rsa"),
];

/// Every private key of the folder, with what its name says of it.
fn keys() -> Vec<(String, u32, PrivateKey)> {
    let mut keys = Vec::new();
    for entry in std::fs::read_dir(fixtures().join("rsa")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".pub") {
            continue;
        }
        let bits = name.rsplit('-').next().unwrap().parse().unwrap();
        let key = read_private(&read_fixture(format!("rsa/{name}")));
        keys.push((name, bits, key));
    }
    assert!(keys.len() >= 10, "the fixtures are there");
    keys
}

fn split(signature: &[u8]) -> (String, Vec<u8>) {
    let mut reader = Reader::new(signature);
    let name = reader.utf8().unwrap().to_owned();
    let raw = reader.string().unwrap().to_vec();
    reader.finish().unwrap();
    (name, raw)
}

#[test]
fn s3_rsa_of_every_size_and_exponent_signs_and_verifies() {
    for (name, bits, key) in keys() {
        let public = key.public();
        assert_eq!(public.algorithm(), Algorithm::Rsa);
        assert_eq!(public.bits(), bits, "{name}");
        let signer = Signer::prepare(&key).unwrap();
        for (scheme, algorithm) in SCHEMES {
            let signature = signer.sign(b"data", scheme).unwrap();
            let (said, raw) = split(&signature);
            assert_eq!(said, algorithm, "{name}");
            assert_eq!(raw.len(), bits.div_ceil(8) as usize, "{name}: as long as the modulus");
            public.verify_allowing_sha1(b"data", &signature).unwrap();
            assert!(public.verify_allowing_sha1(b"Data", &signature).is_err(), "{name}");
            let sha1 = scheme == SignatureScheme::RsaSha1;
            assert_eq!(public.verify(b"data", &signature).is_err(), sha1, "{name}");
        }
    }
}

#[test]
fn the_public_half_is_the_one_ssh_keygen_wrote() {
    for (name, _, key) in keys() {
        let line = read_fixture(format!("rsa/{name}.pub"));
        let (public, _) = PublicKey::from_line(line.as_bytes()).unwrap();
        assert_eq!(&public, key.public(), "{name}");
    }
}

#[test]
fn what_was_read_is_written_back_to_the_byte() {
    for (name, _, key) in keys() {
        let text = read_fixture(format!("rsa/{name}"));
        let blob = workbench::decode(&text);
        let section = workbench::private_section(&blob);
        let written = encoded(&key);
        assert_eq!(section[8..8 + written.len()], written, "{name}");
    }
}

#[test]
fn s3_a_signature_whose_first_byte_is_zero_keeps_it_and_verifies_without_it() {
    let key = read_private(&read_fixture("rsa/e65537-1024"));
    let signer = Signer::prepare(&key).unwrap();
    // One signature of 256 begins with a zero byte.
    let (message, signature) = (0_u32..)
        .map(|n| (n, signer.sign(&n.to_be_bytes(), SignatureScheme::RsaSha256).unwrap()))
        .find(|(_, signature)| split(signature).1[0] == 0)
        .unwrap();
    let message = message.to_be_bytes();
    let (name, raw) = split(&signature);
    assert_eq!(raw.len(), 128);
    key.public().verify(&message, &signature).unwrap();

    let mut stripped = Vec::new();
    stripped.put_string(name.as_bytes());
    stripped.put_string(&raw[1..]);
    key.public().verify(&message, &stripped).unwrap();

    let mut longer = Vec::new();
    longer.put_string(name.as_bytes());
    longer.put_string(&[&[0], raw.as_slice()].concat());
    assert!(key.public().verify(&message, &longer).is_err(), "longer than the modulus");
}
