//! How the private part of an OpenSSH key file is encrypted: the ten ciphers of
//! `ssh -Q cipher`, keyed by bcrypt_pbkdf.

use keyfob_keys::wire::Reader;
use ssh_cipher::{Cipher, Tag};
use zeroize::Zeroizing;

use crate::error::{Error, Feature, escaped};
use crate::format::Format;
use crate::limits::{Limits, MAX_SALT};

/// Cipher and key derivation of a file; [`Cipher::None`] for none.
pub(crate) struct Protection<'a> {
    pub(crate) cipher: Cipher,
    salt: &'a [u8],
    pub(crate) rounds: u32,
    tag: Option<Tag>,
}

/// What a cipher's key derivation gives: its key, and behind it the vector.
struct KeyAndIv {
    bytes: Zeroizing<Vec<u8>>,
    key_length: usize,
}

impl KeyAndIv {
    fn key(&self) -> &[u8] {
        &self.bytes[..self.key_length]
    }

    fn iv(&self) -> &[u8] {
        &self.bytes[self.key_length..]
    }
}

/// The ciphers a file can be encrypted with, by the names of `ssh -Q cipher`.
pub const OPENSSH_CIPHERS: [&str; 10] = [
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
];

/// The same in the words of a refusal.
const CIPHER_NAMES: &str = "OpenSSH key files know 3des-cbc, aes128-cbc, aes192-cbc, aes256-cbc, \
     aes128-ctr, aes192-ctr, aes256-ctr, aes128-gcm@openssh.com, aes256-gcm@openssh.com and \
     chacha20-poly1305@openssh.com";

const CIPHERS: [Cipher; 11] = [
    Cipher::None,
    Cipher::Aes128Cbc,
    Cipher::Aes192Cbc,
    Cipher::Aes256Cbc,
    Cipher::Aes128Ctr,
    Cipher::Aes192Ctr,
    Cipher::Aes256Ctr,
    Cipher::Aes128Gcm,
    Cipher::Aes256Gcm,
    Cipher::ChaCha20Poly1305,
    Cipher::TdesCbc,
];

impl<'a> Protection<'a> {
    /// Reads names and options, and checks that the private part fits them.
    pub(crate) fn read(
        cipher: &[u8],
        kdf: &[u8],
        kdf_options: &'a [u8],
        private: &[u8],
        tag: &[u8],
    ) -> Result<Self, Error> {
        let cipher = named(cipher)?;
        let (salt, rounds) = derivation(kdf, kdf_options, cipher)?;
        if private.is_empty() || !private.len().is_multiple_of(cipher.block_size()) {
            return Err(damaged("its private part is not a whole number of blocks"));
        }
        let tag = match (cipher.has_tag(), tag) {
            (false, []) => None,
            (false, _) => return Err(damaged("something follows its end")),
            (true, tag) => {
                Some(Tag::try_from(tag).map_err(|_| damaged("its tag is not 16 bytes"))?)
            }
        };
        Ok(Self { cipher, salt, rounds, tag })
    }

    /// For a new file: the cipher by its name.
    pub(crate) fn new(cipher: &str, salt: &'a [u8], rounds: u32) -> Result<Self, Error> {
        let known = CIPHERS.iter().find(|known| known.as_str() == cipher && known.is_some());
        let cipher = *known.ok_or_else(|| Error::Unsupported {
            what: Feature::Cipher(escaped(cipher.as_bytes())),
            because: CIPHER_NAMES,
        })?;
        if rounds == 0 {
            return Err(Error::Unsupported {
                what: Feature::Derivation("bcrypt without rounds".to_owned()),
                because: "it protects nothing",
            });
        }
        Ok(Self { cipher, salt, rounds, tag: None })
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.cipher.is_some()
    }

