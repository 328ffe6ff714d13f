//! `ssh-add -d` and `-D`.

use std::fs;

use keyfob_testkit::{Case, KeyType, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_key_is_deleted_by_its_private_file_s_name),
        case!(a_key_is_deleted_by_its_public_file),
        case!(the_public_half_is_enough),
        case!(an_encrypted_key_is_deleted_without_its_passphrase),
        case!(a_missing_file_is_named_on_stdout),
        case!(a_file_that_is_no_key_is_refused),
        case!(a_key_that_is_not_there_is_an_error),
        case!(one_failure_of_several_is_a_failure_and_the_rest_is_done),
        case!(quiet_says_nothing_of_success),
        case!(public_keys_are_deleted_from_stdin),
        case!(comments_and_empty_lines_on_stdin_are_passed_over),
        case!(a_bad_line_on_stdin_is_named_and_passed_over),
        case!(an_empty_stdin_is_a_failure),
        case!(all_are_deleted),
        case!(all_of_none_are_deleted),
        case!(deleting_all_quietly),
        case!(deleting_all_of_a_locked_agent_fails),
    ]
}

fn a_key_is_deleted_by_its_private_file_s_name(world: &World) {
    let agent = world.agent();
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        agent.add(&key);
        agent.ssh_add().arg("-d").arg(key.path()).output().exits(0).prints("").reports(&format!(
            "Identity removed: {} {} ({})\n",
            key.text(),
            kind.listed_name(),
            key.comment()
        ));
    }
    assert!(agent.list().is_empty());
}

fn a_key_is_deleted_by_its_public_file(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let output = agent.ssh_add().arg("-d").arg(key.public_path()).output();
    let path = key.public_path().display().to_string();
    output.exits(0).reports(&format!("Identity removed: {path} ED25519 (key@keyfob)\n"));
}

fn the_public_half_is_enough(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    fs::remove_file(key.path()).unwrap();
    agent.ssh_add().arg("-d").arg(key.path()).output().exits(0);
    assert!(agent.list().is_empty());
}

/// An OpenSSH file shows its public half without the passphrase.
fn an_encrypted_key_is_deleted_without_its_passphrase(world: &World) {
    let agent = world.agent();
    let key = world.encrypted_key(KeyType::Ed25519, "key", "secret");
    let askpass = world.askpass();
    askpass.answer(&keyfob_testkit::Answer::line("secret"));
    askpass.forced_on(agent.ssh_add()).arg("-q").arg(key.path()).output().exits(0);
    fs::remove_file(key.public_path()).unwrap();
    agent.ssh_add().arg("-d").arg(key.path()).output().exits(0);
    assert!(agent.list().is_empty());
    assert_eq!(askpass.calls().len(), 1);
}

fn a_missing_file_is_named_on_stdout(world: &World) {
    let agent = world.agent();
    let path = world.path("missing").display().to_string();
    let output = agent.ssh_add().args(["-d", &path]).output();
    output.exits(1).reports("");
    output.prints(&format!("Bad key file {path}: No such file or directory\n"));
}

fn a_file_that_is_no_key_is_refused(world: &World) {
    let agent = world.agent();
    let path = world.write("garbage", "no key\n", 0o600).display().to_string();
    let output = agent.ssh_add().args(["-d", &path]).output();
    output.exits(1).prints_among_else(&format!("Bad key file {path}: "));
}

fn a_key_that_is_not_there_is_an_error(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.ssh_add().arg("-d").arg(key.path()).output().exits(1).prints("").reports(&format!(
        "Could not remove identity \"{}\": agent refused operation\n",
        key.text()
    ));
}

fn one_failure_of_several_is_a_failure_and_the_rest_is_done(world: &World) {
    let agent = world.agent();
    let [one, two] = ["one", "two"].map(|name| world.key(KeyType::Ed25519, name));
    agent.add(&one);
    agent.add(&two);
    let output = agent.ssh_add().arg("-d").arg(one.path()).arg("missing").arg(two.path()).output();
    output.exits(1);
    assert!(agent.list().is_empty());
}

fn quiet_says_nothing_of_success(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    agent.ssh_add().args(["-q", "-d"]).arg(key.path()).output().exits(0).prints("").reports("");
    agent.add(&key);
    agent.ssh_add().arg("-dq").arg(key.path()).output().exits(0).prints("").reports("");
}

fn public_keys_are_deleted_from_stdin(world: &World) {
    let agent = world.agent();
    let [one, two] = ["one", "two"].map(|name| world.key(KeyType::Ed25519, name));
    agent.add(&one);
    agent.add(&two);
    let lines = format!("{}\n{}\n", one.public_line(), two.public_line());
    agent.ssh_add().args(["-d", "-"]).stdin(lines).output().exits(0).prints("").reports(
        "Identity removed: (stdin) ED25519 (one@keyfob)\n\
         Identity removed: (stdin) ED25519 (two@keyfob)\n",
    );
    assert!(agent.list().is_empty());
}

/// What `ssh-add -L` prints can be given back.
fn comments_and_empty_lines_on_stdin_are_passed_over(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let listed = agent.ssh_add().arg("-L").output().stdout();
    let lines = format!("# a comment\n\n  \t\n  {listed}");
    agent.ssh_add().args(["-d", "-"]).stdin(lines).output().exits(0);
    assert!(agent.list().is_empty());
}

fn a_bad_line_on_stdin_is_named_and_passed_over(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let lines = format!("# one\nnonsense\n{}\n", key.public_line());
    let output = agent.ssh_add().args(["-d", "-"]).stdin(lines).output();
    output.exits(0).reports(
        "(stdin):2: invalid key: invalid format\n\
         Identity removed: (stdin) ED25519 (key@keyfob)\n",
    );
}

fn an_empty_stdin_is_a_failure(world: &World) {
    let agent = world.agent();
    agent.ssh_add().args(["-d", "-"]).stdin("").output().exits(1).prints("").reports("");
}

fn all_are_deleted(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "one"));
    agent.add(&world.key(KeyType::EcdsaP256, "two"));
    agent.ssh_add().arg("-D").output().exits(0).prints("").reports("All identities removed.\n");
    assert!(agent.list().is_empty());
}

fn all_of_none_are_deleted(world: &World) {
    world.agent().ssh_add().arg("-D").output().exits(0).reports("All identities removed.\n");
}

fn deleting_all_quietly(world: &World) {
    world.agent().ssh_add().args(["-D", "-q"]).output().exits(0).prints("").reports("");
}

fn deleting_all_of_a_locked_agent_fails(world: &World) {
    let agent = world.agent();
    agent.lock("secret");
    let output = agent.ssh_add().arg("-D").output();
    output.exits(1).prints("").reports("Failed to remove all identities.\n");
}
