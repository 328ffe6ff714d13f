//! The fixture files and what their manifest says of them.

use std::path::PathBuf;

use keyfob_keyfile::{Error, Limits, PrivateFile, read_private, read_private_within};
use keyfob_keys::{PublicKey, Secret};
use zeroize::Zeroizing;

/// One line of the manifest, and the file it speaks of.
#[derive(Debug)]
pub(crate) struct Fixture {
    /// Folder and name, as in the manifest.
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) passphrase: Option<Vec<u8>>,
    /// `key`, or the name of the error.
    pub(crate) outcome: String,
    pub(crate) comment: Vec<u8>,
}

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// All fixtures of the manifest.
pub(crate) fn all() -> Vec<Fixture> {
    let manifest = std::fs::read(folder().join("manifest.tsv")).unwrap();
    let lines = manifest.split(|&byte| byte == b'\n');
    lines.filter(|line| !line.is_empty()).map(of_line).collect()
}

/// The fixture of this path.
pub(crate) fn named(path: &str) -> Fixture {
    let named = all().into_iter().find(|fixture| fixture.path == path);
    named.unwrap_or_else(|| panic!("no fixture {path}"))
}

fn of_line(line: &[u8]) -> Fixture {
    let fields: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    let [path, passphrase, outcome, comment] = fields[..] else {
        panic!("manifest line {}", line.escape_ascii());
    };
    let text = |field: &[u8]| String::from_utf8(field.to_vec()).unwrap();
    let path = text(path);
    Fixture {
        bytes: std::fs::read(folder().join(&path)).unwrap(),
        path,
        passphrase: (passphrase != b"-").then(|| passphrase.to_vec()),
        outcome: text(outcome),
        comment: comment.to_vec(),
    }
}

impl Fixture {
    pub(crate) fn secret(&self) -> Option<Secret> {
        self.passphrase.clone().map(Secret::from)
    }

    pub(crate) fn read(&self) -> Result<PrivateFile, Error> {
        read_private(&self.bytes, self.secret().as_ref())
    }

    /// Reads these bytes in the fixture's place, with little patience for key derivations.
    pub(crate) fn read_instead(&self, bytes: &[u8]) -> Result<PrivateFile, Error> {
        let mut limits = Limits::default();
        limits.bcrypt_rounds = 16;
        limits.pbkdf2_iterations = 5_000;
        limits.scrypt_blocks = 1 << 17;
        limits.scrypt_memory_kib = 17 << 10;
        read_private_within(bytes, self.secret().as_ref(), &limits)
    }

    /// What ssh-keygen said the public key is.
    pub(crate) fn public(&self) -> PublicKey {
        let line = std::fs::read(folder().join(format!("{}.pub", self.path))).unwrap();
        PublicKey::from_line(&line).unwrap().0
    }

    /// Whether it is bare DER, and no text.
    pub(crate) fn is_der(&self) -> bool {
        self.path.contains("/der-")
    }

    /// The bytes between BEGIN and END.
    pub(crate) fn body(&self) -> Vec<u8> {
        use base64ct::Encoding;
        if self.is_der() {
            return self.bytes.clone();
        }
        let text = String::from_utf8(self.bytes.clone()).unwrap();
        let lines = text.lines().filter(|line| !line.contains([':', '-']));
        let base64: String = lines.flat_map(str::split_whitespace).collect();
        base64ct::Base64::decode_vec(&base64).unwrap()
    }

    /// The file with other bytes between BEGIN and END, in the same armour.
    pub(crate) fn with_body(&self, body: &[u8]) -> Vec<u8> {
        use base64ct::Encoding;
        if self.is_der() {
            return body.to_vec();
        }
        let text = String::from_utf8(self.bytes.clone()).unwrap();
        let begin = text.lines().next().unwrap();
        let end = begin.replace("BEGIN", "END");
        let headers: String = text
            .lines()
            .filter(|line| line.contains(':'))
            .map(|line| format!("{line}\n"))
            .collect();
        let base64 = base64ct::Base64::encode_string(body);
        format!("{begin}\n{headers}\n{base64}\n{end}\n").into_bytes()
    }
}

/// The wire form of the private key, to compare.
pub(crate) fn encoded(file: &PrivateFile) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    file.key.encode(&mut bytes);
    bytes
}

/// The variant's name, without what is in it.
pub(crate) fn variant(error: &Error) -> String {
    let debug = format!("{error:?}");
    let end = debug.find([' ', '{', '(']).unwrap_or(debug.len());
    debug[..end].to_owned()
}
