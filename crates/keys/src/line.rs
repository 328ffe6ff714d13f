//! The one-line text form of a public key: `type base64 comment`.
//!
//! Not the `authorized_keys` form: options in front of the type are not read here.

use base64ct::{Base64, Encoding};

use crate::{Error, PublicKey, Result};

/// Reads a line, with or without its line end.
pub(crate) fn read(text: &[u8]) -> Result<(PublicKey, Vec<u8>)> {
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (name, rest) = split_word(line.trim_ascii_start());
    let (base64, comment) = split_word(rest);
    if name.is_empty() || base64.is_empty() {
        return Err(Error::Malformed("public key line"));
    }
    if comment.iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
        return Err(Error::Malformed("public key line (more than one line)"));
    }
    let base64 = std::str::from_utf8(base64).map_err(|_| Error::Malformed("base64"))?;
    let blob = Base64::decode_vec(base64).map_err(|_| Error::Malformed("base64"))?;
    let key = PublicKey::from_blob(&blob)?;
    if key.type_name().as_bytes() != name {
        return Err(Error::Malformed("public key line (type and key differ)"));
    }
    Ok((key, comment.to_vec()))
}

/// Writes the line, without its end.
pub(crate) fn write(key: &PublicKey, comment: &[u8]) -> Vec<u8> {
    let base64 = Base64::encode_string(key.blob());
    let mut text = [key.type_name().as_bytes(), b" ", base64.as_bytes()].concat();
    if !comment.is_empty() {
        text.push(b' ');
        text.extend_from_slice(comment);
    }
    text
}

/// The first word and what follows the blanks after it.
fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
    (&text[..end], text[end..].trim_ascii_start())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::PrivateKey;

    fn key() -> PublicKey {
        PrivateKey::ed25519_from_seed(&[1; 32]).public().clone()
    }

    #[test]
    fn a_comment_is_bytes_and_whatever_follows() {
        for comment in [&b""[..], b"one", b"two words", b"\xff\xfe", b"a  b", b"blank at the end "]
        {
            let text = write(&key(), comment);
            assert_eq!(read(&text).unwrap(), (key(), comment.to_vec()));
            let with_end = [&text[..], b"\r\n"].concat();
            assert_eq!(read(&with_end).unwrap().1, comment);
        }
        let blanks = write(&key(), b"x").to_vec();
        let blanks = String::from_utf8(blanks).unwrap().replace(' ', " \t ");
        assert_eq!(read(blanks.as_bytes()).unwrap(), (key(), b"x".to_vec()));
    }

    #[test]
    fn what_is_no_such_line_is_refused() {
        let text = String::from_utf8(write(&key(), b"comment")).unwrap();
        let refused = [
            String::new(),
            "ssh-ed25519".to_owned(),
            "ssh-ed25519 ".to_owned(),
            "ssh-ed25519 !!!!".to_owned(),
            "ssh-ed25519 AAAA".to_owned(),
            text.replace("ssh-ed25519", "ssh-rsa"),
            format!("{text}\n{text}"),
            format!("from=\"host\" {text}"),
        ];
        for text in refused {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
