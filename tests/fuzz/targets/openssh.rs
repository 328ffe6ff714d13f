//! The inside of an OpenSSH private key file.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    keyfob_fuzz::private_file(&keyfob_fuzz::block("OPENSSH PRIVATE KEY", "", body));
});
