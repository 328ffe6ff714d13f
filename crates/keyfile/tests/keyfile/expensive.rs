//! Files that ask for more work, memory or stack than any key is worth must be refused
//! before the work begins.

use std::time::{Duration, Instant};

use keyfob_keyfile::{Error, Limits, read_private, read_private_within};
use keyfob_keys::{PrivateKey, Secret};

use crate::container::{Container, bcrypt, block};
use crate::der::{der, number};
use crate::fixture::variant;

/// Reads with a passphrase and insists on an answer at once.
fn at_once(text: &[u8]) -> Error {
    let start = Instant::now();
    let passphrase = Secret::from(b"passphrase".to_vec());
    let error = read_private(text, Some(&passphrase)).err().expect("refused");
    assert!(start.elapsed() < Duration::from_secs(1), "{error}");
    error
}

fn bcrypt_file(options: Vec<u8>) -> Vec<u8> {
    let key = PrivateKey::ed25519_from_seed(&[7; 32]);
    let mut file = Container::of(&key);
    file.cipher = b"chacha20-poly1305@openssh.com".to_vec();
    file.kdf = b"bcrypt".to_vec();
    file.kdf_options = options;
    file.trailing = vec![0; 16];
    file.text()
}

/// 4·10⁹ rounds are 300 days: the agent's person would wait for ever, without knowing why.
#[test]
fn four_thousand_million_rounds_of_bcrypt_are_refused() {
    let error = at_once(&bcrypt_file(bcrypt(&[1; 16], 4_000_000_000)));
    let limit = u64::from(Limits::DEFAULT.bcrypt_rounds);
    let Error::KdfTooExpensive { rounds, limit: said, .. } = error else {
        panic!("{error}");
    };
    assert_eq!((rounds, said), (4_000_000_000, limit));
}

/// It is refused before somebody types a passphrase for nothing.
#[test]
fn the_cost_is_looked_at_before_the_passphrase() {
    let file = bcrypt_file(bcrypt(&[1; 16], 4_000_000_000));
    let error = read_private(&file, None).err().unwrap();
    assert_eq!(variant(&error), "KdfTooExpensive");
}

/// A caller who knows better may wait longer, or less long.
#[test]
fn the_limit_is_the_callers() {
    let file = bcrypt_file(bcrypt(&[1; 16], 3));
    let passphrase = Secret::from(b"passphrase".to_vec());
    let mut limits = Limits::default();
    limits.bcrypt_rounds = 2;
    let read =
        |limits: &Limits| read_private_within(&file, Some(&passphrase), limits).err().unwrap();
    assert_eq!(variant(&read(&limits)), "KdfTooExpensive");
    limits.bcrypt_rounds = 3;
    assert_eq!(variant(&read(&limits)), "WrongPassphrase");
}

#[test]
fn no_rounds_no_salt_and_endless_salt_are_damage() {
    for options in [
        bcrypt(&[1; 16], 0),
        bcrypt(&[], 16),
        bcrypt(&[1; 100_000], 16),
        b"\0\0\0\x04salt\0\0\0\x10more".to_vec(),
        vec![0xff; 4],
    ] {
        let error = at_once(&bcrypt_file(options));
        assert_eq!(variant(&error), "Corrupt", "{error}");
    }
}

// --- PKCS#8 -----------------------------------------------------------------

const PBES2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const SCRYPT: &[u8] = b"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
const AES_256_CBC: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
const DES_EDE3_CBC: &[u8] = b"\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x07";

fn pkcs8(kdf: &[&[u8]], cipher: &[u8], iv: &[u8], data: &[u8]) -> Vec<u8> {
    let encryption = der(0x30, &[cipher, &der(4, &[iv])]);
    let parameters = der(0x30, &[&der(0x30, kdf), &encryption]);
    let scheme = der(0x30, &[PBES2, &parameters]);
    block("ENCRYPTED PRIVATE KEY", &der(0x30, &[&scheme, &der(4, &[data])]))
}

