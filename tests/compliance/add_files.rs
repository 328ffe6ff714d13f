//! `ssh-add FILE`: which files it takes, what it says, what it does with bad ones.

use std::os::unix::fs::symlink;
use std::time::Duration;

use keyfob_testkit::{Case, KeyType, World, case, divergent};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(every_key_type_is_added),
        case!(a_key_without_a_comment_is_named_after_its_file),
        case!(several_files_are_added_in_order),
        case!(adding_again_says_the_same),
        case!(quiet_says_nothing_of_success),
        case!(quiet_still_reports_failure),
        case!(verbose_only_adds_to_stderr),
        case!(a_relative_path_is_printed_as_given),
        case!(odd_names_are_taken),
        case!(a_name_with_a_dash_in_front_is_taken_behind_two_dashes),
        case!(a_symbolic_link_is_followed),
        case!(a_key_comes_from_stdin),
        case!(a_key_without_a_comment_from_stdin_has_a_name),
        case!(a_missing_file_is_reported),
        case!(a_dangling_link_is_reported),
        case!(one_bad_file_of_several_is_a_failure_and_the_rest_is_added),
        case!(files_that_are_no_private_keys_are_refused),
        case!(an_empty_stdin_is_refused),
        case!(a_folder_is_refused_for_its_mode),
        case!(a_traditional_key_is_taken),
        case!(a_traditional_key_does_not_take_the_comment_beside_it),
        case!(a_pkcs8_key_is_taken),
        case!(a_locked_agent_refuses),
        divergent!(a_pipe_in_the_place_of_a_file, original_waits_for_a_pipe, ours_gives_a_pipe_up),
        case!(a_pipe_that_is_written_to_is_read),
        case!(a_lifetime_is_announced),
        case!(a_lifetime_of_zero_is_none),
        case!(confirmation_is_announced),
    ]
}

fn every_key_type_is_added(world: &World) {
    let agent = world.agent();
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        agent.ssh_add().arg(key.path()).output().exits(0).prints("").reports(&format!(
            "Identity added: {} ({})\n",
            key.text(),
            key.comment()
        ));
        assert_eq!(agent.list().last(), Some(&(key.blob(), key.comment())));
    }
}

/// The key `key` with its comment taken away.
fn without_comment(world: &World) -> keyfob_testkit::KeyFile {
    let key = world.key(KeyType::Ed25519, "key");
    world
        .system_program("ssh-keygen")
        .args(["-q", "-c", "-C", "", "-P", "", "-f"])
        .arg(key.path())
        .output()
        .exits(0);
    key
}

fn a_key_without_a_comment_is_named_after_its_file(world: &World) {
    let agent = world.agent();
    let key = without_comment(world);
    let path = key.text();
    agent
        .ssh_add()
        .arg(key.path())
        .output()
        .exits(0)
        .reports(&format!("Identity added: {path} ({path})\n"));
    assert_eq!(agent.comments(), [path]);
}

fn several_files_are_added_in_order(world: &World) {
    let agent = world.agent();
    let keys = ["b", "a", "c"].map(|name| world.key(KeyType::Ed25519, name));
    let output = agent.ssh_add().args(keys.iter().map(keyfob_testkit::KeyFile::path)).output();
    output.exits(0);
    assert_eq!(output.stderr().lines().count(), 3);
    assert_eq!(agent.comments(), ["b@keyfob", "a@keyfob", "c@keyfob"]);
}

fn adding_again_says_the_same(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let first = agent.ssh_add().arg(key.path()).output();
    agent.ssh_add().arg(key.path()).output().exits(0).reports(&first.stderr());
    assert_eq!(agent.list().len(), 1);
}

fn quiet_says_nothing_of_success(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let output = agent.ssh_add().args(["-q", "-c", "-t", "60"]).arg(key.path()).output();
    output.exits(0).prints("").reports("");
}

fn quiet_still_reports_failure(world: &World) {
    let agent = world.agent();
    let output = agent.ssh_add().args(["-q", "missing"]).output();
    output.exits(1).reports("missing: No such file or directory\n");
}

fn verbose_only_adds_to_stderr(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    for flag in ["-v", "-vv", "-vvv", "-vvvv"] {
        let output = agent.ssh_add().arg(flag).arg(key.path()).output();
        output.exits(0).prints("");
        output.reports_among_else(&format!("Identity added: {} (key@keyfob)\n", key.text()));
    }
}

