//! The inside of ssh.com's private key file.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let file = keyfob_fuzz::ssh2_block("SSH2 ENCRYPTED PRIVATE KEY", "Comment: \"a\"\n", body);
    keyfob_fuzz::private_file(&file);
});
