//! PuTTY's files: what text may become of them, what they may ask for, what must be refused.

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use keyfob_keyfile::{Error, Limits, inspect, read_private, read_private_within, read_public};
use keyfob_keys::wire::Put;
use keyfob_keys::{Curve, PrivateKey};

use crate::fixture::{self, Fixture, encoded, variant};

const PLAIN: &str = "accepted/ppk3-ed25519-255";
const ENCRYPTED: &str = "accepted/ppk3-ed25519-255-encrypted";

/// An unencrypted file of version 3 with a good MAC, each part open to change.
struct Ppk {
    algorithm: &'static str,
    comment: &'static str,
    public: Vec<u8>,
    private: Vec<u8>,
}

impl Ppk {
    fn of(key: &PrivateKey, private: Vec<u8>) -> Self {
        let public = key.public().blob().to_vec();
        Self { algorithm: key.public().type_name(), comment: "by hand", public, private }
    }

    fn text(&self) -> Vec<u8> {
        let Self { algorithm, comment, public, private } = self;
        let mut input = Vec::new();
        for field in [algorithm.as_bytes(), b"none", comment.as_bytes(), public, private] {
            input.put_string(field);
        }
        let mac = Hmac::<sha2::Sha256>::new_from_slice(b"").unwrap().chain_update(&input);
        let mac: String =
            mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let part = |name: &str, bytes: &[u8]| {
            let base64 = Base64::encode_string(bytes);
            format!("{name}-Lines: {}\n{base64}\n", usize::from(!base64.is_empty()))
        };
        format!(
            "PuTTY-User-Key-File-3: {algorithm}\nEncryption: none\nComment: {comment}\n\
             {}{}Private-MAC: {mac}\n",
            part("Public", public),
            part("Private", private),
        )
        .into_bytes()
    }

    fn read(&self) -> Result<Vec<u8>, Error> {
        read_private(&self.text(), None).map(|file| encoded(&file).to_vec())
    }
}

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_string(bytes);
    out
}

fn seed(key: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[key; 32])
}

/// The fixture with a piece of its text replaced.
fn with(name: &str, old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(fixture::named(name).bytes).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old} in {name}");
    text.replace(old, new).into_bytes()
}

fn error(bytes: &[u8]) -> Error {
    let passphrase = fixture::named(ENCRYPTED).secret();
    read_private(bytes, passphrase.as_ref()).err().unwrap_or_else(|| {
        panic!("read: {}", String::from_utf8_lossy(bytes));
    })
}

