//! The files of a key store: slots, items, manifests, what is sealed in them, and what this machine
//! remembers. The first byte chooses which.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| keyfob_keystore::fuzzing::decode(input));
