//! The private fields of each type, as they stand on the wire after the public ones.

use zeroize::Zeroizing;

use super::{RsaFields, RsaParts, derive, dss};
use crate::key_data::KeyData;
use crate::wire::{Put, Reader, mpint_len, string_len, strip_zeros};
use crate::{Curve, Error, Result};

/// What the public key does not say.
pub(crate) enum Fields {
    Rsa(RsaFields),
    /// The private value of DSA, without zeros in front.
    Dss(Zeroizing<Vec<u8>>),
    /// The scalar, big-endian, as long as the curve's field.
    Ecdsa(Zeroizing<Vec<u8>>),
    /// The seed (RFC 8032 §5.1.5). Boxed, so that moving the key leaves no copy.
    Ed25519(Box<Zeroizing<[u8; 32]>>),
    /// The seed of ML-DSA and the seed of Ed25519.
    MlDsa44Ed25519(Box<Zeroizing<[u8; 64]>>),
    /// What a token needs to find its key again. Kept as it is, never understood.
    Fido(FidoFields),
}

/// Of a FIDO key, besides the application, which its public half names.
pub(crate) struct FidoFields {
    pub(crate) flags: u8,
    /// Not the key, but with the token in hand as good as it.
    pub(crate) handle: Zeroizing<Vec<u8>>,
    pub(crate) reserved: Zeroizing<Vec<u8>>,
}

const HALVES: Error = Error::Mismatch("the private and the public half");

impl Fields {
    /// Reads the private fields, which must be of this public key. Numbers may have zeros
    /// in front: OpenSSH takes them, and the `ssh-key` crate writes P-521 keys so.
    pub(crate) fn read(reader: &mut Reader<'_>, public: &KeyData) -> Result<Self> {
        match public {
            KeyData::Rsa { n, e } => read_rsa(reader, n, e),
            KeyData::Dss(public) => Ok(Self::Dss(dss::check(public, reader.padded_mpint()?)?)),
            KeyData::Ecdsa { curve, point } => {
                let scalar = padded_scalar(*curve, reader.padded_mpint()?)?;
                if derive::ecdsa(*curve, &scalar)? != *point {
                    return Err(HALVES);
                }
                Ok(Self::Ecdsa(scalar))
            }
            KeyData::Ed25519(public) => Self::read_ed25519(reader, public),
            KeyData::MlDsa44Ed25519(public) => {
                let seeds: &[u8; 64] = reader
                    .string()?
                    .try_into()
                    .map_err(|_| Error::Malformed("private ML-DSA-44 with Ed25519 key (length)"))?;
                if derive::composite(seeds) != *public {
                    return Err(HALVES);
                }
                Ok(Self::MlDsa44Ed25519(Box::new(Zeroizing::new(*seeds))))
            }
            KeyData::SkEd25519 { .. } | KeyData::SkEcdsaP256 { .. } => Ok(Self::Fido(FidoFields {
                flags: reader.u8()?,
                handle: Zeroizing::new(reader.string()?.to_vec()),
                reserved: Zeroizing::new(reader.string()?.to_vec()),
            })),
        }
    }

    /// The same, of a key of this one type.
    pub(crate) fn read_ed25519(reader: &mut Reader<'_>, public: &[u8; 32]) -> Result<Self> {
        let both = reader.string()?;
        let (seed, rest) = both
            .split_first_chunk::<32>()
            .ok_or(Error::Malformed("private Ed25519 key (length)"))?;
        if rest != public || derive::ed25519(seed) != *public {
            return Err(HALVES);
        }
        Ok(Self::Ed25519(Box::new(Zeroizing::new(*seed))))
    }

    /// Writes what [`Fields::read`] reads.
    pub(crate) fn write(&self, public: &KeyData, out: &mut Vec<u8>) {
        match self {
            Self::Rsa(rsa) => {
                for number in [&rsa.d, &rsa.iqmp, &rsa.p, &rsa.q] {
                    out.put_mpint(number);
                }
            }
            Self::Dss(number) | Self::Ecdsa(number) => out.put_mpint(number),
            Self::Ed25519(seed) => {
                out.put_u32(64);
                out.extend_from_slice(seed.as_slice());
                if let KeyData::Ed25519(public) = public {
                    out.extend_from_slice(public);
                }
            }
            Self::MlDsa44Ed25519(seeds) => out.put_string(seeds.as_slice()),
            Self::Fido(fido) => {
                out.put_u8(fido.flags);
                out.put_string(&fido.handle);
                out.put_string(&fido.reserved);
            }
        }
    }

    /// An upper bound of what [`Fields::write`] appends.
    pub(crate) fn encoded_len(&self) -> usize {
        match self {
            Self::Rsa(rsa) => {
                [&rsa.d, &rsa.iqmp, &rsa.p, &rsa.q].iter().map(|number| mpint_len(number)).sum()
            }
            Self::Dss(number) | Self::Ecdsa(number) => mpint_len(number),
            // The public key is repeated before it in a certificate, and within it.
            Self::Ed25519(_) => string_len(32) + string_len(64),
            Self::MlDsa44Ed25519(_) => string_len(64),
            Self::Fido(fido) => 1 + string_len(fido.handle.len()) + string_len(fido.reserved.len()),
        }
    }

    /// A second copy. Named, because copying secrets should be seen where it is done.
    pub(crate) fn duplicate(&self) -> Self {
        match self {
            Self::Rsa(rsa) => Self::Rsa(rsa.duplicate()),
            Self::Dss(x) => Self::Dss(x.clone()),
            Self::Ecdsa(scalar) => Self::Ecdsa(scalar.clone()),
            Self::Ed25519(seed) => Self::Ed25519(seed.clone()),
            Self::MlDsa44Ed25519(seeds) => Self::MlDsa44Ed25519(seeds.clone()),
            Self::Fido(fido) => Self::Fido(FidoFields {
                flags: fido.flags,
                handle: fido.handle.clone(),
                reserved: fido.reserved.clone(),
            }),
        }
    }
}

fn read_rsa(reader: &mut Reader<'_>, n: &[u8], e: &[u8]) -> Result<Fields> {
    let d = reader.padded_mpint()?;
    let iqmp = reader.padded_mpint()?;
    let p = reader.padded_mpint()?;
    let q = reader.padded_mpint()?;
    let parts = RsaParts { n, e, d, p, q, iqmp };
    Ok(Fields::Rsa(RsaFields::check(&parts)?))
}

/// A scalar as long as the curve's field. The range is checked by whoever derives its point.
pub(crate) fn padded_scalar(curve: Curve, scalar: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let scalar = strip_zeros(scalar);
    let mut padded = Zeroizing::new(vec![0; curve.field_len()]);
    let start = padded
        .len()
        .checked_sub(scalar.len())
        .ok_or(Error::Malformed("private ECDSA key (too long)"))?;
    padded[start..].copy_from_slice(scalar);
    Ok(padded)
}
