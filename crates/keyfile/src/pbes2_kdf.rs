//! From a passphrase to the key of PBES2: PBKDF2 (RFC 8018) and scrypt (RFC 7914).

use pkcs8::ObjectIdentifier;
use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged, asn1::OctetStringRef};
use pkcs8::spki::AlgorithmIdentifierRef;

use crate::encrypted_pkcs8::{damaged, damaged_der, refuse_above, salt};
use crate::error::{Error, Feature};
use crate::limits::Limits;

/// How the passphrase becomes a key.
pub(crate) enum Derivation<'a> {
    Pbkdf2 { salt: &'a [u8], iterations: u32, hash: Hash },
    Scrypt { salt: &'a [u8], log_n: u8, r: u32, p: u32 },
}

/// The hash inside PBKDF2's HMAC.
#[derive(Clone, Copy)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512Cut224,
    Sha512Cut256,
}

const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");

const HASHES: [(ObjectIdentifier, Hash); 8] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.6"), Hash::Md5),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.7"), Hash::Sha1),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.8"), Hash::Sha224),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"), Hash::Sha256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.10"), Hash::Sha384),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.11"), Hash::Sha512),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.12"), Hash::Sha512Cut224),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.13"), Hash::Sha512Cut256),
];

impl<'a> Derivation<'a> {
    /// Reads the parameters for a cipher with a key of `needed` bytes.
    pub(crate) fn read(
        algorithm: &AlgorithmIdentifierRef<'a>,
        needed: usize,
    ) -> Result<Self, Error> {
        let read = match algorithm.oid {
            PBKDF2 => Self::read_pbkdf2,
            SCRYPT => Self::read_scrypt,
            other => {
                return Err(Error::Unsupported {
                    what: Feature::Derivation(other.to_string()),
                    because: "keyfob reads PBKDF2 and scrypt",
                });
            }
        };
        let parameters =
            algorithm.parameters.ok_or_else(|| damaged("the key derivation has no parameters"))?;
        if parameters.tag() != Tag::Sequence {
            return Err(damaged("the parameters of the key derivation are no sequence"));
        }
        let mut reader = SliceReader::new(parameters.value()).map_err(damaged_der)?;
        let derivation = read(&mut reader, needed)?;
        reader.finish().map_err(damaged_der)?;
        Ok(derivation)
    }

    /// RFC 8018 appendix A.2.
    fn read_pbkdf2(reader: &mut SliceReader<'a>, needed: usize) -> Result<Self, Error> {
        let salt = salt(<&OctetStringRef>::decode(reader).map_err(damaged_der)?)?;
        let iterations = u32::decode(reader).map_err(damaged_der)?;
        key_length(reader, needed)?;
        let hash = Option::<AlgorithmIdentifierRef<'_>>::decode(reader).map_err(damaged_der)?;
        let hash = match hash {
            None => Hash::Sha1,
            Some(named) => Hash::of(named.oid)?,
        };
        if iterations == 0 {
            return Err(damaged("PBKDF2 without iterations"));
        }
        Ok(Self::Pbkdf2 { salt, iterations, hash })
    }

    /// RFC 7914 §7.1.
    fn read_scrypt(reader: &mut SliceReader<'a>, needed: usize) -> Result<Self, Error> {
        let salt = salt(<&OctetStringRef>::decode(reader).map_err(damaged_der)?)?;
        let n = u64::decode(reader).map_err(damaged_der)?;
        let r = u32::decode(reader).map_err(damaged_der)?;
        let p = u32::decode(reader).map_err(damaged_der)?;
        key_length(reader, needed)?;
        let lanes = u64::from(r).saturating_mul(p.into());
        if n < 2 || !n.is_power_of_two() || !(1..1 << 30).contains(&lanes) {
            return Err(damaged("scrypt with parameters it does not have"));
        }
        // At most 63, by the type.
        let log_n = n.trailing_zeros() as u8;
        Ok(Self::Scrypt { salt, log_n, r, p })
    }

