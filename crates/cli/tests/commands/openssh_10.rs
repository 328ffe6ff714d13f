//! What the drop-in names do as OpenSSH 10.0 to 10.5 do and the installed one
//! may not yet, and what ours refuses to do.

use std::os::unix::fs::PermissionsExt;

use keyfob_testkit::{Authority, CertificateRequest, KeyType};

use crate::support::{openssh_world, our_ssh_add, world};

#[test]
fn our_ssh_add_works_with_openssh_s_agent() {
    let world = openssh_world();
    let agent = world.agent();
    for kind in KeyType::EACH {
        let key = world.key(kind, &format!("{kind:?}"));
        our_ssh_add(&world, &agent).arg(key.path()).output().exits(0);
        our_ssh_add(&world, &agent).arg("-T").arg(key.path()).output().exits(0);
    }
    let ours = our_ssh_add(&world, &agent).arg("-l").output();
    let theirs =
        world.system_program("ssh-add").env("SSH_AUTH_SOCK", agent.socket()).arg("-l").output();
    ours.exits(0).prints(&theirs.stdout());
    our_ssh_add(&world, &agent).arg("-D").output().exits(0).reports("All identities removed.\n");
}

#[test]
fn lifetimes_are_told_as_since_10_1() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    for (life, told) in [("1h", "01:00:00"), ("27h", "1d03h00m")] {
        let added = agent.ssh_add().args(["-t", life]).arg(key.path()).output();
        let expected =
            format!("Identity added: {} ({})\nLifetime set to {told}\n", key.text(), key.comment());
        added.exits(0).reports(&expected);
    }
}

#[test]
fn certificates_expire_from_the_agent_as_since_10_1() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let authority = Authority::new(&world, "ca");
    let request = |validity| CertificateRequest { validity, ..CertificateRequest::default() };
    let certificate = key.certificate_path().display().to_string();
    authority.certify(&key, &request("-1h:+1h"));
    let added = agent.ssh_add().arg(key.path()).output();
    added.exits(0).reports_among_else(&format!(
        "Certificate added: {certificate} (id-1)\nLifetime set to 01:0"
    ));
    let kept = agent.ssh_add().arg("-N").arg(key.path()).output();
    assert!(!kept.exits(0).stderr().contains("Lifetime"), "{kept}");
    authority.certify(&key, &request("-2h:-1h"));
    let expired = agent.ssh_add().arg(key.path()).output();
    expired
        .exits(0)
        .reports_among_else(&format!("Certificate {certificate} has already expired; ignored\n"));
}

#[test]
fn only_certificates_can_be_added_and_removed_as_since_9_6() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.ssh_add().arg("-C").arg(key.path()).output().exits(1);
    Authority::new(&world, "ca").certify(&key, &CertificateRequest::default());
    agent.ssh_add().arg("-C").arg(key.path()).output().exits(0);
    assert_eq!(agent.list().len(), 1);
    agent.ssh_add().arg(key.path()).output().exits(0);
    agent.ssh_add().arg("-dC").arg(key.path()).output().exits(0);
    assert_eq!(agent.list().len(), 1);
}

#[test]
fn extensions_are_queried_as_since_10_3() {
    let world = world();
    let agent = world.agent();
    let ours = agent.ssh_add().arg("-Q").output();
    ours.exits(0).prints_among_else("session-bind@openssh.com\n");
    let theirs = openssh_world();
    let agent = theirs.agent();
    let refused = our_ssh_add(&theirs, &agent).arg("-Q").output();
    if !theirs.behaves_as("10.3") {
        refused
            .exits(255)
            .reports("unable to query supported extensions: agent refused operation\n");
    }
}

#[test]
fn the_version_is_told_as_since_10_4() {
    let world = world();
    world.ssh_agent().arg("-V").output().exits(0).prints("").reports_among_else("OpenSSH_10.5");
}

#[test]
fn wrong_flags_are_told_before_the_agent_is_looked_for() {
    let world = world();
    world
        .ssh_add()
        .arg("-Z")
        .output()
        .exits(1)
        .reports_among_else("unknown option -- Z\nusage: ssh-add ");
    world.ssh_add().args(["-l", "-L"]).output().exits(255).reports("-l flag already specified\n");
    world
        .ssh_add()
        .args(["-x", "-D"])
        .output()
        .exits(255)
        .reports("Invalid combination of actions\n");
}

#[test]
fn tokens_are_refused_without_asking_for_a_pin() {
    let world = world();
    let agent = world.agent();
    for (flags, words) in [
        (&["-s", "/lib/x.so"][..], "Could not add card \"/lib/x.so\": "),
        (&["-e", "/lib/x.so"], "Could not remove card \"/lib/x.so\": "),
        (&["-K"], "Unable to load resident keys: "),
    ] {
        agent.ssh_add().args(flags).output().exits(1).reports_among_else(words);
    }
}

#[test]
fn only_private_keys_are_to_be_closed_to_others() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    key.set_mode(0o644);
    let hint_for = |path: &str| {
        let output = agent.ssh_add().arg(path).output();
        output.exits(1).reports_among_else("UNPROTECTED PRIVATE KEY FILE");
        let stderr = output.stderr();
        stderr.lines().find_map(|line| line.strip_prefix("hint: ")).map(str::to_owned)
    };
    assert_eq!(hint_for("key").as_deref(), Some("chmod 600 key"));
    assert!(hint_for("key.pub").unwrap().contains("needs the private key"));
    // Whoever follows that advice can no longer enter the folder.
    world.make_folder("folder");
    std::fs::set_permissions(world.path("folder"), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(hint_for("folder"), None);
    world.write("text", "hello\n", 0o644);
    assert_eq!(hint_for("text"), None);
}