fn a_relative_path_is_printed_as_given(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    agent.ssh_add().arg("key").output().exits(0).reports("Identity added: key (key@keyfob)\n");
    agent.ssh_add().arg("./key").output().reports("Identity added: ./key (key@keyfob)\n");
}

fn odd_names_are_taken(world: &World) {
    let agent = world.agent();
    for name in ["a b", "schlüssel", "it's", "$HOME", "*", "k;l"] {
        world.key(KeyType::Ed25519, "key").copied_to(&world.path(name));
        let output = agent.ssh_add().arg(name).output();
        output.exits(0).reports(&format!("Identity added: {name} (key@keyfob)\n"));
    }
}

fn a_name_with_a_dash_in_front_is_taken_behind_two_dashes(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key").copied_to(&world.path("-l"));
    agent.ssh_add().args(["--", "-l"]).output().exits(0);
    assert_eq!(agent.list().len(), 1);
    // Behind the first file there are no flags.
    world.key(KeyType::Ed25519, "other");
    let output = agent.ssh_add().args(["other", "-l"]).output();
    output.exits(0).prints("");
    assert_eq!(agent.list().len(), 2);
}

fn a_symbolic_link_is_followed(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    symlink(key.path(), world.path("link")).unwrap();
    agent.ssh_add().arg("link").output().exits(0).reports("Identity added: link (key@keyfob)\n");
}

fn a_key_comes_from_stdin(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let content = std::fs::read(key.path()).unwrap();
    let output = agent.ssh_add().arg("-").stdin(content).output();
    output.exits(0).prints("").reports("Identity added: (stdin) (key@keyfob)\n");
    assert_eq!(agent.list(), [(key.blob(), "key@keyfob".to_owned())]);
}

fn a_key_without_a_comment_from_stdin_has_a_name(world: &World) {
    let agent = world.agent();
    let content = std::fs::read(without_comment(world).path()).unwrap();
    let output = agent.ssh_add().arg("-").stdin(content).output();
    output.exits(0).reports("Identity added: (stdin) ((stdin))\n");
    assert_eq!(agent.comments(), ["(stdin)"]);
}

fn a_missing_file_is_reported(world: &World) {
    let agent = world.agent();
    let output = agent.ssh_add().arg("missing").output();
    output.exits(1).prints("").reports("missing: No such file or directory\n");
}

fn a_dangling_link_is_reported(world: &World) {
    let agent = world.agent();
    symlink("nowhere", world.path("link")).unwrap();
    agent.ssh_add().arg("link").output().exits(1).reports("link: No such file or directory\n");
}

fn one_bad_file_of_several_is_a_failure_and_the_rest_is_added(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "one");
    world.key(KeyType::Ed25519, "two");
    agent.ssh_add().args(["one", "missing", "two"]).output().exits(1).reports(
        "Identity added: one (one@keyfob)\n\
         missing: No such file or directory\n\
         Identity added: two (two@keyfob)\n",
    );
    assert_eq!(agent.list().len(), 2);
}

/// What is wrong with each is ours to say better; OpenSSH says "error in libcrypto" to all.
fn files_that_are_no_private_keys_are_refused(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    let content = std::fs::read(key.path()).unwrap();
    world.write("empty", "", 0o600);
    world.write("garbage", "no key\n", 0o600);
    world.write("public", key.public_line(), 0o600);
    world.write("cut", &content[..200], 0o600);
    world.write("damaged", String::from_utf8(content).unwrap().replace('A', "B"), 0o600);
    world.write("zeroes", [0; 5000], 0o600);
    for name in ["empty", "garbage", "public", "cut", "damaged", "zeroes"] {
        let output = agent.ssh_add().arg(name).output();
        output.exits(1).prints("").reports_among_else(&format!("Error loading key \"{name}\": "));
    }
    assert!(agent.list().is_empty());
}

fn an_empty_stdin_is_refused(world: &World) {
    let agent = world.agent();
    let output = agent.ssh_add().arg("-").stdin("").output();
    output.exits(1).reports_among_else("Error loading key \"(stdin)\": ");
}

fn a_folder_is_refused_for_its_mode(world: &World) {
    let agent = world.agent();
    let folder = world.make_folder("folder");
    std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = agent.ssh_add().arg("folder").output();
    output.exits(1).prints("").reports_among_else("Permissions 0755 for 'folder' are too open.\n");
}

