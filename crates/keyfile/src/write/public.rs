//! Public keys in PEM: SubjectPublicKeyInfo (RFC 5280 §4.1) and PKCS#1 (RFC 8017 appendix A.1.1).
//!
//! Of a certificate the key it certifies is written: these forms have no room for more, and
//! none for a comment.

use keyfob_keys::{PublicKey, PublicNumbers};

use super::armour::{PEM_COLUMNS, block};
use super::der::Der;
use super::no_room;
use crate::error::Error;
use crate::{pem, pkcs8, sec1};

/// `BEGIN PUBLIC KEY`
pub(super) fn spki(key: &PublicKey) -> Result<Vec<u8>, Error> {
    let info = match key.numbers() {
        PublicNumbers::Rsa { n, e } => Der::Sequence(&[
            Der::Sequence(&[Der::Oid(&pkcs8::RSA), Der::Null]),
            Der::InBits(&Der::Sequence(&[Der::Integer(n), Der::Integer(e)])),
        ])
        .encode(),
        PublicNumbers::Ecdsa { curve, point } => Der::Sequence(&[
            Der::Sequence(&[Der::Oid(&pkcs8::EC), Der::Oid(&sec1::oid(curve))]),
            Der::Bits(point),
        ])
        .encode(),
        // RFC 8410 §4: without parameters.
        PublicNumbers::Ed25519(public) => {
            Der::Sequence(&[Der::Sequence(&[Der::Oid(&pkcs8::ED25519)]), Der::Bits(public)])
                .encode()
        }
        // RFC 3279 §2.3.2
        PublicNumbers::Dss { p, q, g, y } => Der::Sequence(&[
            Der::Sequence(&[Der::Oid(&pkcs8::DSA), Der::Sequence(&[p, q, g].map(Der::Integer))]),
            Der::InBits(&Der::Integer(y)),
        ])
        .encode(),
        _ => return Err(no_room(key, "PEM has no form for it that other programs read")),
    };
    Ok(block(pem::PUBLIC, b"", &info, PEM_COLUMNS).to_vec())
}

/// `BEGIN RSA PUBLIC KEY`
pub(super) fn pkcs1(key: &PublicKey) -> Result<Vec<u8>, Error> {
    let PublicNumbers::Rsa { n, e } = key.numbers() else {
        return Err(no_room(key, "PKCS#1 is a form of RSA keys only"));
    };
    let numbers = Der::Sequence(&[Der::Integer(n), Der::Integer(e)]).encode();
    Ok(block(pem::PKCS1_PUBLIC, b"", &numbers, PEM_COLUMNS).to_vec())
}
