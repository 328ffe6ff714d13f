//! Every fixture file has its line in the manifest and comes out as that line says.

use std::collections::BTreeSet;

use crate::fixture::{self, Fixture, variant};

fn check(fixture: &Fixture) -> Result<(), String> {
    let outcome = fixture.read();
    match (fixture.outcome.as_str(), outcome) {
        ("key", Ok(file)) if *file.key.public() != fixture.public() => {
            Err("another public key than ssh-keygen says".to_owned())
        }
        ("key", Ok(file)) if file.comment != fixture.comment => {
            Err(format!("comment {}", file.comment.escape_ascii()))
        }
        ("key", Ok(_)) => Ok(()),
        (_, Ok(_)) => Err("read".to_owned()),
        (expected, Err(error)) if variant(&error) == expected => Ok(()),
        (_, Err(error)) => Err(error.to_string()),
    }
}

/// Without this, a key somebody has used for years stops loading, or a broken one loads.
#[test]
fn every_file_is_what_the_manifest_says() {
    let wrong: Vec<String> = fixture::all()
        .iter()
        .filter(|fixture| !fixture.path.starts_with("public/"))
        .filter_map(|fixture| {
            let problem = check(fixture).err()?;
            Some(format!("{}: wanted {}, got: {problem}", fixture.path, fixture.outcome))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Without this, a file nobody reads gathers dust in the folder and proves nothing.
#[test]
fn every_file_of_the_folders_is_in_the_manifest() {
    let manifest: BTreeSet<String> = fixture::all().into_iter().map(|one| one.path).collect();
    let mut files = BTreeSet::new();
    for folder in ["accepted", "refused"] {
        for entry in std::fs::read_dir(fixture::folder().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if !name.ends_with(".pub") {
                files.insert(format!("{folder}/{name}"));
            }
        }
    }
    assert_eq!(files, manifest);
}

/// An unencrypted key must not become unreadable because a passphrase was typed for the
/// files before it.
#[test]
fn a_passphrase_is_ignored_where_none_is_needed() {
    let mut fixture = fixture::named("accepted/openssh-ed25519");
    fixture.passphrase = Some(b"not needed".to_vec());
    assert_eq!(*fixture.read().unwrap().key.public(), fixture.public());
}

/// An encrypted key asks; it does not try the empty passphrase and call that wrong.
#[test]
fn every_encrypted_file_asks_for_its_passphrase() {
    for mut fixture in fixture::all() {
        if fixture.outcome == "key" && fixture.passphrase.take().is_some() {
            let error = fixture.read().err().expect(&fixture.path);
            assert_eq!(variant(&error), "PassphraseNeeded", "{}", fixture.path);
        }
    }
}

/// The empty passphrase is a wrong one like others, not a crash in the key derivation.
#[test]
fn the_empty_passphrase_is_wrong() {
    for mut fixture in fixture::all() {
        if fixture.outcome == "key" && fixture.passphrase.is_some() {
            fixture.passphrase = Some(Vec::new());
            let error = fixture.read().err().expect(&fixture.path);
            assert_eq!(variant(&error), "WrongPassphrase", "{}", fixture.path);
        }
    }
}
