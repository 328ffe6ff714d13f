//! Keys on FIDO tokens: what their files and OpenSSH's agent carry is read and written, and
//! nothing is signed. There is no token here; the keys are made by hand (PROTOCOL.u2f).

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{
    Algorithm, Curve, Error, HashKind, PrivateKey, PublicKey, PublicNumbers, Shield, Signer,
};
use workbench::{Bench, encoded, has, has_ssh_keygen, read_private, write_private};

const FLAGS: u8 = 0x21;

/// Public fields as in the blob, without the type.
fn public_fields(algorithm: Algorithm, application: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if algorithm == Algorithm::SkEd25519 {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let PublicNumbers::Ed25519(public) = key.public().numbers() else { unreachable!() };
        bytes.put_string(public);
    } else {
        let key = PrivateKey::ecdsa_from_scalar(Curve::P256, &[1; 32]).unwrap();
        let PublicNumbers::Ecdsa { point, .. } = key.public().numbers() else { unreachable!() };
        bytes.put_string(b"nistp256");
        bytes.put_string(point);
    }
    bytes.put_string(application);
    bytes
}

/// Type, public fields, flags, handle, reserved.
fn wire(algorithm: Algorithm, application: &[u8], handle: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.put_string(algorithm.name().as_bytes());
    bytes.extend(public_fields(algorithm, application));
    bytes.put_u8(FLAGS);
    bytes.put_string(handle);
    bytes.put_string(b"");
    bytes
}

fn decode(bytes: &[u8]) -> keyfob_keys::Result<PrivateKey> {
    let mut reader = Reader::new(bytes);
    let key = PrivateKey::decode(&mut reader)?;
    reader.finish()?;
    Ok(key)
}

const ALGORITHMS: [Algorithm; 2] = [Algorithm::SkEd25519, Algorithm::SkEcdsaP256];

fn keys() -> [PrivateKey; 2] {
    ALGORITHMS.map(|algorithm| decode(&wire(algorithm, b"ssh:", &[7; 64])).unwrap())
}

#[test]
fn what_is_read_is_written_to_the_byte_and_shown() {
    for algorithm in ALGORITHMS {
        for (application, handle) in [(&b"ssh:"[..], &[7; 64][..]), (b"ssh:own", &[]), (b"", &[0])]
        {
            let bytes = wire(algorithm, application, handle);
            let key = decode(&bytes).unwrap();
            assert_eq!(encoded(&key), bytes);
            assert_eq!(key.public().algorithm(), algorithm);
            assert_eq!(key.public().application(), Some(application));
            assert_eq!(key.fido_flags(), Some(FLAGS));
            for end in 0..bytes.len() {
                assert!(decode(&bytes[..end]).is_err(), "cut at {end}");
            }
        }
    }
    let other = PrivateKey::ed25519_from_seed(&[1; 32]);
    assert_eq!((other.fido_flags(), other.public().application()), (None, None));
}

#[test]
fn it_signs_nothing_and_is_not_sealed() {
    let reason =
        "a FIDO key is not supported: signing with it needs the token it was made on".to_owned();
    for key in keys() {
        assert_eq!(key.ensure_signs().unwrap_err().to_string(), reason);
        assert_eq!(Signer::prepare(&key).unwrap_err().to_string(), reason);
        assert!(matches!(Shield::new().unwrap().seal(&key), Err(Error::Unsupported { .. })));
        assert!(!format!("{key:?}").contains("7, 7"), "{key:?}");
    }
}

#[test]
fn ssh_keygen_reads_shows_and_changes_the_files_we_write() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    for key in keys() {
        let name = key.public().short_name();
        bench.write(&name, write_private(&key, "a comment"));
        let line = bench.ok("ssh-keygen", &["-y", "-f", &name]);
        // What ssh-keygen prints of a FIDO key's comment differs between its versions.
        let expected = String::from_utf8(key.public().to_line(b"")).unwrap();
        assert!(line.starts_with(&expected), "{line}");
        let shown = bench.ok("ssh-keygen", &["-l", "-f", &name]);
        let fingerprint = key.public().fingerprint(HashKind::Sha256);
        assert_eq!(shown, format!("{} {fingerprint} a comment ({name})\n", key.public().bits()));

        bench.ok("ssh-keygen", &["-q", "-c", "-C", "another", "-P", "", "-f", &name]);
        bench.ok("ssh-keygen", &["-q", "-p", "-P", "", "-N", "a phrase", "-f", &name]);
        bench.ok("ssh-keygen", &["-q", "-p", "-P", "a phrase", "-N", "", "-f", &name]);
        assert_eq!(encoded(&read_private(&bench.read(&name))), encoded(&key));
    }
}

fn certify(bench: &Bench, key: &PrivateKey) -> PublicKey {
    bench.write("key.pub", key.public().to_line(b"c"));
    bench.ok("ssh-keygen", &["-q", "-s", "ca", "-I", "id", "-n", "ann", "key.pub"]);
    PublicKey::from_line(bench.read("key-cert.pub").as_bytes()).unwrap().0
}

#[test]
fn with_a_certificate_too_and_only_with_its_own() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    let [ed25519, ecdsa] = keys();
    for key in [&ed25519, &ecdsa] {
        let certificate = certify(&bench, key);
        let certified = key.with_certificate(&certificate).unwrap();
        let written = encoded(&certified);
        let read = decode(&written).unwrap();
        assert_eq!(read.public(), &certificate);
        assert_eq!(encoded(&read), written);
        // The application behind the certificate is another than the one in it.
        let at = written.windows(4).rposition(|part| part == b"ssh:").unwrap();
        let mut changed = written.clone();
        changed[at..at + 4].copy_from_slice(b"SSH:");
        let mismatch = Error::Mismatch("the key and the certificate");
        assert_eq!(decode(&changed).err(), Some(mismatch));
    }
    let certificate = certify(&bench, &ed25519);
    assert!(matches!(ecdsa.with_certificate(&certificate), Err(Error::Mismatch(_))));
}

/// The form an agent is sent, with the constraint that goes with such a key. OpenSSH's agent needs
/// no token to take it.
#[test]
fn ssh_agent_takes_what_we_encode() {
    if !has_ssh_keygen() || !has("ssh-agent", &["-V"]) {
        return;
    }
    let bench = Bench::new();
    bench.keygen("ca", "ed25519", "");
    let (_agent, mut stream) = workbench::agent::start(&bench);
    for key in keys() {
        let certified = key.with_certificate(&certify(&bench, &key)).unwrap();
        for key in [&key, &certified] {
            let mut body = vec![25];
            body.extend(encoded(key));
            body.put_string(b"comment");
            body.put_u8(255);
            body.put_string(b"sk-provider@openssh.com");
            body.put_string(b"internal");
            let reply = workbench::agent::request(&mut stream, &body);
            assert_eq!(reply, [6], "{}", key.public().type_name());
        }
    }
    let list = workbench::agent::request(&mut stream, &[11]);
    assert_eq!(Reader::new(&list[1..]).u32().unwrap(), 4);
}
