//! The fields of a public key, without type name, certificate or comment.
//!
//! Everything is checked when it is read: a value of this type is a key somebody could
//! have made, so verification later has nothing left to distrust but the signature.

use crate::limits::{
    DSS_MAX_BITS, DSS_MAX_ORDER_BITS, DSS_MIN_BITS, DSS_MIN_ORDER_BITS, RSA_LARGE_MODULUS_BITS,
    RSA_LARGE_MODULUS_EXPONENT_BITS, RSA_MAX_BITS, RSA_MAX_EXPONENT_BITS, RSA_MIN_BITS,
};
use crate::wire::{Put, Reader};
use crate::{Algorithm, Curve, Error, Result};

/// Bytes of an ML-DSA-44 public key (FIPS 204).
pub(crate) const MLDSA_PUBLIC: usize = 1312;
/// Bytes of an Ed25519 public key.
pub(crate) const ED25519_PUBLIC: usize = 32;

/// The public fields, as they stand on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyData {
    /// Modulus and exponent, magnitudes without zeros in front.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// Modulus, order, generator and public value, magnitudes without zeros in front.
    Dss(Box<Dss>),
    /// An uncompressed point of the curve.
    Ecdsa { curve: Curve, point: Vec<u8> },
    /// An encoded Edwards point.
    Ed25519([u8; ED25519_PUBLIC]),
    /// The two public keys, one after the other.
    MlDsa44Ed25519(Vec<u8>),
    /// A FIDO key and the application it is for.
    SkEd25519 { public: [u8; ED25519_PUBLIC], application: Vec<u8> },
    /// A FIDO key and the application it is for.
    SkEcdsaP256 { point: Vec<u8>, application: Vec<u8> },
}

/// The public numbers of a DSA key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dss {
    pub(crate) p: Vec<u8>,
    pub(crate) q: Vec<u8>,
    pub(crate) g: Vec<u8>,
    pub(crate) y: Vec<u8>,
}

impl KeyData {
    /// Reads the fields of a key of this type.
    pub(crate) fn read(reader: &mut Reader<'_>, algorithm: Algorithm) -> Result<Self> {
        Ok(match algorithm {
            Algorithm::Rsa => {
                let e = reader.mpint()?;
                let n = reader.mpint()?;
                Self::rsa(n, e)?
            }
            Algorithm::Dss => {
                Self::dss(reader.mpint()?, reader.mpint()?, reader.mpint()?, reader.mpint()?)?
            }
            Algorithm::Ecdsa(curve) => Self::Ecdsa { curve, point: read_point(reader, curve)? },
            Algorithm::Ed25519 => Self::Ed25519(read_ed25519(reader)?),
            Algorithm::MlDsa44Ed25519 => Self::ml_dsa44_ed25519(reader.string()?)?,
            Algorithm::SkEd25519 => Self::SkEd25519 {
                public: read_ed25519(reader)?,
                application: reader.string()?.to_vec(),
            },
            Algorithm::SkEcdsaP256 => Self::SkEcdsaP256 {
                point: read_point(reader, Curve::P256)?,
                application: reader.string()?.to_vec(),
            },
        })
    }

    /// An RSA key of magnitudes without zeros in front.
    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Result<Self> {
        let bits = bit_length(n);
        if bits < RSA_MIN_BITS {
            return Err(Error::Unsupported {
                what: "an RSA key",
                why: "its modulus is shorter than 1024 bits",
            });
        }
        if bits > RSA_MAX_BITS {
            return Err(Error::TooLarge {
                what: "bits of an RSA modulus",
                limit: RSA_MAX_BITS as usize,
            });
        }
        if !is_odd(n) {
            return Err(Error::Malformed("RSA modulus (even)"));
        }
        // 1 would make every message its own signature; an even one has no inverse.
        if bit_length(e) < 2 || !is_odd(e) {
            return Err(Error::Malformed("RSA exponent (even or below 3)"));
        }
        let limit = if bits > RSA_LARGE_MODULUS_BITS {
            RSA_LARGE_MODULUS_EXPONENT_BITS
        } else {
            RSA_MAX_EXPONENT_BITS
        };
        if bit_length(e) > limit {
            return Err(Error::TooLarge { what: "bits of an RSA exponent", limit: limit as usize });
        }
        Ok(Self::Rsa { n: n.to_vec(), e: e.to_vec() })
    }

