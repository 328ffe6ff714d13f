//! What lies in the folder of a log: lines, the lines a file begins with, key files.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| keyfob_log::fuzzing::read(bytes));
