//! The named limits of this crate. Each number is written here and nowhere else.

/// Bytes of a key file. The largest honest one, a 16384-bit RSA key with its
/// certificate, has about 20 KiB; OpenSSH stops at 1 MiB too (`MAX_KEY_FILE_SIZE`).
pub const MAX_FILE: usize = 1 << 20;

/// Bytes of salt. Programs write 8 to 32; longer ones cost time in every round of PBKDF2.
pub const MAX_SALT: usize = 1024;

/// Bytes of a header in RFC 4716, ssh.com's or PEM files, all its lines together. The RFC ends
/// a value at 1024; longer ones are written, and a comment needs no more than this.
pub const MAX_HEADER: usize = 8192;

/// Headers of such a file. Programs write up to three.
pub const MAX_HEADERS: usize = 64;

/// Lines of base64 in one part of a PPK file: PuTTY stops there too.
pub(crate) const MAX_PPK_LINES: u32 = 5460;

/// How much work a file may make of a passphrase. The bounds hold before anything is
/// derived: a file is a stranger's until its passphrase was right.
///
/// The costs are those of one core of an AMD EPYC (measured in a release build); an older one
/// takes two or three times as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Rounds of bcrypt_pbkdf (`ssh-keygen -a`; OpenSSH writes 16 or 24). 6.4 ms each.
    pub bcrypt_rounds: u32,
    /// Iterations of PBKDF2 (OpenSSL writes 2048) and of what came before it. 0.12 µs each
    /// with SHA-256, 0.4 µs with SHA-1 (a key of 32 bytes takes two turns), 0.47 µs with
    /// SHA-512.
    pub pbkdf2_iterations: u32,
    /// Memory of scrypt in KiB (OpenSSL takes 16 MiB).
    pub scrypt_memory_kib: u64,
    /// Work of scrypt in blocks of 128 bytes, N·r·p (OpenSSL takes 2^17). 0.35 µs each.
    pub scrypt_blocks: u64,
    /// Memory of Argon2 in KiB (PuTTY takes 8 MiB).
    pub argon2_memory_kib: u64,
    /// Work of Argon2 in KiB, memory times passes (PuTTY takes some 100 MiB). 0.56 µs each,
    /// 1.04 µs where the memory is large.
    pub argon2_work_kib: u64,
}

impl Limits {
    /// The default limits: an estimate of ten seconds and 1 GiB. Whoever waits longer without
    /// a word thinks that the program hangs.
    pub const DEFAULT: Self = Self {
        bcrypt_rounds: 1_500,          // 9.6 s
        pbkdf2_iterations: 20_000_000, // 2.4 to 9.4 s
        scrypt_memory_kib: 1 << 20,
        scrypt_blocks: 28 << 20, // 10.2 s
        argon2_memory_kib: 1 << 20,
        argon2_work_kib: 10 << 20, // 5.9 to 10.9 s
    };

    /// The limits for a person who said that it may take long: an estimate of an hour and
    /// 8 GiB. Not none: who says so expects an answer today, not a machine whose other
    /// programs are ended for want of memory, nor one that counts to the end of the year.
    #[must_use]
    pub const fn slow() -> Self {
        Self {
            bcrypt_rounds: 500_000,      // 53 min
            pbkdf2_iterations: u32::MAX, // 9 to 34 min
            scrypt_memory_kib: 8 << 20,
            scrypt_blocks: 9 << 30, // 56 min
            argon2_memory_kib: 8 << 20,
            argon2_work_kib: 3 << 30, // 30 to 56 min
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