fn pbkdf2_file(parameters: &[&[u8]]) -> Vec<u8> {
    pkcs8(&[PBKDF2, &der(0x30, parameters)], AES_256_CBC, &[0; 16], &[0; 32])
}

fn scrypt_file(n: u64, r: u64, p: u64) -> Vec<u8> {
    let parameters = [&der(4, &[&[1; 8]])[..], &number(n), &number(r), &number(p)];
    pkcs8(&[SCRYPT, &der(0x30, &parameters)], AES_256_CBC, &[0; 16], &[0; 32])
}

#[test]
fn pbkdf2_has_a_limit() {
    let salt = der(4, &[&[1; 8]]);
    let error = at_once(&pbkdf2_file(&[&salt, &number(2_000_000_000)]));
    assert_eq!(variant(&error), "KdfTooExpensive", "{error}");
    // Larger than the type it is read into, none at all, and a negative one.
    for iterations in [number(1 << 40), number(0), der(2, &[&[0x80]])] {
        let error = at_once(&pbkdf2_file(&[&salt, &iterations]));
        assert_eq!(variant(&error), "Corrupt", "{error}");
    }
    let endless_salt = der(4, &[&[1; 60_000]]);
    let error = at_once(&pbkdf2_file(&[&endless_salt, &number(1)]));
    assert_eq!(variant(&error), "Corrupt", "{error}");
}

/// 4 TiB of memory must not be asked of the allocator, which ends the process.
#[test]
fn scrypt_has_limits_of_memory_and_work() {
    for (n, r, p) in [(1 << 30, 32, 1), (1 << 62, 1 << 20, 1 << 9)] {
        let error = at_once(&scrypt_file(n, r, p));
        assert_eq!(variant(&error), "KdfTooExpensive", "{error}");
    }
    // Little memory, endless work; and hardly any work, much memory for the lanes.
    for (n, r, p) in [(1 << 10, 8, 1 << 20), (2, 1 << 20, 1 << 9)] {
        let error = at_once(&scrypt_file(n, r, p));
        assert_eq!(variant(&error), "KdfTooExpensive", "{error}");
    }
    for (n, r, p) in [
        (0, 8, 1),
        (1, 8, 1),
        (1000, 8, 1),
        (1024, 0, 1),
        (1024, 8, 0),
        (2, u32::MAX.into(), u32::MAX.into()),
    ] {
        let error = at_once(&scrypt_file(n, r, p));
        assert_eq!(variant(&error), "Corrupt", "{error}");
    }
}

/// What came before PBES2 counts its iterations too.
#[test]
fn old_derivations_have_the_limit_of_pbkdf2() {
    const PBE_MD5_DES: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x03";
    const PBE_SHA1_3DES: &[u8] = b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03";
    for scheme in [PBE_MD5_DES, PBE_SHA1_3DES] {
        let file = |salt: usize, iterations| {
            let parameters = der(0x30, &[&der(4, &[&vec![1; salt]]), &number(iterations)]);
            let scheme = der(0x30, &[scheme, &parameters]);
            block("ENCRYPTED PRIVATE KEY", &der(0x30, &[&scheme, &der(4, &[&[0; 32]])]))
        };
        for (salt, iterations, expected) in [
            (8, 2_000_000_000, "KdfTooExpensive"),
            (8, 0, "Corrupt"),
            (60_000, 1, "Corrupt"),
            (0, 1, "WrongPassphrase"),
            (8, 1, "WrongPassphrase"),
        ] {
            let error = at_once(&file(salt, iterations));
            assert_eq!(variant(&error), expected, "{salt}, {iterations}: {error}");
        }
    }
}

