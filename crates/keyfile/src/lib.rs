//! Reads and writes private and public key files.
//!
//! Bytes of a file come in, a [`PrivateKey`] or a [`PublicKey`] goes out, and the other way
//! round. What a file is its content says, never its name: the OpenSSH format with every
//! cipher, PEM (PKCS#1, SEC1, DSA) with and without its old encryption, PKCS#8 plain and
//! encrypted, these also in DER, PuTTY's and ssh.com's; public keys as lines, RFC 4716, PEM
//! and DER.
//! Whatever editors, mail and web forms did to the text around a key is undone in `text`.
//!
//! This crate opens no file and asks no one for a passphrase: bytes come in, bytes go out. It
//! must run in a process that may die: it parses what strangers wrote (DESIGN §1), so the
//! agent never imports it.

mod armour;
mod cbc;
mod comment;
mod der_form;
mod detect;
mod document;
mod dsa;
mod encrypted_pkcs8;
mod error;
mod format;
mod inspect;
mod limits;
mod openssh;
mod openssh_cipher;
mod pbes1;
mod pbes2;
mod pbes2_kdf;
mod pem;
mod pkcs1;
mod pkcs8;
mod ppk;
mod public;
mod public_line;
mod sec1;
mod spki;
mod sshcom;
mod text;
mod traditional;
mod write;

use keyfob_keys::{PrivateKey, PublicKey, Secret};

pub use error::{Error, Feature};
pub use format::Format;
pub use inspect::{Derivation, Encryption, Inspection, inspect};
pub use limits::{Limits, MAX_FILE, MAX_HEADER, MAX_HEADERS, MAX_SALT};
pub use openssh_cipher::OPENSSH_CIPHERS;
pub use public::{PublicEntry, read_public, read_public_all};
pub use write::{PrivateForm, Protection, PublicForm, Randomness, write_private, write_public};

use detect::Found;
use document::Document;

/// What a private key file holds.
pub struct PrivateFile {
    /// The key; its private and public half have been found to belong together.
    pub key: PrivateKey,
    /// The comment inside the file, any bytes. PEM and PKCS#8 have none.
    pub comment: Vec<u8>,
}

impl PrivateFile {
    fn into_public(self) -> (PublicKey, Vec<u8>) {
        (self.key.public().clone(), self.comment)
    }
}

/// Reads a private key file. A passphrase is used only if the file is encrypted; it is tried
/// as typed, and where that is wrong in its composed Unicode form, if that is another one.
///
/// # Errors
/// Whatever is wrong is found before [`Error::PassphraseNeeded`] asks for a passphrase, as
/// far as the format lets it be seen without one. [`Error::WrongPassphrase`] can also mean
/// damage to the encrypted part: no format tells the two apart with certainty.
pub fn read_private(bytes: &[u8], passphrase: Option<&Secret>) -> Result<PrivateFile, Error> {
    read_private_within(bytes, passphrase, &Limits::default())
}

/// As [`read_private`], with other bounds on the work a file may ask for.
///
/// # Errors
/// As [`read_private`].
pub fn read_private_within(
    bytes: &[u8],
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<PrivateFile, Error> {
    detect::with(bytes, |found| {
        let read = |passphrase: Option<&Secret>| match &found {
            Found::Document(document) => read_document(document, passphrase, limits),
            Found::Ppk(text) => ppk::read(text, passphrase, limits),
            Found::Foreign(format) => Err(format.unsupported()),
            Found::PublicLine(_) => Err(Error::PublicKeyFile),
        };
        match read(passphrase) {
            Err(Error::WrongPassphrase) => {
                match passphrase.and_then(keyfob_keys::passphrase::composed) {
                    Some(composed) => read(Some(&composed)),
                    None => Err(Error::WrongPassphrase),
                }
            }
            read => read,
        }
    })
}

fn read_document(
    document: &Document,
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<PrivateFile, Error> {
    if !document.format().is_private() {
        return Err(Error::PublicKeyFile);
    }
    document.private(passphrase, limits)
}
