//! Keys by the thousand, which `ssh-keygen` would take a minute for.

use keyfob_keys::PrivateKey;
use keyfob_testkit::wire::number;
use keyfob_testkit::{Message, RawClient};

/// Adds so many Ed25519 keys.
#[track_caller]
pub(crate) fn add(client: &mut RawClient, count: u32) {
    for at in 0..count {
        client.request(&message(at, &format!("key {at}"))).succeeds();
    }
}

/// Adds the key of this number under this comment.
pub(crate) fn message(at: u32, comment: &str) -> Message {
    addition(number::ADD_IDENTITY, at, comment)
}

/// Starts an addition of this number: its constraints may follow.
pub(crate) fn addition(number: u8, at: u32, comment: &str) -> Message {
    let (seed, key) = (seed(at), key(at));
    let (_, public) = key.public().blob().split_last_chunk::<32>().expect("it ends in 32 bytes");
    let private = [seed, *public].concat();
    let head = Message::new(number).string("ssh-ed25519").string(public);
    head.string(private).string(comment)
}

/// The key of this number.
pub(crate) fn key(at: u32) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&seed(at))
}

fn seed(at: u32) -> [u8; 32] {
    let mut seed = [0x5a; 32];
    seed[..4].copy_from_slice(&at.to_be_bytes());
    seed
}
