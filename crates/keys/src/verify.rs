//! Checks signatures.
//!
//! One implementation for both builds, in pure Rust: verification is never on the hot path
//! of an agent, and one that is used everywhere is one that is tested everywhere.

mod rsa;

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::composite;
use crate::key_data::KeyData;
use crate::limits::MAX_SIGNED_DATA;
use crate::private_key::DSS_REASON;
use crate::wire::Reader;
use crate::{Curve, Error, Result};

/// Whether RSA signatures with SHA-1 are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sha1 {
    Refused,
    Allowed,
}

/// Checks a signature blob over `data`.
pub(crate) fn check(key: &KeyData, data: &[u8], blob: &[u8], sha1: Sha1) -> Result<()> {
    if data.len() > MAX_SIGNED_DATA {
        return Err(Error::TooLarge { what: "bytes of signed data", limit: MAX_SIGNED_DATA });
    }
    let mut reader = Reader::new(blob);
    let name = reader.string()?;
    let signature = reader.string()?;
    if let KeyData::Rsa { n, e } = key {
        reader.finish()?;
        return rsa::check(n, e, data, name, signature, sha1);
    }
    if let KeyData::Dss(_) = key {
        return Err(Error::Unsupported { what: "a DSA signature", why: DSS_REASON });
    }
    if name == b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com" {
        return Err(Error::Unsupported {
            what: "a signature made in a browser",
            why: "its origin and client data are not looked at",
        });
    }
    if name != key.algorithm().name().as_bytes() {
        return Err(Error::WrongScheme(key.algorithm().name()));
    }
    let fido = if key.algorithm().is_fido() { Some((reader.u8()?, reader.u32()?)) } else { None };
    reader.finish()?;
    match (key, fido) {
        (KeyData::Ed25519(public), _) => ed25519(public, data, signature),
        (KeyData::Ecdsa { curve, point }, _) => ecdsa(*curve, point, data, signature),
        (KeyData::MlDsa44Ed25519(both), _) => composite::verify(both, data, signature),
        (KeyData::SkEd25519 { public, application }, Some(fido)) => {
            ed25519(public, &fido_data(application, fido, data), signature)
        }
        (KeyData::SkEcdsaP256 { point, application }, Some(fido)) => {
            let data = fido_data(application, fido, data);
            ecdsa(Curve::P256, point, &data, signature)
        }
        // RSA and DSA were answered above, and FIDO keys have their two fields.
        _ => Err(Error::BadSignature),
    }
}

/// What a token signs in place of the data (PROTOCOL.u2f). Whether its owner touched it,
/// which the flags say, is for whoever lets people in.
fn fido_data(application: &[u8], (flags, counter): (u8, u32), data: &[u8]) -> Vec<u8> {
    let mut signed = Vec::with_capacity(32 + 1 + 4 + 32);
    signed.extend_from_slice(&Sha256::digest(application));
    signed.push(flags);
    signed.extend_from_slice(&counter.to_be_bytes());
    signed.extend_from_slice(&Sha256::digest(data));
    signed
}

/// Strict: keys and signatures of small order, which verify over any data, are refused.
/// No honest key is one.
pub(crate) fn ed25519(public: &[u8; 32], data: &[u8], signature: &[u8]) -> Result<()> {
    let key = VerifyingKey::from_bytes(public).map_err(|_| Error::BadSignature)?;
    let signature = Signature::from_slice(signature).map_err(|_| Error::BadSignature)?;
    key.verify_strict(data, &signature).map_err(|_| Error::BadSignature)
}

/// Whether a key could verify anything above.
pub(crate) fn is_ed25519_point(public: &[u8; 32]) -> bool {
    VerifyingKey::from_bytes(public).is_ok_and(|key| !key.is_weak())
}

/// The signature is two mpints (RFC 5656 §3.1.2); the hash goes with the curve.
fn ecdsa(curve: Curve, point: &[u8], data: &[u8], signature: &[u8]) -> Result<()> {
    let mut reader = Reader::new(signature);
    let r = reader.padded_mpint()?;
    let s = reader.padded_mpint()?;
    reader.finish()?;
    let fixed = fixed_pair(curve, r, s).ok_or(Error::BadSignature)?;
    let verified = match curve {
        Curve::P256 => verify_p256(point, data, &fixed),
        Curve::P384 => verify_p384(point, data, &fixed),
        Curve::P521 => verify_p521(point, data, &fixed),
    };
    verified.map_err(|_| Error::BadSignature)
}

/// r and s, each as long as the curve's field.
fn fixed_pair(curve: Curve, r: &[u8], s: &[u8]) -> Option<Vec<u8>> {
    let len = curve.field_len();
    let mut fixed = vec![0; 2 * len];
    let r_start = len.checked_sub(r.len())?;
    let s_start = len.checked_sub(s.len())?;
    fixed[r_start..len].copy_from_slice(r);
    fixed[len + s_start..].copy_from_slice(s);
    Some(fixed)
}

macro_rules! verify_with {
    ($name:ident, $curve:ident) => {
        fn $name(point: &[u8], data: &[u8], fixed: &[u8]) -> Result<(), signature::Error> {
            use $curve::ecdsa::signature::Verifier;
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point)?;
            key.verify(data, &$curve::ecdsa::Signature::from_slice(fixed)?)
        }
    };
}

