//! The store as a whole: its passphrase, its recovery code, a new root, and what a check finds.

use std::fs;
use std::path::Path;

use keyfob_testkit::{KeyType, Output, World};

use crate::support::{
    STORE_PASSPHRASE, fingerprint, hints, in_store, keyfob, keyfob_unlocking, make_store, world,
};

fn with_key(world: &World) {
    make_store(world);
    world.key(KeyType::Ed25519, "id");
    keyfob_unlocking(world, "add").args(["--save", "id"]).output().exits(0);
}

/// Whether this passphrase opens the store.
fn opens(world: &World, passphrase_file: &str) -> Output {
    let flags = ["--store", "--unlock", "--store-passphrase-file", passphrase_file];
    keyfob(world).arg("list").args(flags).output()
}

fn copied(from: &Path, to: &Path) {
    let run = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(run.unwrap().success());
}

#[test]
fn the_passphrase_changes_and_what_that_does_not_do_is_said() {
    let world = world();
    with_key(&world);
    world.write("new", "oxide lantern tuesday\n", 0o600);
    let flags = ["--store", "--memory", "64M", "--new-passphrase-file", "new"];
    let changed = keyfob_unlocking(&world, "passphrase").args(flags).output();
    changed.exits(0).reports_among_else("still open with the old one");
    hints(&changed, "keyfob rekey");
    opens(&world, "new").exits(0).prints_among_else("id ");
    opens(&world, "store-passphrase").exits(1).reports_among_else("wrong passphrase");
}

/// The other side of it, where a system keeps such secrets, is in `tests/elsewhere/run`.
#[test]
#[cfg(target_os = "linux")]
fn where_no_system_keeps_secrets_no_login_opens_the_store() {
    let world = world();
    with_key(&world);
    let refused = keyfob_unlocking(&world, "account").args(["add", "--yes"]).output();
    refused.exits(1).reports_among_else("keeps no secret that every login");
    hints(&refused, "keyfob unlock");
    let removed = keyfob_unlocking(&world, "account").arg("remove").output();
    removed.exits(0).reports_among_else("did not open the key store");
    let status = keyfob(&world).args(["status", "--json"]).output();
    assert!(status.stdout().contains("\"store_by_account\": false"), "{}", status.stdout());
}

