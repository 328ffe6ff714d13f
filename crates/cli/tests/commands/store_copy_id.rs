//! `keyfob copy-id` and the keys of a store: what its files say lets nobody in. A failure here means
//! that who can write to the store opens the user's servers.

use std::fs;

use keyfob_testkit::{KeyStore, KeyType};

use crate::support::{hints, world};

#[test]
fn a_key_of_a_store_that_was_not_unlocked_is_not_installed() {
    let world = world();
    let store = KeyStore::make(&world);
    let key = world.key(KeyType::Ed25519, "key");
    store.save(&key, "work", &[]);
    // One of the usual files is no substitute.
    world.make_folder(".ssh");
    fs::copy(key.public_path(), world.path(".ssh/id_ed25519.pub")).unwrap();
    fs::copy(key.path(), world.path(".ssh/id_ed25519")).unwrap();
    let agent = store.agent_asking(&store.answering());
    let with = |arguments: &[&str]| {
        let run = world.program("keyfob").env("SSH_AUTH_SOCK", agent.socket());
        run.args(arguments).output()
    };
    let copy = || with(&["copy-id", "--dry-run", "host"]);
    let refused = copy();
    refused.exits(1).reports_among_else("key@keyfob (ED25519) is not installed");
    assert_eq!(refused.stdout(), "");
    hints(&refused, "keyfob unlock");
    assert!(with(&["list"]).stdout().contains("unverified"));
    // Beside a key that is certain, that one alone.
    let session = world.key(KeyType::EcdsaP256, "session");
    agent.add(&session);
    let some = copy();
    some.exits(0).reports_among_else("key@keyfob (ED25519) is not installed");
    assert_eq!(some.stdout(), format!("{}\n", session.public_line()));
    // What was proved stays so.
    store.command_with(&agent, "unlock").output().exits(0);
    store.command_with(&agent, "lock").output().exits(0);
    let both = copy();
    both.exits(0);
    assert!(both.stdout().contains(&key.public_line()), "{both}");
    let listed = with(&["list"]).stdout();
    assert!(listed.contains("stored") && !listed.contains("unverified"), "{listed}");
}