    /// Refuses more work or memory than allowed.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Error> {
        match *self {
            Self::Pbkdf2 { iterations, .. } => {
                let limit = limits.pbkdf2_iterations;
                refuse_above("iterations of PBKDF2", iterations.into(), limit.into())
            }
            Self::Scrypt { log_n, r, p, .. } => {
                let blocks = (1_u64 << log_n).saturating_mul(r.into());
                let all = blocks.saturating_mul(p.into());
                // The working blocks of all p lanes lie in memory beside the large table.
                let memory = blocks.saturating_add(u64::from(r).saturating_mul(p.into())) / 8;
                refuse_above("KiB of memory for scrypt", memory, limits.scrypt_memory_kib)?;
                refuse_above("blocks of scrypt", all, limits.scrypt_blocks)
            }
        }
    }

    /// Fills the key; takes its time.
    pub(crate) fn derive(&self, passphrase: &[u8], key: &mut [u8]) -> Result<(), Error> {
        match *self {
            Self::Pbkdf2 { salt, iterations, hash } => {
                hash.pbkdf2(passphrase, salt, iterations, key);
            }
            Self::Scrypt { salt, log_n, r, p } => {
                let refused = || damaged("scrypt with parameters it does not have");
                ensure_memory((128 << log_n) * u64::from(r))?;
                let parameters = scrypt::Params::new(log_n, r, p).map_err(|_| refused())?;
                scrypt::scrypt(passphrase, salt, &parameters, key).map_err(|_| refused())?;
            }
        }
        Ok(())
    }
}

impl Hash {
    fn of(oid: ObjectIdentifier) -> Result<Self, Error> {
        let known = HASHES.iter().find(|hash| hash.0 == oid);
        known.map(|hash| hash.1).ok_or_else(|| Error::Unsupported {
            what: Feature::Derivation(format!("PBKDF2 with {oid}")),
            because: "keyfob knows HMAC with MD5, SHA-1 and SHA-2",
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha512Cut224 => "SHA-512/224",
            Self::Sha512Cut256 => "SHA-512/256",
        }
    }

    fn pbkdf2(self, passphrase: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        use pbkdf2::pbkdf2_hmac;
        match self {
            Self::Md5 => pbkdf2_hmac::<md5::Md5>(passphrase, salt, iterations, key),
            Self::Sha1 => pbkdf2_hmac::<sha1::Sha1>(passphrase, salt, iterations, key),
            Self::Sha224 => pbkdf2_hmac::<sha2::Sha224>(passphrase, salt, iterations, key),
            Self::Sha256 => pbkdf2_hmac::<sha2::Sha256>(passphrase, salt, iterations, key),
            Self::Sha384 => pbkdf2_hmac::<sha2::Sha384>(passphrase, salt, iterations, key),
            Self::Sha512 => pbkdf2_hmac::<sha2::Sha512>(passphrase, salt, iterations, key),
            Self::Sha512Cut224 => {
                pbkdf2_hmac::<sha2::Sha512_224>(passphrase, salt, iterations, key);
            }
            Self::Sha512Cut256 => {
                pbkdf2_hmac::<sha2::Sha512_256>(passphrase, salt, iterations, key);
            }
        }
    }
}

/// Memory that is not there ends the process in the allocator; here it is only an error.
fn ensure_memory(bytes: u64) -> Result<(), Error> {
    let bytes = usize::try_from(bytes).map_err(|_| Error::OutOfMemory)?;
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| Error::OutOfMemory)
}

/// The optional length of the derived key must be what the cipher takes.
fn key_length(reader: &mut SliceReader<'_>, needed: usize) -> Result<(), Error> {
    let said = Option::<u64>::decode(reader).map_err(damaged_der)?;
    match said {
        Some(said) if usize::try_from(said) != Ok(needed) => {
            Err(damaged("the derived key has another length than the cipher's"))
        }
        _ => Ok(()),
    }
}