verify_with!(verify_p256, p256);
verify_with!(verify_p384, p384);
verify_with!(verify_p521, p521);

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::wire::Put;
    use crate::{PrivateKey, PublicKey, SignatureScheme, Signer};

    fn blob(name: &str, signature: &[u8], rest: &[u8]) -> Vec<u8> {
        let mut blob = Vec::new();
        blob.put_string(name.as_bytes());
        blob.put_string(signature);
        blob.extend_from_slice(rest);
        blob
    }

    /// The raw signature of a key, without its name.
    fn raw(key: &PrivateKey, data: &[u8]) -> Vec<u8> {
        let signer = Signer::prepare(key).unwrap();
        let signature = signer.sign(data, SignatureScheme::Default).unwrap();
        let mut reader = Reader::new(&signature);
        reader.string().unwrap();
        reader.string().unwrap().to_vec()
    }

    #[test]
    fn a_signature_of_another_type_is_refused_by_name() {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let raw = raw(&key, b"data");
        let check = |name| key.public().verify(b"data", &blob(name, &raw, b""));
        assert_eq!(check("ssh-ed25519"), Ok(()));
        assert_eq!(check("ssh-rsa"), Err(Error::WrongScheme("ssh-ed25519")));
        let certificate_name = "ssh-ed25519-cert-v01@openssh.com";
        assert_eq!(check(certificate_name), Err(Error::WrongScheme("ssh-ed25519")));
    }

    #[test]
    fn bytes_after_a_signature_are_refused() {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let signature = blob("ssh-ed25519", &raw(&key, b"data"), &[0]);
        assert_eq!(key.public().verify(b"data", &signature), Err(Error::Trailing(1)));
    }

    /// s and s + L are the same number to who does not compare it with L: two signatures of one message.
    #[test]
    fn an_ed25519_signature_has_one_form() {
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let mut raw = raw(&key, b"data");
        let mut carry = 0;
        for (byte, add) in raw[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        let other = blob("ssh-ed25519", &raw, b"");
        assert_eq!(key.public().verify(b"data", &other), Err(Error::BadSignature));
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        // The neutral point: with R = neutral and s = 0 it would verify over any data.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let key = PublicKey::from_data(KeyData::Ed25519(neutral));
        let forged = blob("ssh-ed25519", &[&neutral[..], &[0; 32]].concat(), b"");
        assert_eq!(key.verify(b"any data", &forged), Err(Error::BadSignature));
        assert!(key.check_point().is_err());
    }

    #[test]
    fn an_ed25519_key_is_a_point_in_whatever_key_it_stands() {
        let good = *ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key().as_bytes();
        // No x belongs to this y.
        let mut none = [0; 32];
        none[0] = 2;
        for (public, sound) in [(good, true), (none, false), ([0; 32], false)] {
            let both = [&[7; 1312][..], &public].concat();
            for data in [
                KeyData::Ed25519(public),
                KeyData::SkEd25519 { public, application: b"ssh:".to_vec() },
                KeyData::ml_dsa44_ed25519(&both).unwrap(),
            ] {
                let key = PublicKey::from_data(data);
                assert_eq!(key.check_point().is_ok(), sound, "{key:?}");
            }
        }
    }

    #[test]
    fn p4_an_ecdsa_number_with_superfluous_zeros_still_verifies() {
        let key = PrivateKey::ecdsa_from_scalar(Curve::P256, &[1; 32]).unwrap();
        let raw = raw(&key, b"data");
        let mut reader = Reader::new(&raw);
        let mut padded = Vec::new();
        for _ in ["r", "s"] {
            let number = reader.mpint().unwrap();
            padded.put_string(&[&[0, 0], number].concat());
        }
        let signature = blob("ecdsa-sha2-nistp256", &padded, b"");
        key.public().verify(b"data", &signature).unwrap();
    }

    /// What a token would sign, and the two fields after the signature.
    fn fido(data: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let signed = fido_data(b"ssh:", (1, 9), data);
        let mut rest = vec![1];
        rest.put_u32(9);
        (signed, rest)
    }

    #[test]
    fn signatures_of_fido_keys_verify_with_their_flags_and_counter() {
        let ed25519 = PrivateKey::ed25519_from_seed(&[1; 32]);
        let ecdsa = PrivateKey::ecdsa_from_scalar(Curve::P256, &[1; 32]).unwrap();
        let (signed, rest) = fido(b"data");
        for plain in [ed25519, ecdsa] {
            let application = b"ssh:".to_vec();
            let data = match plain.public().data().clone() {
                KeyData::Ed25519(public) => KeyData::SkEd25519 { public, application },
                KeyData::Ecdsa { point, .. } => KeyData::SkEcdsaP256 { point, application },
                _ => unreachable!("two kinds"),
            };
            let key = PublicKey::from_data(data);
            let name = key.type_name();
            let raw = raw(&plain, &signed);
            assert_eq!(key.verify(b"data", &blob(name, &raw, &rest)), Ok(()));
            let mut other_flags = rest.clone();
            other_flags[0] = 0;
            let forged = blob(name, &raw, &other_flags);
            assert_eq!(key.verify(b"data", &forged), Err(Error::BadSignature));
            let cut = blob(name, &raw, &rest[..4]);
            assert_eq!(key.verify(b"data", &cut), Err(Error::Truncated));
        }
    }
}
