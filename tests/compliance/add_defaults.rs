//! `ssh-add` without a file: the usual names below the passwd entry's home, whatever `$HOME` says.

use keyfob_testkit::{Answer, Case, KeyType, Run, RunningAgent, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_usual_keys_are_added_in_their_order),
        case!(missing_ones_are_passed_over),
        case!(none_at_all_is_an_error),
        case!(home_is_not_asked),
        case!(deleting_without_a_file_deletes_the_usual_keys),
        case!(one_passphrase_opens_several),
        case!(an_unusable_one_does_not_stop_the_others),
    ]
}

fn ssh_add(world: &World, agent: &RunningAgent) -> Run {
    world.with_home_in_passwd(agent.ssh_add())
}

fn all_three(world: &World) {
    world.key(KeyType::Ed25519, ".ssh/id_ed25519");
    world.key(KeyType::EcdsaP256, ".ssh/id_ecdsa");
    world.key(KeyType::Rsa2048, ".ssh/id_rsa");
}

fn added(world: &World, name: &str) -> String {
    format!("Identity added: {} (.ssh/{name}@keyfob)\n", world.path(".ssh").join(name).display())
}

fn the_usual_keys_are_added_in_their_order(world: &World) {
    all_three(world);
    let agent = world.agent();
    let wanted = ["id_rsa", "id_ecdsa", "id_ed25519"].map(|name| added(world, name)).concat();
    ssh_add(world, &agent).output().exits(0).prints("").reports(&wanted);
    assert_eq!(agent.list().len(), 3);
}

fn missing_ones_are_passed_over(world: &World) {
    world.key(KeyType::Ed25519, ".ssh/id_ed25519");
    let agent = world.agent();
    ssh_add(world, &agent).output().exits(0).reports(&added(world, "id_ed25519"));
}

fn none_at_all_is_an_error(world: &World) {
    let agent = world.agent();
    ssh_add(world, &agent).output().exits(1).prints("").reports("");
}

fn home_is_not_asked(world: &World) {
    world.key(KeyType::Ed25519, ".ssh/id_ed25519");
    let agent = world.agent();
    let elsewhere = world.make_folder("elsewhere");
    ssh_add(world, &agent).env("HOME", elsewhere).output().exits(0);
    assert_eq!(agent.list().len(), 1);
}

fn deleting_without_a_file_deletes_the_usual_keys(world: &World) {
    all_three(world);
    let agent = world.agent();
    let other = world.key(KeyType::Ed25519, "other");
    agent.add(&other);
    ssh_add(world, &agent).arg("-q").output().exits(0);
    assert_eq!(agent.list().len(), 4);
    ssh_add(world, &agent).arg("-d").output().exits(0);
    assert_eq!(agent.comments(), ["other@keyfob"]);
}

fn one_passphrase_opens_several(world: &World) {
    world.encrypted_key(KeyType::Ed25519, ".ssh/id_ed25519", "secret");
    world.encrypted_key(KeyType::EcdsaP256, ".ssh/id_ecdsa", "secret");
    let askpass = world.askpass();
    askpass.answers(&[Answer::line("secret")]);
    let agent = world.agent();
    askpass.forced_on(ssh_add(world, &agent)).output().exits(0);
    assert_eq!(agent.list().len(), 2);
    assert_eq!(askpass.calls().len(), 1);
}

fn an_unusable_one_does_not_stop_the_others(world: &World) {
    world.write(".ssh/id_rsa", "garbage\n", 0o600);
    world.key(KeyType::Ed25519, ".ssh/id_ed25519");
    let agent = world.agent();
    let output = ssh_add(world, &agent).output();
    output.exits(1).reports_among_else(&added(world, "id_ed25519"));
    assert_eq!(agent.list().len(), 1);
}
