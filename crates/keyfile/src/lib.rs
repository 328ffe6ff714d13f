//! Reads private and public key files.
