//! The keys that sign.

use std::path::Path;

use keyfob_testkit::wire::number;
use keyfob_testkit::{Fields, KeyFile, KeyType, Message, Signature, World};

/// SHA-512 signatures, as ssh asks for with RSA keys. With others pageant refuses it.
const SHA_512: u32 = 4;

/// Half a second of work for each signature.
const LARGE: &str = "crates/keys/tests/fixtures/rsa/e65537-16384";

/// A key type and its name in the tables.
#[derive(Clone, Copy)]
pub(crate) struct Kind(pub(crate) &'static str, KeyType);

impl Kind {
    /// Those that an agent signs with.
    pub(crate) const ALL: [Self; 7] = [
        Self("ed25519", KeyType::Ed25519),
        Self("ecdsa-256", KeyType::EcdsaP256),
        Self("ecdsa-384", KeyType::EcdsaP384),
        Self("ecdsa-521", KeyType::EcdsaP521),
        Self("rsa-2048", KeyType::Rsa2048),
        Self("rsa-3072", KeyType::Rsa3072),
        Self("rsa-4096", KeyType::Rsa4096),
    ];
    pub(crate) const ED25519: Self = Self::ALL[0];
    pub(crate) const RSA_4096: Self = Self::ALL[6];

    /// The same key in every world.
    pub(crate) fn key(self, world: &World) -> KeyFile {
        world.key(self.1, self.0)
    }
}

/// An RSA key of 16384 bits.
pub(crate) fn large_key() -> KeyFile {
    KeyFile::at(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(LARGE))
}

/// Asks for a signature that can be proved.
pub(crate) fn sign_request(blob: &[u8]) -> Vec<u8> {
    let is_rsa = Fields::of(blob).string() == b"ssh-rsa";
    let head = Message::new(number::SIGN_REQUEST).string(blob);
    head.string(Signature::provable_data()).number(if is_rsa { SHA_512 } else { 0 }).frame()
}

/// Asserts that this reply is the key's signature.
pub(crate) fn proves(reply: &[u8], world: &World, key: &KeyFile) {
    let mut fields = Fields::of(reply);
    assert_eq!(fields.byte(), number::SIGN_RESPONSE, "wanted a signature");
    Signature::parse(fields.string()).is_proved_by_ssh_keygen(world, key);
}
