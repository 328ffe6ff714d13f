//! Certificates: users', a CA key that lives in the agent, and servers whose own key does.

use std::fs;

use keyfob_testkit::{
    Authority, Case, CertificateRequest, KeyFile, KeyType, RunningAgent, World, case,
};

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    case!(k1_a_certificate_opens_what_its_key_does_not),
    case!(k1_each_key_type_logs_in_by_its_certificate),
    case!(k1_an_rsa_certificate_signs_as_the_server_wants),
    case!(k1_key_and_certificate_are_added_and_removed_together),
    case!(p10_a_certificate_of_sixteen_kib_logs_in),
    case!(an_expired_certificate_opens_nothing),
    // Before OpenSSH mended it (bz3752) no constrained certificate could sign.
    case!(a_constrained_certificate_opens_its_host_only).since("10.5"),
    case!(a_ca_key_in_the_agent_signs_certificates),
    case!(a_server_whose_host_key_is_in_the_agent_proves_itself),
    case!(a_certificate_goes_over_the_hop_its_constraint_names).since("10.5"),
];

fn k1_a_certificate_opens_what_its_key_does_not(world: &World) {
    let authority = Authority::new(world, "ca");
    let site = Site::new(world).with("one", &Settings::default().trust(&authority));
    let key = world.key(KeyType::Ed25519, "key");
    let agent = world.agent();
    agent.add(&key);
    site.refuses(&agent, "one");
    certify(&authority, &key, "always:forever");
    add_with_certificate(&agent, &key);
    site.admits(&agent, "one");
    assert!(site.server("one").log().contains("-CERT"), "{}", site.logs());
}

fn k1_each_key_type_logs_in_by_its_certificate(world: &World) {
    let authority = Authority::new(world, "ca");
    let site = Site::new(world).with("one", &Settings::default().trust(&authority));
    for kind in KeyType::EACH {
        let key = world.key(kind, "key");
        certify(&authority, &key, "always:forever");
        let agent = world.agent();
        add_with_certificate(&agent, &key);
        site.admits(&agent, "one");
    }
}

fn k1_an_rsa_certificate_signs_as_the_server_wants(world: &World) {
    let authority = Authority::new(world, "ca");
    let key = world.key(KeyType::Rsa2048, "key");
    certify(&authority, &key, "always:forever");
    let agent = world.agent();
    add_with_certificate(&agent, &key);
    for hash in ["rsa-sha2-256", "rsa-sha2-512"] {
        let algorithms = format!("{hash},{hash}-cert-v01@openssh.com");
        let settings = Settings::default().trust(&authority).accept(&algorithms);
        let site = Site::new(world).with("one", &settings);
        let only = format!("PubkeyAcceptedAlgorithms={algorithms}");
        let login = site.ssh(&agent).args(["-o", &only, "one", "printenv", "KEYFOB_HOST"]);
        site.admitted(&login.output(), "one");
    }
}

fn k1_key_and_certificate_are_added_and_removed_together(world: &World) {
    let authority = Authority::new(world, "ca");
    let key = world.key(KeyType::EcdsaP256, "key");
    certify(&authority, &key, "always:forever");
    let agent = world.agent();
    add_with_certificate(&agent, &key);
    let blobs: Vec<Vec<u8>> = agent.list().into_iter().map(|(blob, _)| blob).collect();
    assert_eq!(blobs, [key.blob(), key.certificate_blob()]);
    agent.ssh_add().arg("-d").arg(key.path()).output().exits(0);
    assert!(agent.list().is_empty(), "both are gone");
}

/// 256 principals are what OpenSSH still reads; long ones make the certificate 16 KiB.
fn p10_a_certificate_of_sixteen_kib_logs_in(world: &World) {
    let authority = Authority::new(world, "ca");
    let site = Site::new(world).with("one", &Settings::default().trust(&authority));
    let key = world.key(KeyType::Ed25519, "key");
    let more = (1..256).map(|number| format!("{number:0>61}")).collect::<Vec<_>>().join(",");
    let principals = format!("{},{more}", user());
    let request = CertificateRequest { principals: &principals, ..CertificateRequest::default() };
    authority.certify(&key, &request);
    assert!(key.certificate_blob().len() > 16 * 1024, "a certificate of 16 KiB");
    let agent = world.agent();
    add_with_certificate(&agent, &key);
    site.admits(&agent, "one");
}

