//! The text of a PPK file: headers in their order, base64, and the MAC at the end.
//!
//! Lenient about what editors do to text, strict about the order: a header is where it
//! belongs, once, or the file is refused. What follows the MAC is none of it.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::argon2::{Argon2, Variant};
use super::damaged;
use super::seal::{BLOCK, Derivation};
use crate::error::{Error, Feature, escaped};
use crate::limits::{MAX_PPK_LINES, MAX_SALT};
use crate::text::Lines;

/// The version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// PuTTY 0.52 to 0.74
    Two,
    /// PuTTY since 0.75
    Three,
}

/// A file, its private part still encrypted.
pub(crate) struct File<'a> {
    pub(crate) version: Version,
    pub(crate) algorithm: &'a [u8],
    /// How the key of its cipher comes from the passphrase; `None` if it is not encrypted.
    pub(crate) derivation: Option<Derivation>,
    /// As it stands in its line: whether blanks at the end belong to it is for the MAC to say.
    pub(crate) comment: &'a [u8],
    pub(crate) public: Vec<u8>,
    pub(crate) private: Zeroizing<Vec<u8>>,
    pub(crate) mac: Vec<u8>,
}

/// The one cipher of the format, which also says how it names having none.
pub(crate) const CIPHER: &str = "aes256-cbc";
pub(crate) const NO_CIPHER: &str = "none";

/// What stands before the number of the version.
pub(crate) const FIRST: &str = "PuTTY-User-Key-File-";

impl<'a> File<'a> {
    /// Reads the text from its first header on.
    pub(crate) fn read(text: &'a [u8]) -> Result<Self, Error> {
        let mut headers = Headers { lines: Lines::new(text), room: text.len() };
        let (version, algorithm) = headers.first()?;
        let is_encrypted = match headers.value("Encryption")?.trim_ascii_end() {
            b"none" => false,
            b"aes256-cbc" => true,
            other => {
                return Err(Error::Unsupported {
                    what: Feature::Cipher(escaped(other)),
                    because: "PuTTY knows only aes256-cbc",
                });
            }
        };
        let comment = headers.value("Comment")?;
        let public = headers.base64("Public-Lines")?.to_vec();
        let derivation = match (is_encrypted, version) {
            (false, _) => None,
            (true, Version::Two) => Some(Derivation::Sha1),
            (true, Version::Three) => Some(Derivation::Argon2(headers.argon2()?)),
        };
        let private = headers.base64("Private-Lines")?;
        if is_encrypted && (private.is_empty() || !private.len().is_multiple_of(BLOCK)) {
            return Err(damaged("its private part is not a whole number of blocks"));
        }
        let mac = headers.hex("Private-MAC")?;
        Ok(Self { version, algorithm, derivation, comment, public, private, mac })
    }

    /// The encryption's name, as the header has it.
    pub(super) fn encryption(&self) -> &'static [u8] {
        if self.derivation.is_some() { CIPHER.as_bytes() } else { NO_CIPHER.as_bytes() }
    }
}

/// Takes the headers one by one.
struct Headers<'a> {
    lines: Lines<'a>,
    /// Bytes of the whole text: no part of it can be longer.
    room: usize,
}

impl<'a> Headers<'a> {
    /// The first header, whose name has the version in it.
    fn first(&mut self) -> Result<(Version, &'a [u8]), Error> {
        let line = self.line().ok_or_else(|| damaged("it has no first line"))?;
        let rest = line.strip_prefix(FIRST.as_bytes()).unwrap_or_default();
        let colon = rest.iter().position(|&byte| byte == b':').unwrap_or(rest.len());
        let (number, value) = rest.split_at(colon);
        let because = match number {
            b"2" | b"3" => "",
            b"1" => "only PuTTY before its release wrote it, and it does not protect its key",
            _ => "keyfob knows versions 2 and 3",
        };
        if !because.is_empty() {
            let version = format!("PPK of version {}", escaped(number));
            return Err(Error::Unsupported { what: Feature::Key(version), because });
        }
        let version = if number == b"2" { Version::Two } else { Version::Three };
        let algorithm = value.strip_prefix(b": ").unwrap_or_default().trim_ascii_end();
        Ok((version, algorithm))
    }

    /// The value of the next header, which must have this name, with the blanks behind it.
    fn value(&mut self, name: &str) -> Result<&'a [u8], Error> {
        let missing = || damaged(&format!("{name} is missing where it belongs"));
        let line = self.line().ok_or_else(missing)?;
        let value = line.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
        match value.ok_or_else(missing)? {
            // An editor that drops blanks at the end of a line drops this one.
            [] => Ok(&[]),
            [b' ', value @ ..] => Ok(value),
            _ => Err(missing()),
        }
    }

    /// A number, in decimal digits only.
    fn number(&mut self, name: &str) -> Result<u32, Error> {
        let value = self.value(name)?.trim_ascii_end();
        std::str::from_utf8(value)
            .ok()
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| damaged(&format!("{name} is no number")))
    }

    /// A header that counts lines, and the base64 in these.
    fn base64(&mut self, name: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let count = self.number(name)?;
        if count > MAX_PPK_LINES {
            return Err(damaged(&format!("{name} is more than PuTTY writes or reads")));
        }
        // Room for all there can be: growing would leave pieces of the key in freed memory.
        let mut base64 = Zeroizing::new(Vec::with_capacity(self.room));
        for _ in 0..count {
            let line = self.line().ok_or_else(|| damaged("it is cut short"))?;
            base64.extend_from_slice(line.trim_ascii_end());
        }
        let length = Base64::decode_in_place(&mut base64)
            .map_err(|_| damaged(&format!("the base64 behind {name} is broken")))?
            .len();
        base64.truncate(length);
        Ok(base64)
    }

    fn argon2(&mut self) -> Result<Argon2, Error> {
        let name = self.value("Key-Derivation")?.trim_ascii_end();
        let variant = Variant::of(name).ok_or_else(|| Error::Unsupported {
            what: Feature::Derivation(escaped(name)),
            because: "PuTTY knows only Argon2",
        })?;
        let memory_kib = self.number("Argon2-Memory")?;
        let passes = self.number("Argon2-Passes")?;
        let parallelism = self.number("Argon2-Parallelism")?;
        let salt = self.hex("Argon2-Salt")?;
        if salt.len() > MAX_SALT {
            return Err(damaged("its salt is longer than any program writes"));
        }
        Argon2::new(variant, memory_kib, passes, parallelism, salt)
    }

    /// Bytes of their hex digits; none of those that stand here are secret.
    fn hex(&mut self, name: &str) -> Result<Vec<u8>, Error> {
        let digits = self.value(name)?.trim_ascii_end();
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok());
        let byte = |pair: &[u8]| Some(value(*pair.first()?)? << 4 | value(*pair.get(1)?)?);
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        bytes.ok_or_else(|| damaged(&format!("{name} is not in hex digits")))
    }

    /// The next line that is not blank, without the blanks in front.
    fn line(&mut self) -> Option<&'a [u8]> {
        loop {
            let line = self.lines.next_whole()?.trim_ascii_start();
            if !line.is_empty() {
                return Some(line);
            }
        }
    }
}
