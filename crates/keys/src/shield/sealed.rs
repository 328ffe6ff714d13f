//! A sealed private key, and the form in which its content is kept.
//!
//! The content is not the wire form: it carries the two CRT exponents of RSA as well, and
//! nothing of the public half, which lies outside and is bound by the seal. What the seal
//! proves need not be checked again, so opening a key costs microseconds where reading one
//! from a stranger costs a check of its numbers.

use std::fmt;

use zeroize::Zeroizing;

use super::NONCE_LEN;
use crate::key_data::KeyData;
use crate::private_key::{Fields, RsaFields};
use crate::wire::{Put, Reader, string_len};
use crate::{Error, PrivateKey, PublicKey, Result};

/// A private key sealed by a [`super::Shield`]. Worth nothing without it.
pub struct Sealed {
    public: PublicKey,
    nonce: [u8; NONCE_LEN],
    ciphertext: Box<[u8]>,
}

impl Sealed {
    pub(super) fn new(public: PublicKey, nonce: [u8; NONCE_LEN], ciphertext: &[u8]) -> Self {
        Self { public, nonce, ciphertext: ciphertext.into() }
    }

    /// The public key (certificate if it has one).
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn nonce(&self) -> &[u8; NONCE_LEN] {
        &self.nonce
    }

    pub(super) fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }
}

/// Which key, and nothing of it.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({:?})", self.public)
    }
}

/// The private fields, in a buffer with room for a tag.
pub(super) fn content(key: &PrivateKey, tag_len: usize) -> Zeroizing<Vec<u8>> {
    let fields = parts(key.fields());
    let len: usize = fields.iter().map(|field| string_len(field.len())).sum();
    let mut content = Zeroizing::new(Vec::with_capacity(len + tag_len));
    for field in fields {
        content.put_string(field);
    }
    content
}

fn parts(fields: &Fields) -> Vec<&[u8]> {
    match fields {
        Fields::Rsa(rsa) => [&rsa.d, &rsa.iqmp, &rsa.p, &rsa.q, &rsa.dp, &rsa.dq]
            .into_iter()
            .map(|number| number.as_slice())
            .collect(),
        // Never sealed.
        Fields::Dss(_) | Fields::Fido(_) => Vec::new(),
        Fields::Ecdsa(scalar) => vec![scalar],
        Fields::Ed25519(seed) => vec![seed.as_slice()],
        Fields::MlDsa44Ed25519(seeds) => vec![seeds.as_slice()],
    }
}

/// The private key of an opened content.
pub(super) fn restore(public: &PublicKey, content: &[u8]) -> Result<PrivateKey> {
    let mut reader = Reader::new(content);
    let fields = match public.data() {
        KeyData::Rsa { .. } => Fields::Rsa(RsaFields {
            d: read(&mut reader)?,
            iqmp: read(&mut reader)?,
            p: read(&mut reader)?,
            q: read(&mut reader)?,
            dp: read(&mut reader)?,
            dq: read(&mut reader)?,
        }),
        KeyData::Ecdsa { .. } => Fields::Ecdsa(read(&mut reader)?),
        KeyData::Ed25519(_) => Fields::Ed25519(Box::new(read_array(&mut reader)?)),
        KeyData::MlDsa44Ed25519(_) => Fields::MlDsa44Ed25519(Box::new(read_array(&mut reader)?)),
        // Never sealed.
        KeyData::Dss(_) | KeyData::SkEd25519 { .. } | KeyData::SkEcdsaP256 { .. } => {
            return Err(Error::BrokenSeal);
        }
    };
    reader.finish()?;
    Ok(PrivateKey::from_trusted(public.clone(), fields))
}

fn read(reader: &mut Reader<'_>) -> Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(reader.string()?.to_vec()))
}

fn read_array<const N: usize>(reader: &mut Reader<'_>) -> Result<Zeroizing<[u8; N]>> {
    let bytes = reader.string()?;
    let array = bytes.try_into().map_err(|_| Error::BrokenSeal)?;
    Ok(Zeroizing::new(array))
}
