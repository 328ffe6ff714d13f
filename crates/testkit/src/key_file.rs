//! A key on disk, and the forms it takes on the wire.
//!
//! Reads only what `ssh-keygen` wrote without a passphrase; that is enough to build an add request
//! byte for byte without our own encoder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};

use crate::wire::{Fields, Message};

/// A private key file with its `.pub` beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The key at this path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The private file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The private file's path as text, for comparing with what a program prints.
    pub fn text(&self) -> String {
        self.path.display().to_string()
    }

    /// `<path>.pub`.
    pub fn public_path(&self) -> PathBuf {
        self.beside(".pub")
    }

    /// `<path>-cert.pub`.
    pub fn certificate_path(&self) -> PathBuf {
        self.beside("-cert.pub")
    }

    /// The line of the public file, without its end.
    pub fn public_line(&self) -> String {
        line_of(&self.public_path())
    }

    /// The line of the certificate.
    pub fn certificate_line(&self) -> String {
        line_of(&self.certificate_path())
    }

    /// The public key's bytes.
    pub fn blob(&self) -> Vec<u8> {
        blob_of(&self.public_line())
    }

    /// The certificate's bytes.
    pub fn certificate_blob(&self) -> Vec<u8> {
        blob_of(&self.certificate_line())
    }

    /// The comment in the public file.
    pub fn comment(&self) -> String {
        self.public_line().splitn(3, ' ').nth(2).unwrap_or_default().to_owned()
    }

    /// Copies both halves to another place.
    pub fn copied_to(&self, path: &Path) -> Self {
        let copy = Self::at(path);
        fs::copy(&self.path, &copy.path).expect("the private half is copied");
        fs::copy(self.public_path(), copy.public_path()).expect("the public half is copied");
        copy.set_mode(0o600);
        copy
    }

    /// Sets the private file's mode.
    pub fn set_mode(&self, mode: u32) {
        fs::set_permissions(&self.path, fs::Permissions::from_mode(mode)).expect("the key's mode");
    }

    /// An add request of this number (17, or 25 with constraints appended behind it).
    pub fn add_message(&self, kind: u8, comment: &str) -> Message {
        let fields = self.private_fields();
        fields.iter().fold(Message::new(kind), Message::string).string(comment)
    }

    /// An add request for the certificate beside this key: the certificate, then the private
    /// fields only (of an Ed25519 key the public one too).
    pub fn add_certificate_message(&self, kind: u8, comment: &str) -> Message {
        let fields = self.private_fields();
        let private: &[Vec<u8>] = match fields[0].as_slice() {
            b"ssh-ed25519" => &fields[1..],
            b"ssh-rsa" => &fields[3..],
            _ => &fields[3..],
        };
        let certificate = self.certificate_blob();
        let name = Fields::of(&certificate).string().to_vec();
        let head = Message::new(kind).string(name).string(certificate);
        private.iter().fold(head, Message::string).string(comment)
    }

    /// Type name and private fields in the order of the wire, each a string's content.
    pub fn private_fields(&self) -> Vec<Vec<u8>> {
        let text = fs::read_to_string(&self.path).expect("the private key");
        let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let bytes = Base64::decode_vec(&base64).expect("the private key is base64");
        let mut file = Fields::of(bytes.strip_prefix(b"openssh-key-v1\0").expect("OpenSSH's form"));
        assert_eq!(file.string(), b"none", "only a key without a passphrase is readable here");
        let (_kdf, _options, count, _public) =
            (file.string(), file.string(), file.number(), file.string());
        assert_eq!(count, 1);
        let mut private = Fields::of(file.string());
        assert_eq!(private.number(), private.number(), "the check words");
        let name = private.string().to_vec();
        let more = match name.as_slice() {
            b"ssh-ed25519" => 2,
            b"ssh-rsa" => 6,
            _ => 3,
        };
        let mut fields = vec![name];
        fields.extend((0..more).map(|_| private.string().to_vec()));
        fields
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }
}

fn line_of(path: &Path) -> String {
    let text = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    text.trim_end().to_owned()
}

/// The bytes of a public key line.
pub(crate) fn blob_of(line: &str) -> Vec<u8> {
    let base64 = line.split(' ').nth(1).expect("a public key line has two words");
    Base64::decode_vec(base64).expect("a public key line's second word is base64")
}
