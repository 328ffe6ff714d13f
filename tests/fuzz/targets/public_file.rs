//! A whole file of public keys: one line, `authorized_keys`, known hosts, RFC 4716, PEM.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| keyfob_fuzz::public_file(file));
