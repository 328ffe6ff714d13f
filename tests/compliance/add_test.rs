//! `ssh-add -T`: does the agent sign with this key?

use keyfob_testkit::{Answer, Authority, Case, CertificateRequest, KeyType, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_key_that_is_there_passes_in_silence),
        case!(a_certificate_that_is_there_passes),
        case!(a_key_that_is_not_there_fails),
        case!(a_missing_file_fails),
        case!(no_file_at_all_is_fatal),
        case!(all_files_are_tried),
        case!(the_private_file_s_name_will_do),
        case!(a_key_to_confirm_is_confirmed),
        case!(the_original_s_tool_is_content_with_the_signatures),
    ]
}

fn a_key_that_is_there_passes_in_silence(world: &World) {
    let agent = world.agent();
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        agent.add(&key);
        let output = agent.ssh_add().arg("-T").arg(key.public_path()).output();
        output.exits(0).prints("").reports("");
    }
}

fn a_certificate_that_is_there_passes(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Rsa2048, "key");
    Authority::new(world, "authority").certify(&key, &CertificateRequest::default());
    agent.ssh_add().args(["-q", "key"]).output().exits(0);
    agent.ssh_add().args(["-T", "key-cert.pub", "key.pub"]).output().exits(0);
}

fn a_key_that_is_not_there_fails(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    let output = agent.ssh_add().args(["-T", "key.pub"]).output();
    output.exits(1).prints("");
    output.reports("Agent signature failed for key.pub: agent refused operation\n");
}

fn a_missing_file_fails(world: &World) {
    let output = world.agent().ssh_add().args(["-T", "missing"]).output();
    output.exits(1).prints("");
    output.reports("Couldn't read public key missing: No such file or directory\n");
}

fn no_file_at_all_is_fatal(world: &World) {
    world.agent().ssh_add().arg("-T").output().exits(255).prints("").reports("no keys to test\n");
}

fn all_files_are_tried(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "one"));
    world.key(KeyType::Ed25519, "two");
    let output = agent.ssh_add().args(["-T", "missing", "two.pub", "one.pub"]).output();
    output.exits(1).reports(
        "Couldn't read public key missing: No such file or directory\n\
         Agent signature failed for two.pub: agent refused operation\n",
    );
}

fn the_private_file_s_name_will_do(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    agent.ssh_add().args(["-T", "key"]).output().exits(0);
}

fn a_key_to_confirm_is_confirmed(world: &World) {
    let askpass = world.askpass();
    askpass.answers(&[Answer::Silence, Answer::Refusal]);
    let agent = world.agent_with(|run| askpass.offered_to(run));
    world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-c", "key"]).output().exits(0);
    agent.ssh_add().args(["-T", "key"]).output().exits(0);
    agent.ssh_add().args(["-T", "key"]).output().exits(1);
    assert_eq!(askpass.calls().len(), 2);
}

fn the_original_s_tool_is_content_with_the_signatures(world: &World) {
    let agent = world.agent();
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        agent.add(&key);
        let original = world.system_program("ssh-add").env("SSH_AUTH_SOCK", agent.socket());
        original.arg("-T").arg(key.public_path()).output().exits(0);
    }
}
