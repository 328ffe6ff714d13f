//! What is told of a file without its passphrase.

use keyfob_keyfile::{Derivation, Format, inspect, read_public};

use crate::fixture::{self, variant};

/// A listing of a folder must not ask for twenty passphrases, nor guess.
#[test]
fn every_good_file_is_told_apart_without_a_passphrase() {
    for fixture in fixture::all() {
        if fixture.outcome != "key" {
            continue;
        }
        let told =
            inspect(&fixture.bytes).unwrap_or_else(|error| panic!("{}: {error}", fixture.path));
        assert!(told.format.is_supported() && told.format.is_private(), "{}", fixture.path);
        assert_eq!(told.is_encrypted(), fixture.passphrase.is_some(), "{}", fixture.path);
        let in_clear = matches!(told.format, Format::OpenSsh | Format::Ppk);
        let readable = in_clear || !told.is_encrypted();
        assert_eq!(told.public.is_some(), readable, "{}", fixture.path);
        if let Some(public) = told.public {
            assert_eq!(public, fixture.public(), "{}", fixture.path);
        }
    }
}

/// The public half of a private file, as far as it can be had.
#[test]
fn the_public_half_is_read_where_it_can_be() {
    for fixture in fixture::all() {
        if fixture.outcome != "key" {
            continue;
        }
        let encrypted = inspect(&fixture.bytes).unwrap();
        match read_public(&fixture.bytes) {
            Ok((public, _)) => assert_eq!(public, fixture.public(), "{}", fixture.path),
            Err(error) => {
                assert_eq!(variant(&error), "PassphraseNeeded", "{}", fixture.path);
                assert!(encrypted.public.is_none(), "{}", fixture.path);
            }
        }
    }
}

#[test]
fn the_format_is_told_even_when_it_is_not_read() {
    for (path, format) in [
        ("refused/ppk1", Format::Ppk),
        ("refused/ppk3-ed448", Format::Ppk),
        ("accepted/sshcom-rsa-2048", Format::SshCom),
        ("accepted/pem-dsa", Format::Dsa),
        ("accepted/der-pkcs1", Format::Pkcs1),
        ("accepted/der-sec1-521", Format::Sec1),
        ("accepted/der-dsa", Format::Dsa),
        ("accepted/der-pkcs8-ed25519", Format::Pkcs8),
        ("refused/pkcs8-ed448", Format::Pkcs8),
        ("refused/openssh-ed448", Format::OpenSsh),
        ("refused/public-line", Format::PublicLine),
        ("refused/public-rfc4716", Format::Rfc4716),
        ("refused/public-spki", Format::PublicPem),
        ("refused/public-pkcs1", Format::PublicPem),
    ] {
        let told = inspect(&fixture::named(path).bytes).unwrap();
        assert_eq!(told.format, format, "{path}");
    }
}

#[test]
fn the_protection_is_told() {
    let of = |name: &str| {
        let fixture = fixture::named(&format!("accepted/{name}"));
        inspect(&fixture.bytes).unwrap().encryption.unwrap()
    };
    assert_eq!(of("openssh-cipher-aes192-cbc").cipher, "aes192-cbc");
    assert_eq!(
        of("openssh-cipher-aes128-gcm").to_string(),
        "aes128-gcm@openssh.com, bcrypt with 1 round"
    );
    assert_eq!(of("traditional-rsa-des3").derivation, Derivation::Md5);
    assert_eq!(
        of("pkcs8-prf-SHA384").to_string(),
        "aes256-cbc, PBKDF2 of SHA-384 with 2048 iterations"
    );
    assert_eq!(
        of("pkcs8-scrypt-parallel").derivation,
        Derivation::Scrypt { log_n: 10, r: 4, p: 3 }
    );
}

#[test]
fn old_protections_are_told_by_name() {
    for (name, told) in [
        ("pkcs8-PBE-MD5-DES", "des-cbc, PBKDF1 of MD5 with 2048 iterations"),
        ("pkcs8-PBE-SHA1-RC2-64", "64-bit rc2-cbc, PBKDF1 of SHA-1 with 2048 iterations"),
        ("pkcs8-PBE-SHA1-3DES", "3des-cbc, the derivation of PKCS#12 with 2048 iterations"),
        ("pkcs8-PBE-SHA1-RC2-40", "40-bit rc2-cbc, the derivation of PKCS#12 with 2048 iterations"),
        ("pkcs8-prf-SHA512-256", "aes256-cbc, PBKDF2 of SHA-512/256 with 2048 iterations"),
        ("traditional-rsa-camellia192", "camellia192-cbc, one round of MD5"),
        ("sshcom-rsa-2048-encrypted", "3des-cbc, one round of MD5"),
        ("der-pkcs8-encrypted", "aes256-cbc, PBKDF2 of SHA-256 with 2048 iterations"),
    ] {
        let fixture = fixture::named(&format!("accepted/{name}"));
        let inspection = inspect(&fixture.bytes).unwrap();
        assert_eq!(inspection.encryption.unwrap().to_string(), told, "{name}");
        assert_eq!(inspection.is_der, name.starts_with("der-"), "{name}");
    }
}

/// Some comments lie open even when the key does not.
#[test]
fn the_comment_is_told_where_it_is_not_encrypted() {
    for (name, comment) in [
        ("openssh-ed25519", Some("ed25519 of keyfob")),
        ("openssh-ed25519-encrypted", None),
        ("pem-rsa-2048", None),
        ("sshcom-rsa-2048", Some("putty rsa")),
        ("sshcom-rsa-2048-encrypted", Some("putty rsa")),
    ] {
        let fixture = fixture::named(&format!("accepted/{name}"));
        let told = inspect(&fixture.bytes).unwrap().comment;
        assert_eq!(told.as_deref(), comment.map(str::as_bytes), "{name}");
    }
}

/// PuTTY keeps the comment in clear.
#[test]
fn what_a_ppk_says_of_itself_is_told() {
    let of = |name: &str| inspect(&fixture::named(&format!("accepted/{name}")).bytes).unwrap();
    let told = of("ppk3-certificate");
    assert_eq!(told.encryption.unwrap().to_string(), "aes256-cbc, Argon2id with 64 KiB, 1 pass");
    assert_eq!(told.comment.unwrap(), b"certified");
    assert!(told.public.unwrap().certificate().is_some());
    let variant = "Argon2i";
    assert_eq!(
        of("ppk3-argon2i").encryption.unwrap().derivation,
        Derivation::Argon2 { variant, memory_kib: 256, passes: 2, parallelism: 4 }
    );
    let told = of("ppk3-argon2i").encryption.unwrap().to_string();
    assert_eq!(told, "aes256-cbc, Argon2i with 256 KiB, 2 passes, 4 lanes");
    let told = of("ppk2-rsa-2048-encrypted").encryption.unwrap();
    assert_eq!(told.to_string(), "aes256-cbc, one round of SHA-1");
    assert!(!of("ppk2-rsa-2048").is_encrypted());
    assert_eq!(of("ppk3-comment-latin1").comment.unwrap(), b"M\xfcller");
}

/// Asking about rounds must not run them.
#[test]
fn an_expensive_file_is_told_at_once() {
    let told = inspect(&fixture::named("refused/openssh-rounds").bytes).unwrap();
    let derivation = told.encryption.unwrap().derivation;
    assert_eq!(derivation, Derivation::Bcrypt { rounds: 4_000_000_000 });
}
