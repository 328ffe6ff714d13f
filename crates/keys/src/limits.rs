//! The named limits of this crate. Each number is written here and nowhere else.

/// Smallest RSA modulus in bits (OpenSSH's `SSH_RSA_MINIMUM_MODULUS_SIZE`).
pub const RSA_MIN_BITS: u32 = 1024;
/// Largest RSA modulus in bits (`ssh-keygen -b` accepts no more).
pub const RSA_MAX_BITS: u32 = 16384;
/// Largest RSA public exponent in bits: FIPS 186-4 allows exponents below 2^256. Without a
/// bound a stranger's host key could make one verification cost minutes.
pub const RSA_MAX_EXPONENT_BITS: u32 = 256;
/// Above this modulus the exponent is held to [`RSA_LARGE_MODULUS_EXPONENT_BITS`], as OpenSSL
/// does: the cost of a verification grows with both.
pub const RSA_LARGE_MODULUS_BITS: u32 = 3072;
/// Largest RSA public exponent in bits of a large modulus.
pub const RSA_LARGE_MODULUS_EXPONENT_BITS: u32 = 64;
/// Smallest DSA modulus in bits (FIPS 186-1; ssh-keygen made 1024 only).
pub const DSS_MIN_BITS: u32 = 512;
/// Largest DSA modulus in bits (OpenSSL's `OPENSSL_DSA_MAX_MODULUS_BITS`).
pub const DSS_MAX_BITS: u32 = 10000;
/// Smallest order of a DSA group in bits (FIPS 186-4 §4.2).
pub const DSS_MIN_ORDER_BITS: u32 = 160;
/// Largest order of a DSA group in bits (FIPS 186-4 §4.2).
pub const DSS_MAX_ORDER_BITS: u32 = 256;
/// Principals a certificate may name (OpenSSH's `SSHKEY_CERT_MAX_PRINCIPALS`).
pub const MAX_PRINCIPALS: usize = 256;
/// Bytes of data one signature may cover (OpenSSH's `SSH_KEY_MAX_SIGN_DATA_SIZE`).
pub const MAX_SIGNED_DATA: usize = 1 << 20;
/// Memory of the lock passphrase's Argon2id in KiB (64 MiB). `tests/fuzz` locks and unlocks
/// thousands of times a second: there it is the least there is.
pub const LOCK_MEMORY_KIB: u32 = if cfg!(fuzzing) { 8 } else { 64 * 1024 };
/// Passes of the lock passphrase's Argon2id.
pub const LOCK_PASSES: u32 = 3;
