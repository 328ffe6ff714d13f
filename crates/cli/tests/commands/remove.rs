//! `keyfob remove`: by every name a key has, and never two when one was meant.

use keyfob_testkit::{Authority, CertificateRequest, KeyType};

use crate::support::{hints, keyfob_with, world};

#[test]
fn a_key_goes_by_each_of_its_names() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let fingerprint =
        world.system_program("ssh-keygen").arg("-lf").arg(key.public_path()).output().stdout();
    let fingerprint = fingerprint.split(' ').nth(1).unwrap().to_owned();
    for name in ["1", &key.comment(), &fingerprint, &fingerprint[..12], &key.text(), "key.pub"] {
        agent.add(&key);
        let removed = keyfob_with(&world, &agent).args(["remove", name]).output();
        removed.exits(0).reports_among_else(&format!("removed {name} ("));
        assert!(agent.list().is_empty(), "{name}");
    }
}

#[test]
fn the_files_stay() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    keyfob_with(&world, &agent)
        .args(["remove", "--all"])
        .output()
        .exits(0)
        .reports_among_else("files are untouched");
    assert!(agent.list().is_empty() && key.path().exists());
}

#[test]
fn an_ambiguous_name_lists_the_candidates_and_removes_nothing() {
    let world = world();
    let agent = world.agent();
    for name in ["a", "b"] {
        let key = world.key(KeyType::Ed25519, name);
        world
            .system_program("ssh-keygen")
            .args(["-q", "-c", "-C", "same", "-f"])
            .arg(key.path())
            .output()
            .exits(0);
        agent.add(&key);
    }
    let removed = keyfob_with(&world, &agent).args(["remove", "same"]).output();
    removed.exits(1).reports_among_else("this name means more than one key");
    removed.reports_among_else("1  ED25519 SHA256:").reports_among_else("2  ED25519 SHA256:");
    hints(&removed, "use the number in front");
    assert_eq!(agent.list().len(), 2);
}

#[test]
fn numbers_mean_the_list_as_it_was_shown() {
    let world = world();
    let agent = world.agent();
    let keys = ["a", "b", "c"].map(|name| world.key(KeyType::Ed25519, name));
    keys.iter().for_each(|key| agent.add(key));
    keyfob_with(&world, &agent).args(["remove", "1", "2"]).output().exits(0);
    assert_eq!(agent.list()[0].0, keys[2].blob());
}

#[test]
fn a_key_goes_with_its_certificate_and_a_line_goes_alone() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    Authority::new(&world, "ca").certify(&key, &CertificateRequest::default());
    let add = || keyfob_with(&world, &agent).arg("add").arg(key.path()).output().exits(0).code();
    add();
    keyfob_with(&world, &agent).arg("remove").arg(key.path()).output().exits(0);
    assert!(agent.list().is_empty());
    add();
    keyfob_with(&world, &agent).args(["remove", "key-cert.pub"]).output().exits(0);
    assert_eq!(agent.list().len(), 1);
    add();
    keyfob_with(&world, &agent).args(["remove", "2"]).output().exits(0);
    assert_eq!(agent.list().len(), 1);
}

#[test]
fn what_is_not_there_is_named() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let unknown = keyfob_with(&world, &agent).args(["remove", "nothing"]).output();
    unknown.exits(1).reports("keyfob: nothing: the agent has no key of that name\n");
    hints(&unknown, "keyfob list");
    let not_held = keyfob_with(&world, &agent).arg("remove").arg(key.path()).output();
    not_held.exits(1).reports_among_else("the agent does not have this key");
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    world.write("pem", encrypted, 0o600);
    let no_key = keyfob_with(&world, &agent).args(["remove", "pem"]).output();
    no_key.exits(1).reports_among_else("pem: no public key in this file: ");
    agent.lock("x");
    let locked = keyfob_with(&world, &agent).args(["remove", "1"]).output();
    locked.exits(1).reports_among_else("the agent is locked");
}

#[test]
fn a_locked_agent_keeps_its_keys_and_that_is_said() {
    let world = world();
    let agent = world.agent();
    agent.lock("x");
    let removed = keyfob_with(&world, &agent).args(["remove", "--all"]).output();
    removed.exits(1).reports("keyfob: the agent is locked\n");
}
