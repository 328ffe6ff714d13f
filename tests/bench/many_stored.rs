//! Stores with keys by the thousand, made without the commands, which open one once for each key.

use std::fs;

use keyfob_keys::{PrivateKey, Secret};
use keyfob_keystore::{Content, Cost, Facts, Name, New, Store};
use keyfob_testkit::{KeyStore, World};

/// A store with so many Ed25519 keys, and their blobs. To guess at its passphrase costs so many KiB.
pub(crate) fn fill(world: &World, count: usize, cost: u32) -> (KeyStore<'_>, Vec<Vec<u8>>) {
    let store = KeyStore::at(world);
    let passphrase = Secret::from(KeyStore::PASSPHRASE.as_bytes().to_vec());
    let cost = Cost::of_memory(cost);
    fs::create_dir_all(store.folder().parent().unwrap()).unwrap();
    let mut made = Store::create(&store.folder(), &store.states(), &passphrase, cost).unwrap();
    let keys: Vec<PrivateKey> = (0..count)
        .map(|number| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
            PrivateKey::ed25519_from_seed(&seed)
        })
        .collect();
    let blobs = keys.iter().map(|key| key.public().blob().to_vec()).collect();
    let items = keys.into_iter().enumerate().map(|(number, key)| New {
        name: Name::new(&format!("key{number:05}")).unwrap(),
        facts: Facts {
            comment: format!("key number {number}").into_bytes(),
            public: Some(key.public().clone()),
            ..Facts::default()
        },
        content: Content::Key(key),
    });
    made.store.add(items.collect()).unwrap();
    (store, blobs)
}
