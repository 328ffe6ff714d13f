//! The post-quantum composite against the vector of the draft it is taken from: agreeing
//! with ourselves would prove nothing to an OpenSSH on the other side.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use base64ct::{Base64, Encoding};
use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{Algorithm, PrivateKey, PublicKey, SignatureScheme, Signer};
use workbench::{encoded, read_fixture};

struct Vector {
    message: Vec<u8>,
    key: PrivateKey,
    public_start: Vec<u8>,
    signature: Vec<u8>,
}

fn vector() -> Vector {
    let text = read_fixture("composite/mldsa44-ed25519.txt");
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        Base64::decode_vec(line.trim()).unwrap()
    };
    let (_, wrapped) = text.split_once("\ns:\n").unwrap();
    let raw = Base64::decode_vec(&wrapped.split_whitespace().collect::<String>()).unwrap();
    let mut signature = Vec::new();
    signature.put_string(Algorithm::MlDsa44Ed25519.name().as_bytes());
    signature.put_string(&raw);
    let seeds = field("sk:");
    let key = PrivateKey::ml_dsa44_ed25519_from_seeds(
        seeds[..32].try_into().unwrap(),
        seeds[32..].try_into().unwrap(),
    );
    Vector { message: field("m:"), key, public_start: field("pk-start:"), signature }
}

#[test]
fn the_drafts_signature_verifies_under_the_key_its_seeds_give() {
    let vector = vector();
    let mut reader = Reader::new(vector.key.public().blob());
    reader.string().unwrap();
    let public = reader.string().unwrap();
    assert_eq!(public.len(), 1344);
    assert!(public.starts_with(&vector.public_start));
    vector.key.public().verify(&vector.message, &vector.signature).unwrap();
}

#[test]
fn a_signature_with_either_half_changed_does_not_verify() {
    let vector = vector();
    let public = vector.key.public();
    let name_len = 4 + Algorithm::MlDsa44Ed25519.name().len() + 4;
    for at in [name_len, name_len + 2419, name_len + 2420, name_len + 2483] {
        let mut changed = vector.signature.clone();
        changed[at] ^= 1;
        assert!(public.verify(&vector.message, &changed).is_err(), "byte {at}");
    }
    assert!(public.verify(b"another message", &vector.signature).is_err());
}

#[test]
fn our_signatures_verify_and_differ_each_time() {
    let vector = vector();
    let signer = Signer::prepare(&vector.key).unwrap();
    let first = signer.sign(&vector.message, SignatureScheme::Default).unwrap();
    let second = signer.sign(&vector.message, SignatureScheme::Default).unwrap();
    assert_ne!(first, second, "hedged, as OpenSSH signs");
    assert_eq!(first.len(), vector.signature.len());
    vector.key.public().verify(&vector.message, &first).unwrap();
    vector.key.public().verify(&vector.message, &second).unwrap();
}

#[test]
fn the_wire_form_is_type_public_keys_and_seeds() {
    let vector = vector();
    let written = encoded(&vector.key);
    let mut reader = Reader::new(&written);
    assert_eq!(reader.string().unwrap(), b"ssh-mldsa44-ed25519@openssh.com");
    assert_eq!(reader.string().unwrap().len(), 1344);
    assert_eq!(reader.string().unwrap().len(), 64);
    reader.finish().unwrap();
    let read = PrivateKey::decode(&mut Reader::new(&written)).unwrap();
    assert_eq!(read.public(), vector.key.public());

    let (from_line, _) = PublicKey::from_line(&read.public().to_line(b"")).unwrap();
    assert_eq!(from_line.short_name(), "MLDSA44-ED25519");
    assert_eq!(from_line.bits(), 256);
}
