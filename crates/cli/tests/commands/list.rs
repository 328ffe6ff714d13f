//! `keyfob list`: what the agent holds, for people and for scripts.

use keyfob_testkit::{Authority, CertificateRequest, KeyType};

use crate::support::{keyfob_with, openssh_world, world};

#[test]
fn the_table_shows_life_and_constraints() {
    let world = world();
    let agent = world.agent();
    let plain = world.key(KeyType::Ed25519, "plain");
    let asking = world.key(KeyType::Rsa2048, "asking");
    keyfob_with(&world, &agent).arg("add").arg(plain.path()).output().exits(0);
    keyfob_with(&world, &agent)
        .args(["add", "-c", "-t", "1h"])
        .arg(asking.path())
        .output()
        .exits(0);
    let listed = keyfob_with(&world, &agent).arg("list").output();
    listed.exits(0);
    let text = listed.stdout();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["#", "NAME", "TYPE", "FINGERPRINT", "STATE", "LIFE", "CONSTRAINTS"]
    );
    assert!(lines[1].starts_with("1  ") && lines[1].contains("ED25519 256"), "{text}");
    assert!(
        lines[1].ends_with("ready  -        -") || lines[1].trim_end().ends_with('-'),
        "{text}"
    );
    assert!(
        lines[2].contains("RSA 2048")
            && lines[2].contains("59m 5")
            && lines[2].ends_with("confirm"),
        "{text}"
    );
}

#[test]
fn json_says_the_same_to_scripts() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::EcdsaP384, "key");
    keyfob_with(&world, &agent).args(["add", "-t", "1h"]).arg(key.path()).output().exits(0);
    let listed = keyfob_with(&world, &agent).args(["list", "--json", "-E", "md5"]).output();
    listed.exits(0);
    let document: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let first = &document["keys"][0];
    assert_eq!(document["locked"], false);
    assert_eq!(first["type"], "ecdsa-sha2-nistp384");
    assert_eq!(first["bits"], 384);
    assert_eq!(first["comment"], key.comment());
    assert!(first["fingerprint"].as_str().unwrap().starts_with("MD5:"));
    assert_eq!(first["public_key"], key.public_line());
    assert!(first["expires_in"].as_u64().unwrap() > 3500);
    assert_eq!(first["confirm"], false);
}

#[test]
fn the_forms_of_ssh_add_are_there_too() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let lines = keyfob_with(&world, &agent).args(["list", "-L"]).output();
    lines.exits(0).prints(&format!("{}\n", key.public_line()));
    let fingerprints = keyfob_with(&world, &agent).args(["list", "-l"]).output();
    let theirs =
        world.system_program("ssh-add").env("SSH_AUTH_SOCK", agent.socket()).arg("-l").output();
    fingerprints.exits(0).prints(&theirs.stdout());
}

#[test]
fn a_locked_agent_is_said_to_be_locked_and_not_empty() {
    let world = world();
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    agent.lock("secret");
    let listed = keyfob_with(&world, &agent).arg("list").output();
    listed.exits(1).prints("").reports("keyfob: the agent is locked\n");
    let json = keyfob_with(&world, &agent).args(["list", "--json"]).output();
    json.exits(1).prints_among_else("\"locked\": true");
    // The drop-in says what scripts know.
    agent.ssh_add().arg("-l").output().exits(1).prints("The agent has no identities.\n");
}

#[test]
fn an_empty_agent_is_a_failure_like_ssh_adds() {
    let world = world();
    let agent = world.agent();
    keyfob_with(&world, &agent).arg("list").output().exits(1).reports("The agent has no keys.\n");
}

#[test]
fn another_agent_is_listed_without_the_columns_it_cannot_fill() {
    let world = openssh_world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-t", "1h"]).arg(key.path()).output().exits(0);
    let listed = keyfob_with(&world, &agent).arg("list").output();
    listed.exits(0).prints_among_else(&key.comment());
    assert!(!listed.stdout().contains("LIFE"), "{listed}");
    let json = keyfob_with(&world, &agent).args(["list", "--json"]).output();
    json.exits(0).prints_among_else("\"confirm\": null");
}

#[test]
fn an_expired_certificate_is_shown_as_such() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let request = CertificateRequest { validity: "-2h:-1h", ..CertificateRequest::default() };
    Authority::new(&world, "ca").certify(&key, &request);
    keyfob_with(&world, &agent).args(["add", "-N"]).arg(key.path()).output().exits(0);
    let listed = keyfob_with(&world, &agent).arg("list").output();
    listed.exits(0).prints_among_else("ED25519-CERT 256").prints_among_else("expired");
}

/// The screen of a command on a terminal of 80 columns.
fn screen(run: keyfob_testkit::Run) -> String {
    let (output, screen, _) = run.on_whole_terminal().wait();
    output.exits(0);
    screen.replace("\r\n", "\n")
}

#[test]
fn on_a_terminal_the_table_fits_and_a_cut_fingerprint_names_its_key() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let other = world.key(KeyType::EcdsaP256, "other");
    for (file, flags) in [(&key, &["-t", "1h"][..]), (&other, &[])] {
        keyfob_with(&world, &agent).arg("add").args(flags).arg(file.path()).output().exits(0);
    }
    let shown = screen(keyfob_with(&world, &agent).arg("list"));
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let cut = shown.lines().nth(1).unwrap().split_whitespace();
    let cut = cut.into_iter().find(|word| word.starts_with("SHA256:")).unwrap();
    assert!(cut.ends_with('…') && cut.chars().count() >= 16, "{shown}");
    let whole = keyfob_with(&world, &agent).arg("list").output();
    whole.exits(0).prints_among_else(&crate::support::fingerprint(&world, key.path()));
    keyfob_with(&world, &agent).args(["test", cut]).output().exits(0);
    keyfob_with(&world, &agent).args(["remove", cut]).output().exits(0);
    assert_eq!(agent.comments(), [other.comment()]);
}
