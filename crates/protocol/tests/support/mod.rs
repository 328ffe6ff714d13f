//! Builds messages by hand, field by field, so that the decoder is not tested against itself.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use keyfob_keys::wire::Put as _;
use keyfob_keys::{PrivateKey, PublicKey};
use keyfob_protocol::{Refusal, Request};
use zeroize::Zeroizing;

/// Bytes put one behind the other.
#[derive(Clone, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn new(number: u8) -> Self {
        Self(vec![number])
    }

    pub(crate) fn u8(mut self, value: u8) -> Self {
        self.0.put_u8(value);
        self
    }

    pub(crate) fn u32(mut self, value: u32) -> Self {
        self.0.put_u32(value);
        self
    }

    pub(crate) fn string(mut self, value: impl AsRef<[u8]>) -> Self {
        self.0.put_string(value.as_ref());
        self
    }

    pub(crate) fn raw(mut self, value: impl AsRef<[u8]>) -> Self {
        self.0.extend_from_slice(value.as_ref());
        self
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// A key made of one byte.
pub(crate) fn private_key(seed: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[seed; 32])
}

/// Its public half.
pub(crate) fn public_key(seed: u8) -> PublicKey {
    private_key(seed).public().clone()
}

/// The private key as the fields of an add request, made without our encoder.
pub(crate) fn private_fields(seed: u8) -> Bytes {
    let blob = public_key(seed).blob().to_vec();
    let public = &blob[blob.len() - 32..];
    Bytes::default().string("ssh-ed25519").string(public).string([&[seed; 32], public].concat())
}

/// A DSA key, as good as one: y = g^x mod p, and q divides p − 1. Public fields and private one.
pub(crate) fn dsa_fields() -> (Bytes, Bytes) {
    let q = [&[0x40][..], &[0; 19], &[1]].concat();
    let p = [&q[..], &[0; 49], &[1]].concat();
    let public = Bytes::default().string("ssh-dss").string(&p).string(&q).string([2]).string([8]);
    (public, Bytes::default().string([3]))
}

/// An add request up to where constraints may follow.
pub(crate) fn add(number: u8) -> Bytes {
    Bytes::new(number).raw(private_fields(1)).string("a comment")
}

/// Reads it, or fails the test.
pub(crate) fn accepted(body: &(impl AsRef<[u8]> + ?Sized)) -> Request<'_> {
    Request::decode(body.as_ref()).unwrap()
}

/// The refusal, or fails the test.
pub(crate) fn refused(body: &(impl AsRef<[u8]> + ?Sized)) -> Refusal {
    match Request::decode(body.as_ref()) {
        Err(refusal) => refusal,
        Ok(request) => panic!("accepted: {request:?}"),
    }
}

/// Encodes it and takes the length off, after checking it.
pub(crate) fn encoded_body(request: &Request<'_>) -> Zeroizing<Vec<u8>> {
    let frame = request.encode().unwrap();
    let length = u32::from_be_bytes(*frame.first_chunk().unwrap());
    assert_eq!(length as usize, frame.len() - 4);
    Zeroizing::new(frame[4..].to_vec())
}

/// Every beginning of `body` that is not the whole of it is refused.
pub(crate) fn every_cut_is_refused(body: &(impl AsRef<[u8]> + ?Sized)) {
    accepted(body);
    for end in 0..body.as_ref().len() {
        refused(&body.as_ref()[..end]);
    }
}
