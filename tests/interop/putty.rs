//! PuTTY's programs: `plink` logs in and forwards, `pscp` copies.

use std::fs;

use keyfob_testkit::{
    Authority, Case, CertificateRequest, KeyType, Run, RunningAgent, World, case,
};

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    case!(plink_logs_in_with_each_key_type),
    case!(p1_plink_gets_the_rsa_hash_it_asks_for),
    case!(k1_plink_logs_in_with_a_certificate),
    case!(plink_forwards_the_agent),
    case!(pscp_copies_there_and_back),
    case!(plink_is_refused_while_the_agent_is_locked),
    case!(a_client_that_binds_no_session_cannot_use_a_constrained_key),
];

fn plink_logs_in_with_each_key_type(world: &World) {
    for kind in KeyType::EACH {
        let key = world.key(kind, "key");
        let site = Site::new(world).with("one", &Settings::default().authorize(&key));
        let agent = world.agent();
        agent.add(&key);
        let login = plink(world, &site, &agent).args(["127.0.0.1", "printenv", "KEYFOB_HOST"]);
        site.admitted(&login.output(), "one");
    }
}

/// Of the two hashes an OpenSSH server offers `plink` takes the longer.
fn p1_plink_gets_the_rsa_hash_it_asks_for(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    let settings = Settings::default().authorize(&key).accept("rsa-sha2-512");
    let site = Site::new(world).with("one", &settings);
    let agent = world.agent();
    agent.add(&key);
    let login = plink(world, &site, &agent).args(["127.0.0.1", "printenv", "KEYFOB_HOST"]);
    site.admitted(&login.output(), "one");
}

fn k1_plink_logs_in_with_a_certificate(world: &World) {
    let authority = Authority::new(world, "ca");
    let site = Site::new(world).with("one", &Settings::default().trust(&authority));
    let key = world.key(KeyType::Ed25519, "key");
    let request = CertificateRequest { principals: user(), ..CertificateRequest::default() };
    authority.certify(&key, &request);
    let agent = world.agent();
    agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
    let login = plink(world, &site, &agent).args(["127.0.0.1", "printenv", "KEYFOB_HOST"]);
    site.admitted(&login.output(), "one");
}

/// `plink` binds no session: what it forwards is for the agent a local connection.
fn plink_forwards_the_agent(world: &World) {
    let key = world.key(KeyType::EcdsaP256, "key");
    let settings = Settings::default().authorize(&key);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    let agent = world.agent();
    agent.add(&key);
    let say = "printenv KEYFOB_HOST";
    let go = format!("{say}; ssh -F {} two {say}", site.configuration().display());
    let login = plink(world, &site, &agent).args(["-A", "127.0.0.1", &go]).output();
    site.admitted(&login, "one two");
}

fn pscp_copies_there_and_back(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    let here = world.write("here", vec![7; 300_000], 0o600);
    let there = format!("127.0.0.1:{}", world.path("there").display());
    let copy = || putty(world, &site, &agent, "pscp").arg("-q");
    copy().arg(here).arg(&there).output().exits(0);
    copy().arg(&there).arg(world.path("back")).output().exits(0);
    assert!(fs::read(world.path("back")).unwrap() == vec![7; 300_000], "the copy differs");
}

fn plink_is_refused_while_the_agent_is_locked(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    agent.lock("pass");
    let login = plink(world, &site, &agent).args(["127.0.0.1", "printenv", "KEYFOB_HOST"]);
    login.output().exits(1).prints("");
}

/// Without a binding nothing proves which host the signature is for.
fn a_client_that_binds_no_session_cannot_use_a_constrained_key(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    let add = agent.ssh_add().args(["-q", "-h", "one", "-H"]).arg(site.known_hosts());
    add.arg(key.path()).output().exits(0);
    site.admits(&agent, "one");
    let login = plink(world, &site, &agent).args(["127.0.0.1", "printenv", "KEYFOB_HOST"]);
    login.output().exits(1).prints("");
}

fn plink(world: &World, site: &Site<'_>, agent: &RunningAgent) -> Run {
    putty(world, site, agent, "plink").arg("-ssh")
}

/// One of PuTTY's programs, told of the host key by its fingerprint and of the agent by
/// `SSH_AUTH_SOCK`.
fn putty(world: &World, site: &Site<'_>, agent: &RunningAgent, program: &str) -> Run {
    let server = site.server("one");
    world
        .system_program(program)
        .env("SSH_AUTH_SOCK", agent.socket())
        .args(["-batch", "-agent", "-l", user(), "-hostkey", &server.fingerprint(world), "-P"])
        .arg(server.port().to_string())
}
