//! Bytes from strangers never panic a decoder, and what is decoded is encoded the same.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{
    Algorithm, Curve, DsaParts, PrivateKey, PublicKey, RsaParts, SignatureScheme, Signer,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use workbench::{encoded, read_fixture, read_private};

fn keys() -> Vec<PrivateKey> {
    vec![
        PrivateKey::ed25519_from_seed(&[1; 32]),
        PrivateKey::ecdsa_from_scalar(Curve::P256, &[2; 32]).unwrap(),
        PrivateKey::ecdsa_from_scalar(Curve::P521, &[2; 32]).unwrap(),
        PrivateKey::ml_dsa44_ed25519_from_seeds(&[3; 32], &[4; 32]),
        read_private(&read_fixture("rsa/e65537-1024")),
    ]
}

/// Those that do not sign: of DSA (y = g^x mod p, and q divides p − 1) and on a token.
fn silent_keys() -> Vec<PrivateKey> {
    let q = [&[0x40][..], &[0; 19], &[1]].concat();
    let p = [&q[..], &[0; 49], &[1]].concat();
    let parts = DsaParts { p: &p, q: &q, g: &[2], y: &[8], x: &[3] };
    let mut token = Vec::new();
    token.put_string(Algorithm::SkEd25519.name().as_bytes());
    token.put_string(&[1; 32]);
    token.put_string(b"ssh:");
    token.put_u8(1);
    token.put_string(&[7; 64]);
    token.put_string(b"");
    let token = PrivateKey::decode(&mut Reader::new(&token));
    vec![PrivateKey::dsa_from_parts(parts).unwrap(), token.unwrap()]
}

/// Any type name, plain or certificate.
fn type_name() -> impl Strategy<Value = &'static str> {
    let names = Algorithm::ALL.map(|algorithm| [algorithm.name(), algorithm.certificate_name()]);
    select(names.concat())
}

/// A type name and strings behind it, of lengths that occur in keys and of others.
fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let lengths = select(vec![0_usize, 1, 4, 8, 31, 32, 33, 64, 65, 128, 129, 1344]);
    let field = lengths.prop_flat_map(|length| vec(any::<u8>(), length));
    (type_name(), vec(field, 0..10)).prop_map(|(name, fields)| {
        let mut bytes = Vec::new();
        bytes.put_string(name.as_bytes());
        for field in fields {
            bytes.put_string(&field);
        }
        bytes
    })
}

