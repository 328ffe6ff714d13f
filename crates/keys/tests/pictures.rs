//! Randomart and Bubble Babble are those of ssh-keygen, for hundreds of keys.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use keyfob_keys::{Curve, PrivateKey, PublicKey, bubblebabble, randomart};
use workbench::{Bench, has_ssh_keygen, read_fixture};

const LINES: usize = 12;

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// Fresh keys of the types that are quickly made, and those of the fixtures.
fn keys() -> Vec<PublicKey> {
    let mut keys = Vec::new();
    for _ in 0..200 {
        keys.push(PrivateKey::ed25519_from_seed(&random()).public().clone());
    }
    for curve in Curve::ALL.into_iter().cycle().take(60) {
        let key = PrivateKey::ecdsa_from_scalar(curve, &random::<31>()).unwrap();
        keys.push(key.public().clone());
    }
    for name in ["e65537-1024", "e3-3072", "e17-4096", "e65537-16384", "odd-length-2049"] {
        let line = read_fixture(format!("rsa/{name}.pub"));
        keys.push(PublicKey::from_line(line.as_bytes()).unwrap().0);
    }
    keys
}

/// A certificate of each type, made by ssh-keygen.
fn certificates(bench: &Bench) -> Vec<PublicKey> {
    bench.keygen("ca", "ed25519", "");
    let kinds = [("ed25519", ""), ("ecdsa", "256"), ("ecdsa", "521"), ("rsa", "1024")];
    let certify = |(kind, bits)| {
        let name = format!("{kind}{bits}");
        bench.keygen(&name, kind, bits);
        bench.ok("ssh-keygen", &["-q", "-s", "ca", "-I", "id", &format!("{name}.pub")]);
        let line = bench.read(&format!("{name}-cert.pub"));
        PublicKey::from_line(line.as_bytes()).unwrap().0
    };
    kinds.map(certify).to_vec()
}

/// All of them in one file, which ssh-keygen reads in one go.
fn bench_with_keys() -> (Bench, Vec<PublicKey>) {
    let bench = Bench::new();
    let mut keys = keys();
    keys.extend(certificates(&bench));
    let lines: Vec<_> = keys.iter().map(|key| key.to_line(b"c")).collect();
    bench.write("all.pub", lines.join(&b'\n'));
    (bench, keys)
}

#[test]
fn the_pictures_are_those_of_ssh_keygen() {
    if !has_ssh_keygen() {
        return;
    }
    let (bench, keys) = bench_with_keys();
    for (option, hash) in workbench::HASHES {
        let printed = bench.ok("ssh-keygen", &["-lv", "-E", option, "-f", "all.pub"]);
        let lines: Vec<_> = printed.lines().collect();
        assert_eq!(lines.len(), keys.len() * LINES);
        for (theirs, key) in lines.chunks(LINES).zip(&keys) {
            assert!(theirs[0].contains(&key.fingerprint(hash).to_string()), "{}", theirs[0]);
            let ours = randomart(key, hash);
            assert!(ours.ends_with("+\n"));
            assert_eq!(ours.trim_end(), theirs[1..].join("\n"));
        }
    }
}

#[test]
fn the_words_are_those_of_ssh_keygen() {
    if !has_ssh_keygen() {
        return;
    }
    let (bench, keys) = bench_with_keys();
    let printed = bench.ok("ssh-keygen", &["-B", "-f", "all.pub"]);
    assert_eq!(printed.lines().count(), keys.len());
    for (theirs, key) in printed.lines().zip(&keys) {
        let ours = format!("{} {} c ({})", key.bits(), bubblebabble(key), key.short_name());
        assert_eq!(ours, theirs);
    }
}
