//! `ssh-add` and the certificate beside a key.

use std::fs;

use keyfob_testkit::{
    Authority, Case, CertificateRequest, KeyFile, KeyType, RunningAgent, World, case,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_certificate_beside_a_key_is_added_with_it),
        case!(constraints_hold_for_both),
        case!(plain_keys_only),
        case!(certificates_only).since("9.6"),
        case!(deleting_a_key_deletes_its_certificate),
        case!(deleting_plain_keys_only),
        case!(deleting_certificates_only).since("9.6"),
        case!(a_certificate_of_another_key_is_named_and_left_out),
        case!(a_certificate_file_that_is_none_does_not_stop_the_key),
        case!(a_certificate_file_can_be_deleted_by_its_name),
        case!(an_expired_certificate_is_left_out).since("10.1"),
        case!(an_expired_certificate_is_added_on_demand).since("10.1"),
        case!(certificates_work_in_every_key_type),
    ]
}

/// A key with the certificate `ident` beside it, and an agent.
fn scene(world: &World, validity: &str) -> (KeyFile, RunningAgent) {
    let key = world.key(KeyType::Ed25519, "key");
    let request = CertificateRequest { id: "ident", validity, ..CertificateRequest::default() };
    Authority::new(world, "authority").certify(&key, &request);
    (key, world.agent())
}

fn blobs(agent: &RunningAgent) -> Vec<Vec<u8>> {
    agent.list().into_iter().map(|(blob, _)| blob).collect()
}

fn the_certificate_beside_a_key_is_added_with_it(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    let path = key.text();
    agent.ssh_add().arg(key.path()).output().exits(0).prints("").reports(&format!(
        "Identity added: {path} (key@keyfob)\nCertificate added: {path}-cert.pub (ident)\n"
    ));
    assert_eq!(blobs(&agent), [key.blob(), key.certificate_blob()]);
    assert_eq!(agent.comments(), ["key@keyfob", "key@keyfob"]);
}

fn constraints_hold_for_both(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    let path = key.text();
    let output = agent.ssh_add().args(["-c", "-t", "90"]).arg(key.path()).output();
    let life = if world.behaves_as("10.1") { "00:01:30" } else { "90 seconds" };
    let constraints =
        format!("Lifetime set to {life}\nThe user must confirm each use of the key\n");
    output.exits(0).reports(&format!(
        "Identity added: {path} (key@keyfob)\n{constraints}\
         Certificate added: {path}-cert.pub (ident)\n{constraints}"
    ));
    for blob in blobs(&agent) {
        agent.client().sign(&blob, b"data", 0).fails();
    }
}

fn plain_keys_only(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    let output = agent.ssh_add().arg("-k").arg(key.path()).output();
    output.exits(0).reports(&format!("Identity added: {} (key@keyfob)\n", key.text()));
    assert_eq!(blobs(&agent), [key.blob()]);
}

fn certificates_only(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    let output = agent.ssh_add().arg("-C").arg(key.path()).output();
    output.exits(0).reports(&format!("Certificate added: {}-cert.pub (ident)\n", key.text()));
    assert_eq!(blobs(&agent), [key.certificate_blob()]);
}

fn deleting_a_key_deletes_its_certificate(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
    let path = key.text();
    // ssh-keygen copies the public key's comment into the certificate file.
    agent.ssh_add().arg("-d").arg(key.path()).output().exits(0).prints("").reports(&format!(
        "Identity removed: {path} ED25519 (key@keyfob)\n\
         Identity removed: {path}-cert.pub ED25519-CERT (key@keyfob)\n"
    ));
    assert!(agent.list().is_empty());
}

fn deleting_plain_keys_only(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
    agent.ssh_add().arg("-dk").arg(key.path()).output().exits(0);
    assert_eq!(blobs(&agent), [key.certificate_blob()]);
}

fn deleting_certificates_only(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
    agent.ssh_add().args(["-d", "-C"]).arg(key.path()).output().exits(0);
    assert_eq!(blobs(&agent), [key.blob()]);
}

fn a_certificate_of_another_key_is_named_and_left_out(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    let other = world.key(KeyType::Ed25519, "other");
    fs::copy(key.certificate_path(), other.certificate_path()).unwrap();
    let path = other.text();
    agent.ssh_add().arg(other.path()).output().exits(0).reports(&format!(
        "Identity added: {path} (other@keyfob)\n\
         Certificate {path}-cert.pub does not match private key {path}\n"
    ));
    assert_eq!(blobs(&agent), [other.blob()]);
}

fn a_certificate_file_that_is_none_does_not_stop_the_key(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    fs::write(key.certificate_path(), "garbage\n").unwrap();
    let agent = world.agent();
    let output = agent.ssh_add().arg(key.path()).output();
    output.exits(0).reports_among_else(&format!("Identity added: {} (key@keyfob)\n", key.text()));
    assert_eq!(agent.list().len(), 1);
}

fn a_certificate_file_can_be_deleted_by_its_name(world: &World) {
    let (key, agent) = scene(world, "always:forever");
    agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
    agent
        .ssh_add()
        .arg("-d")
        .arg(key.certificate_path())
        .output()
        .exits(0)
        .reports(&format!("Identity removed: {}-cert.pub ED25519-CERT (key@keyfob)\n", key.text()));
    assert_eq!(blobs(&agent), [key.blob()]);
}

fn an_expired_certificate_is_left_out(world: &World) {
    let (key, agent) = scene(world, "20200101:20200102");
    agent.ssh_add().arg(key.path()).output();
    assert_eq!(blobs(&agent), [key.blob()]);
}

fn an_expired_certificate_is_added_on_demand(world: &World) {
    let (key, agent) = scene(world, "20200101:20200102");
    agent.ssh_add().arg("-N").arg(key.path()).output().exits(0);
    assert_eq!(blobs(&agent), [key.blob(), key.certificate_blob()]);
}

fn certificates_work_in_every_key_type(world: &World) {
    let agent = world.agent();
    let authority = Authority::new(world, "authority");
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        authority.certify(&key, &CertificateRequest::default());
        agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
        agent.ssh_add().arg("-T").arg(key.certificate_path()).output().exits(0);
    }
    let types: Vec<String> = agent
        .ssh_add()
        .arg("-l")
        .output()
        .stdout()
        .lines()
        .filter_map(|line| line.rsplit(' ').next().map(str::to_owned))
        .collect();
    let wanted: Vec<String> = KeyType::EACH
        .iter()
        .flat_map(|kind| {
            [format!("({})", kind.listed_name()), format!("({}-CERT)", kind.listed_name())]
        })
        .collect();
    assert_eq!(types, wanted);
}
