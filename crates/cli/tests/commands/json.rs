//! `--json` of every command, by one rule: a script that knows the words of one knows those of all.

use std::fs;

use keyfob_testkit::{KeyType, World};
use serde_json::Value;

use crate::support::{in_store, keyfob, keyfob_unlocking, keyfob_with, make_store, world};

/// A fingerprint is a key's, a host's or an authority's.
const PRINTS: [&str; 4] = ["fingerprint", "host_key", "host_keys", "authority"];

/// What was called so before, or in another command.
const OTHER_WORDS: [&str; 5] = ["sha256", "md5", "verdict", "path", "words"];

/// Looks at a value and all that is in it.
fn look(command: &str, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                assert!(!OTHER_WORDS.contains(&field.as_str()), "{command}: {field}");
                let snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                // Settings have the names that they are written by.
                let is_name = field.chars().all(snake) || command == "config show";
                assert!(is_name, "{command}: {field}");
                look(command, field, value);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| look(command, name, one)),
        Value::String(text) => {
            assert!(
                !text.starts_with("SHA256:") || PRINTS.contains(&name),
                "{command}: {name} is {text}"
            );
            let is_key = text.contains("AAAAC3NzaC1lZDI1NTE5");
            assert_eq!(is_key, name == "public_key", "{command}: {name} is {text}");
            assert!(!is_key || text.starts_with("ssh-ed25519 AAAA"), "{command}: {text}");
        }
        _ => {}
    }
}

/// What a command prints, whatever it thinks of what it found.
#[track_caller]
fn printed(world: &World, words: &[&str], socket: Option<&std::path::Path>) -> Value {
    let run = match words {
        [store @ ("import" | "check"), rest @ ..] => keyfob_unlocking(world, store).args(rest),
        words => keyfob(world).args(words),
    };
    let run = match socket {
        Some(socket) => run.env("SSH_AUTH_SOCK", socket),
        None => run,
    };
    let output = run.arg("--json").output();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{words:?}: {error}\n{output}"))
}

/// Lost otherwise: who reads keys of `list` by one name and those of `explain` by another finds out when a
/// script breaks.
#[test]
fn every_command_has_the_same_words_for_the_same_things() {
    let world = world();
    make_store(&world);
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    keyfob_with(&world, &agent).arg("add").arg(key.path()).output().exits(0);
    fs::write(world.path("known"), format!("box.example {}", key.public_line())).unwrap();
    // Something to find, and to be told of.
    keyfob_unlocking(&world, "import")
        .arg(world.key(KeyType::Ed25519, "lost").path())
        .output()
        .exits(0);
    fs::remove_file(in_store(&world, "keys/lost.pub")).unwrap();
    agent.ssh_add().arg("-X").stdin("wrong\n").output();
    let asked: [&[&str]; 17] = [
        &["generate", "--no-passphrase", "-f", "made"],
        &["generate", "--for", "list"],
        &["inspect", "key"],
        &["import", "key"],
        &["list"],
        &["list", "--store"],
        &["check"],
        &["status"],
        &["status", "--security"],
        &["why"],
        &["hosts"],
        &["explain", "box.example", "--known-hosts", "known"],
        &["config", "check"],
        &["config", "show"],
        &["doctor"],
        &["install", "--dry-run"],
        &["log", "verify"],
    ];
    for words in asked {
        let document = printed(&world, words, Some(agent.socket()));
        let command = words.join(" ");
        assert!(document.is_object(), "{command}: a list has no room for more: {document}");
        look(&command, "", &document);
    }
    let keys =
        |words: &[&str], list: &str| printed(&world, words, Some(agent.socket()))[list][0].clone();
    // Of hosts tests/interop has some.
    let findings: [(&[&str], &str, &str); 5] = [
        (&["check"], "findings", "fact"),
        (&["doctor"], "findings", "fact"),
        (&["why"], "refusals", "reason"),
        (&["status", "--security"], "measures", "reason"),
        (&["generate", "--for", "list"], "profiles", "reason"),
    ];
    for (words, list, said) in findings {
        assert!(keys(words, list)[said].is_string(), "{words:?}: {said}");
    }
    let listed = keys(&["list"], "keys");
    let explain = ["explain", "box.example", "--known-hosts", "known"];
    for (words, list) in [
        (&["inspect", "key"][..], "keys"),
        (&explain[..], "keys"),
        (&["list", "--store"][..], "keys"),
    ] {
        let one = keys(words, list);
        for name in ["fingerprint", "type", "comment"] {
            assert_eq!(one[name], listed[name], "{words:?}: {name}");
        }
    }
}
