//! Elliptic curve private keys of SEC1 (RFC 5915).

use keyfob_keys::wire::Reader;
use keyfob_keys::{Curve, PrivateKey, PublicKey};
use pkcs8::ObjectIdentifier;
use pkcs8::der::{self, Decode, ErrorKind, Tag};
use sec1::EcPrivateKey;

use crate::error::{Error, Feature};
use crate::format::Format;

/// The curves by their object identifiers (RFC 5480 §2.1.1.1).
const CURVES: [(ObjectIdentifier, Curve); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Curve::P256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521),
];

/// Reads a DER document. `outer` is the curve PKCS#8 names around it; a file of its own
/// must name the curve inside.
pub(crate) fn read(der: &[u8], outer: Option<Curve>) -> Result<PrivateKey, Error> {
    let key = EcPrivateKey::from_der(der).map_err(decode_error)?;
    let inner = key.parameters.and_then(sec1::EcParameters::named_curve);
    let curve = match (inner.map(curve).transpose()?, outer) {
        (Some(inner), Some(outer)) if inner != outer => {
            return Err(damaged("it names two different curves"));
        }
        (Some(curve), _) | (None, Some(curve)) => curve,
        (None, None) => return Err(damaged("it does not name its curve")),
    };
    let private = PrivateKey::ecdsa_from_scalar(curve, key.private_key)
        .map_err(|error| Error::of_key(Format::Sec1, error))?;
    match key.public_key {
        Some(point) if !is_point_of(point, private.public()) => {
            Err(damaged("its public key is not that of its private key"))
        }
        _ => Ok(private),
    }
}

/// The curve of an object identifier.
pub(crate) fn curve(oid: ObjectIdentifier) -> Result<Curve, Error> {
    let known = CURVES.iter().find(|curve| curve.0 == oid);
    known.map(|curve| curve.1).ok_or_else(|| Error::Unsupported {
        what: Feature::Curve(oid.to_string()),
        because: "SSH knows only the curves P-256, P-384 and P-521",
    })
}

/// The object identifier of a curve.
pub(crate) fn oid(curve: Curve) -> ObjectIdentifier {
    // Every curve stands in the table, as one of the tests checks.
    let [first, ..] = CURVES;
    CURVES.into_iter().find(|known| known.1 == curve).unwrap_or(first).0
}

/// The refusal of a curve that is spelt out as numbers.
pub(crate) fn explicit_curve() -> Error {
    Error::Unsupported {
        what: Feature::Curve("given as numbers".to_owned()),
        because: "only curves given by name can be told from forged ones",
    }
}

/// Whether an encoded point, whole or compressed, is the one of this key.
fn is_point_of(point: &[u8], key: &PublicKey) -> bool {
    let mut reader = Reader::new(key.blob());
    let mut field = || reader.string().unwrap_or_default();
    let (_type_name, _curve, own) = (field(), field(), field());
    let half = own.len() / 2;
    match point {
        [2 | 3, x @ ..] => {
            own.get(1..=half) == Some(x)
                && own.last().map(|y| 2 + (y & 1)) == point.first().copied()
        }
        whole => whole == own,
    }
}

fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::Sec1, problem)
}

fn decode_error(error: der::Error) -> Error {
    match error.kind() {
        ErrorKind::TagUnexpected {
            expected: Some(Tag::ObjectIdentifier),
            actual: Tag::Sequence,
        } => explicit_curve(),
        _ => damaged(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_has_an_identifier_of_its_own() {
        for known in Curve::ALL {
            assert_eq!(curve(oid(known)), Ok(known));
        }
    }
}
