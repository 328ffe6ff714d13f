//! The `ssh-key` crate as a second opinion: another reader of the same formats.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use keyfob_keys::wire::Reader;
use keyfob_keys::{Curve, HashKind, PrivateKey, PublicKey, SignatureScheme, Signer};
use signature::Verifier;
use workbench::{encoded, read_fixture, read_private, write_private};

fn keys() -> Vec<PrivateKey> {
    let mut keys = vec![PrivateKey::ed25519_from_seed(&[1; 32])];
    for curve in Curve::ALL {
        // 32 bytes are the least it takes: zeros in front are where readers differ.
        for length in [32, curve.field_len() - 1] {
            let scalar = vec![5; length.max(32)];
            keys.push(PrivateKey::ecdsa_from_scalar(curve, &scalar).unwrap());
        }
    }
    keys
}

#[test]
fn it_reads_the_keys_we_write_and_sees_the_same() {
    for key in keys() {
        let theirs = ssh_key::PrivateKey::from_openssh(write_private(&key, "c")).unwrap();
        assert_eq!(theirs.public_key().to_bytes().unwrap(), key.public().blob());
        assert_eq!(
            theirs.fingerprint(ssh_key::HashAlg::Sha256).to_string(),
            key.public().fingerprint(HashKind::Sha256).to_string()
        );
        let line = theirs.public_key().to_openssh().unwrap();
        let (ours, comment) = PublicKey::from_line(line.as_bytes()).unwrap();
        assert_eq!((&ours, comment.as_slice()), (key.public(), b"c".as_slice()));
    }
}

#[test]
fn s3_a_key_it_writes_with_zeros_in_front_is_read() {
    // It writes every scalar as long as its field: half of all P-521 keys come so from the
    // clients built on it, and OpenSSH takes them.
    for key in keys() {
        let theirs = ssh_key::PrivateKey::from_openssh(write_private(&key, "c")).unwrap();
        let text = theirs.to_openssh(ssh_key::LineEnding::LF).unwrap();
        let read = read_private(&text);
        assert_eq!(encoded(&read), encoded(&key));
    }
}

#[test]
fn it_verifies_our_signatures() {
    for key in keys() {
        let signer = Signer::prepare(&key).unwrap();
        let theirs = ssh_key::PublicKey::from_bytes(key.public().blob()).unwrap();
        for n in 0..20_u8 {
            let blob = signer.sign(&[n], SignatureScheme::Default).unwrap();
            let mut reader = Reader::new(&blob);
            let name = reader.utf8().unwrap();
            let raw = reader.string().unwrap().to_vec();
            let algorithm = ssh_key::Algorithm::new(name).unwrap();
            let signature = ssh_key::Signature::new(algorithm, raw).unwrap();
            theirs.key_data().verify(&[n], &signature).unwrap();
        }
    }
}

#[test]
fn it_reads_the_rsa_public_keys_as_we_do() {
    for name in ["e65537-1024", "e3-3072", "e65537-8192", "odd-length-2049"] {
        let line = read_fixture(format!("rsa/{name}.pub"));
        let theirs = ssh_key::PublicKey::from_openssh(&line).unwrap();
        let (ours, _) = PublicKey::from_line(line.as_bytes()).unwrap();
        assert_eq!(theirs.to_bytes().unwrap(), ours.blob());
    }
}
