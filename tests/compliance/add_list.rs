//! `ssh-add -l` and `-L`.

use keyfob_testkit::{Case, KeyFile, KeyType, RunningAgent, World, case, divergent};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_empty_agent_says_so_on_stdout_and_fails),
        case!(a_locked_agent_looks_empty),
        case!(fingerprints_are_those_of_ssh_keygen),
        case!(md5_fingerprints_are_those_of_ssh_keygen),
        case!(the_hash_may_be_given_in_capitals),
        case!(public_keys_are_printed_whole),
        case!(comments_with_blanks_are_printed_whole),
        case!(an_empty_comment_prints_as_nothing),
        divergent!(
            a_comment_that_steers_the_terminal,
            original_prints_control_characters,
            ours_escapes_control_characters
        ),
        case!(files_behind_a_list_flag_are_ignored),
        case!(a_hundred_keys_are_listed_in_order),
    ]
}

fn an_empty_agent_says_so_on_stdout_and_fails(world: &World) {
    let agent = world.agent();
    for flag in ["-l", "-L"] {
        let output = agent.ssh_add().arg(flag).output();
        output.exits(1).prints("The agent has no identities.\n").reports("");
    }
}

/// The drop-in's text; `keyfob list` tells the difference.
fn a_locked_agent_looks_empty(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    agent.lock("secret");
    for flag in ["-l", "-L"] {
        let output = agent.ssh_add().arg(flag).output();
        output.exits(1).prints("The agent has no identities.\n").reports("");
    }
}

fn one_of_each(world: &World) -> (RunningAgent, Vec<KeyFile>) {
    let agent = world.agent();
    let keys = KeyType::EACH.map(|kind| world.key(kind, kind.wire_name()));
    keys.iter().for_each(|key| agent.add(key));
    (agent, keys.to_vec())
}

fn fingerprints_are_those(world: &World, hash: &str) {
    let (agent, keys) = one_of_each(world);
    let wanted: String = keys
        .iter()
        .map(|key| {
            let run = world.system_program("ssh-keygen").args(["-l", "-E", hash, "-f"]);
            run.arg(key.public_path()).output().stdout()
        })
        .collect();
    agent.ssh_add().args(["-l", "-E", hash]).output().exits(0).reports("").prints(&wanted);
    if hash == "sha256" {
        agent.ssh_add().arg("-l").output().exits(0).prints(&wanted);
    }
}

fn fingerprints_are_those_of_ssh_keygen(world: &World) {
    fingerprints_are_those(world, "sha256");
}

fn md5_fingerprints_are_those_of_ssh_keygen(world: &World) {
    fingerprints_are_those(world, "md5");
}

fn the_hash_may_be_given_in_capitals(world: &World) {
    let (agent, _) = one_of_each(world);
    agent.ssh_add().args(["-l", "-E", "MD5"]).output().exits(0).prints_among_else("256 MD5:");
}

fn public_keys_are_printed_whole(world: &World) {
    let (agent, keys) = one_of_each(world);
    let wanted: String = keys.iter().map(|key| key.public_line() + "\n").collect();
    agent.ssh_add().arg("-L").output().exits(0).reports("").prints(&wanted);
}

/// An agent that holds the key `key` under this comment.
fn under_comment(world: &World, comment: &str) -> RunningAgent {
    let agent = world.agent();
    agent.client().add(&world.key(KeyType::Ed25519, "key"), comment).succeeds();
    agent
}

fn comments_with_blanks_are_printed_whole(world: &World) {
    let agent = under_comment(world, "a comment  with (blanks)");
    agent.ssh_add().arg("-l").output().prints_among_else(" a comment  with (blanks) (ED25519)\n");
    agent.ssh_add().arg("-L").output().prints_among_else(" a comment  with (blanks)\n");
}

fn an_empty_comment_prints_as_nothing(world: &World) {
    let agent = under_comment(world, "");
    let listed = agent.ssh_add().arg("-l").output().stdout();
    assert!(listed.ends_with("  (ED25519)\n"), "{listed:?}");
    assert!(agent.ssh_add().arg("-L").output().stdout().ends_with(" \n"));
}

/// Whoever can add a key chooses its comment.
const STEERING: &str = "title\x1b]0;owned\x07\x1b[2J";

/// What `ssh-add -l` shows of such a comment on a terminal.
fn shown_on_a_terminal(world: &World) -> String {
    let agent = under_comment(world, STEERING);
    let run = world.program("sh").args(["-c", "ssh-add -l >/dev/tty"]);
    let terminal = run.env("SSH_AUTH_SOCK", agent.socket()).on_terminal();
    let (output, shown, _) = terminal.wait();
    output.exits(0);
    assert!(shown.contains("title") && shown.contains("(ED25519)"), "{shown:?}");
    shown
}

fn original_prints_control_characters(world: &World) {
    assert!(shown_on_a_terminal(world).contains(STEERING));
}

fn ours_escapes_control_characters(world: &World) {
    let shown = shown_on_a_terminal(world);
    assert!(!shown.contains('\x1b') && !shown.contains('\x07'), "{shown:?}");
}

fn files_behind_a_list_flag_are_ignored(world: &World) {
    let (agent, _) = one_of_each(world);
    let output = agent.ssh_add().args(["-l", "missing"]).output();
    output.exits(0).reports("");
    assert_eq!(output.stdout().lines().count(), KeyType::EACH.len());
}

fn a_hundred_keys_are_listed_in_order(world: &World) {
    let agent = world.agent();
    let mut client = agent.client();
    let keys: Vec<KeyFile> =
        (0..100).map(|n| world.key(KeyType::Ed25519, &format!("k{n}"))).collect();
    for (number, key) in keys.iter().enumerate() {
        client.add(key, &format!("comment {number}")).succeeds();
    }
    let wanted: String = keys
        .iter()
        .enumerate()
        .map(|(number, key)| {
            let line = key.public_line();
            let mut words = line.split(' ');
            format!("{} {} comment {number}\n", words.next().unwrap(), words.next().unwrap())
        })
        .collect();
    agent.ssh_add().arg("-L").output().exits(0).prints(&wanted);
}