/// What editors, mail and web forms make of a text; puttygen reads only the first three.
fn variants(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let lines = |before: &str, after: &str| {
        let lines = text.lines().map(|line| format!("{before}{line}{after}"));
        lines.collect::<String>().into_bytes()
    };
    let around = |before: &str, after: &str| format!("{before}{text}{after}").into_bytes();
    vec![
        ("CRLF", lines("", "\r\n")),
        ("CR", lines("", "\r")),
        ("no final newline", text.trim_end().as_bytes().to_vec()),
        ("blank lines before", around("\n\r\n\n", "")),
        ("text before", around("Dear Ann,\nhere is my key: keep it.\n", "")),
        ("text after", around("", "-- \nAnn\nPrivate-MAC: 00\n")),
        ("blanks at the ends", lines("", " \t\n")),
        ("no blanks at the ends", lines("", "\n").replace_all(b" \n", b"\n")),
        ("byte order mark", around("\u{feff}", "")),
        ("indented", lines("    ", "\n")),
        ("indented by tabs", lines("\t", "\r\n")),
        ("double spaced", lines("", "\n\n")),
        ("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("upper case MAC", upper_case_mac(text)),
    ]
}

trait ReplaceAll {
    fn replace_all(&self, old: &[u8], new: &[u8]) -> Vec<u8>;
}

impl ReplaceAll for Vec<u8> {
    fn replace_all(&self, old: &[u8], new: &[u8]) -> Vec<u8> {
        let text = String::from_utf8(self.clone()).unwrap();
        let [old, new] = [old, new].map(|part| std::str::from_utf8(part).unwrap());
        text.replace(old, new).into_bytes()
    }
}

fn upper_case_mac(text: &str) -> Vec<u8> {
    let (head, mac) = text.split_once("Private-MAC: ").unwrap();
    format!("{head}Private-MAC: {}", mac.to_uppercase()).into_bytes()
}

#[test]
fn every_variant_of_the_text_is_read() {
    for name in ["ppk2-rsa-2048", "ppk3-ed25519-255-encrypted", "ppk3-comment-empty"] {
        let fixture = fixture::named(&format!("accepted/{name}"));
        let text = String::from_utf8(fixture.bytes.clone()).unwrap();
        for (variant, bytes) in variants(&text) {
            let file = fixture.read_instead(&bytes);
            let file = file.unwrap_or_else(|error| panic!("{name}, {variant}: {error}"));
            assert_eq!(*file.key.public(), fixture.public(), "{name}, {variant}");
            assert_eq!(file.comment, fixture.comment, "{name}, {variant}");
        }
    }
}

/// The MAC tells whether they were there from the beginning.
#[test]
fn blanks_at_the_end_of_a_comment_are_kept_where_they_belong() {
    for comment in ["a ", " a", " ", "\t", "a: b"] {
        let mut ppk = Ppk::of(&seed(1), string(&[1; 32]));
        ppk.comment = comment;
        let read = |text: &[u8]| read_private(text, None).ok().unwrap().comment;
        assert_eq!(read(&ppk.text()), comment.as_bytes());
    }
}

#[test]
fn a_changed_character_is_refused_wherever_it_is() {
    for name in [PLAIN, "accepted/ppk2-ecdsa-256"] {
        let text = fixture::named(name).bytes;
        for at in 0..text.trim_ascii_end().len() {
            let mut changed = text.clone();
            changed[at] = if text[at] == b'5' { b'6' } else { b'5' };
            assert!(read_private(&changed, None).is_err(), "{name}: byte {at}");
        }
    }
}

#[test]
fn a_file_cut_short_is_refused_wherever_it_is_cut() {
    for name in [PLAIN, ENCRYPTED] {
        let fixture = fixture::named(name);
        let end = fixture.bytes.trim_ascii_end().len();
        for length in 0..end {
            assert!(fixture.read_instead(&fixture.bytes[..length]).is_err(), "{name}: {length}");
        }
        assert!(fixture.read_instead(&fixture.bytes[..end]).is_ok());
    }
}

#[test]
fn a_wrong_passphrase_is_told_from_damage_where_that_can_be() {
    let mut fixture = fixture::named(ENCRYPTED);
    fixture.passphrase = Some(b"wrong".to_vec());
    assert_eq!(fixture.read().err(), Some(Error::WrongPassphrase));
    fixture.passphrase = None;
    assert_eq!(fixture.read().err(), Some(Error::PassphraseNeeded));
    let changed = error(&with(PLAIN, "Comment: version 3", "Comment: version 4"));
    let expected = "PuTTY private key (PPK) is damaged: its MAC is not that of its content";
    assert_eq!(changed.to_string(), expected);
}

/// A second header could say something else than the first, to us or to PuTTY.
#[test]
fn headers_stand_once_and_in_their_order() {
    let text = String::from_utf8(fixture::named(ENCRYPTED).bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let headers: Vec<usize> =
        (0..lines.len()).filter(|&at| lines[at].contains(": ") && at + 1 < lines.len()).collect();
    assert_eq!(headers.len(), 10);
    for &at in &headers {
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        assert_eq!(variant(&error(twice.join("\n").as_bytes())), "Corrupt", "{}", lines[at]);
        let mut without = lines.clone();
        without.remove(at);
        error(without.join("\n").as_bytes());
    }
    for pair in headers.windows(2).filter(|pair| pair[1] == pair[0] + 1) {
        let mut swapped = lines.clone();
        swapped.swap(pair[0], pair[1]);
        error(swapped.join("\n").as_bytes());
    }
}

/// puttygen asks the allocator for 4 TiB, runs for hours, or dies.
#[test]
fn work_without_bound_is_refused_before_it_begins() {
    let of = |old, new| error(&with(ENCRYPTED, old, new));
    let limits = Limits::default();
    assert_eq!(
        of("Argon2-Memory: 64", "Argon2-Memory: 4294967295"),
        Error::KdfTooExpensive {
            unit: "KiB of memory for Argon2",
            rounds: u32::MAX.into(),
            limit: limits.argon2_memory_kib
        }
    );
    assert_eq!(
        of("Argon2-Passes: 1", "Argon2-Passes: 4294967295"),
        Error::KdfTooExpensive {
            unit: "KiB filled by Argon2",
            rounds: u64::from(u32::MAX) * 64,
            limit: limits.argon2_work_kib
        }
    );
    for (old, new) in [
        ("Argon2-Memory: 64", "Argon2-Memory: 0"),
        ("Argon2-Memory: 64", "Argon2-Memory: 7"),
        ("Argon2-Memory: 64", "Argon2-Memory: 4294967296"),
        ("Argon2-Memory: 64", "Argon2-Memory: -1"),
        ("Argon2-Memory: 64", "Argon2-Memory: +64"),
        ("Argon2-Memory: 64", "Argon2-Memory: 0x40"),
        ("Argon2-Passes: 1", "Argon2-Passes: 0"),
        ("Argon2-Parallelism: 1", "Argon2-Parallelism: 0"),
        ("Argon2-Parallelism: 1", "Argon2-Parallelism: 9"),
        ("Argon2-Parallelism: 1", "Argon2-Parallelism: 4294967295"),
        ("Private-Lines: 1", "Private-Lines: 4294967295"),
        ("Private-Lines: 1", "Private-Lines: 0"),
        ("Public-Lines: 2", "Public-Lines: 5461"),
        ("Public-Lines: 2", "Public-Lines: "),
    ] {
        assert_eq!(variant(&of(old, new)), "Corrupt", "{new}");
    }
}

/// The caller's bounds hold, whatever the defaults are.
#[test]
fn the_bounds_are_the_callers() {
    let fixture = fixture::named("accepted/ppk3-argon2i");
    let read = |memory, work| {
        let mut limits = Limits::default();
        limits.argon2_memory_kib = memory;
        limits.argon2_work_kib = work;
        read_private_within(&fixture.bytes, fixture.secret().as_ref(), &limits).map(|_| ())
    };
    assert_eq!(read(256, 512), Ok(()));
    assert!(matches!(read(255, 512), Err(Error::KdfTooExpensive { rounds: 256, limit: 255, .. })));
    assert!(matches!(read(256, 511), Err(Error::KdfTooExpensive { rounds: 512, limit: 511, .. })));
}

#[test]
fn what_is_not_supported_is_named() {
    for (file, expected) in [
        (
            fixture::named("refused/ppk1").bytes,
            "PPK of version 1, because only PuTTY before its release wrote it, and it does not \
             protect its key",
        ),
        (
            with(PLAIN, "File-3", "File-4"),
            "PPK of version 4, because keyfob knows versions 2 and 3",
        ),
        (
            fixture::named("refused/ppk3-ed448").bytes,
            "key type ssh-ed448, because OpenSSH knows no such key",
        ),
        (
            with(PLAIN, "Encryption: none", "Encryption: rot13"),
            "cipher rot13, because PuTTY knows only aes256-cbc",
        ),
        (
            with(ENCRYPTED, "Argon2id", "scrypt"),
            "key derivation scrypt, because PuTTY knows only Argon2",
        ),
    ] {
        let told = format!("recognised but unsupported: {expected}");
        assert_eq!(error(&file).to_string(), told);
        assert_eq!(inspect(&file).unwrap().format, keyfob_keyfile::Format::Ppk);
    }
}

/// PuTTY loads them: the MAC is right, and nobody compares.
#[test]
fn halves_that_do_not_belong_together_are_refused() {
    let p256 = |scalar: u8| PrivateKey::ecdsa_from_scalar(Curve::P256, &[scalar; 32]).unwrap();
    for (key, other) in [(seed(1), string(&[2; 32])), (p256(1), string(&[2; 32]))] {
        let refused = Ppk::of(&key, other).read().unwrap_err().to_string();
        assert!(refused.ends_with("its public key is not that of its private key"), "{refused}");
    }
    assert!(Ppk::of(&p256(1), string(&[1; 32])).read().is_ok());
    let mut ppk = Ppk::of(&seed(1), string(&[1; 32]));
    ppk.algorithm = "ecdsa-sha2-nistp256";
    assert!(ppk.read().is_err());
}

/// PuTTY before 0.75 dropped zeros at the end of a seed, and none in front.
#[test]
fn short_ed25519_seeds_are_filled_up_at_their_end() {
    for length in [31, 30, 1, 0] {
        let mut bytes = [7; 32];
        bytes[length..].fill(0);
        let key = PrivateKey::ed25519_from_seed(&bytes);
        assert!(Ppk::of(&key, string(&bytes[..length])).read().is_ok(), "{length}");
    }
    let mut zeros_in_front = [7; 32];
    zeros_in_front[..2].fill(0);
    let key = PrivateKey::ed25519_from_seed(&zeros_in_front);
    assert!(Ppk::of(&key, string(&zeros_in_front)).read().is_ok());
    assert!(Ppk::of(&key, string(&[&zeros_in_front[..], &[0]].concat())).read().is_err());
}

/// The last block is filled with anything; a whole block more is no filling.
#[test]
fn padding_is_less_than_a_block_and_any_bytes() {
    let private = string(&[1; 32]);
    let read = |padding: &[u8]| Ppk::of(&seed(1), [&private[..], padding].concat()).read();
    assert!(read(&[0xff; 15]).is_ok());
    assert!(read(&[0; 16]).is_err());
    assert!(Ppk::of(&seed(1), private[..35].to_vec()).read().is_err());
}

/// Other programs forget the zero in front or write one too many; PuTTY refuses both.
#[test]
fn numbers_without_their_sign_byte_are_read() {
    let key = PrivateKey::ecdsa_from_scalar(Curve::P384, &[0x99; 48]).unwrap();
    assert!(Ppk::of(&key, string(&[0x99; 48])).read().is_ok());
    assert!(Ppk::of(&key, string(&[&[0, 0][..], &[0x99; 48]].concat())).read().is_ok());
}

#[test]
fn the_public_half_and_the_comment_are_read_without_a_passphrase() {
    let fixture = fixture::named("accepted/ppk3-certificate");
    let (public, comment) = read_public(&fixture.bytes).unwrap();
    assert_eq!((public, &comment[..]), (fixture.public(), &b"certified"[..]));
    let Fixture { bytes, .. } = fixture::named("accepted/ppk3-comment-latin1");
    assert_eq!(read_public(&bytes).unwrap().1, b"M\xfcller");
}