    /// A DSA key of magnitudes without zeros in front: p, q, g, y. That q divides p − 1 is for
    /// whoever has the private half: nobody verifies anything with the public one.
    pub(crate) fn dss(p: &[u8], q: &[u8], g: &[u8], y: &[u8]) -> Result<Self> {
        let bits = bit_length(p);
        if bits < DSS_MIN_BITS {
            return Err(Error::Malformed("DSA modulus (shorter than 512 bits)"));
        }
        if bits > DSS_MAX_BITS {
            return Err(Error::TooLarge {
                what: "bits of a DSA modulus",
                limit: DSS_MAX_BITS as usize,
            });
        }
        if !(DSS_MIN_ORDER_BITS..=DSS_MAX_ORDER_BITS).contains(&bit_length(q)) {
            return Err(Error::Malformed("DSA order (not of 160 to 256 bits)"));
        }
        if !is_odd(p) || !is_odd(q) {
            return Err(Error::Malformed("DSA modulus or order (even)"));
        }
        let in_range = |number: &[u8]| bit_length(number) > 1 && is_below(number, p);
        if !in_range(g) || !in_range(y) {
            return Err(Error::Malformed("DSA key (out of range)"));
        }
        let [p, q, g, y] = [p, q, g, y].map(<[u8]>::to_vec);
        Ok(Self::Dss(Box::new(Dss { p, q, g, y })))
    }

    /// A composite key of its two public keys, one after the other.
    pub(crate) fn ml_dsa44_ed25519(both: &[u8]) -> Result<Self> {
        if both.len() != MLDSA_PUBLIC + ED25519_PUBLIC {
            return Err(Error::Malformed("ML-DSA-44 with Ed25519 key (length)"));
        }
        Ok(Self::MlDsa44Ed25519(both.to_vec()))
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rsa,
            Self::Dss(_) => Algorithm::Dss,
            Self::Ecdsa { curve, .. } => Algorithm::Ecdsa(*curve),
            Self::Ed25519(_) => Algorithm::Ed25519,
            Self::MlDsa44Ed25519(_) => Algorithm::MlDsa44Ed25519,
            Self::SkEd25519 { .. } => Algorithm::SkEd25519,
            Self::SkEcdsaP256 { .. } => Algorithm::SkEcdsaP256,
        }
    }

    /// Writes the fields, as [`KeyData::read`] reads them.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Rsa { n, e } => {
                out.put_mpint(e);
                out.put_mpint(n);
            }
            Self::Dss(dss) => {
                let Dss { p, q, g, y } = &**dss;
                [p, q, g, y].into_iter().for_each(|number| out.put_mpint(number));
            }
            Self::Ecdsa { curve, point } => {
                out.put_string(curve.name().as_bytes());
                out.put_string(point);
            }
            Self::Ed25519(public) => out.put_string(public),
            Self::MlDsa44Ed25519(both) => out.put_string(both),
            Self::SkEd25519 { public, application } => {
                out.put_string(public);
                out.put_string(application);
            }
            Self::SkEcdsaP256 { point, application } => {
                out.put_string(Curve::P256.name().as_bytes());
                out.put_string(point);
                out.put_string(application);
            }
        }
    }

    /// The blob of the plain key: type name and fields.
    pub(crate) fn to_blob(&self) -> Vec<u8> {
        let mut blob = Vec::with_capacity(128);
        blob.put_string(self.algorithm().name().as_bytes());
        self.write(&mut blob);
        blob
    }

    /// Bits as `ssh-keygen -l` prints them.
    pub(crate) fn bits(&self) -> u32 {
        match self {
            Self::Rsa { n, .. } => bit_length(n),
            Self::Dss(dss) => bit_length(&dss.p),
            Self::Ecdsa { curve, .. } => curve.bits(),
            Self::Ed25519(_)
            | Self::MlDsa44Ed25519(_)
            | Self::SkEd25519 { .. }
            | Self::SkEcdsaP256 { .. } => 256,
        }
    }
}