/// Who is told that it may take long still wants an answer today.
#[test]
fn slow_limits_are_higher_and_not_endless() {
    let (usual, slow) = (Limits::DEFAULT, Limits::slow());
    assert!(slow.bcrypt_rounds > usual.bcrypt_rounds);
    assert!(slow.pbkdf2_iterations > usual.pbkdf2_iterations);
    assert!(slow.scrypt_memory_kib > usual.scrypt_memory_kib);
    assert!(slow.scrypt_blocks > usual.scrypt_blocks);
    assert!(slow.argon2_memory_kib > usual.argon2_memory_kib);
    assert!(slow.argon2_work_kib > usual.argon2_work_kib);
    let passphrase = Secret::from(b"passphrase".to_vec());
    for file in [bcrypt_file(bcrypt(&[1; 16], u32::MAX)), scrypt_file(1 << 30, 32, 1)] {
        let error = read_private_within(&file, Some(&passphrase), &slow).err().unwrap();
        assert_eq!(variant(&error), "KdfTooExpensive", "{error}");
    }
}

/// The `pkcs5` crate (0.8.1) panics on the first of these.
#[test]
fn a_vector_of_another_length_is_damage() {
    let salt = der(4, &[&[1; 8]]);
    let kdf = der(0x30, &[&salt, &number(1)]);
    for (cipher, length) in
        [(DES_EDE3_CBC, 7), (DES_EDE3_CBC, 0), (DES_EDE3_CBC, 9), (AES_256_CBC, 8)]
    {
        let file = pkcs8(&[PBKDF2, &kdf], cipher, &vec![0; length], &[0; 32]);
        let error = at_once(&file);
        assert_eq!(variant(&error), "Corrupt", "{error}");
    }
}

#[test]
fn the_encrypted_part_must_be_whole_blocks() {
    let salt = der(4, &[&[1; 8]]);
    let kdf = der(0x30, &[&salt, &number(1)]);
    for length in [0, 15, 31] {
        let file = pkcs8(&[PBKDF2, &kdf], AES_256_CBC, &[0; 16], &vec![0; length]);
        let error = read_private(&file, None).err().unwrap();
        assert_eq!(variant(&error), "Corrupt", "{error}");
    }
}

/// A kilobyte of nested sequences must not end in a full stack.
#[test]
fn deep_nesting_is_damage() {
    let mut nested = Vec::new();
    for _ in 0..15_000 {
        nested = if nested.len() < 60_000 { der(0x30, &[&nested]) } else { nested };
    }
    for label in ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
        let error = at_once(&block(label, &nested));
        assert_eq!(variant(&error), "Corrupt", "{label}: {error}");
    }
}

/// An RSA key of these eight numbers.
fn rsa_file(numbers: [&[u8]; 8]) -> Vec<u8> {
    let numbers = numbers.map(|number| der(2, &[&[0], number]));
    let parts: Vec<&[u8]> = numbers.iter().map(Vec::as_slice).collect();
    block("RSA PRIVATE KEY", &der(0x30, &[&number(0), &parts.concat()]))
}

/// Multiplying or inverting numbers of a hundred kilobytes takes minutes.
#[test]
fn huge_rsa_numbers_are_refused_at_once() {
    let (modulus, huge) = (vec![0xff; 256], vec![0xff; 90_000]);
    let exponent = [0x81, 0x00, 0x01];
    for place in 0..8 {
        let mut numbers: [&[u8]; 8] = [&modulus[..]; 8];
        numbers[1] = &exponent;
        numbers[place] = &huge;
        let error = at_once(&rsa_file(numbers));
        assert!(matches!(&*variant(&error), "Corrupt" | "Unsupported"), "{place}: {error}");
    }
}

/// The largest keys that are allowed, with numbers that do not fit each other.
#[test]
fn large_rsa_numbers_that_do_not_fit_are_refused_at_once() {
    let (modulus, half) = (vec![0xff; 2048], vec![0xff; 1024]);
    let exponent = [0x81, 0x00, 0x01];
    let numbers = [&modulus[..], &exponent, &modulus, &half, &half, &half, &half, &half];
    let error = at_once(&rsa_file(numbers));
    assert_eq!(variant(&error), "Corrupt", "{error}");
}
