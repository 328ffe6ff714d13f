//! A certificate authority: `ssh-keygen -s` in few words.

use std::fs;

use crate::fixture::KeyType;
use crate::key_file::KeyFile;
use crate::world::World;

/// Whom a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// A person's key.
    User,
    /// A machine's key.
    Host,
}

/// What a certificate shall say.
#[derive(Clone, Debug)]
pub struct CertificateRequest<'a> {
    /// User or host.
    pub kind: CertificateKind,
    /// The key id, free text.
    pub id: &'a str,
    /// User or host names, comma-separated.
    pub principals: &'a str,
    /// As `ssh-keygen -V` takes it.
    pub validity: &'a str,
}

impl Default for CertificateRequest<'_> {
    fn default() -> Self {
        Self {
            kind: CertificateKind::User,
            id: "id-1",
            principals: "alice",
            validity: "always:forever",
        }
    }
}

/// A key that signs certificates.
#[derive(Debug)]
pub struct Authority<'w> {
    world: &'w World,
    key: KeyFile,
}

impl<'w> Authority<'w> {
    /// The authority of this name.
    pub fn new(world: &'w World, name: &str) -> Self {
        Self { world, key: world.key(KeyType::Ed25519, name) }
    }

    /// Its own key.
    pub fn key(&self) -> &KeyFile {
        &self.key
    }

    /// Certifies a key; the certificate lands beside it.
    #[track_caller]
    pub fn certify(&self, key: &KeyFile, request: &CertificateRequest<'_>) {
        let _ = fs::remove_file(key.certificate_path());
        let mut run =
            self.world.system_program("ssh-keygen").args(["-q", "-s"]).arg(self.key.path());
        if request.kind == CertificateKind::Host {
            run = run.arg("-h");
        }
        run.args(["-I", request.id, "-n", request.principals, "-V", request.validity])
            .arg(key.public_path())
            .output()
            .exits(0);
    }
}
