//! `keyfob generate --for`: keys for places that are picky.

use std::fs;

use crate::support::{hints, keyfob, world};
use keyfob_testkit::World;

fn listed(world: &World) -> Vec<serde_json::Value> {
    let output = keyfob(world).args(["generate", "--for", "list", "--json"]).output();
    output.exits(0);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    document["profiles"].as_array().unwrap().clone()
}

#[test]
fn every_profile_makes_a_key_of_a_kind_it_lists() {
    let world = world();
    for profile in listed(&world) {
        let name = profile["name"].as_str().unwrap();
        let run = keyfob(&world).args(["generate", "--no-passphrase", "--for", name, "-f", name]);
        let made = run.output();
        made.exits(0).reports_among_else(profile["place"].as_str().unwrap());
        let listed = world.system_program("ssh-keygen").args(["-l", "-f", name]).output().stdout();
        let kind = listed.trim_end().rsplit(['(', ')']).nth(1).unwrap().to_ascii_lowercase();
        let first = profile["takes"].as_str().unwrap().split(' ').next().unwrap();
        assert_eq!(kind, first, "{name}: {listed}");
    }
}

#[test]
fn the_list_tells_why() {
    let world = world();
    let table = keyfob(&world).args(["generate", "--for", "list"]).output();
    table.exits(0).prints_among_else("PROFILE").prints_among_else("WHY");
    let profiles = listed(&world);
    assert_eq!(table.stdout().lines().count(), profiles.len() + 1);
    for profile in profiles {
        for field in ["name", "takes", "reason"] {
            table.prints_among_else(profile[field].as_str().unwrap());
        }
    }
}

#[test]
fn vk_cloud_gets_pem_and_an_ssh_rsa_line() {
    let world = world();
    let run = keyfob(&world).args(["generate", "-q", "--no-passphrase", "--for", "vk-cloud"]);
    run.args(["-f", "id"]).output().exits(0);
    let private = fs::read_to_string(world.path("id")).unwrap();
    assert!(private.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"), "{private}");
    assert!(fs::read_to_string(world.path("id.pub")).unwrap().starts_with("ssh-rsa "));
    let text = world.system_program("openssl").args(["rsa", "-in", "id", "-noout", "-text"]);
    text.output().exits(0).prints_among_else("(2048 bit");
}

#[test]
fn a_flag_that_contradicts_a_profile_is_refused_with_its_reason() {
    let world = world();
    for (flags, told) in [
        (
            &["--for", "cisco-csr1000v", "-t", "ed25519"][..],
            "takes rsa 2048, not that: its user keys",
        ),
        (&["--for", "cisco-csr1000v", "-b", "4096"], "takes rsa 2048"),
        (&["--for", "azure", "-t", "ecdsa"], "ECDSA is not supported"),
        (&["--for", "vk-cloud", "--format", "openssh"], "needs another format: VK Cloud takes"),
        (&["--for", "azure", "-t", "dsa"], "DSA keys are not made"),
        (&["--for", "azure", "-t", "rsa", "-b", "512"], "2048 to 16384 bits, not 512"),
    ] {
        let run = keyfob(&world).args(["generate", "--no-passphrase", "-f", "id"]).args(flags);
        run.output().exits(1).reports_among_else(told);
        assert!(!world.path("id").exists(), "{flags:?}");
    }
    let agreed = ["--for", "azure", "-t", "RSA", "-b", "2048"];
    let run = keyfob(&world).args(["generate", "-q", "--no-passphrase", "-f", "id"]).args(agreed);
    run.output().exits(0);
}

#[test]
fn an_unknown_profile_is_pointed_to_the_list() {
    let world = world();
    let run = keyfob(&world).args(["generate", "--for", "nowhere", "--no-passphrase", "-f", "id"]);
    let refused = run.output();
    refused.exits(1).reports_among_else("there is no profile nowhere");
    hints(&refused, "--for list");
}