/// Reads curve name and point. The name is said twice on the wire, in the key type and
/// here; they must agree.
fn read_point(reader: &mut Reader<'_>, curve: Curve) -> Result<Vec<u8>> {
    if reader.string()? != curve.name().as_bytes() {
        return Err(Error::Malformed("ECDSA key (another curve than its type)"));
    }
    checked_point(curve, reader.string()?)
}

fn checked_point(curve: Curve, point: &[u8]) -> Result<Vec<u8>> {
    let uncompressed = point.len() == curve.point_len() && point.first() == Some(&4);
    let on_curve = uncompressed
        && match curve {
            Curve::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
            Curve::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
            Curve::P521 => p521::PublicKey::from_sec1_bytes(point).is_ok(),
        };
    if on_curve {
        Ok(point.to_vec())
    } else {
        Err(Error::Malformed("ECDSA key (not a point of its curve)"))
    }
}

/// Any 32 bytes are taken, as OpenSSH takes them: whether they are a point shows at the
/// first verification, and many agents hold keys nobody ever verifies with here. Of a key in a
/// file `PublicKey::check_point` tells.
fn read_ed25519(reader: &mut Reader<'_>) -> Result<[u8; ED25519_PUBLIC]> {
    let public = reader.string()?;
    <[u8; ED25519_PUBLIC]>::try_from(public).map_err(|_| Error::Malformed("Ed25519 key (length)"))
}

/// Bits of a magnitude without zeros in front.
pub(crate) fn bit_length(magnitude: &[u8]) -> u32 {
    let Some(first) = magnitude.first() else {
        return 0;
    };
    // A magnitude comes out of a string with a 32-bit length; what is longer than
    // 2^29 bytes saturates and is refused as too large.
    let bytes = u32::try_from(magnitude.len()).unwrap_or(u32::MAX);
    bytes.saturating_mul(8) - first.leading_zeros()
}

/// Both without zeros in front.
fn is_below(magnitude: &[u8], limit: &[u8]) -> bool {
    (magnitude.len(), magnitude) < (limit.len(), limit)
}

