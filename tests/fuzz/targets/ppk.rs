//! PuTTY's private key file, behind its first words. The first byte chooses the version.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else {
        return;
    };
    let version = if choice % 2 == 0 { "3" } else { "2" };
    let file = [b"PuTTY-User-Key-File-", version.as_bytes(), b": ", rest].concat();
    keyfob_fuzz::private_file(&file);
});
