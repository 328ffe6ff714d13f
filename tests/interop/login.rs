//! `ssh` logs in with keys of the agent: every type, and every RSA signature a server may want.

use keyfob_testkit::{Case, KeyType, World, case};

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    case!(ed25519),
    case!(ecdsa_p256),
    case!(ecdsa_p384),
    case!(ecdsa_p521),
    case!(rsa_1024),
    case!(rsa_2048),
    case!(s3_rsa_3072),
    case!(rsa_4096),
    case!(p1_a_server_that_wants_rsa_sha2_256_gets_it),
    case!(p1_a_server_that_wants_rsa_sha2_512_gets_it),
    case!(p1_old_gear_that_wants_ssh_rsa_gets_it),
    case!(p8_a_client_that_binds_its_session_first_is_served),
    case!(the_right_one_of_many_keys_is_found),
    case!(a_key_the_server_does_not_know_opens_nothing),
    case!(a_removed_key_opens_nothing),
];

fn ed25519(world: &World) {
    opens(world, KeyType::Ed25519);
}

fn ecdsa_p256(world: &World) {
    opens(world, KeyType::EcdsaP256);
}

fn ecdsa_p384(world: &World) {
    opens(world, KeyType::EcdsaP384);
}

fn ecdsa_p521(world: &World) {
    opens(world, KeyType::EcdsaP521);
}

fn rsa_1024(world: &World) {
    opens(world, KeyType::Rsa1024);
}

fn rsa_2048(world: &World) {
    opens(world, KeyType::Rsa2048);
}

/// Agents have got the length of this size's numbers wrong.
fn s3_rsa_3072(world: &World) {
    opens(world, KeyType::Rsa3072);
}

fn rsa_4096(world: &World) {
    opens(world, KeyType::Rsa4096);
}

fn p1_a_server_that_wants_rsa_sha2_256_gets_it(world: &World) {
    opens_under(world, KeyType::Rsa2048, "rsa-sha2-256");
}

fn p1_a_server_that_wants_rsa_sha2_512_gets_it(world: &World) {
    opens_under(world, KeyType::Rsa2048, "rsa-sha2-512");
}

fn p1_old_gear_that_wants_ssh_rsa_gets_it(world: &World) {
    opens_under(world, KeyType::Rsa2048, "ssh-rsa");
}

/// `ssh` sends `session-bind@openssh.com` before anything else on each connection to the agent.
fn p8_a_client_that_binds_its_session_first_is_served(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    let login = site.ssh(&agent).args(["-v", "one", "printenv", "KEYFOB_HOST"]).output();
    site.admitted(&login, "one");
    login.reports_among_else("bound agent to hostkey");
}

fn the_right_one_of_many_keys_is_found(world: &World) {
    let wanted = world.key(KeyType::Ed25519, "wanted");
    let site = Site::new(world).with("one", &Settings::default().authorize(&wanted));
    let agent = world.agent();
    for kind in [KeyType::Rsa2048, KeyType::EcdsaP256, KeyType::Ed25519] {
        agent.add(&world.key(kind, "other"));
    }
    agent.add(&wanted);
    site.admits(&agent, "one");
    assert!(site.server("one").log().contains("Accepted publickey"), "{}", site.logs());
}

fn a_key_the_server_does_not_know_opens_nothing(world: &World) {
    let known = world.key(KeyType::Ed25519, "known");
    let site = Site::new(world).with("one", &Settings::default().authorize(&known));
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "unknown"));
    site.refuses(&agent, "one");
}

fn a_removed_key_opens_nothing(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    site.admits(&agent, "one");
    agent.ssh_add().arg("-d").arg(key.path()).output().exits(0);
    site.refuses(&agent, "one");
}

#[track_caller]
fn opens(world: &World, kind: KeyType) {
    let key = world.key(kind, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    site.admits(&agent, "one");
}

/// Client and server know this one signature algorithm.
#[track_caller]
fn opens_under(world: &World, kind: KeyType, algorithm: &str) {
    let key = world.key(kind, "key");
    let settings = Settings::default().authorize(&key).accept(algorithm);
    let site = Site::new(world).with("one", &settings);
    let agent = world.agent();
    agent.add(&key);
    let only = format!("PubkeyAcceptedAlgorithms={algorithm}");
    let login = site.ssh(&agent).args(["-o", &only, "one", "printenv", "KEYFOB_HOST"]).output();
    site.admitted(&login, "one");
}
