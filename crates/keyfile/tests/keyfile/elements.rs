//! DER documents no installed program writes, right and wrong.

use keyfob_keyfile::{Error, PrivateFile, read_private};
use keyfob_keys::{Curve, PrivateKey};

use crate::container::block;
use crate::der::{der, number};
use crate::fixture::variant;

const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";
const EC: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x22";

fn pkcs8(elements: &[&[u8]]) -> Result<PrivateFile, Error> {
    read_private(&block("PRIVATE KEY", &der(0x30, elements)), None)
}

fn sec1(elements: &[&[u8]]) -> Result<PrivateFile, Error> {
    read_private(&block("EC PRIVATE KEY", &der(0x30, elements)), None)
}

fn refused_as(expected: &str, outcome: Result<PrivateFile, Error>) {
    let error = outcome.err().expect("refused");
    assert_eq!(variant(&error), expected, "{error}");
}

/// Keys exported by other systems carry names and usages there; they do not concern SSH.
#[test]
fn attributes_of_pkcs8_are_skipped() {
    let algorithm = der(0x30, &[ED25519]);
    let seed = der(4, &[&der(4, &[&[5; 32]])]);
    let attribute = der(0x30, &[b"\x06\x03\x55\x04\x03", &der(0x31, &[&der(0x0c, &[b"name"])])]);
    let attributes = der(0xa0, &[&attribute]);
    let file = pkcs8(&[&number(0), &algorithm, &seed, &attributes]).ok().unwrap();
    assert_eq!(file.key.public(), PrivateKey::ed25519_from_seed(&[5; 32]).public());
}

#[test]
fn an_ed25519_seed_has_32_bytes() {
    let algorithm = der(0x30, &[ED25519]);
    for length in [0, 31, 33, 64] {
        let seed = der(4, &[&der(4, &[&vec![5; length]])]);
        refused_as("Corrupt", pkcs8(&[&number(0), &algorithm, &seed]));
    }
    // Without the inner octet string, as some early writers had it.
    refused_as("Corrupt", pkcs8(&[&number(0), &algorithm, &der(4, &[&[5; 32]])]));
}

/// The curve may be named inside, outside or twice; not never, and not two of them.
#[test]
fn an_elliptic_key_names_one_curve() {
    let scalar = der(4, &[&[5; 32]]);
    let named = |curve: &[u8]| der(0xa0, &[curve]);
    let wanted = PrivateKey::ecdsa_from_scalar(Curve::P256, &[5; 32]).unwrap();

    let file = sec1(&[&number(1), &scalar, &named(P256)]).ok().unwrap();
    assert_eq!(file.key.public(), wanted.public());
    refused_as("Corrupt", sec1(&[&number(1), &scalar]));

    let outside = der(0x30, &[EC, P256]);
    let inside = |parts: &[&[u8]]| der(4, &[&der(0x30, parts)]);
    let bare = inside(&[&number(1), &scalar]);
    let file = pkcs8(&[&number(0), &outside, &bare]).ok().unwrap();
    assert_eq!(file.key.public(), wanted.public());
    let twice = inside(&[&number(1), &scalar, &named(P256)]);
    assert!(pkcs8(&[&number(0), &outside, &twice]).is_ok());
    let two = inside(&[&number(1), &scalar, &named(P384)]);
    refused_as("Corrupt", pkcs8(&[&number(0), &outside, &two]));
    refused_as("Corrupt", pkcs8(&[&number(0), &der(0x30, &[EC]), &bare]));
}

/// A scalar of zero or beyond the order of the curve is no key.
#[test]
fn an_impossible_scalar_is_refused() {
    for scalar in [&[0_u8; 32][..], &[0xff; 32], &[1; 33], &[]] {
        let named = der(0xa0, &[P256]);
        refused_as("Corrupt", sec1(&[&number(1), &der(4, &[scalar]), &named]));
    }
}

#[test]
fn nothing_may_follow_the_document() {
    let good = der(0x30, &[&number(1), &der(4, &[&[5; 32]]), &der(0xa0, &[P256])]);
    assert!(read_private(&block("EC PRIVATE KEY", &good), None).is_ok());
    let more = [&good[..], &[0]].concat();
    refused_as("Corrupt", read_private(&block("EC PRIVATE KEY", &more), None));
}
