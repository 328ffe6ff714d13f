//! Public keys in DER: SubjectPublicKeyInfo (RFC 5280 §4.1) and PKCS#1 (RFC 8017 A.1.1).

use keyfob_keys::wire::Put;
use keyfob_keys::{Algorithm, Curve, PublicKey};
use p256::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use p256::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize};
use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::{AnyRef, UintRef};
use pkcs8::der::{self, Decode, Tag, Tagged};
use pkcs8::spki::SubjectPublicKeyInfoRef;

use crate::error::Error;
use crate::format::Format;
use crate::pkcs8::{self as names, DsaGroup};
use crate::{public, sec1};

/// Reads SubjectPublicKeyInfo.
pub(crate) fn read(der: &[u8]) -> Result<PublicKey, Error> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(damaged_der)?;
    let bits = info.subject_public_key.as_bytes().ok_or_else(|| damaged("it has half bytes"))?;
    let parameters = info.algorithm.parameters;
    match info.algorithm.oid {
        names::RSA => read_pkcs1(bits),
        names::EC => read_point(parameters, bits),
        names::ED25519 => of_fields(Algorithm::Ed25519, |blob| blob.put_string(bits)),
        names::DSA => read_dsa(parameters, bits),
        other => Err(names::unknown(other)),
    }
}

/// Reads PKCS#1: modulus and exponent.
pub(crate) fn read_pkcs1(der: &[u8]) -> Result<PublicKey, Error> {
    let key = pkcs1::RsaPublicKey::<UintRef<'_>>::from_der(der).map_err(damaged_der)?;
    of_fields(Algorithm::Rsa, |blob| {
        blob.put_mpint(key.public_exponent.as_bytes());
        blob.put_mpint(key.modulus.as_bytes());
    })
}

fn read_dsa(parameters: Option<AnyRef<'_>>, bits: &[u8]) -> Result<PublicKey, Error> {
    let DsaGroup { p, q, g } = DsaGroup::read(parameters).map_err(damaged_der)?;
    let y = UintRef::from_der(bits).map_err(damaged_der)?;
    of_fields(Algorithm::Dss, |blob| {
        [p, q, g, y].iter().for_each(|number| blob.put_mpint(number.as_bytes()));
    })
}

/// A point of a named curve, whole or compressed.
fn read_point(parameters: Option<AnyRef<'_>>, bits: &[u8]) -> Result<PublicKey, Error> {
    let parameters = parameters.ok_or_else(|| damaged("it does not name its curve"))?;
    if parameters.tag() == Tag::Sequence {
        return Err(sec1::explicit_curve());
    }
    let curve = sec1::curve(parameters.decode_as::<ObjectIdentifier>().map_err(damaged_der)?)?;
    let point = whole_point(curve, bits).ok_or_else(|| damaged("its point is not on its curve"))?;
    of_fields(Algorithm::Ecdsa(curve), |blob| {
        blob.put_string(curve.name().as_bytes());
        blob.put_string(&point);
    })
}

/// The uncompressed form, the only one SSH knows.
fn whole_point(curve: Curve, bits: &[u8]) -> Option<Vec<u8>> {
    match curve {
        Curve::P256 => uncompressed::<p256::NistP256>(bits),
        Curve::P384 => uncompressed::<p384::NistP384>(bits),
        Curve::P521 => uncompressed::<p521::NistP521>(bits),
    }
}

fn uncompressed<C>(bits: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key = p256::elliptic_curve::PublicKey::<C>::from_sec1_bytes(bits).ok()?;
    Some(key.to_sec1_point(false).as_bytes().to_vec())
}

/// A key of its wire form, which the `keys` crate checks.
fn of_fields(algorithm: Algorithm, fields: impl FnOnce(&mut Vec<u8>)) -> Result<PublicKey, Error> {
    let mut blob = Vec::new();
    blob.put_string(algorithm.name().as_bytes());
    fields(&mut blob);
    public::of_blob(Format::PublicPem, &blob)
}

fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::PublicPem, problem)
}

fn damaged_der(error: der::Error) -> Error {
    damaged(&error.to_string())
}
