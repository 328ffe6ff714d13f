//! The same bytes as ssh-keygen and openssl write, for the same key and randomness.

use base64ct::{Base64, Encoding};
use keyfob_keyfile::{PrivateForm, Protection, Randomness, inspect, read_private, write_private};
use keyfob_keys::Secret;
use keyfob_keys::wire::Reader;
use ssh_cipher::Cipher;

use crate::keys::{PASSPHRASE, fixture};
use crate::programs::{Folder, openssl, ssh_keygen};

/// What stands between BEGIN and END.
fn body(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let lines = text.lines().filter(|line| !line.contains([':', '-']));
    Base64::decode_vec(&lines.collect::<String>()).unwrap()
}

/// The randomness ssh-keygen put into an OpenSSH file, and its rounds. The check word has to
/// be decrypted.
fn openssh_randomness(text: &[u8]) -> (Randomness, u32) {
    let body = body(text);
    let mut reader = Reader::new(body.strip_prefix(b"openssh-key-v1\0").unwrap());
    let cipher = reader.utf8().unwrap();
    let (_, options) = (reader.string(), reader.string().unwrap());
    let (_, _) = (reader.u32(), reader.string());
    let mut private = reader.string().unwrap().to_vec();
    let tag = reader.rest();
    let (mut salt, mut rounds) = ([0; 16], 0);
    if let Ok(cipher) = cipher.parse::<Cipher>()
        && let Some((key_length, iv_length)) = cipher.key_and_iv_size()
    {
        let mut options = Reader::new(options);
        salt.copy_from_slice(options.string().unwrap());
        rounds = options.u32().unwrap();
        let mut derived = vec![0; key_length + iv_length];
        bcrypt_pbkdf::bcrypt_pbkdf(PASSPHRASE, &salt, rounds, &mut derived).unwrap();
        let (key, iv) = derived.split_at_mut(key_length);
        if cipher == Cipher::ChaCha20Poly1305 {
            iv.fill(0);
        }
        cipher.decrypt(key, iv, &mut private, tag.try_into().ok()).unwrap();
    }
    let check = Reader::new(&private).u32().unwrap();
    (Randomness { salt, iv: [0; 16], check }, rounds)
}

/// Reads a file and writes it again with its own randomness.
fn rewritten(text: &[u8], form: PrivateForm, randomness: &Randomness, rounds: u32) -> Vec<u8> {
    let passphrase = Secret::from(PASSPHRASE.to_vec());
    let file = read_private(text, Some(&passphrase)).unwrap_or_else(|error| panic!("{error}"));
    let encryption = inspect(text).unwrap().encryption;
    let cipher = encryption.as_ref().map(|encryption| encryption.cipher);
    let protection = Protection { passphrase: &passphrase, cipher, rounds: Some(rounds) };
    let protection = encryption.is_some().then_some(&protection);
    write_private(&file.key, &file.comment, form, protection, randomness).unwrap().to_vec()
}

#[track_caller]
fn assert_same(name: &str, ours: &[u8], theirs: &[u8]) {
    let shown = String::from_utf8_lossy;
    assert!(ours == theirs, "{name}: {}\n{}", shown(ours), shown(theirs));
}

#[test]
fn openssh_files_are_as_ssh_keygen_writes_them() {
    for name in [
        "cipher-3des-cbc",
        "cipher-aes128-cbc",
        "cipher-aes128-ctr",
        "cipher-aes128-gcm",
        "cipher-aes192-cbc",
        "cipher-aes192-ctr",
        "cipher-aes256-cbc",
        "cipher-aes256-ctr",
        "cipher-aes256-gcm",
        "cipher-chacha20-poly1305",
        "comment-empty",
        "comment-latin1",
        "ecdsa-256",
        "ecdsa-256-short-scalar",
        "ecdsa-384",
        "ecdsa-384-encrypted",
        "ecdsa-521",
        "ed25519",
        "ed25519-encrypted",
        "rsa-1025",
        "rsa-2047",
        "rsa-2048",
        "rsa-2048-encrypted",
        "rsa-4096",
    ] {
        let theirs = fixture(&format!("openssh-{name}"));
        let (randomness, rounds) = openssh_randomness(&theirs);
        let ours = rewritten(&theirs, PrivateForm::OpenSsh, &randomness, rounds);
        assert_same(name, &ours, &theirs);
    }
}

