//! Private keys of PKCS#8 (RFC 5208, RFC 5958), decrypted.

use keyfob_keys::PrivateKey;
use keyfob_keys::wire::Reader;
use pkcs8::der::asn1::{AnyRef, OctetStringRef, UintRef};
use pkcs8::der::{self, Decode, ErrorKind, Reader as _, SliceReader, Tag, Tagged};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};

use crate::error::Error;
use crate::format::Format;
use crate::{pkcs1, sec1};

pub(crate) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(crate) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

pub(crate) const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// What else may stand there, by the names people know.
const OTHERS: [(ObjectIdentifier, &str); 6] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10"), "RSA-PSS"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.3.1"), "DH"),
    (ObjectIdentifier::new_unwrap("1.3.101.110"), "X25519"),
    (ObjectIdentifier::new_unwrap("1.3.101.111"), "X448"),
    (ObjectIdentifier::new_unwrap("1.3.101.113"), "Ed448"),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"), "ML-DSA-44"),
];

/// Reads a DER document.
pub(crate) fn read(der: &[u8]) -> Result<PrivateKey, Error> {
    let info = PrivateKeyInfoRef::from_der(der)
        .map_err(|error| Error::corrupt(Format::Pkcs8, error.to_string()))?;
    match info.algorithm.oid {
        RSA => pkcs1::read(info.private_key.as_bytes()).map_err(inside),
        EC => read_ec(&info),
        ED25519 => read_ed25519(&info),
        DSA => read_dsa(&info),
        other => Err(unknown(other)),
    }
}

/// The refusal of a type that is not read, by its name where it has one.
pub(crate) fn unknown(oid: ObjectIdentifier) -> Error {
    match OTHERS.iter().find(|other| other.0 == oid) {
        Some((_, name)) => Error::key_type(name),
        None => Error::key_type(&oid.to_string()),
    }
}

/// p, q and g of DSA (RFC 3279 §2.3.2).
pub(crate) struct DsaGroup<'a> {
    pub(crate) p: UintRef<'a>,
    pub(crate) q: UintRef<'a>,
    pub(crate) g: UintRef<'a>,
}

impl<'a> DsaGroup<'a> {
    pub(crate) fn read(parameters: Option<AnyRef<'a>>) -> der::Result<Self> {
        let parameters = parameters.ok_or(ErrorKind::Failed)?;
        parameters.sequence(|reader: &mut SliceReader<'a>| {
            let (p, q, g) = (reader.decode()?, reader.decode()?, reader.decode()?);
            Ok::<_, der::Error>(Self { p, q, g })
        })
    }
}

/// The private value alone; the public one follows from it.
fn read_dsa(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateKey, Error> {
    let damaged = |error: der::Error| Error::corrupt(Format::Pkcs8, error.to_string());
    let group = DsaGroup::read(info.algorithm.parameters).map_err(damaged)?;
    let x = UintRef::from_der(info.private_key.as_bytes()).map_err(damaged)?;
    let [p, q, g, x] = [&group.p, &group.q, &group.g, &x].map(UintRef::as_bytes);
    PrivateKey::dsa_from_group(p, q, g, x).map_err(|error| Error::of_key(Format::Pkcs8, error))
}

fn read_ec(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateKey, Error> {
    let parameters = info
        .algorithm
        .parameters
        .ok_or_else(|| Error::corrupt(Format::Pkcs8, "it does not name its curve"))?;
    if parameters.tag() == Tag::Sequence {
        return Err(sec1::explicit_curve());
    }
    let oid = parameters
        .decode_as::<ObjectIdentifier>()
        .map_err(|error| Error::corrupt(Format::Pkcs8, error.to_string()))?;
    sec1::read(info.private_key.as_bytes(), Some(sec1::curve(oid)?)).map_err(inside)
}

/// Damage inside is damage to the file the person has, which is PKCS#8.
fn inside(error: Error) -> Error {
    match error {
        Error::Corrupt { problem, .. } => Error::corrupt(Format::Pkcs8, problem),
        other => other,
    }
}

/// RFC 8410 §7: the seed is an octet string inside the octet string.
fn read_ed25519(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateKey, Error> {
    let damaged = |problem: &str| Error::corrupt(Format::Pkcs8, problem);
    let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes())
        .ok()
        .and_then(|seed| <&[u8; 32]>::try_from(seed.as_bytes()).ok())
        .ok_or_else(|| damaged("its Ed25519 seed is not 32 bytes"))?;
    let key = PrivateKey::ed25519_from_seed(seed);
    match info.public_key {
        Some(public) if public.as_bytes() != ed25519_public(&key) => {
            Err(damaged("its public key is not that of its private key"))
        }
        _ => Ok(key),
    }
}

/// The 32 bytes in the public blob.
fn ed25519_public(key: &PrivateKey) -> Option<&[u8]> {
    let mut reader = Reader::new(key.public().blob());
    let _type_name = reader.string().ok()?;
    reader.string().ok()
}
