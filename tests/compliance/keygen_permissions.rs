//! `ssh-keygen` and private key files that others may read.

use keyfob_testkit::{Case, KeyFile, KeyType, World, case};

use crate::keygen_words::{listed, unprotected};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(what_needs_the_private_half_is_refused),
        case!(a_fingerprint_is_shown_with_the_warning),
        case!(an_older_format_is_refused_even_for_its_fingerprint),
        case!(the_public_half_is_exported_without_a_word),
        case!(private_modes_are_taken),
        case!(a_public_file_in_the_place_of_a_private_one),
    ]
}

fn open(world: &World) -> KeyFile {
    let key = world.key(KeyType::Ed25519, "key");
    key.set_mode(0o644);
    key
}

fn what_needs_the_private_half_is_refused(world: &World) {
    let key = open(world);
    let before = std::fs::read(key.path()).unwrap();
    for (flags, words) in [
        (&["-y"][..], "Load key \"key\""),
        (&["-p", "-N", ""], "Failed to load key key"),
        (&["-c", "-C", "x"], "Cannot load private key \"key\""),
    ] {
        let output = world.ssh_keygen().args(flags).args(["-f", "key"]).output();
        let text = format!("{}{words}: bad permissions\n", unprotected("0644", "key"));
        output.exits(255).prints("").reports(&text);
    }
    assert_eq!(std::fs::read(key.path()).unwrap(), before);
}

/// The public half can be read without it; the comment cannot.
fn a_fingerprint_is_shown_with_the_warning(world: &World) {
    let key = open(world);
    let run = || world.ssh_keygen().args(["-l", "-f", "key"]).output();
    run().exits(0).prints(&listed(&key, 256, "key@keyfob", "ED25519")).reports("");
    let expected = listed(&key, 256, "no comment", "ED25519");
    std::fs::remove_file(key.public_path()).unwrap();
    run().exits(0).prints(&expected).reports(&unprotected("0644", "key"));
}

fn an_older_format_is_refused_even_for_its_fingerprint(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    let run = world.system_program("ssh-keygen").args(["-q", "-p", "-N", "", "-m", "PEM"]);
    run.args(["-f", "key"]).output().exits(0);
    key.set_mode(0o640);
    std::fs::remove_file(key.public_path()).unwrap();
    let warning = unprotected("0640", "key");
    let shown = world.ssh_keygen().args(["-l", "-f", "key"]).output();
    shown.exits(255).prints("").reports(&format!("{warning}key is not a key file.\n"));
    let exported = world.ssh_keygen().args(["-e", "-f", "key"]).output();
    let text = format!("{warning}Load key \"key\": bad permissions\n");
    exported.exits(255).prints("").reports(&text);
}

fn the_public_half_is_exported_without_a_word(world: &World) {
    let key = open(world);
    std::fs::remove_file(key.public_path()).unwrap();
    let output = world.ssh_keygen().args(["-e", "-f", "key"]).output();
    output.exits(0).prints_among_else("BEGIN SSH2 PUBLIC KEY").reports("");
}

fn private_modes_are_taken(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    for mode in [0o600, 0o400, 0o700] {
        key.set_mode(mode);
        world.ssh_keygen().args(["-y", "-f", "key"]).output().exits(0).reports("");
    }
}

fn a_public_file_in_the_place_of_a_private_one(world: &World) {
    world.key(KeyType::Ed25519, "key");
    let output = world.ssh_keygen().args(["-y", "-f", "key.pub"]).output();
    let text = format!("{}Load key \"key.pub\": bad permissions\n", unprotected("0644", "key.pub"));
    output.exits(255).prints("").reports(&text);
}
