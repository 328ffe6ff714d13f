//! The private part of a PPK file: the numbers of each key type, and which types there are.

use keyfob_keys::wire::{Put, Reader, mpint_len, string_len};
use keyfob_keys::{
    Algorithm, DsaParts, PrivateKey, PrivateNumbers, PublicKey, PublicNumbers, RsaParts,
};
use zeroize::Zeroizing;

use super::seal::BLOCK;
use super::{damaged, of_key};
use crate::error::{Error, Feature, escaped};

/// Bytes of an Ed25519 seed.
const SEED: usize = 32;

/// The key of this public key and private part, with its certificate if that is one.
pub(super) fn key(public: &PublicKey, private: &[u8]) -> Result<PrivateKey, Error> {
    let mut reader = Reader::new(private);
    let key = plain_key(public, &mut reader)?;
    // What fills the last block is any bytes: PuTTY's manual says random, it writes a hash.
    if reader.remaining() >= BLOCK {
        return Err(damaged("its private part goes on behind the key"));
    }
    if key.public() != &public.plain() {
        return Err(damaged("its public key is not that of its private key"));
    }
    if public.certificate().is_some() {
        return key.with_certificate(public).map_err(of_key);
    }
    Ok(key)
}

/// Numbers are taken in any form: some programs forget the zero that makes them positive, and
/// PuTTY refuses what they write. Whether a number is right, the public key tells.
fn plain_key(public: &PublicKey, reader: &mut Reader<'_>) -> Result<PrivateKey, Error> {
    match public.numbers() {
        PublicNumbers::Rsa { n, e } => {
            let mut number = || reader.string().map_err(of_key);
            let (d, p, q, iqmp) = (number()?, number()?, number()?, number()?);
            PrivateKey::rsa_from_parts(RsaParts { n, e, d, p, q, iqmp })
        }
        PublicNumbers::Dss { p, q, g, y } => {
            let x = reader.string().map_err(of_key)?;
            PrivateKey::dsa_from_parts(DsaParts { p, q, g, y, x })
        }
        PublicNumbers::Ecdsa { curve, .. } => {
            PrivateKey::ecdsa_from_scalar(curve, reader.string().map_err(of_key)?)
        }
        PublicNumbers::Ed25519(_) => {
            let seed = seed(reader.string().map_err(of_key)?)?;
            Ok(PrivateKey::ed25519_from_seed(&seed))
        }
        _ => return Err(unknown_to_putty(public.type_name())),
    }
    .map_err(of_key)
}

/// Not an `mpint`, although the manual says so: the bytes of the seed as they are. PuTTY before
/// 0.75 left out zeros at the end, not in front.
fn seed(bytes: &[u8]) -> Result<Zeroizing<[u8; SEED]>, Error> {
    let mut seed = Zeroizing::new([0; SEED]);
    seed.get_mut(..bytes.len())
        .ok_or_else(|| damaged("its Ed25519 seed is longer than 32 bytes"))?
        .copy_from_slice(bytes);
    Ok(seed)
}

/// The private part of a key, without padding and with room for a block of it.
pub(crate) fn private_blob(key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    match key.numbers() {
        PrivateNumbers::Rsa { parts, .. } => Ok(mpints(&[parts.d, parts.p, parts.q, parts.iqmp])),
        PrivateNumbers::Dss { x } => Ok(mpints(&[x])),
        PrivateNumbers::Ecdsa { scalar, .. } => Ok(mpints(&[scalar])),
        PrivateNumbers::Ed25519(seed) => {
            let mut blob = Zeroizing::new(Vec::with_capacity(string_len(SEED) + BLOCK));
            blob.put_string(seed);
            Ok(blob)
        }
        _ => Err(unknown_to_putty(key.public().algorithm().name())),
    }
}

/// PuTTY refuses numbers with a zero too many in front, and those that are negative for one
/// too few.
fn mpints(numbers: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length: usize = numbers.iter().map(|number| mpint_len(number)).sum();
    let mut blob = Zeroizing::new(Vec::with_capacity(length + BLOCK));
    numbers.iter().for_each(|number| blob.put_mpint(number));
    blob
}

/// Ed448 has a name of its own among the refused.
pub(super) fn refuse_unsupported_type(name: &[u8]) -> Result<(), Error> {
    let known = std::str::from_utf8(name).ok().and_then(Algorithm::from_name);
    known.map(|_| ()).ok_or_else(|| Error::key_type(&escaped(name)))
}

fn unknown_to_putty(name: &str) -> Error {
    Error::Unsupported {
        what: Feature::KeyType(name.to_owned()),
        because: "PuTTY knows no such key",
    }
}