/// From OpenSSH 10.1 on an expired certificate is not even added; before, the server refuses it.
fn an_expired_certificate_opens_nothing(world: &World) {
    let authority = Authority::new(world, "ca");
    let site = Site::new(world).with("one", &Settings::default().trust(&authority));
    let key = world.key(KeyType::Ed25519, "key");
    certify(&authority, &key, "-2h:-1h");
    let agent = world.agent();
    agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
    let listed = agent.list().len();
    assert_eq!(listed, if world.behaves_as("10.1") { 1 } else { 2 });
    site.refuses(&agent, "one");
}

fn a_constrained_certificate_opens_its_host_only(world: &World) {
    let authority = Authority::new(world, "ca");
    let settings = Settings::default().trust(&authority);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    let key = world.key(KeyType::Ed25519, "key");
    certify(&authority, &key, "always:forever");
    let agent = world.agent();
    let add = agent.ssh_add().args(["-q", "-h", "one", "-H"]).arg(site.known_hosts());
    add.arg(key.path()).output().exits(0);
    site.admits(&agent, "one");
    site.refuses(&agent, "two");
}

fn a_certificate_goes_over_the_hop_its_constraint_names(world: &World) {
    let authority = Authority::new(world, "ca");
    let settings = Settings::default().trust(&authority);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    let key = world.key(KeyType::EcdsaP384, "key");
    certify(&authority, &key, "always:forever");
    let agent = world.agent();
    let add = agent.ssh_add().args(["-q", "-h", "one", "-h", "one>two", "-H"]);
    add.arg(site.known_hosts()).arg(key.path()).output().exits(0);
    let say = "printenv KEYFOB_HOST";
    let go = format!("{say}; ssh -F {} two {say}", site.configuration().display());
    site.admitted(&site.ssh(&agent).args(["-A", "one", &go]).output(), "one two");
    site.refuses(&agent, "two");
}

fn a_ca_key_in_the_agent_signs_certificates(world: &World) {
    for kind in [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::Rsa2048] {
        let ca = world.key(kind, "agent-ca");
        let settings = format!("TrustedUserCAKeys {}", ca.public_path().display());
        let site = Site::new(world).with("one", &Settings::default().line(&settings));
        let agent = world.agent();
        agent.add(&ca);
        // Without the private half on disk the signature can only be the agent's.
        fs::remove_file(ca.path()).unwrap();
        let key = world.key(KeyType::Ed25519, "key");
        let _ = fs::remove_file(key.certificate_path());
        let sign = world.system_program("ssh-keygen").env("SSH_AUTH_SOCK", agent.socket());
        let sign = sign.args(["-q", "-U", "-s"]).arg(ca.public_path());
        sign.args(["-I", "id", "-n", user()]).arg(key.public_path()).output().exits(0);
        add_with_certificate(&agent, &key);
        site.admits(&agent, "one");
    }
}

fn a_server_whose_host_key_is_in_the_agent_proves_itself(world: &World) {
    let door = world.key(KeyType::Ed25519, "door");
    let keys = [
        (KeyType::Ed25519, "ssh-ed25519"),
        (KeyType::EcdsaP256, "ecdsa-sha2-nistp256"),
        (KeyType::Rsa2048, "rsa-sha2-256"),
        (KeyType::Rsa2048, "rsa-sha2-512"),
    ];
    for (kind, algorithm) in keys {
        let host_key = world.key(kind, "host");
        let keeper = world.agent();
        keeper.add(&host_key);
        fs::remove_file(host_key.path()).unwrap();
        let settings = Settings::default().authorize(&door);
        let settings = settings.host_key_in_agent(&host_key, keeper.socket());
        let site = Site::new(world).with("one", &settings);
        let agent = world.agent();
        agent.add(&door);
        let only = format!("HostKeyAlgorithms={algorithm}");
        let login = site.ssh(&agent).args(["-o", &only, "one", "printenv", "KEYFOB_HOST"]);
        site.admitted(&login.output(), "one");
    }
}

/// A certificate for the user who runs the tests.
#[track_caller]
fn certify(authority: &Authority<'_>, key: &KeyFile, validity: &str) {
    let principals = user();
    authority.certify(key, &CertificateRequest { principals, validity, ..Default::default() });
}

/// `ssh-add` as typed: the key, and the certificate it finds beside it.
#[track_caller]
fn add_with_certificate(agent: &RunningAgent, key: &KeyFile) {
    agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
    let certificate = key.certificate_blob();
    let listed = agent.list().iter().any(|(blob, _)| *blob == certificate);
    assert!(listed, "the certificate beside the key was added");
}
