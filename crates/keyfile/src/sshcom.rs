//! Private keys of ssh.com (Tectia), RSA and DSA, plain or with triple DES.
//!
//! There is no public description; the form is that of PuTTY's reader and writer. The key is
//! made of the passphrase by MD5 and the vector is zero; nothing tells a wrong passphrase but
//! that the numbers make no sense.

use keyfob_keys::wire::Reader;
use keyfob_keys::{DsaParts, PrivateKey, RsaParts, Secret};
use md5::{Digest, Md5};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::cbc::{CbcCipher, NOT_WHOLE};
use crate::error::{Error, Feature, escaped};
use crate::format::Format;

const MAGIC: u32 = 0x3f6f_f9eb;

/// What is read without a passphrase.
pub(crate) struct Container<'a> {
    kind: Kind,
    pub(crate) is_encrypted: bool,
    private: &'a [u8],
}

#[derive(Clone, Copy)]
enum Kind {
    Rsa,
    Dsa,
}

/// The names of the types go on after this with the schemes they are for.
const KINDS: [(&[u8], Kind); 2] =
    [(b"if-modn{sign{rsa-", Kind::Rsa), (b"dl-modp{sign{dsa-", Kind::Dsa)];

pub(crate) const CIPHER: CbcCipher = CbcCipher::TripleDes;

/// Reads the decoded bytes of a file.
pub(crate) fn read(body: &[u8], passphrase: Option<&Secret>) -> Result<PrivateKey, Error> {
    let container = Container::read(body)?;
    if !container.is_encrypted {
        return container.key(container.private);
    }
    let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?.expose_secret();
    let mut plain = Zeroizing::new(container.private.to_vec());
    CIPHER
        .decrypt_blocks(&derive(passphrase), &[0; 8], &mut plain)
        .ok_or_else(|| damaged(NOT_WHOLE))?;
    container.key(&plain)
}

impl<'a> Container<'a> {
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(body);
        if reader.u32().map_err(wire)? != MAGIC {
            return Err(damaged("it does not begin as such a key does"));
        }
        if usize::try_from(reader.u32().map_err(wire)?) != Ok(body.len()) {
            return Err(damaged("its length is not the one it names"));
        }
        let mut string = || reader.string().map_err(wire);
        let (kind, cipher, private) = (string()?, string()?, string()?);
        reader.finish().map_err(wire)?;
        let known = KINDS.iter().find(|known| kind.starts_with(known.0));
        let kind = known.ok_or_else(|| Error::key_type(&escaped(kind)))?.1;
        let is_encrypted = match cipher {
            b"none" => false,
            b"3des-cbc" => true,
            other => {
                return Err(Error::Unsupported {
                    what: Feature::Cipher(escaped(other)),
                    because: "no program writes ssh.com keys with another than 3des-cbc",
                });
            }
        };
        if is_encrypted && !CIPHER.divides(private) {
            return Err(damaged(NOT_WHOLE));
        }
        Ok(Self { kind, is_encrypted, private })
    }

    /// Reads the decrypted part: its length, the numbers, padding of any bytes.
    fn key(&self, plain: &[u8]) -> Result<PrivateKey, Error> {
        let numbers = self.numbers(plain).map_err(|error| match error {
            _ if self.is_encrypted => Error::WrongPassphrase,
            error => wire(error),
        })?;
        let key = match numbers {
            // ssh.com's last prime is the one the coefficient belongs to.
            Numbers::Rsa([e, d, n, iqmp, q, p]) => {
                PrivateKey::rsa_from_parts(RsaParts { n, e, d, p, q, iqmp })
            }
            Numbers::Dsa([p, g, q, y, x]) => PrivateKey::dsa_from_parts(DsaParts { p, q, g, y, x }),
        };
        key.map_err(wire)
    }

    fn numbers<'p>(&self, plain: &'p [u8]) -> keyfob_keys::Result<Numbers<'p>> {
        let mut reader = Reader::new(Reader::new(plain).string()?);
        let numbers = match self.kind {
            Kind::Rsa => Numbers::Rsa(array(&mut reader)?),
            Kind::Dsa => {
                if reader.u32()? != 0 {
                    return Err(keyfob_keys::Error::Malformed("DSA key (a group by its name)"));
                }
                Numbers::Dsa(array(&mut reader)?)
            }
        };
        reader.finish()?;
        Ok(numbers)
    }
}

/// The numbers in their order in the file.
enum Numbers<'a> {
    Rsa([&'a [u8]; 6]),
    Dsa([&'a [u8]; 5]),
}

fn array<'a, const N: usize>(reader: &mut Reader<'a>) -> keyfob_keys::Result<[&'a [u8]; N]> {
    let mut numbers = [&[][..]; N];
    for number in &mut numbers {
        *number = self::number(reader)?;
    }
    Ok(numbers)
}

/// A number behind its length in bits.
fn number<'a>(reader: &mut Reader<'a>) -> keyfob_keys::Result<&'a [u8]> {
    let bits = reader.u32()?;
    let bytes = usize::try_from(bits.div_ceil(8)).map_err(|_| keyfob_keys::Error::Truncated)?;
    reader.take(bytes)
}

/// MD5 of the passphrase, and of the passphrase and that: 24 of the 32 bytes.
fn derive(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    const BLOCK: usize = 16;
    let mut key = Zeroizing::new(Vec::with_capacity(2 * BLOCK));
    for _ in 0..2 {
        let hash = Md5::new().chain_update(passphrase).chain_update(&*key).finalize();
        let hash = Zeroizing::new(<[u8; BLOCK]>::from(hash));
        key.extend_from_slice(&*hash);
    }
    key.truncate(CIPHER.key_length());
    key
}

fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::SshCom, problem)
}

fn wire(error: keyfob_keys::Error) -> Error {
    Error::of_key(Format::SshCom, error)
}
