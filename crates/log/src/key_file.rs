//! The key a run begins with, and how it is kept beside the log.
//!
//! One that lies there as it is can be read by every program of the same user. One of an open key
//! store is made from the root of that, and only the random number it is made with lies beside the
//! log: nothing is sealed that could be opened otherwise.

use std::io;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::chain::{Mac, RunKey};

/// Before the key, as it is or how it is made.
const PLAIN: &str = "keyfob-log-key 1 plain ";
const SEALED: &str = "keyfob-log-key 1 sealed ";

/// Bytes of the number a key is made with.
const SALT: usize = 32;

/// What a run begins with: its key, and how that is kept.
pub struct Begin {
    key: RunKey,
    file: KeyFile,
}

/// How a key is kept.
pub(crate) enum KeyFile {
    /// As it is.
    Plain(RunKey),
    /// Made by who has the root of the key store.
    Sealed(Sealed),
}

/// What is needed to make it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sealed {
    salt: [u8; SALT],
    /// Tells a key of another root from a damaged line.
    check: Mac,
}

impl Begin {
    /// A random key that lies beside the log.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn plain() -> io::Result<Self> {
        let key = RunKey::fresh()?;
        Ok(Self { file: KeyFile::Plain(key.again()), key })
    }

    /// A key that `derive` makes for the purpose it is told, for that one only.
    ///
    /// # Errors
    /// When the system has no randomness, or `derive` makes none.
    pub fn sealed(derive: impl FnOnce(&str) -> Option<RunKey>) -> io::Result<Self> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        let key = derive(&purpose(&salt)).ok_or(io::ErrorKind::OutOfMemory)?;
        let check = key.check();
        Ok(Self { key, file: KeyFile::Sealed(Sealed { salt, check }) })
    }

    pub(crate) fn key(&self) -> RunKey {
        self.key.again()
    }

    pub(crate) fn file(&self) -> &KeyFile {
        &self.file
    }
}

impl Sealed {
    /// Its key, made as it was made then; `None` where that makes another one.
    pub(crate) fn open(&self, derive: &mut dyn FnMut(&str) -> Option<RunKey>) -> Option<RunKey> {
        let key = derive(&purpose(&self.salt))?;
        bool::from(key.check().ct_eq(&self.check)).then_some(key)
    }
}

fn purpose(salt: &[u8]) -> String {
    format!("keyfob log run 1 {}", base16ct::lower::encode_string(salt))
}

impl KeyFile {
    /// The bytes of its file.
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let (start, bytes) = match self {
            Self::Plain(key) => (PLAIN, Zeroizing::new(key.expose().to_vec())),
            Self::Sealed(sealed) => (SEALED, [sealed.salt, sealed.check].concat().into()),
        };
        let hex = Zeroizing::new(base16ct::lower::encode_string(&bytes));
        [start.as_bytes(), hex.as_bytes(), b"\n"].concat().into()
    }

    /// What such a file says; `None` when it says something else.
    pub(crate) fn parse(file: &[u8]) -> Option<Self> {
        let line = std::str::from_utf8(file).ok()?.strip_suffix('\n')?;
        let bytes = |hex: &str| base16ct::lower::decode_vec(hex).ok().map(Zeroizing::new);
        match (line.strip_prefix(PLAIN), line.strip_prefix(SEALED)) {
            (Some(hex), _) => RunKey::from_bytes(&bytes(hex)?).map(Self::Plain),
            (_, Some(hex)) => {
                let bytes = bytes(hex)?;
                let (salt, check) = bytes.split_at_checked(SALT)?;
                let (salt, check) = (salt.try_into().ok()?, check.try_into().ok()?);
                Some(Self::Sealed(Sealed { salt, check }))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_read_as_it_was_written() {
        let plain = KeyFile::Plain(RunKey::from_bytes(&[7; 32]).unwrap()).encode();
        let read = KeyFile::parse(&plain);
        assert!(matches!(read, Some(KeyFile::Plain(key)) if key.expose() == [7; 32]));
        let kept = Sealed { salt: [1; 32], check: [2; 32] };
        let sealed = KeyFile::Sealed(kept).encode();
        assert!(matches!(KeyFile::parse(&sealed), Some(KeyFile::Sealed(read)) if read == kept));
        for file in [&plain, &sealed] {
            assert!(KeyFile::parse(&file[1..]).is_none());
            assert!(KeyFile::parse(&file[..file.len() - 3]).is_none());
        }
    }

    #[test]
    fn a_sealed_key_is_made_again_by_the_same_root_only() {
        let root = |byte: u8| {
            move |purpose: &str| {
                let mut key = RunKey::from_bytes(&[byte; 32])?;
                purpose.bytes().filter(|byte| byte % 2 == 0).for_each(|_| key.advance());
                Some(key)
            }
        };
        let begin = Begin::sealed(root(1)).unwrap();
        let KeyFile::Sealed(sealed) = begin.file() else { panic!("it is sealed") };
        let opened = sealed.open(&mut root(1)).unwrap();
        assert_eq!(opened.expose(), begin.key().expose());
        assert!(sealed.open(&mut root(2)).is_none());
        assert!(sealed.open(&mut |_| None).is_none());
        assert!(!begin.file().encode().windows(64).any(|part| {
            part == base16ct::lower::encode_string(begin.key().expose()).as_bytes()
        }));
    }
}
