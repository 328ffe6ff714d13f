//! Lines of ssh's configuration, and `ssh -G`.

use std::fs;

use keyfob_testkit::{KeyType, World};

use super::{Found, doctor_with, good_key, own_agent, ssh_agent};
use crate::support::world;

/// What is found with this configuration, the exit code being this.
fn with_config(world: &World, text: &str, code: i32, arguments: &[&str]) -> Found {
    world.write(".ssh/config", text, 0o600);
    let own = world.path("run/keyfob/agent.sock");
    Found::by(super::doctor(world).env("SSH_AUTH_SOCK", own).args(arguments), code)
}

#[test]
fn each_line_that_defeats_the_agent_is_found_in_its_place() {
    let world = world();
    let _agent = own_agent(&world);
    let theirs = ssh_agent(&world);
    world.key(KeyType::Ed25519, ".ssh/id_mine");
    let config = world.path(".ssh/config");
    let leads = format!("\nIdentityAgent {}\n", theirs.socket().display());
    for (text, code, verdict, line, part) in [
        ("# a\nIdentityAgent none\n", 1, "wrong", 2, "ssh asks no agent"),
        ("Host a b\n IdentityAgent none\n", 0, "warning", 2, "(under Host a b)"),
        ("Host *\n IdentityAgent=none\n", 1, "wrong", 2, "ssh asks no agent"),
        (&leads, 1, "wrong", 2, "leads ssh to ssh-agent at"),
        ("IdentityAgent ~/nothing\n", 1, "wrong", 1, "where no agent answers"),
        ("AddKeysToAgent maybe\n", 1, "wrong", 1, "AddKeysToAgent maybe"),
        ("\n\nPKCS11Provider /usr/lib/x.so\n", 0, "warning", 3, "PKCS11Provider /usr/lib/x.so"),
        ("Host *\n\n ForwardAgent yes\n", 0, "warning", 3, "ForwardAgent yes for every host"),
        ("PubkeyAuthentication no\n", 1, "wrong", 1, "no key is used"),
        ("PubkeyAcceptedAlgorithms rsa-sha2-512\n", 1, "wrong", 1, "leaves out ED25519"),
        ("PubkeyAcceptedAlgorithms -ssh-ed*\n", 1, "wrong", 1, "leaves out ED25519"),
        ("IdentitiesOnly yes\n", 1, "wrong", 1, "no key is offered"),
        ("IdentityFile ~/.ssh/no\nIdentitiesOnly yes\n", 0, "warning", 1, "public half of"),
    ] {
        let found = with_config(&world, text, code, &[]);
        found.has_at("ssh-config", verdict, part, &config, Some(line));
    }
    for fine in [
        "IdentityAgent SSH_AUTH_SOCK\n",
        "IdentityAgent ~/run/keyfob/agent.sock\n",
        "AddKeysToAgent confirm 1h\n",
        "PKCS11Provider none\n",
        "Host trusted\n ForwardAgent yes\n",
        "PubkeyAcceptedAlgorithms +ssh-rsa\n",
        "IdentitiesOnly yes\nIdentityFile ~/.ssh/id_mine\n",
        "IdentitiesOnly no\n",
        // Decided already.
        "PKCS11Provider none\nPKCS11Provider /usr/lib/x.so\n",
    ] {
        let found = with_config(&world, fine, 0, &[]);
        found.has("ssh-config", "ok", "none in the agent's way");
    }
}

#[test]
fn a_key_of_the_agent_is_left_out_by_a_list_too() {
    let world = world();
    let agent = own_agent(&world);
    agent.add(&world.key(KeyType::EcdsaP256, "elsewhere"));
    let found = with_config(&world, "PubkeyAcceptedAlgorithms ssh-ed25519\n", 1, &[]);
    found.has("ssh-config", "wrong", "leaves out ECDSA");
}

#[test]
fn included_files_are_read_under_the_condition_of_their_line() {
    let world = world();
    let _agent = own_agent(&world);
    world.make_folder(".ssh/conf.d");
    let inner = world.write(".ssh/conf.d/x.conf", "\nIdentityAgent none\n", 0o600);
    let found = with_config(&world, "Include conf.d/*.conf\n", 1, &[]);
    found.has_at("ssh-config", "wrong", "ssh asks no agent", &inner, Some(2));
    let found = with_config(&world, "Host work\n Include conf.d/x.conf\n", 0, &[]);
    found.has_at("ssh-config", "warning", "(under Host work)", &inner, Some(2));
}

#[test]
fn ssh_itself_is_asked_about_a_host() {
    let world = world();
    let _agent = own_agent(&world);
    good_key(&world, ".ssh/id_ed25519");
    let config = world.path(".ssh/config");
    let text = "Host odd\n IdentityAgent none\n PubkeyAcceptedAlgorithms rsa-sha2-512\n\
                Host one\n IdentitiesOnly yes\n IdentityFile ~/.ssh/nothing\n";
    let found = with_config(&world, text, 1, &["--host", "me@odd:2222"]);
    found.has("ssh-config", "wrong", "for me@odd:2222: IdentityAgent none");
    found.has("ssh-config", "wrong", "for me@odd:2222: PubkeyAcceptedAlgorithms leaves out");
    let found = with_config(&world, text, 1, &["--host", "one"]);
    found.has("ssh-config", "wrong", "for one: IdentitiesOnly yes, and no public half");
    let found = with_config(&world, text, 0, &["--host", "other"]);
    found.has("ssh-config", "ok", "ssh has nothing in the agent's way for other");
    let found = with_config(&world, "\n\nNoSuchThing yes\n", 1, &["--host", "other"]);
    found.has_at("ssh-config", "wrong", "ssh does not take its configuration", &config, Some(3));
    // Nothing that begins like a flag is one.
    let marker = world.path("marker");
    let host = format!("-oProxyCommand=touch {}", marker.display());
    let flag = format!("--host={host}");
    let output = super::doctor(&world).arg(flag).output();
    assert!(matches!(output.code(), Some(1 | 2)), "{output}");
    assert!(!marker.exists());
}

#[test]
fn a_configuration_that_cannot_be_read_is_told() {
    let world = world();
    let agent = own_agent(&world);
    let config = world.path(".ssh/config");
    fs::create_dir(&config).unwrap();
    let found = Found::by(doctor_with(&world, &agent), 1);
    found.has_at("ssh-config", "wrong", "is a folder, not a file", &config, None);
}
