//! What the targets share: bounds that keep an execution short, and the promises every parser
//! has to keep.

pub mod agent;
pub mod dialog;

use base64ct::{Base64, Encoding as _};
use keyfob_keyfile::{Limits, PrivateForm, PublicForm, Randomness};
use keyfob_keyfile::{
    inspect, read_private_within, read_public, read_public_all, write_private, write_public,
};
use keyfob_keys::{PublicKey, Secret};

/// The passphrase of all encrypted fixtures, which are the first seeds.
const PASSPHRASE: &[u8] = b"fixture passphrase";

/// Tells what a file is and reads it, with and without a passphrase. What can be read must be
/// writable and read the same again.
pub fn private_file(bytes: &[u8]) {
    let inspection = inspect(bytes);
    let _ = read_public(bytes);
    let passphrase = Secret::from(PASSPHRASE.to_vec());
    let limits = limits();
    let read = [None, Some(&passphrase)].map(|given| read_private_within(bytes, given, &limits));
    for file in read.into_iter().flatten() {
        assert!(inspection.is_ok(), "what can be read can be told");
        for form in [PrivateForm::OpenSsh, PrivateForm::Pem, PrivateForm::Pkcs8, PrivateForm::Ppk3]
        {
            // A form may have no room for a type, or for a line break in a comment.
            let Ok(text) = write_private(&file.key, &file.comment, form, None, &randomness())
            else {
                continue;
            };
            let again = read_private_within(&text, None, &limits);
            let again = again.unwrap_or_else(|error| panic!("{form:?}: {error}"));
            assert_eq!(again.key.public().plain(), file.key.public().plain(), "{form:?}");
        }
        public_key(file.key.public());
    }
}

/// Reads one public key and all of them. The first that can be read alone is among all.
pub fn public_file(bytes: &[u8]) {
    let _ = inspect(bytes);
    let all = read_public_all(bytes);
    if let Ok((key, _)) = read_public(bytes) {
        let all = all.unwrap_or_else(|error| panic!("one can be read, but not all: {error}"));
        assert!(!all.is_empty());
        public_key(&key);
    }
}

/// A key in each public form must be read the same again.
pub fn public_key(key: &PublicKey) {
    for form in [PublicForm::Line, PublicForm::Rfc4716, PublicForm::Spki, PublicForm::Pkcs1] {
        let Ok(text) = write_public(key, b"a comment", form) else {
            continue;
        };
        let (again, _) = read_public(&text).unwrap_or_else(|error| panic!("{form:?}: {error}"));
        assert_eq!(again.plain(), key.plain(), "{form:?}");
    }
}

/// A block of PEM with these bytes in it, so that the fuzzer need not learn base64.
pub fn block(label: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let base64 = Base64::encode_string(body);
    format!("-----BEGIN {label}-----\n{headers}{base64}\n-----END {label}-----\n").into_bytes()
}

/// The same for ssh.com's blocks and RFC 4716.
pub fn ssh2_block(label: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let base64 = Base64::encode_string(body);
    let lines: Vec<&str> =
        (0..base64.len()).step_by(70).map(|at| &base64[at..base64.len().min(at + 70)]).collect();
    let base64 = lines.join("\n");
    format!("---- BEGIN {label} ----\n{headers}{base64}\n---- END {label} ----\n").into_bytes()
}

/// Derivations that take milliseconds: slow ones are refused by the same check as in life.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.bcrypt_rounds = 1;
    limits.pbkdf2_iterations = 3000;
    limits.scrypt_memory_kib = 64;
    limits.scrypt_blocks = 512;
    limits.argon2_memory_kib = 64;
    limits.argon2_work_kib = 128;
    limits
}

fn randomness() -> Randomness {
    Randomness { salt: [1; 16], iv: [2; 16], check: 3 }
}