fn decode_everything(bytes: &[u8]) {
    if let Ok(key) = PublicKey::from_blob(bytes) {
        assert_eq!(key.blob(), bytes);
        let _ = key.verify(b"data", bytes);
        let plain = key.plain();
        assert_eq!(PublicKey::from_blob(plain.blob()).unwrap(), plain);
        if let Some(certificate) = key.certificate() {
            let _ = certificate.verify();
        }
    }
    let _ = PublicKey::from_line(bytes);
    let mut reader = Reader::new(bytes);
    if let Ok(key) = PrivateKey::decode(&mut reader) {
        // A number may come with zeros in front; it is never written so.
        let written = encoded(&key);
        assert!(written.len() <= bytes.len() - reader.remaining());
        let again = PrivateKey::decode(&mut Reader::new(&written)).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(encoded(&again), written);
        if key.ensure_signs().is_ok() {
            Signer::prepare(&key).unwrap();
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused_without_panic(bytes in vec(any::<u8>(), 0..600)) {
        decode_everything(&bytes);
    }

    #[test]
    fn plausible_fields_are_refused_without_panic(bytes in plausible()) {
        decode_everything(&bytes);
    }

    #[test]
    fn a_changed_private_key_is_refused_or_is_a_whole_key(
        which in 0..7_usize,
        at in any::<Index>(),
        flip in 1..=255_u8,
        cut in any::<Index>(),
    ) {
        let key = keys().into_iter().chain(silent_keys()).nth(which).unwrap();
        let mut bytes = encoded(&key);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        decode_everything(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        decode_everything(&bytes);
    }

    #[test]
    fn a_changed_signature_does_not_verify(
        which in 0..5_usize,
        at in any::<Index>(),
        flip in 1..=255_u8,
    ) {
        let key = &keys()[which];
        let signer = Signer::prepare(key).unwrap();
        let mut signature = signer.sign(b"data", SignatureScheme::Default).unwrap();
        key.public().verify(b"data", &signature).unwrap();
        let at = at.index(signature.len());
        signature[at] ^= flip;
        prop_assert!(key.public().verify_allowing_sha1(b"data", &signature).is_err());
    }

    #[test]
    fn arbitrary_rsa_numbers_are_refused_without_panic(
        n in vec(any::<u8>(), 128..140),
        e in vec(any::<u8>(), 0..5),
        d in vec(any::<u8>(), 0..140),
        p in vec(any::<u8>(), 0..80),
        q in vec(any::<u8>(), 0..80),
        iqmp in vec(any::<u8>(), 0..80),
    ) {
        let parts = RsaParts { n: &n, e: &e, d: &d, p: &p, q: &q, iqmp: &iqmp };
        prop_assert!(PrivateKey::rsa_from_parts(parts).is_err());
    }

    #[test]
    fn rsa_numbers_whose_primes_fit_but_are_odd_otherwise_never_panic(
        p in vec(any::<u8>(), 1..70),
        q in vec(any::<u8>(), 64..70),
        e in vec(any::<u8>(), 1..40),
        d in vec(any::<u8>(), 1..140),
    ) {
        // n = p·q holds, so the check goes on to what lies behind it.
        let product = rsa::BoxedUint::from_be_slice_vartime(&p)
            .checked_mul(rsa::BoxedUint::from_be_slice(&q, 8 * 280).unwrap());
        if let Some(n) = Option::<rsa::BoxedUint>::from(product) {
            let n = n.to_be_bytes();
            let parts = RsaParts { n: &n, e: &e, d: &d, p: &p, q: &q, iqmp: &d };
            let _ = PrivateKey::rsa_from_parts(parts);
        }
    }
}

/// The numbers of the wire form of an RSA key, in its order: n, e, d, iqmp, p, q.
fn rsa_numbers(key: &PrivateKey) -> Vec<Vec<u8>> {
    let bytes = encoded(key);
    let mut reader = Reader::new(&bytes);
    reader.string().unwrap();
    let numbers = (0..6).map(|_| reader.mpint().unwrap().to_vec()).collect();
    reader.finish().unwrap();
    numbers
}

fn from_numbers(numbers: &[Vec<u8>]) -> keyfob_keys::Result<PrivateKey> {
    let [n, e, d, iqmp, p, q] = numbers else {
        unreachable!("six numbers");
    };
    PrivateKey::rsa_from_parts(RsaParts { n, e, d, p, q, iqmp })
}

#[test]
fn an_rsa_key_with_any_number_wrong_is_refused() {
    let key = read_private(&read_fixture("rsa/e65537-1024"));
    let good = rsa_numbers(&key);
    assert!(from_numbers(&good).is_ok());
    for which in 0..6 {
        for change in [2_u8, 0x80] {
            let mut numbers = good.clone();
            *numbers[which].last_mut().unwrap() ^= change;
            assert!(from_numbers(&numbers).is_err(), "number {which}");
        }
        let mut numbers = good.clone();
        numbers[which] = Vec::new();
        assert!(from_numbers(&numbers).is_err(), "number {which} zero");
    }
    let mut swapped = good.clone();
    swapped.swap(4, 5);
    assert!(from_numbers(&swapped).is_err(), "iqmp is of the other order");
    let other = rsa_numbers(&read_private(&read_fixture("rsa/p-below-q-1025")));
    let mut mixed = good;
    mixed[..2].clone_from_slice(&other[..2]);
    assert!(from_numbers(&mixed).is_err(), "the public half of another key");
}

#[test]
fn rsa_numbers_with_zeros_in_front_are_the_same_key() {
    let key = read_private(&read_fixture("rsa/e65537-1024"));
    let padded: Vec<_> =
        rsa_numbers(&key).iter().map(|number| [&[0, 0], number.as_slice()].concat()).collect();
    let read = from_numbers(&padded).unwrap();
    assert_eq!(encoded(&read), encoded(&key));
}
