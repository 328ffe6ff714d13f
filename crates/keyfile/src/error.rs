//! What can be wrong with a key file, as facts.

use std::fmt;

use crate::format::Format;
use crate::limits::MAX_FILE;

/// A fact about a key file. The path and what to do about it are the caller's to add.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The private key is encrypted and no passphrase was given.
    #[error("the private key needs a passphrase")]
    PassphraseNeeded,

    /// The passphrase does not decrypt the private key. (Damage to the encrypted part can
    /// look the same.)
    #[error("wrong passphrase")]
    WrongPassphrase,

    /// A private key was asked for, and the file holds a public one.
    #[error("this is a public key, not a private one")]
    PublicKeyFile,

    /// Nothing in the file looks like a key.
    #[error("no key found in the file")]
    NotAKey,

    /// The file is larger than any key file is.
    #[error("larger than {MAX_FILE} bytes, as no key file is")]
    TooLarge,

    /// Recognised, but not supported, because …
    #[error("recognised but unsupported: {what}, because {because}")]
    Unsupported {
        /// What was recognised. A caller may know what to do about it.
        what: Feature,
        /// Why that is not supported.
        because: &'static str,
    },

    /// The file is of this format, but damaged or inconsistent.
    #[error("{format} is damaged: {problem}")]
    Corrupt {
        /// The format it is in.
        format: Format,
        /// What is wrong; text taken from the file is escaped.
        problem: String,
    },

    /// The key derivation of the file would take longer than allowed; see
    /// [`crate::Limits`].
    #[error(
        "the passphrase's key derivation is too expensive: {rounds} {unit}, at most {limit} allowed"
    )]
    KdfTooExpensive {
        /// What is counted.
        unit: &'static str,
        /// How many the file asks for.
        rounds: u64,
        /// How many are allowed.
        limit: u64,
    },

    /// The comment cannot stand in the form that was asked for.
    #[error("the comment cannot be written: {0}")]
    Comment(&'static str),

    /// The form takes no passphrase this short.
    #[error("the passphrase is too short: this form takes at least {least} bytes")]
    PassphraseTooShort {
        /// The fewest bytes it takes.
        least: usize,
    },

    /// The system's random generator failed.
    #[error("the system's random generator failed")]
    Randomness,

    /// The key derivation did not get the memory it needs.
    #[error("not enough memory for the passphrase's key derivation")]
    OutOfMemory,
}

/// Something in a key file that is known by name, but not supported. Names taken from the
/// file are escaped and cut.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Feature {
    /// A whole file format.
    Format(Format),
    /// A PEM block of another kind of private key.
    Block(String),
    /// A key type.
    KeyType(String),
    /// A property of this key.
    Key(String),
    /// An elliptic curve.
    Curve(String),
    /// A cipher that protects the private key.
    Cipher(String),
    /// A way from the passphrase to the cipher's key.
    Derivation(String),
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(format) => write!(f, "{format}"),
            Self::Block(name) => write!(f, "block {name}"),
            Self::KeyType(name) => write!(f, "key type {name}"),
            Self::Key(property) => write!(f, "{property}"),
            Self::Curve(name) => write!(f, "curve {name}"),
            Self::Cipher(name) => write!(f, "cipher {name}"),
            Self::Derivation(name) => write!(f, "key derivation {name}"),
        }
    }
}

impl Error {
    /// Damage to a file of this format.
    pub(crate) fn corrupt(format: Format, problem: impl Into<String>) -> Self {
        Self::Corrupt { format, problem: problem.into() }
    }

    /// What the `keys` crate says of a key found in a file of this format.
    pub(crate) fn of_key(format: Format, error: keyfob_keys::Error) -> Self {
        use keyfob_keys::Error as Key;
        match error {
            Key::Unsupported { what, why } => {
                Self::Unsupported { what: Feature::Key(what.to_owned()), because: why }
            }
            Key::TooLarge { what, limit } => Self::Unsupported {
                what: Feature::Key(format!("more than {limit} {what}")),
                because: "no SSH program makes such a key",
            },
            Key::UnknownAlgorithm(name) => Self::key_type(name.trim_matches('"')),
            other => Self::corrupt(format, other.to_string()),
        }
    }

    /// The refusal of a key type by its name, which must be escaped.
    pub(crate) fn key_type(name: &str) -> Self {
        let because = match name {
            "ssh-ed448" | "Ed448" => "OpenSSH knows no such key",
            "X25519" | "X448" | "DH" => "such a key cannot sign",
            "RSA-PSS" => "SSH knows no such signatures",
            _ => "keyfob does not know it",
        };
        Self::Unsupported { what: Feature::KeyType(name.to_owned()), because }
    }
}

/// A name out of a file, made safe to print and not endless.
pub(crate) fn escaped(name: &[u8]) -> String {
    const SHOWN: usize = 64;
    name[..name.len().min(SHOWN)].escape_ascii().to_string()
}
