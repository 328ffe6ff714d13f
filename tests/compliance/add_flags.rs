//! `ssh-add`'s flags: what is refused, and how they combine.

use keyfob_testkit::{Case, KeyType, Output, World, case, ours};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_unknown_flag_is_a_usage_error),
        case!(a_flag_without_its_argument_is_a_usage_error),
        case!(a_bad_lifetime_is_an_error),
        case!(a_bad_fingerprint_hash_is_fatal),
        case!(both_kinds_of_list_at_once_are_fatal),
        case!(lock_and_unlock_at_once_are_fatal),
        case!(two_actions_at_once_are_fatal),
        case!(the_first_fault_decides),
        case!(flags_are_bundled),
        case!(arguments_are_glued),
        case!(the_flags_of_old_key_types_are_taken_and_ignored).since("10.1"),
        case!(the_agent_s_extensions_are_listed).since("10.3"),
        ours!(hardware_flags_are_refused_with_a_reason),
        case!(a_missing_provider_is_refused),
        case!(quiet_and_verbose_go_together),
    ]
}

#[track_caller]
fn is_usage_error(output: &Output, reason: &str) {
    output.exits(1).prints("");
    assert!(output.stderr().starts_with(&format!("{reason}usage: ssh-add ")), "{output}");
}

fn an_unknown_flag_is_a_usage_error(world: &World) {
    let agent = world.agent();
    is_usage_error(&agent.ssh_add().arg("-z").output(), "unknown option -- z\n");
    is_usage_error(&agent.ssh_add().arg("-lz").output(), "unknown option -- z\n");
}

fn a_flag_without_its_argument_is_a_usage_error(world: &World) {
    let agent = world.agent();
    for flag in ["t", "E", "h", "H", "S", "s", "e"] {
        let output = agent.ssh_add().arg(format!("-{flag}")).output();
        is_usage_error(&output, &format!("option requires an argument -- {flag}\n"));
    }
}

fn a_bad_lifetime_is_an_error(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    for lifetime in ["x", "10x", "-1", "99999999999", "1h-1m"] {
        let output = agent.ssh_add().args(["-t", lifetime, "key"]).output();
        output.exits(1).prints("").reports("Invalid lifetime\n");
    }
    assert!(agent.list().is_empty());
}

fn a_bad_fingerprint_hash_is_fatal(world: &World) {
    let output = world.agent().ssh_add().args(["-E", "sha3", "-l"]).output();
    output.exits(255).prints("").reports("Invalid hash algorithm \"sha3\"\n");
}

fn both_kinds_of_list_at_once_are_fatal(world: &World) {
    let agent = world.agent();
    for (flags, first) in [(["-l", "-L"], 'l'), (["-L", "-l"], 'L'), (["-l", "-l"], 'l')] {
        let output = agent.ssh_add().args(flags).output();
        output.exits(255).prints("").reports(&format!("-{first} flag already specified\n"));
    }
    agent.ssh_add().arg("-lL").output().exits(255).reports("-l flag already specified\n");
}

fn lock_and_unlock_at_once_are_fatal(world: &World) {
    let agent = world.agent();
    for (flags, first) in [(["-x", "-X"], 'x'), (["-X", "-x"], 'X'), (["-x", "-x"], 'x')] {
        let output = agent.ssh_add().args(flags).output();
        output.exits(255).prints("").reports(&format!("-{first} flag already specified\n"));
    }
}

fn two_actions_at_once_are_fatal(world: &World) {
    let agent = world.agent();
    for flags in [["-D", "-l"], ["-L", "-D"], ["-x", "-l"], ["-X", "-D"], ["-l", "-x"]] {
        let output = agent.ssh_add().args(flags).output();
        output.exits(255).prints("").reports("Invalid combination of actions\n");
    }
    agent.ssh_add().arg("-Dl").output().exits(255);
}

fn the_first_fault_decides(world: &World) {
    let agent = world.agent();
    agent.ssh_add().args(["-l", "-L", "-z"]).output().exits(255);
    is_usage_error(&agent.ssh_add().args(["-z", "-l", "-L"]).output(), "unknown option -- z\n");
    agent.ssh_add().args(["-E", "sha3", "-t", "x"]).output().exits(255);
    agent.ssh_add().args(["-t", "x", "-E", "sha3"]).output().exits(1).reports("Invalid lifetime\n");
}

fn flags_are_bundled(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-qkt", "60", "key"]).output().exits(0).reports("");
    agent.ssh_add().args(["-qdk", "key"]).output().exits(0).reports("");
    agent.ssh_add().args(["-kct", "60", "key"]).output().exits(0).reports_among_else("Lifetime");
    assert_eq!(agent.list().len(), 1);
    agent.ssh_add().arg("-Dq").output().exits(0).reports("");
}

fn arguments_are_glued(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-qt60", "key"]).output().exits(0);
    agent.ssh_add().arg("-lEmd5").output().exits(0).prints_among_else(" MD5:");
}

/// XMSS had signature counts; scripts may still give them.
fn the_flags_of_old_key_types_are_taken_and_ignored(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-m", "5", "-M", "7", "key"]).output().exits(0);
    assert_eq!(agent.list().len(), 1);
}

fn the_agent_s_extensions_are_listed(world: &World) {
    let output = world.agent().ssh_add().arg("-Q").output();
    output.exits(0).reports("").prints_among_else("session-bind@openssh.com");
}

/// Until hardware is supported; OpenSSH would ask for a PIN first.
fn hardware_flags_are_refused_with_a_reason(world: &World) {
    let agent = world.agent();
    for flags in [&["-s", "/usr/lib/x.so"][..], &["-e", "/usr/lib/x.so"], &["-K"]] {
        let output = agent.ssh_add().args(flags).output();
        output.exits(1).prints("");
        assert!(!output.stderr().is_empty(), "{output}");
    }
}

/// OpenSSH's reason is the agent's refusal, ours that there are no providers yet.
fn a_missing_provider_is_refused(world: &World) {
    let agent = world.agent();
    agent
        .ssh_add()
        .args(["-s", "/nonexistent"])
        .stdin("1234\n")
        .output()
        .exits(1)
        .reports_among_else("Could not add card \"/nonexistent\": ");
    agent
        .ssh_add()
        .args(["-e", "/nonexistent"])
        .output()
        .exits(1)
        .reports_among_else("Could not remove card \"/nonexistent\": ");
}

fn quiet_and_verbose_go_together(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    let output = agent.ssh_add().args(["-q", "-v", "key"]).output();
    output.exits(0).prints("");
    assert!(!output.stderr().contains("Identity added"), "{output}");
}
