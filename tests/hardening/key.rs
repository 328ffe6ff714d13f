//! One key of each kind, as an agent is given it.

use keyfob_keys::PrivateKey;
use keyfob_testkit::{KeyFile, KeyType, Message, World};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Each type and curve, and RSA in sizes that different backends sign with.
const KINDS: [KeyType; 7] = [
    KeyType::Ed25519,
    KeyType::EcdsaP256,
    KeyType::EcdsaP384,
    KeyType::EcdsaP521,
    KeyType::Rsa1024,
    KeyType::Rsa2048,
    KeyType::Rsa3072,
];

/// A key and what is private about it.
pub(crate) struct Key {
    /// The public key.
    pub(crate) blob: Vec<u8>,
    pub(crate) is_rsa: bool,
    pub(crate) secrets: Vec<Secret>,
    /// Type name and fields, as in an add request.
    fields: Vec<u8>,
}

/// The keys, the same ones in every case.
pub(crate) fn keys(world: &World) -> Vec<Key> {
    let file = |kind: KeyType| world.key(kind, &format!("{kind:?}"));
    let mut keys: Vec<Key> = KINDS.iter().map(|kind| Key::of(&file(*kind))).collect();
    keys.push(Key::composite());
    keys
}

impl Key {
    fn of(file: &KeyFile) -> Self {
        let fields = file.private_fields();
        Self {
            blob: file.blob(),
            is_rsa: fields[0] == b"ssh-rsa",
            secrets: Secret::of(file),
            fields: fields.iter().fold(Message::fields(), Message::string).body().to_vec(),
        }
    }

    /// Made by our own code: no `ssh-keygen` before 10.4 makes one.
    fn composite() -> Self {
        let ml_dsa = Sha256::digest(b"the seed of a lattice");
        let ed25519 = Sha256::digest(b"the seed of a curve");
        let key = PrivateKey::ml_dsa44_ed25519_from_seeds(&ml_dsa.into(), &ed25519.into());
        let mut fields = Zeroizing::new(Vec::new());
        key.encode(&mut fields);
        Self {
            blob: key.public().blob().to_vec(),
            is_rsa: false,
            secrets: Secret::of_composite(&ml_dsa, &ed25519),
            fields: fields.to_vec(),
        }
    }

    /// An add request of this number; constraints may be appended.
    pub(crate) fn add(&self, number: u8) -> Message {
        Message::new(number).raw(&self.fields).string("comment")
    }
}
