//! What a key file is, told without its passphrase.

use std::fmt;

use keyfob_keys::PublicKey;

use crate::detect::{self, Found};
use crate::document::{Content, Document};
use crate::encrypted_pkcs8::{Encrypted, Scheme};
use crate::error::Error;
use crate::format::Format;
use crate::openssh::Container;
use crate::pbes1::{OldDerivation, Pbes1};
use crate::pbes2::Pbes2;
use crate::{pbes2_kdf, pem, ppk, public_line, sshcom};

/// What can be said of a key file without its passphrase.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inspection {
    /// Its format.
    pub format: Format,
    /// Whether it is bare DER, and no text.
    pub is_der: bool,
    /// How its private part is encrypted; `None` when it is not, and for formats that are
    /// not supported.
    pub encryption: Option<Encryption>,
    /// The public key, when it can be read and its type is known. In an encrypted file
    /// nothing proves that it is the private key's.
    pub public: Option<PublicKey>,
    /// The comment, where the format has one and it is not encrypted.
    pub comment: Option<Vec<u8>>,
}

/// How a private key is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encryption {
    /// The cipher, by OpenSSH's name for it (`aes256-ctr`) or in its manner.
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
        /// The hash in its HMAC (`SHA-256`).
        hash: &'static str,
    },
    /// scrypt of PKCS#8.
    Scrypt {
        /// Binary logarithm of its cost.
        log_n: u8,
        /// Block size.
        r: u32,
        /// Parallelisation.
        p: u32,
    },
    /// PBKDF1 of the first encrypted PKCS#8 files.
    Pbkdf1 {
        /// Its iterations.
        iterations: u32,
        /// `MD5` or `SHA-1`.
        hash: &'static str,
    },
    /// The derivation of PKCS#12, with SHA-1.
    Pkcs12 {
        /// Its iterations.
        iterations: u32,
    },
    /// One round of MD5, of traditional PEM and ssh.com: no protection worth the name.
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
    detect::with(bytes, |found| match found {
        Found::Document(document) => of_document(&document),
        Found::Ppk(text) => of_ppk(text),
        Found::Foreign(format) => Ok(Inspection::bare(format)),
        Found::PublicLine(line) => {
            let read = if_supported(public_line::read(line).1)?;
            let (public, comment) = read.unzip();
            Ok(Inspection { public, comment, ..Inspection::bare(Format::PublicLine) })
        }
    })
}

impl Inspection {
    pub(crate) fn bare(format: Format) -> Self {
        Self { format, is_der: false, encryption: None, public: None, comment: None }
    }

    /// Whether a passphrase is needed to read the private key.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encryption.is_some()
    }
}

fn of_ppk(text: &[u8]) -> Result<Inspection, Error> {
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
    let comment = Some(file.comment.to_vec());
    Ok(Inspection { encryption, public, comment, ..Inspection::bare(Format::Ppk) })
}

fn of_document(document: &Document) -> Result<Inspection, Error> {
    let encryption = document.encryption()?;
    let has_public = encryption.is_none() || document.content == Content::OpenSsh;
    let (public, inner) =
        if has_public { if_supported(document.public())?.unzip() } else { (None, None) };
    let comment = match document.content {
        Content::OpenSsh => inner.filter(|_| encryption.is_none()),
        _ => document.comment(),
    };
    let bare = Inspection::bare(document.format());
    Ok(Inspection { is_der: document.is_bare, encryption, public, comment, ..bare })
}

impl Document {
    /// How the private key is encrypted, if it is.
    pub(crate) fn encryption(&self) -> Result<Option<Encryption>, Error> {
        Ok(match self.content {
            Content::OpenSsh => {
                let protection = Container::read(&self.body)?.protection;
                let rounds = protection.rounds;
                protection.is_encrypted().then(|| Encryption {
                    cipher: protection.cipher.as_str(),
                    derivation: Derivation::Bcrypt { rounds },
                })
            }
            Content::SshCom => {
                let is_encrypted = sshcom::Container::read(&self.body)?.is_encrypted;
                let cipher = sshcom::CIPHER.name();
                is_encrypted.then_some(Encryption { cipher, derivation: Derivation::Md5 })
            }
            Content::EncryptedPkcs8 => Some(Encryption::of(&Encrypted::read(&self.body)?.scheme)),
            _ => pem::encryption(&self.headers, self.format())?
                .map(|info| Encryption { cipher: info.cipher.name(), derivation: Derivation::Md5 }),
        })
    }
}

impl Encryption {
    fn of(scheme: &Scheme<'_>) -> Self {
        let derivation = match scheme {
            Scheme::Pbes1(Pbes1 { iterations, derivation, .. }) => {
                let iterations = *iterations;
                match derivation {
                    OldDerivation::Pbkdf1Md5 => Derivation::Pbkdf1 { iterations, hash: "MD5" },
                    OldDerivation::Pbkdf1Sha1 => Derivation::Pbkdf1 { iterations, hash: "SHA-1" },
                    OldDerivation::Pkcs12 => Derivation::Pkcs12 { iterations },
                }
            }
            Scheme::Pbes2(Pbes2 { derivation, .. }) => match *derivation {
                pbes2_kdf::Derivation::Pbkdf2 { iterations, hash, .. } => {
                    Derivation::Pbkdf2 { iterations, hash: hash.name() }
                }
                pbes2_kdf::Derivation::Scrypt { log_n, r, p, .. } => {
                    Derivation::Scrypt { log_n, r, p }
                }
            },
        };
        Self { cipher: scheme.cipher().name(), derivation }
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
            Self::Bcrypt { rounds: 1 } => f.write_str("bcrypt with 1 round"),
            Self::Bcrypt { rounds } => write!(f, "bcrypt with {rounds} rounds"),
            Self::Pbkdf2 { iterations, hash } => {
                write!(f, "PBKDF2 of {hash} with {iterations} iterations")
            }
            Self::Scrypt { log_n, r, p } => write!(f, "scrypt with N=2^{log_n}, r={r}, p={p}"),
            Self::Pbkdf1 { iterations, hash } => {
                write!(f, "PBKDF1 of {hash} with {iterations} iterations")
            }
            Self::Pkcs12 { iterations } => {
                write!(f, "the derivation of PKCS#12 with {iterations} iterations")
            }
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
