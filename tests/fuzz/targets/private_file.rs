//! A whole private key file, in whatever form.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| keyfob_fuzz::private_file(file));
