//! The named limits of this crate. Each number is written here and nowhere else.

/// Bytes of a key file. The largest honest one, a 16384-bit RSA key with its
/// certificate, has about 20 KiB; OpenSSH stops at 1 MiB too (`MAX_KEY_FILE_SIZE`).
pub const MAX_FILE: usize = 1 << 20;

/// Bytes of salt. Programs write 8 to 32; longer ones cost time in every round of PBKDF2.
pub const MAX_SALT: usize = 1024;

/// Lines of base64 in one part of a PPK file: PuTTY stops there too.
pub(crate) const MAX_PPK_LINES: u32 = 5460;

/// How much work a file may make of a passphrase. The bounds hold before anything is
/// derived: a file is a stranger's until its passphrase was right.
///
/// The defaults stand for at most a minute on the machine of DEPENDENCIES.md (measured in a
/// release build, figures below); a caller who was told to wait longer may raise them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Rounds of bcrypt_pbkdf (`ssh-keygen -a`; OpenSSH writes 16 or 24). 6.5 ms each.
    pub bcrypt_rounds: u32,
    /// Iterations of PBKDF2 (OpenSSL writes 2048). 0.12 µs each with SHA-256, 0.2 µs with
    /// SHA-1, 0.47 µs with SHA-512.
    pub pbkdf2_iterations: u32,
    /// Memory of scrypt in KiB (OpenSSL takes 16 MiB).
    pub scrypt_memory_kib: u64,
    /// Work of scrypt in blocks of 128 bytes, N·r·p (OpenSSL takes 2^17). 0.25 µs each.
    pub scrypt_blocks: u64,
    /// Memory of Argon2 in KiB (PuTTY takes 8 MiB).
    pub argon2_memory_kib: u64,
    /// Work of Argon2 in KiB, memory times passes (PuTTY takes some 100 MiB). 0.5 µs each.
    pub argon2_work_kib: u64,
}

impl Limits {
    /// The default limits.
    pub const DEFAULT: Self = Self {
        bcrypt_rounds: 10_000,          // 65 s
        pbkdf2_iterations: 100_000_000, // 12 to 47 s
        scrypt_memory_kib: 1 << 20,     // 1 GiB
        scrypt_blocks: 1 << 27,         // 34 s
        argon2_memory_kib: 1 << 20,     // 1 GiB
        argon2_work_kib: 20 << 20,      // 10 s
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