/// Padding, sign bytes and scalars come in every length.
#[test]
fn fresh_openssh_files_are_as_ssh_keygen_writes_them() {
    let folder = Folder::new();
    for round in 0..24 {
        for (kind, bits) in
            [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "521"), ("rsa", "1024")]
        {
            let name = format!("{kind}-{bits}-{round}");
            let (path, comment) = (folder.path(&name), "x".repeat(round));
            let arguments = ["-q", "-t", kind, "-b", bits, "-N", "", "-C", &comment, "-f", &path];
            ssh_keygen(&arguments).succeeded();
            let theirs = folder.get(&name);
            let (randomness, rounds) = openssh_randomness(&theirs);
            let ours = rewritten(&theirs, PrivateForm::OpenSsh, &randomness, rounds);
            assert_same(&name, &ours, &theirs);
        }
    }
}

#[test]
fn traditional_pem_is_as_ssh_keygen_writes_it() {
    for name in [
        "pem-ecdsa-256",
        "pem-ecdsa-256-encrypted",
        "pem-ecdsa-256-short-scalar",
        "pem-ecdsa-384-encrypted",
        "pem-ecdsa-521",
        "pem-ecdsa-521-encrypted",
        "pem-rsa-1024-encrypted",
        "pem-rsa-2047-exponent-4294967297",
        "pem-rsa-2048",
        "pem-rsa-2048-encrypted",
        "pem-rsa-2049-exponent-3",
    ] {
        let theirs = fixture(name);
        let text = String::from_utf8(theirs.clone()).unwrap();
        let info = text.lines().find_map(|line| line.strip_prefix("DEK-Info: AES-128-CBC,"));
        let mut iv = [0; 16];
        for (at, digits) in info.unwrap_or_default().as_bytes().chunks(2).enumerate() {
            iv[at] = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
        }
        let randomness = Randomness { salt: [0; 16], iv, check: 0 };
        assert_same(name, &rewritten(&theirs, PrivateForm::Pem, &randomness, 1), &theirs);
    }
}

#[test]
fn plain_pkcs8_is_as_openssl_writes_it() {
    let randomness = Randomness { salt: [0; 16], iv: [0; 16], check: 0 };
    for name in
        ["pkcs8-ecdsa-256", "pkcs8-ecdsa-384", "pkcs8-ecdsa-521", "pkcs8-ed25519", "pkcs8-rsa-2048"]
    {
        let theirs = fixture(name);
        assert_same(name, &rewritten(&theirs, PrivateForm::Pkcs8, &randomness, 1), &theirs);
    }
}

/// openssl can be told salt and vector of nothing but what it decrypts: it must decrypt ours to
/// the plain form, and tell our parameters.
#[test]
fn encrypted_pkcs8_is_what_openssl_decrypts() {
    let folder = Folder::new();
    let randomness = Randomness { salt: [7; 16], iv: [9; 16], check: 0 };
    let passphrase = Secret::from(PASSPHRASE.to_vec());
    let protection = Protection { passphrase: &passphrase, cipher: None, rounds: None };
    for name in ["pkcs8-ecdsa-521", "pkcs8-ed25519", "pkcs8-rsa-2048"] {
        let theirs = fixture(name);
        let key = read_private(&theirs, None).ok().unwrap().key;
        let form = PrivateForm::Pkcs8;
        let ours = write_private(&key, b"", form, Some(&protection), &randomness).unwrap();
        let path = folder.put("ours", &ours);
        let pass = format!("pass:{}", std::str::from_utf8(PASSPHRASE).unwrap());
        let plain = openssl(&["pkcs8", "-in", &path, "-passin", &pass]).succeeded();
        assert_same(name, &plain, &theirs);
        let told = openssl(&["asn1parse", "-in", &path]).succeeded();
        let told = String::from_utf8(told).unwrap();
        for part in ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc", ":0927C0"] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}
