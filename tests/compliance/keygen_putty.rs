//! `ssh-keygen` with PuTTY's private keys, which the original does not know: PuTTYgen is the judge.

use keyfob_testkit::{Case, KeyFile, KeyType, Output, World, ours};

use crate::keygen_words::listed;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        ours!(a_fingerprint_is_shown),
        ours!(the_public_half_is_told),
        ours!(a_passphrase_is_changed_and_the_form_stays),
        ours!(another_form_is_taken_when_it_is_asked_for),
        ours!(a_comment_is_changed),
    ]
}

/// The key `key`, and the same in PuTTY's form as `key.ppk`, behind this passphrase.
fn putty(world: &World, kind: KeyType, passphrase: &str) -> KeyFile {
    let key = world.key(kind, "key");
    let word = world.write("word", format!("{passphrase}\n"), 0o600);
    let run = world.system_program("puttygen").args(["key", "-O", "private", "-o", "key.ppk"]);
    run.arg("--new-passphrase").arg(word).output().exits(0);
    key
}

fn run(world: &World, flags: &[&str]) -> Output {
    world.ssh_keygen().args(flags).args(["-f", "key.ppk"]).output()
}

/// What PuTTYgen finds in the file, as a line.
#[track_caller]
fn read_by_puttygen(world: &World, passphrase: &str) -> String {
    let word = world.write("word", format!("{passphrase}\n"), 0o600);
    let run = world.system_program("puttygen").args(["key.ppk", "-O", "public-openssh"]);
    run.arg("--old-passphrase").arg(word).output().exits(0).stdout()
}

fn first_line(world: &World) -> String {
    let text = std::fs::read_to_string(world.path("key.ppk")).unwrap();
    text.lines().next().unwrap().to_owned()
}

fn a_fingerprint_is_shown(world: &World) {
    for (kind, passphrase) in [(KeyType::Ed25519, ""), (KeyType::EcdsaP384, "secret")] {
        let key = putty(world, kind, passphrase);
        let expected = listed(&key, kind.bits(), "key@keyfob", kind.listed_name());
        run(world, &["-l"]).exits(0).prints(&expected).reports("");
    }
}

fn the_public_half_is_told(world: &World) {
    let key = putty(world, KeyType::Rsa2048, "secret");
    let expected = key.public_line() + "\n";
    run(world, &["-y", "-P", "secret"]).exits(0).prints(&expected).reports("");
    let exported = run(world, &["-e", "-m", "PKCS8"]);
    exported.exits(0).reports("").prints_among_else("-----BEGIN PUBLIC KEY-----\n");
}

fn a_passphrase_is_changed_and_the_form_stays(world: &World) {
    let key = putty(world, KeyType::Ed25519, "");
    let expected = "Key has comment 'key@keyfob'\n\
        Your identification has been saved with the new passphrase.\n";
    run(world, &["-p", "-N", "secret"]).exits(0).prints(expected).reports("");
    assert_eq!(first_line(world), "PuTTY-User-Key-File-3: ssh-ed25519");
    assert_eq!(read_by_puttygen(world, "secret"), key.public_line() + "\n");
    run(world, &["-p", "-P", "secret", "-N", ""]).exits(0);
    assert_eq!(read_by_puttygen(world, ""), key.public_line() + "\n");
}

fn another_form_is_taken_when_it_is_asked_for(world: &World) {
    let key = putty(world, KeyType::EcdsaP256, "");
    run(world, &["-p", "-N", "", "-m", "PEM"]).exits(0);
    assert_eq!(first_line(world), "-----BEGIN EC PRIVATE KEY-----");
    let read = world.system_program("ssh-keygen").args(["-y", "-f", "key.ppk"]).output();
    read.exits(0).prints(&key.public_line().replace(" key@keyfob", "\n"));
}

fn a_comment_is_changed(world: &World) {
    let key = putty(world, KeyType::Ed25519, "secret");
    let expected = "Old comment: key@keyfob\nComment 'a new one' applied\n";
    run(world, &["-c", "-C", "a new one", "-P", "secret"]).exits(0).prints(expected);
    let expected = key.public_line().replace("key@keyfob", "a new one") + "\n";
    assert_eq!(read_by_puttygen(world, "secret"), expected);
}
