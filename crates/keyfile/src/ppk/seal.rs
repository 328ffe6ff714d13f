//! What protects a PPK file: the keys that come from the passphrase, AES-256-CBC over the
//! private part, and the MAC over everything.

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use ssh_cipher::Cipher;
use zeroize::Zeroizing;

use super::argon2::Argon2;
use super::damaged;
use super::file::Version;
use crate::error::Error;
use crate::limits::Limits;

/// Bytes of a block of AES.
pub(crate) const BLOCK: usize = 16;

const KEY: usize = 32;
const MAC_KEY: usize = 32;

/// How the keys come from the passphrase.
pub(crate) enum Derivation {
    /// Two rounds of SHA-1, of version 2.
    Sha1,
    /// Of version 3.
    Argon2(Argon2),
}

impl Derivation {
    /// Refuses more work or memory than allowed.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), Error> {
        match self {
            Self::Sha1 => Ok(()),
            Self::Argon2(argon2) => argon2.check(limits),
        }
    }
}

/// The keys of a file.
pub(crate) struct Keys {
    version: Version,
    /// Key and vector of the cipher; none if the file is not encrypted.
    cipher: Option<Zeroizing<[u8; KEY + BLOCK]>>,
    mac: Zeroizing<Vec<u8>>,
}

/// What the MAC is made of.
pub(crate) struct MacInput<'a> {
    pub(crate) algorithm: &'a [u8],
    pub(crate) encryption: &'a [u8],
    pub(crate) comment: &'a [u8],
    pub(crate) public: &'a [u8],
    /// The private part in clear, with its padding.
    pub(crate) private: &'a [u8],
}

impl MacInput<'_> {
    /// Feeds each field as a string, length in front.
    fn feed(&self, mac: &mut impl Mac) {
        for field in [self.algorithm, self.encryption, self.comment, self.public, self.private] {
            // No file is as long as that.
            mac.update(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            mac.update(field);
        }
    }
}

impl Keys {
    /// Derives the keys of a file that is encrypted so, or not at all.
    pub(crate) fn derive(
        version: Version,
        derivation: Option<&Derivation>,
        passphrase: &[u8],
    ) -> Result<Self, Error> {
        match derivation {
            None if version == Version::Three => {
                Ok(Self { version, cipher: None, mac: Zeroizing::new(Vec::new()) })
            }
            None => Ok(Self { version, cipher: None, mac: sha1_mac_key(&[]) }),
            Some(Derivation::Sha1) => {
                let cipher = Some(sha1_cipher_key(passphrase));
                Ok(Self { version, cipher, mac: sha1_mac_key(passphrase) })
            }
            Some(Derivation::Argon2(argon2)) => {
                let mut all = Zeroizing::new([0; KEY + BLOCK + MAC_KEY]);
                argon2.derive(passphrase, &mut *all)?;
                let mut cipher = Zeroizing::new([0; KEY + BLOCK]);
                cipher.copy_from_slice(&all[..KEY + BLOCK]);
                let mac = Zeroizing::new(all[KEY + BLOCK..].to_vec());
                Ok(Self { version, cipher: Some(cipher), mac })
            }
        }
    }

    /// The private part in clear.
    pub(super) fn decrypt(&self, private: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut plain = Zeroizing::new(private.to_vec());
        if let Some(cipher) = &self.cipher {
            let (key, iv) = cipher.split_at(KEY);
            let decrypted = Cipher::Aes256Cbc.decrypt(key, iv, &mut plain, None);
            decrypted.map_err(|error| damaged(&error.to_string()))?;
        }
        Ok(plain)
    }

    /// Encrypts whole blocks in place.
    pub(crate) fn encrypt(&self, private: &mut [u8]) -> Result<(), Error> {
        if let Some(cipher) = &self.cipher {
            let (key, iv) = cipher.split_at(KEY);
            let encrypted = Cipher::Aes256Cbc.encrypt(key, iv, private);
            encrypted.map_err(|error| damaged(&error.to_string()))?;
        }
        Ok(())
    }

    /// Whether this is the MAC of the content; takes the same time whatever differs.
    pub(super) fn verify(&self, input: &MacInput<'_>, mac: &[u8]) -> bool {
        let verified = match self.version {
            Version::Two => self.fed::<Hmac<Sha1>>(input).map(|made| made.verify_slice(mac)),
            Version::Three => self.fed::<Hmac<Sha256>>(input).map(|made| made.verify_slice(mac)),
        };
        matches!(verified, Some(Ok(())))
    }

    /// The MAC of the content.
    pub(crate) fn mac(&self, input: &MacInput<'_>) -> Vec<u8> {
        fn bytes(mac: Option<impl Mac>) -> Vec<u8> {
            mac.map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default()
        }
        match self.version {
            Version::Two => bytes(self.fed::<Hmac<Sha1>>(input)),
            Version::Three => bytes(self.fed::<Hmac<Sha256>>(input)),
        }
    }

    /// HMAC takes keys of any length: always there.
    fn fed<M: Mac + KeyInit>(&self, input: &MacInput<'_>) -> Option<M> {
        let mut mac = <M as KeyInit>::new_from_slice(&self.mac).ok()?;
        input.feed(&mut mac);
        Some(mac)
    }
}

/// SHA-1 of 0 and the passphrase, SHA-1 of 1 and the passphrase; the vector is zero.
fn sha1_cipher_key(passphrase: &[u8]) -> Zeroizing<[u8; KEY + BLOCK]> {
    const DIGEST: usize = 20;
    let mut both = Zeroizing::new([0; 2 * DIGEST]);
    for (number, half) in (0_u32..).zip(both.chunks_exact_mut(DIGEST)) {
        half.copy_from_slice(sha1(&[&number.to_be_bytes(), passphrase]).as_slice());
    }
    let mut key = Zeroizing::new([0; KEY + BLOCK]);
    key[..KEY].copy_from_slice(&both[..KEY]);
    key
}

fn sha1_mac_key(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    let key = sha1(&[b"putty-private-key-file-mac-key", passphrase]);
    Zeroizing::new(key.to_vec())
}

fn sha1(parts: &[&[u8]]) -> Zeroizing<[u8; 20]> {
    let mut hash = Sha1::new();
    parts.iter().for_each(|part| hash.update(part));
    Zeroizing::new(hash.finalize().into())
}
