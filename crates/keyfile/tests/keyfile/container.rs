//! Builds OpenSSH key files by hand, right or wrong in any part.

use base64ct::Encoding;
use keyfob_keys::PrivateKey;
use keyfob_keys::wire::Put;
use zeroize::Zeroizing;

/// The parts of an unencrypted file, each open to change.
pub(crate) struct Container {
    pub(crate) cipher: Vec<u8>,
    pub(crate) kdf: Vec<u8>,
    pub(crate) kdf_options: Vec<u8>,
    pub(crate) count: u32,
    pub(crate) public: Vec<u8>,
    pub(crate) checks: (u32, u32),
    pub(crate) key: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    pub(crate) padding: Option<Vec<u8>>,
    pub(crate) trailing: Vec<u8>,
}

impl Container {
    /// What ssh-keygen would write.
    pub(crate) fn of(key: &PrivateKey) -> Self {
        let mut encoded = Zeroizing::new(Vec::new());
        key.encode(&mut encoded);
        Self {
            cipher: b"none".to_vec(),
            kdf: b"none".to_vec(),
            kdf_options: Vec::new(),
            count: 1,
            public: key.public().blob().to_vec(),
            checks: (7, 7),
            key: encoded.to_vec(),
            comment: b"by hand".to_vec(),
            padding: None,
            trailing: Vec::new(),
        }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> Vec<u8> {
        armoured(&self.bytes())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut private = Vec::new();
        private.put_u32(self.checks.0);
        private.put_u32(self.checks.1);
        private.extend_from_slice(&self.key);
        private.put_string(&self.comment);
        match &self.padding {
            Some(padding) => private.extend_from_slice(padding),
            None => {
                for pad in 1..=8 {
                    if private.len().is_multiple_of(8) {
                        break;
                    }
                    private.push(pad);
                }
            }
        }
        let mut bytes = b"openssh-key-v1\0".to_vec();
        bytes.put_string(&self.cipher);
        bytes.put_string(&self.kdf);
        bytes.put_string(&self.kdf_options);
        bytes.put_u32(self.count);
        bytes.put_string(&self.public);
        bytes.put_string(&private);
        bytes.extend_from_slice(&self.trailing);
        bytes
    }
}

/// bcrypt options of a file.
pub(crate) fn bcrypt(salt: &[u8], rounds: u32) -> Vec<u8> {
    let mut options = Vec::new();
    options.put_string(salt);
    options.put_u32(rounds);
    options
}

pub(crate) fn armoured(bytes: &[u8]) -> Vec<u8> {
    block("OPENSSH PRIVATE KEY", bytes)
}

/// A PEM block.
pub(crate) fn block(label: &str, bytes: &[u8]) -> Vec<u8> {
    let base64 = base64ct::Base64::encode_string(bytes);
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n").into_bytes()
}

/// A block in the style of RFC 4716 and ssh.com.
pub(crate) fn ssh2_block(label: &str, bytes: &[u8]) -> Vec<u8> {
    let base64 = base64ct::Base64::encode_string(bytes);
    format!("---- BEGIN {label} ----\n{base64}\n---- END {label} ----\n").into_bytes()
}