/// Rewrites the key `key` of this type in another format, with its public file.
fn rewritten(world: &World, kind: KeyType, format: &str) -> keyfob_testkit::KeyFile {
    let key = world.key(kind, &format!("{}-{format}", kind.name()));
    let run = world
        .system_program("ssh-keygen")
        .args(["-q", "-p", "-P", "", "-N", "", "-m", format, "-f"]);
    run.arg(key.path()).output().exits(0);
    key
}

fn a_traditional_key_is_taken(world: &World) {
    let agent = world.agent();
    for kind in [KeyType::Rsa2048, KeyType::EcdsaP256, KeyType::EcdsaP521] {
        let key = rewritten(world, kind, "PEM");
        std::fs::remove_file(key.public_path()).unwrap();
        let path = key.text();
        let output = agent.ssh_add().arg(key.path()).output();
        // There is no comment in such a file.
        output.exits(0).reports(&format!("Identity added: {path} ({path})\n"));
    }
}

/// `ssh-add` names it after its file, whatever the public file beside it says.
fn a_traditional_key_does_not_take_the_comment_beside_it(world: &World) {
    let agent = world.agent();
    let key = rewritten(world, KeyType::Rsa2048, "PEM");
    let path = key.text();
    let output = agent.ssh_add().arg(key.path()).output();
    output.exits(0).reports(&format!("Identity added: {path} ({path})\n"));
}

fn a_pkcs8_key_is_taken(world: &World) {
    let agent = world.agent();
    for kind in [KeyType::Rsa2048, KeyType::EcdsaP384] {
        let key = rewritten(world, kind, "PKCS8");
        agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
        agent.ssh_add().arg("-T").arg(key.public_path()).output().exits(0);
    }
}

fn a_locked_agent_refuses(world: &World) {
    let agent = world.agent();
    agent.lock("secret");
    let key = world.key(KeyType::Ed25519, "key");
    agent
        .ssh_add()
        .arg(key.path())
        .output()
        .exits(1)
        .prints("")
        .reports(&format!("Could not add identity \"{}\": agent refused operation\n", key.text()));
}

fn pipe(world: &World) -> keyfob_testkit::Running {
    let path = world.path("pipe");
    world.system_program("mkfifo").args(["-m", "600"]).arg(&path).output().exits(0);
    let agent = world.agent();
    let run = agent.ssh_add().arg(path).start();
    world.keep_agent(agent);
    run
}

fn original_waits_for_a_pipe(world: &World) {
    assert!(pipe(world).ended_within(Duration::from_secs(6)).is_none());
}

fn ours_gives_a_pipe_up(world: &World) {
    let output = pipe(world).wait();
    output.exits(1).takes_less_than(Duration::from_secs(8)).prints("");
    assert!(output.stderr().contains("home/pipe\": "), "{output}");
}

/// `ssh-add <(…)` of a shell is such a pipe.
fn a_pipe_that_is_written_to_is_read(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    let run = world.program("sh").args(["-c", "cat key | ssh-add /dev/stdin"]);
    let output = run.env("SSH_AUTH_SOCK", agent.socket()).output();
    output.exits(0).reports("Identity added: /dev/stdin (key@keyfob)\n");
}

fn a_lifetime_is_announced(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    let lifetimes = [
        ("90", "90 seconds", "00:01:30"),
        ("10m", "600 seconds", "00:10:00"),
        ("1h", "3600 seconds", "01:00:00"),
        ("1h30m", "5400 seconds", "01:30:00"),
        ("1d3h", "97200 seconds", "1d03h00m"),
        ("2d", "172800 seconds", "2d00h00m"),
        ("1w2d3h", "788400 seconds", "01w2d03h"),
    ];
    for (given, before, since) in lifetimes {
        let said = if world.behaves_as("10.1") { since } else { before };
        let output = agent.ssh_add().args(["-t", given, "key"]).output();
        output
            .exits(0)
            .reports(&format!("Identity added: key (key@keyfob)\nLifetime set to {said}\n"));
    }
}

fn a_lifetime_of_zero_is_none(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key");
    let output = agent.ssh_add().args(["-t", "0", "key"]).output();
    output.exits(0).reports("Identity added: key (key@keyfob)\n");
    assert_eq!(agent.list().len(), 1);
}

fn confirmation_is_announced(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent
        .ssh_add()
        .args(["-c", "key"])
        .output()
        .exits(0)
        .reports("Identity added: key (key@keyfob)\nThe user must confirm each use of the key\n");
    agent.client().sign(&key.blob(), b"data", 0).fails();
}
