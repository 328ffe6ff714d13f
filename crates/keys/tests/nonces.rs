//! The secret number of each ECDSA signature, computed from the signature with the private key.
//!
//! Nine bits of it that are always zero gave away the P-521 keys of PuTTY 0.68 to 0.80 (CVE-2024-31497).

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use keyfob_keys::wire::Reader;
use keyfob_keys::{Curve, PrivateKey, SignatureScheme, Signer};
use sha2::Digest;

const SIGNATURES: u32 = 96;

/// r and s as the signature says them.
fn numbers(signature: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut reader = Reader::new(signature);
    reader.string().unwrap();
    let mut pair = Reader::new(reader.string().unwrap());
    (pair.mpint().unwrap().to_vec(), pair.mpint().unwrap().to_vec())
}

/// For each curve: k = (e + r·d) / s, big-endian, as long as the field.
macro_rules! nonce_of {
    ($name:ident, $curve:ident, $hash:ty) => {
        fn $name(secret: &[u8], data: &[u8], (r, s): (Vec<u8>, Vec<u8>)) -> Vec<u8> {
            use $curve::elliptic_curve::PrimeField as _;
            use $curve::elliptic_curve::point::AffineCoordinates as _;
            let scalar = |bytes: &[u8]| {
                let mut field = $curve::FieldBytes::default();
                let start = field.len() - bytes.len();
                field[start..].copy_from_slice(bytes);
                $curve::Scalar::from_repr(field).unwrap()
            };
            let hash = <$hash>::digest(data);
            let k = (scalar(&hash) + scalar(&r) * scalar(secret)) * scalar(&s).invert().unwrap();
            // It is the very number: its point is what the signature begins with.
            let point = ($curve::ProjectivePoint::GENERATOR * k).to_affine();
            assert_eq!(point.x(), scalar(&r).to_repr());
            k.to_repr().to_vec()
        }
    };
}

// A hash above the order is one in 2^32 and 2^194; of P-521 it is shorter than the order.
nonce_of!(nonce_p256, p256, sha2::Sha256);
nonce_of!(nonce_p384, p384, sha2::Sha384);
nonce_of!(nonce_p521, p521, sha2::Sha512);

/// Each of the highest sixteen bits is set in one nonce and not in another. Chance fails it once in 2^91.
#[test]
fn nonces_use_all_their_bits() {
    type Nonce = fn(&[u8], &[u8], (Vec<u8>, Vec<u8>)) -> Vec<u8>;
    let curves: [(Curve, u32, Nonce); 3] = [
        (Curve::P256, 256, nonce_p256),
        (Curve::P384, 384, nonce_p384),
        (Curve::P521, 521, nonce_p521),
    ];
    for (curve, bits, nonce) in curves {
        let secret = vec![1; curve.field_len()];
        let key = PrivateKey::ecdsa_from_scalar(curve, &secret).unwrap();
        let signer = Signer::prepare(&key).unwrap();
        let (mut set, mut clear, mut last) = (0, 0, Vec::new());
        for number in 0..SIGNATURES {
            let data = number.to_be_bytes();
            let signature = signer.sign(&data, SignatureScheme::Default).unwrap();
            let nonce = nonce(&secret, &data, numbers(&signature));
            let highest = highest_sixteen(&nonce, bits);
            (set, clear) = (set | highest, clear | !highest);
            assert_ne!(nonce, last, "the nonce before, of {curve:?}");
            last = nonce;
        }
        assert_eq!((set, clear), (0xffff, 0xffff), "of {curve:?}");
    }
}

/// Of a number of so many bits.
fn highest_sixteen(number: &[u8], bits: u32) -> u16 {
    let unused = number.len() * 8 - usize::try_from(bits).unwrap();
    let first = u32::from_be_bytes(number[..4].try_into().unwrap());
    u16::try_from(first << unused >> 16).unwrap()
}
