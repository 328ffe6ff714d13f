//! What a key file is, told without its passphrase.

use std::fmt;

use keyfob_keys::PublicKey;

use crate::armour::Armour;
use crate::detect::{self, Found};
use crate::error::Error;
use crate::format::Format;
use crate::openssh::Container;
use crate::pbes2::Encrypted;
use crate::{pbes2_kdf, pem, ppk, public, read_der};

/// What can be said of a key file without its passphrase.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// Its format.
    pub format: Format,
    /// How its private part is encrypted; `None` when it is not, and for formats that are
    /// not supported.
    pub encryption: Option<Encryption>,
    /// The public key, when it can be read and its type is known. In an encrypted OpenSSH file
    /// nothing proves that it is the private key's.
    pub public: Option<PublicKey>,
    /// The comment of a public key and of a PPK file; that of an OpenSSH file may be encrypted.
    pub comment: Option<Vec<u8>>,
}

/// How a private key is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encryption {
    /// The cipher, by OpenSSH's name for it (`aes256-ctr`).
    pub cipher: &'static str,
    /// How its key comes from the passphrase.
    pub derivation: Derivation,
}

/// How the key of a cipher comes from a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Derivation {
    /// bcrypt_pbkdf of the OpenSSH format.
    Bcrypt {
        /// Its rounds.
        rounds: u32,
    },
    /// PBKDF2 of PKCS#8.
    Pbkdf2 {
        /// Its iterations.
        iterations: u32,
        /// The hash of its HMAC.
        hash: &'static str,
    },
    /// scrypt of PKCS#8.
    Scrypt {
        /// Logarithm of N to base 2.
        log_n: u8,
        /// Block size.
        r: u32,
        /// Parallelisation.
        p: u32,
    },
    /// One round of MD5, of traditional PEM: no protection worth the name.
    Md5,
    /// Argon2 of PPK.
    Argon2 {
        /// `Argon2id`, `Argon2i` or `Argon2d`.
        variant: &'static str,
        /// Its memory in KiB.
        memory_kib: u32,
        /// How often it goes over the memory.
        passes: u32,
        /// Its lanes.
        parallelism: u32,
    },
    /// SHA-1, once, of PPK before version 3: no protection worth the name.
    Sha1,
}

/// Tells what a file is. Needs no passphrase and derives no key.
///
/// # Errors
/// When the file is no key, is damaged, or is encrypted in an unknown way. A known format
/// or key type that is not supported is no error.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Error> {
    match detect::find(bytes)? {
        Found::Private(armour) => inspect_armoured(&armour),
        Found::Public(Format::PublicLine) => {
            let (key, comment) = match public::read_public(bytes) {
                Ok((key, comment)) => (Some(key), Some(comment)),
                Err(Error::Unsupported { .. }) => (None, None),
                Err(error) => return Err(error),
            };
            Ok(Inspection { format: Format::PublicLine, encryption: None, public: key, comment })
        }
        Found::Ppk(text) => inspect_ppk(text),
        Found::Foreign(format) | Found::Public(format) => Ok(Inspection::bare(format)),
    }
}

fn inspect_ppk(text: &[u8]) -> Result<Inspection, Error> {
    let Some(file) = if_supported(ppk::File::read(text))? else {
        return Ok(Inspection::bare(Format::Ppk));
    };
    let encryption = file.derivation.as_ref().map(|derivation| Encryption {
        cipher: ppk::CIPHER,
        derivation: match derivation {
            ppk::Derivation::Sha1 => Derivation::Sha1,
            ppk::Derivation::Argon2(argon2) => Derivation::Argon2 {
                variant: argon2.variant.name(),
                memory_kib: argon2.memory_kib,
                passes: argon2.passes,
                parallelism: argon2.parallelism,
            },
        },
    });
    let public = if_supported(file.public())?;
    Ok(Inspection { format: Format::Ppk, encryption, public, comment: Some(file.comment.to_vec()) })
}

impl Inspection {
    fn bare(format: Format) -> Self {
        Self { format, encryption: None, public: None, comment: None }
    }

    /// Whether a passphrase is needed to read the private key.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encryption.is_some()
    }
}

fn inspect_armoured(armour: &Armour<'_>) -> Result<Inspection, Error> {
    let format = detect::format_of(armour)?;
    let mut inspection = Inspection::bare(format);
    if format == Format::OpenSsh {
        let container = Container::read(armour.body())?;
        inspection.public = if_supported(container.public())?;
        let protection = container.protection;
        inspection.encryption = protection.is_encrypted().then(|| Encryption {
            cipher: protection.cipher.as_str(),
            derivation: Derivation::Bcrypt { rounds: protection.rounds },
        });
    } else if let Some(info) = pem::encryption(armour)? {
        inspection.encryption =
            Some(Encryption { cipher: info.cipher.as_str(), derivation: Derivation::Md5 });
    } else if armour.label() == pem::ENCRYPTED_PKCS8 {
        inspection.encryption = Some(Encryption::of(&Encrypted::read(armour.body())?));
    } else {
        let key = if_supported(read_der(format, armour.body()))?;
        inspection.public = key.map(|key| key.public().clone());
    }
    Ok(inspection)
}

impl Encryption {
    fn of(encrypted: &Encrypted<'_>) -> Self {
        Self {
            cipher: encrypted.cipher.as_str(),
            derivation: match encrypted.derivation {
                pbes2_kdf::Derivation::Pbkdf2 { iterations, hash, .. } => {
                    Derivation::Pbkdf2 { iterations, hash: hash.name() }
                }
                pbes2_kdf::Derivation::Scrypt { log_n, r, p, .. } => {
                    Derivation::Scrypt { log_n, r, p }
                }
            },
        }
    }
}

/// An unsupported key is a fact to tell, damage is an error.
fn if_supported<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.cipher, self.derivation)
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bcrypt { rounds } => write!(f, "bcrypt with {rounds} rounds"),
            Self::Pbkdf2 { iterations, hash } => {
                write!(f, "PBKDF2 of {hash} with {iterations} iterations")
            }
            Self::Scrypt { log_n, r, p } => write!(f, "scrypt with N=2^{log_n}, r={r}, p={p}"),
            Self::Md5 => f.write_str("one round of MD5"),
            Self::Argon2 { variant, memory_kib, passes, parallelism } => {
                let several = if *passes == 1 { "" } else { "es" };
                write!(f, "{variant} with {memory_kib} KiB, {passes} pass{several}")?;
                if *parallelism > 1 { write!(f, ", {parallelism} lanes") } else { Ok(()) }
            }
            Self::Sha1 => f.write_str("one round of SHA-1"),
        }
    }
}
