//! The keys of one client.

use keyfob_keys::{Curve, PrivateKey, PublicKey};
use keyfob_testkit::wire::number;
use keyfob_testkit::{KeyFile, Message, RawClient};
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

/// RSA keys sign with SHA-512; other keys do not look at the flags.
const SHA2_512: u32 = 4;

/// A key that only its client uses.
pub(crate) struct Held {
    pub(crate) public: PublicKey,
    pub(crate) comment: String,
    /// Type name and fields, as in an add request.
    fields: Vec<u8>,
}

impl Held {
    /// Key `number` of this client: different kinds.
    pub(crate) fn new(client: u8, number: u8, comment: String) -> Self {
        let seed = Sha512::digest([client, number]);
        let half = |at: usize| -> [u8; 32] { seed[at..at + 32].try_into().unwrap() };
        let (seed, other) = (&half(0), &half(32));
        let key = match number % 4 {
            1 => PrivateKey::ecdsa_from_scalar(Curve::P256, seed).unwrap(),
            3 => PrivateKey::ml_dsa44_ed25519_from_seeds(seed, other),
            _ => PrivateKey::ed25519_from_seed(seed),
        };
        let mut fields = Zeroizing::new(Vec::new());
        key.encode(&mut fields);
        Self { public: key.public().clone(), comment, fields: fields.to_vec() }
    }

    pub(crate) fn of(file: &KeyFile, comment: String) -> Self {
        let fields = file.private_fields().iter().fold(Message::fields(), Message::string);
        let public = PublicKey::from_blob(&file.blob()).unwrap();
        Self { public, comment, fields: fields.body().to_vec() }
    }

    pub(crate) fn blob(&self) -> &[u8] {
        self.public.blob()
    }

    /// An add request with these constraints.
    pub(crate) fn add(&self, constraints: &Message) -> Message {
        let kind = match constraints.body() {
            [] => number::ADD_IDENTITY,
            _ => number::ADD_ID_CONSTRAINED,
        };
        Message::new(kind).raw(&self.fields).string(&self.comment).raw(constraints)
    }

    /// Asserts that the agent signs with it, and right.
    #[track_caller]
    pub(crate) fn signs(&self, client: &mut RawClient, data: &[u8]) {
        let signature = client.sign(self.blob(), data, SHA2_512).signature();
        self.public.verify(data, &signature.blob).expect("a good signature");
    }

    /// Asserts that it does not.
    #[track_caller]
    pub(crate) fn refuses(&self, client: &mut RawClient, data: &[u8]) {
        client.sign(self.blob(), data, SHA2_512).fails();
    }
}