    /// Refuses more work than allowed.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Error> {
        if self.rounds > limits.bcrypt_rounds {
            return Err(Error::KdfTooExpensive {
                unit: "rounds of bcrypt",
                rounds: self.rounds.into(),
                limit: limits.bcrypt_rounds.into(),
            });
        }
        Ok(())
    }

    /// Decrypts. Only an authenticated cipher can tell that the passphrase was wrong; for
    /// the others the caller looks at the check words.
    pub(crate) fn decrypt(
        &self,
        private: &[u8],
        passphrase: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let derived = self.key_and_iv(passphrase)?;
        let mut plain = Zeroizing::new(private.to_vec());
        match self.cipher.decrypt(derived.key(), derived.iv(), &mut plain, self.tag) {
            Ok(()) => Ok(plain),
            Err(_) if self.tag.is_some() => Err(Error::WrongPassphrase),
            Err(error) => Err(damaged(&error.to_string())),
        }
    }

    /// Encrypts in place; an authenticated cipher has a tag for it.
    pub(crate) fn encrypt(
        &self,
        private: &mut [u8],
        passphrase: &[u8],
    ) -> Result<Option<Tag>, Error> {
        let derived = self.key_and_iv(passphrase)?;
        let result = self.cipher.encrypt(derived.key(), derived.iv(), private);
        result.map_err(|error| damaged(&error.to_string()))
    }

    fn key_and_iv(&self, passphrase: &[u8]) -> Result<KeyAndIv, Error> {
        let (key_length, iv_length) = self.cipher.key_and_iv_size().unwrap_or_default();
        let mut bytes = Zeroizing::new(vec![0; key_length + iv_length]);
        self.derive(passphrase, &mut bytes)?;
        if self.cipher == Cipher::ChaCha20Poly1305 {
            // OpenSSH has no vector here (its key is unique by the salt): a nonce of zeros.
            // The second half of its 64-byte key encrypts packet lengths only.
            bytes[key_length..].fill(0);
        }
        Ok(KeyAndIv { bytes, key_length })
    }

    /// bcrypt_pbkdf in our own memory, because the crate does not wipe its.
    fn derive(&self, passphrase: &[u8], derived: &mut [u8]) -> Result<(), Error> {
        const OUTPUT: usize = 32;
        if passphrase.is_empty() {
            // bcrypt_pbkdf has no key for it, so no file has it.
            return Err(Error::WrongPassphrase);
        }
        let mut memory = Zeroizing::new(vec![0; derived.len().next_multiple_of(OUTPUT)]);
        bcrypt_pbkdf::bcrypt_pbkdf_with_memory(
            passphrase,
            self.salt,
            self.rounds,
            derived,
            &mut memory,
        )
        .map_err(|error| damaged(&error.to_string()))
    }
}

fn named(name: &[u8]) -> Result<Cipher, Error> {
    let known = CIPHERS.iter().find(|cipher| cipher.as_str().as_bytes() == name);
    known.copied().ok_or_else(|| Error::Unsupported {
        what: Feature::Cipher(escaped(name)),
        because: "OpenSSH knows no such cipher for key files",
    })
}

/// Salt and rounds; none of either when the file is not encrypted.
fn derivation<'a>(
    name: &[u8],
    options: &'a [u8],
    cipher: Cipher,
) -> Result<(&'a [u8], u32), Error> {
    match (name, cipher.is_some()) {
        (b"none", false) if options.is_empty() => Ok((&[], 0)),
        (b"none", false) => Err(damaged("it has options for a key derivation it does not use")),
        (b"none", true) => Err(damaged("it has a cipher but no key derivation")),
        (b"bcrypt", false) => Err(damaged("it has a key derivation but no cipher")),
        (b"bcrypt", true) => bcrypt_options(options),
        (other, _) => Err(Error::Unsupported {
            what: Feature::Derivation(escaped(other)),
            because: "OpenSSH knows only bcrypt",
        }),
    }
}

fn bcrypt_options(options: &[u8]) -> Result<(&[u8], u32), Error> {
    let wire = |error| Error::of_key(Format::OpenSsh, error);
    let mut reader = Reader::new(options);
    let salt = reader.string().map_err(wire)?;
    let rounds = reader.u32().map_err(wire)?;
    reader.finish().map_err(wire)?;
    if salt.is_empty() || salt.len() > MAX_SALT || rounds == 0 {
        return Err(damaged("its key derivation has no salt, no rounds or too much salt"));
    }
    Ok((salt, rounds))
}

fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::OpenSsh, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_of_a_cipher_names_those_there_are_and_no_other() {
        let words = || CIPHER_NAMES.split([',', ' ']).filter(|word| word.contains('-'));
        for cipher in CIPHERS.iter().filter(|cipher| cipher.is_some()) {
            assert!(words().any(|word| word == cipher.as_str()), "{cipher}");
        }
        assert_eq!(words().count(), CIPHERS.len() - 1);
        for name in OPENSSH_CIPHERS {
            assert!(Protection::new(name, b"salt", 1).is_ok(), "{name}");
        }
        for refused in ["none", "aes512-ctr", "AES256-CTR", ""] {
            let error = Protection::new(refused, b"salt", 1).err();
            assert!(matches!(error, Some(Error::Unsupported { because: CIPHER_NAMES, .. })));
        }
    }
}