fn is_odd(magnitude: &[u8]) -> bool {
    magnitude.last().is_some_and(|&last| last & 1 == 1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::PublicKey;

    fn rsa(bits: usize, last: u8, e: &[u8]) -> Result<KeyData> {
        let mut n = vec![0xff; bits.div_ceil(8)];
        n[0] >>= (8 - bits % 8) % 8;
        *n.last_mut().unwrap() = last;
        KeyData::rsa(&n, e)
    }

    #[test]
    fn s3_rsa_from_1024_to_16384_bits_with_odd_exponents_from_3() {
        for bits in [1024, 1025, 2048, 16383, 16384] {
            assert_eq!(rsa(bits, 0xff, &[3]).unwrap().bits(), bits as u32);
        }
        for bits in [8, 1023, 16385, 32768] {
            assert!(rsa(bits, 0xff, &[3]).is_err(), "{bits}");
        }
        assert!(rsa(2048, 0xfe, &[3]).is_err(), "an even modulus");
        for e in [&[][..], &[1], &[2], &[4], &[1, 0, 0]] {
            assert!(rsa(2048, 0xff, e).is_err(), "{e:?}");
        }
        assert!(rsa(2048, 0xff, &[0xff; 32]).is_ok());
        assert!(rsa(2048, 0xff, &[1; 33]).is_err(), "an exponent that takes minutes");
        assert!(rsa(16384, 0xff, &[0xff; 8]).is_ok());
        assert!(rsa(16384, 0xff, &[1; 9]).is_err(), "with such a modulus sooner");
    }

    #[test]
    fn a_dsa_key_has_bounded_sizes_and_numbers_in_range() {
        let (p, q, low) = ([0xff; 128], [0xff; 20], [2]);
        assert_eq!(KeyData::dss(&p, &q, &low, &low).unwrap().bits(), 1024);
        for (bytes, good) in [(63, false), (64, true), (1250, true), (1251, false)] {
            assert_eq!(KeyData::dss(&vec![0xff; bytes], &q, &low, &low).is_ok(), good, "{bytes}");
        }
        for (bytes, good) in [(19, false), (20, true), (28, true), (32, true), (33, false)] {
            assert_eq!(KeyData::dss(&p, &vec![0xff; bytes], &low, &low).is_ok(), good, "{bytes}");
        }
        let mut even = p;
        even[127] = 0xfe;
        assert!(KeyData::dss(&even, &q, &low, &low).is_err());
        assert!(KeyData::dss(&p, &even[108..], &low, &low).is_err());
        for wrong in [&[][..], &[1], &p, &[1; 129]] {
            assert!(KeyData::dss(&p, &q, wrong, &low).is_err());
            assert!(KeyData::dss(&p, &q, &low, wrong).is_err());
        }
        assert!(KeyData::dss(&p, &q, &even, &even).is_ok(), "one below the modulus");
    }

    fn ecdsa_blob(kind: &str, curve: &str, point: &[u8]) -> Vec<u8> {
        let mut blob = Vec::new();
        blob.put_string(kind.as_bytes());
        blob.put_string(curve.as_bytes());
        blob.put_string(point);
        blob
    }

    #[test]
    fn an_ecdsa_point_is_uncompressed_on_its_curve_and_of_the_named_one() {
        let secret = p256::SecretKey::from_slice(&[5; 32]).unwrap();
        let point = secret.public_key().to_sec1_bytes();
        let read =
            |kind, curve, point: &[u8]| PublicKey::from_blob(&ecdsa_blob(kind, curve, point));
        let (kind, curve) = ("ecdsa-sha2-nistp256", "nistp256");
        assert!(read(kind, curve, &point).is_ok());
        assert!(read(kind, "nistp384", &point).is_err(), "two curves");
        assert!(read("ecdsa-sha2-nistp384", "nistp384", &point).is_err());
        let mut off = point.to_vec();
        off[64] ^= 1;
        assert!(read(kind, curve, &off).is_err(), "not on the curve");
        let compressed = [&[2 + (point[64] & 1)], &point[1..33]].concat();
        assert!(read(kind, curve, &compressed).is_err(), "compressed");
        assert!(read(kind, curve, &[0]).is_err(), "the point at infinity");
    }

    #[test]
    fn a_blob_is_read_to_its_last_byte() {
        let mut blob = KeyData::Ed25519([1; 32]).to_blob();
        assert!(PublicKey::from_blob(&blob).is_ok());
        blob.push(0);
        assert_eq!(PublicKey::from_blob(&blob).err(), Some(Error::Trailing(1)));
        assert_eq!(PublicKey::from_blob(&[]).err(), Some(Error::Truncated));
    }

    #[test]
    fn an_unknown_type_is_named_escaped_and_cut() {
        let mut blob = Vec::new();
        blob.put_string(&[b"ssh-\x1b[2J".as_slice(), &[b'x'; 1000]].concat());
        let Err(Error::UnknownAlgorithm(name)) = PublicKey::from_blob(&blob) else {
            unreachable!("unknown");
        };
        assert!(name.starts_with("\"ssh-\\x1b[2J"), "{name}");
        assert!(name.len() < 100, "{name}");
    }

    #[test]
    fn every_kind_is_written_as_it_is_read() {
        let point = p256::SecretKey::from_slice(&[5; 32]).unwrap().public_key().to_sec1_bytes();
        let kinds = [
            rsa(2048, 0xff, &[3]).unwrap(),
            KeyData::dss(&[0xff; 128], &[0xff; 20], &[2], &[3]).unwrap(),
            KeyData::Ecdsa { curve: Curve::P256, point: point.to_vec() },
            KeyData::Ed25519([1; 32]),
            KeyData::ml_dsa44_ed25519(&[1; 1344]).unwrap(),
            KeyData::SkEd25519 { public: [1; 32], application: b"ssh:".to_vec() },
            KeyData::SkEcdsaP256 { point: point.to_vec(), application: b"ssh:".to_vec() },
        ];
        for data in kinds {
            let key = PublicKey::from_blob(&data.to_blob()).unwrap();
            assert_eq!(key.data(), &data);
            assert_eq!(key.algorithm(), data.algorithm());
        }
    }
}