#[test]
fn a_lost_passphrase_is_replaced_with_the_recovery_code() {
    let world = world();
    with_key(&world);
    world.write("new", "oxide lantern tuesday\n", 0o600);
    world.write("typo", "0123-4567\n", 0o600);
    let change = |code: &str| {
        let run = keyfob(&world).args(["passphrase", "--store", "--memory", "64M"]);
        run.args(["--recovery-code-file", code, "--new-passphrase-file", "new"]).output()
    };
    change("typo").exits(1).reports_among_else("a recovery code has 36 letters and digits");
    change("recovery-code").exits(0);
    opens(&world, "new").exits(0);

    let code = fs::read_to_string(world.path("recovery-code")).unwrap();
    let run = keyfob(&world).args(["passphrase", "--store", "--memory", "64M", "--recovery-code"]);
    let mut terminal = run.on_terminal();
    terminal.expect("Recovery code of the key store: ").answer_unseen("mistyped");
    terminal.expect("Recovery code of the key store: ").answer_unseen(code.to_lowercase().trim());
    terminal.expect("New passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("The same again: ").answer_unseen(STORE_PASSPHRASE);
    terminal.wait().0.exits(0);
    opens(&world, "store-passphrase").exits(0);
    let file = keyfob(&world).args(["passphrase", "--recovery-code", "id"]).output();
    file.exits(1).reports_among_else("opens the key store, and no key file");
}

#[test]
fn a_new_code_takes_the_old_one_back() {
    let world = world();
    with_key(&world);
    let renew = |flags: &[&str]| keyfob_unlocking(&world, "recovery").args(flags).output();
    renew(&["new"]).exits(1).reports_among_else("no terminal to show the recovery code on");
    renew(&["new", "--recovery-file", "code"]).exits(0).reports_among_else("no more");
    world.write("new", "oxide lantern tuesday\n", 0o600);
    let with = |code: &str| {
        let run = keyfob(&world).args(["passphrase", "--store", "--memory", "64M"]);
        run.args(["--recovery-code-file", code, "--new-passphrase-file", "new"]).output()
    };
    with("recovery-code").exits(1).reports_among_else("not the recovery code of the key store");
    with("code").exits(0);
    let printed = keyfob(&world).args(["recovery", "new", "--recovery-file", "-"]);
    let printed = printed.args(["--store-passphrase-file", "new"]).output();
    assert_eq!(printed.exits(0).stdout().trim_end().len(), 44);
}

#[test]
fn a_new_root_keeps_the_keys_and_leaves_the_old_passphrase_behind() {
    let world = world();
    with_key(&world);
    let before = fingerprint(&world, &in_store(&world, "keys/id.pub"));
    copied(&in_store(&world, ""), &world.path("old copy"));
    world.write("new", "oxide lantern tuesday\n", 0o600);
    let flags = ["--memory", "64M", "--new-passphrase-file", "new", "--recovery-file", "code"];
    let unasked = keyfob_unlocking(&world, "rekey").args(flags).output();
    unasked.exits(1);
    hints(&unasked, "--yes");
    let done = keyfob_unlocking(&world, "rekey").args(flags).arg("--yes").output();
    done.exits(0).reports_among_else("one key in it").reports_among_else("replaced on the servers");
    opens(&world, "store-passphrase").exits(1);
    opens(&world, "new").exits(0).prints_among_else(&before);

    // The old copy opens with the old passphrase, but in its place this machine knows better.
    fs::remove_dir_all(in_store(&world, "")).unwrap();
    copied(&world.path("old copy"), &in_store(&world, ""));
    let other = opens(&world, "store-passphrase");
    other.exits(1).reports_among_else("its root key was replaced");
    hints(&other, "keyfob check --accept");
    let accepted = keyfob_unlocking(&world, "check").args(["--accept", "--yes"]).output();
    accepted.exits(0).reports_among_else("takes the key store as it is from now on");
    opens(&world, "store-passphrase").exits(0);
}

#[test]
fn a_store_that_was_put_back_is_noticed() {
    let world = world();
    with_key(&world);
    copied(&in_store(&world, ""), &world.path("old copy"));
    keyfob_unlocking(&world, "delete").args(["--yes", "id"]).output().exits(0);
    fs::remove_dir_all(in_store(&world, "")).unwrap();
    copied(&world.path("old copy"), &in_store(&world, ""));
    let back = keyfob_unlocking(&world, "check").output();
    back.exits(1).reports_among_else("it was rolled back");
    hints(&back, "keyfob check --accept");
    let unasked = keyfob_unlocking(&world, "check").arg("--accept").output();
    unasked.exits(1);
    let code = ["check", "--accept", "--yes", "--recovery-code-file", "recovery-code"];
    keyfob(&world).args(code).output().exits(0);
    keyfob_unlocking(&world, "check").output().exits(0);
}

#[test]
fn a_check_proves_every_file_and_tells_what_is_wrong() {
    let world = world();
    with_key(&world);
    let linked = world.key(KeyType::EcdsaP256, "linked");
    keyfob_unlocking(&world, "add").args(["--link", "linked"]).output().exits(0);
    let good = keyfob_unlocking(&world, "check").output();
    good.exits(0).prints("").reports_among_else("2 keys, and all is as it should be");
    fs::remove_file(linked.path()).unwrap();
    let mut sealed = fs::read(in_store(&world, "keys/id.sealed")).unwrap();
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    fs::write(in_store(&world, "keys/id.sealed"), sealed).unwrap();
    fs::write(in_store(&world, "keys/a\nb.sealed"), "x").unwrap();
    let bad = keyfob_unlocking(&world, "check").output();
    bad.exits(1).prints_among_else("linked: the file it links to is not there: /");
    bad.prints_among_else("id.sealed: is damaged").prints_among_else("a\\x0ab.sealed");
    let json = keyfob_unlocking(&world, "check").arg("--json").output();
    json.exits(1).prints_among_else("\"keys\": 1").prints_among_else("\"findings\": [");
}
