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
        ("refused/sshcom", Format::SshCom),
        ("refused/pem-dsa", Format::Dsa),
        ("refused/pkcs8-ed448", Format::Pkcs8),
        ("refused/openssh-dsa", Format::OpenSsh),
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
        "aes128-gcm@openssh.com, bcrypt with 1 rounds"
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
