//! DSA keys of ssh-keygen and openssl: read, written, shown as ssh-keygen does; never used.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{
    Algorithm, DsaParts, Error, HashKind, PrivateKey, PrivateNumbers, PublicKey, PublicNumbers,
    Shield, Signer, randomart,
};
use workbench::{Bench, decode, encoded, has_ssh_keygen, private_section, read_private};

/// One that ssh-keygen makes (of 1024 bits, the only size), and larger ones of openssl.
fn keys(bench: &Bench) -> Vec<(String, PrivateKey)> {
    let mut keys = vec![("small".to_owned(), bench.keygen("small", "dsa", "1024").0)];
    for (bits, order) in [("2048", "224"), ("2048", "256")] {
        let name = format!("dsa{bits}-{order}");
        let (bits, order) =
            (format!("dsa_paramgen_bits:{bits}"), format!("dsa_paramgen_q_bits:{order}"));
        let options = ["-genparam", "-algorithm", "DSA", "-pkeyopt", &bits, "-pkeyopt", &order];
        bench.ok("openssl", &[&["genpkey", "-quiet", "-out", "params"], &options[..]].concat());
        bench.ok("openssl", &["genpkey", "-paramfile", "params", "-out", &name]);
        bench.ok("chmod", &["600", &name]);
        bench.ok("ssh-keygen", &["-q", "-p", "-P", "", "-N", "", "-f", &name]);
        keys.push((name.clone(), read_private(&bench.read(&name))));
    }
    keys
}

#[test]
fn dsa_keys_are_read_written_and_shown_as_ssh_keygen_does() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    for (name, key) in keys(&bench) {
        let public = key.public();
        assert_eq!(public.algorithm(), Algorithm::Dss);
        let line = bench.ok("ssh-keygen", &["-y", "-f", &name]);
        let (read, comment) = PublicKey::from_line(line.as_bytes()).unwrap();
        assert_eq!(&read, public);
        assert_eq!(public.to_line(&comment), line.trim_end().as_bytes());

        let blob = decode(&bench.read(&name));
        let written = encoded(&key);
        assert_eq!(private_section(&blob)[8..8 + written.len()], written);
        bench.write("again", workbench::write_private(&key, "c"));
        assert_eq!(bench.ok("ssh-keygen", &["-y", "-P", "", "-f", "again"]).trim_end(), {
            String::from_utf8(public.to_line(b"c")).unwrap()
        });

        bench.write("line.pub", &line);
        let shown = bench.ok("ssh-keygen", &["-lv", "-f", "line.pub"]);
        let fingerprint = public.fingerprint(HashKind::Sha256);
        assert!(shown.starts_with(&format!("{} {fingerprint}", public.bits())), "{shown}");
        assert!(shown.contains("(DSA)"), "{shown}");
        assert!(shown.ends_with(&randomart(public, HashKind::Sha256)), "{shown}");
    }
}

#[test]
fn its_numbers_make_the_same_key_and_no_others_do() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    let (key, _) = bench.keygen("one", "dsa", "1024");
    let (other, _) = bench.keygen("two", "dsa", "1024");
    let parts = parts(&key);
    let made = PrivateKey::dsa_from_parts(parts).unwrap();
    assert_eq!(encoded(&made), encoded(&key));

    let padded = [&[0, 0], parts.x].concat();
    let made = PrivateKey::dsa_from_parts(DsaParts { x: &padded, ..parts }).unwrap();
    assert_eq!(encoded(&made), encoded(&key));

    // Without the public value, which follows from the rest.
    let DsaParts { p, q, g, x, .. } = parts;
    let made = PrivateKey::dsa_from_group(p, q, g, &padded).unwrap();
    assert_eq!(encoded(&made), encoded(&key));
    for wrong in [&[][..], q, p] {
        assert!(PrivateKey::dsa_from_group(p, q, g, wrong).is_err());
    }
    assert!(PrivateKey::dsa_from_group(g, q, g, x).is_err(), "a generator above the modulus");

    let others = self::parts(&other);
    let wrong = [
        DsaParts { p: others.p, ..parts },
        DsaParts { q: others.q, ..parts },
        DsaParts { g: others.g, ..parts },
        DsaParts { y: others.y, ..parts },
        DsaParts { x: others.x, ..parts },
        DsaParts { x: &[], ..parts },
        DsaParts { x: parts.q, ..parts },
        DsaParts { x: parts.p, ..parts },
    ];
    for parts in wrong {
        let refused = PrivateKey::dsa_from_parts(parts).err();
        let out_of_range = Error::Malformed("DSA key (out of range)");
        let mismatch = Error::Mismatch("the numbers of the DSA key");
        assert!(refused == Some(mismatch) || refused == Some(out_of_range), "{refused:?}");
    }
}

fn parts(key: &PrivateKey) -> DsaParts<'_> {
    match (key.public().numbers(), key.numbers()) {
        (PublicNumbers::Dss { p, q, g, y }, PrivateNumbers::Dss { x }) => {
            DsaParts { p, q, g, y, x }
        }
        _ => unreachable!("a DSA key"),
    }
}

#[test]
fn it_signs_nothing_verifies_nothing_and_is_not_sealed() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    let (key, _) = bench.keygen("key", "dsa", "1024");
    let reason = "a DSA key is not supported: OpenSSH has removed DSA and its keys are too short \
                  to be safe";
    assert_eq!(key.ensure_signs().unwrap_err().to_string(), reason);
    assert_eq!(Signer::prepare(&key).unwrap_err().to_string(), reason);
    assert!(matches!(Shield::new().unwrap().seal(&key), Err(Error::Unsupported { .. })));

    let mut signature = Vec::new();
    signature.put_string(b"ssh-dss");
    signature.put_string(&[1; 40]);
    let refused = key.public().verify(b"data", &signature);
    assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
}

#[test]
fn certificates_of_dsa_keys_are_read_and_those_signed_by_one_refused() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    let (key, public) = bench.keygen("key", "dsa", "1024");
    bench.keygen("ca", "ed25519", "");
    bench.ok("ssh-keygen", &["-q", "-s", "ca", "-I", "id", "-n", "ann", "key.pub"]);
    let (certificate, _) = PublicKey::from_line(bench.read("key-cert.pub").as_bytes()).unwrap();
    assert_eq!(certificate.type_name(), "ssh-dss-cert-v01@openssh.com");
    assert_eq!(certificate.short_name(), "DSA-CERT");
    assert_eq!(certificate.plain(), public);
    certificate.certificate().unwrap().verify().unwrap();

    let certified = key.with_certificate(&certificate).unwrap();
    let written = encoded(&certified);
    let mut reader = Reader::new(&written);
    let read = PrivateKey::decode(&mut reader).unwrap();
    reader.finish().unwrap();
    assert_eq!(read.public(), &certificate);
    assert_eq!(encoded(&read), written);

    bench.ok("ssh-keygen", &["-q", "-s", "key", "-I", "id", "-n", "ann", "ca.pub"]);
    let refused = PublicKey::from_line(bench.read("ca-cert.pub").as_bytes());
    assert!(matches!(refused, Err(Error::Unsupported { .. })));
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    let (key, _) = bench.keygen("key", "dsa", "1024");
    let good = encoded(&key);
    for at in (0..good.len()).step_by(3) {
        let mut changed = good.clone();
        changed[at] ^= 1;
        let mut reader = Reader::new(&changed);
        assert!(PrivateKey::decode(&mut reader).is_err(), "byte {at}");
    }
}
