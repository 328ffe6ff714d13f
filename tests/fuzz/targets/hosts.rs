//! Known hosts files, by the name of a host and by its key, and the settings of `ssh`.
#![no_main]

use keyfob_hosts::{Configured, Index, Search, keys_of};
use keyfob_keys::PrivateKey;

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let (keys, _) = keys_of(b"host.example", text);
    let mut index = Index::default();
    index.read(text);
    let candidates = Configured::read(text).names;
    let other = PrivateKey::ed25519_from_seed(&[1; 32]).public().clone();
    for key in keys.into_iter().map(|host| host.key).chain([other]) {
        let search = Search { key: &key, candidates: &candidates, unix: 1_700_000_000 };
        let _ = index.names(&search);
    }
});
