//! `keyfob check --repair`: it says what it will do, asks, does it, and tells what is left.

use std::fs;
use std::time::Duration;

use keyfob_testkit::{KeyType, Output, Run, World};

use crate::support::{
    fingerprint, hints, in_store, keyfob, keyfob_unlocking, make_store, skipped, world,
};

/// A store with two keys.
fn with_keys(world: &World) {
    make_store(world);
    for name in ["work", "home"] {
        world.key(KeyType::Ed25519, name);
        keyfob_unlocking(world, "add").args(["--save", name]).output().exits(0);
    }
}

fn check(world: &World, flags: &[&str]) -> Output {
    keyfob_unlocking(world, "check").args(flags).output()
}

fn repair(world: &World) -> Output {
    check(world, &["--repair", "--yes"])
}

#[track_caller]
fn is_well(world: &World) {
    check(world, &[]).exits(0).prints("").reports_among_else("all is as it should be");
}

/// The check names it with what `--repair` would do; that is done, and the store is well.
#[track_caller]
fn is_mended(world: &World, named: &str, remedy: &str) {
    let told = check(world, &[]);
    told.exits(1).prints_among_else(named).prints_among_else(&format!("--repair would: {remedy}"));
    hints(&told, "keyfob check --repair");
    let json: serde_json::Value = json(&check(world, &["--json"]));
    assert!(json["findings"][0]["repair"].as_str().unwrap().starts_with(remedy), "{json}");
    repair(world).exits(0).reports_among_else(&format!("Done: {remedy}"));
    is_well(world);
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&output.stdout()).unwrap()
}

/// At a terminal, to be asked there.
fn asking(world: &World) -> Run {
    keyfob_unlocking(world, "check").arg("--repair")
}

fn set_confirm(world: &World, name: &str) {
    keyfob_unlocking(world, "set").args(["--confirm", name]).output().exits(0);
}

#[test]
fn a_leftover_draft_is_taken_away() {
    let world = world();
    with_keys(&world);
    let draft = in_store(&world, "keys/.new-0123456789abcdef");
    fs::write(&draft, "half a key").unwrap();
    is_mended(&world, "what is left of a write that did not end", "delete /");
    assert!(!draft.exists());
}

#[test]
fn a_public_half_that_is_missing_or_swapped_is_written_anew() {
    let world = world();
    with_keys(&world);
    let (work, home) = (in_store(&world, "keys/work.pub"), in_store(&world, "keys/home.pub"));
    let good = fingerprint(&world, &work);
    fs::remove_file(&work).unwrap();
    is_mended(&world, "the public half of a key is missing", "write the public half of work anew");
    assert_eq!(fingerprint(&world, &work), good);
    fs::copy(&home, &work).unwrap();
    is_mended(&world, "is not the public half of its key", "write the public half of work anew");
    assert_eq!(fingerprint(&world, &work), good);
}

#[test]
fn a_moved_file_gets_its_name_back() {
    let world = world();
    with_keys(&world);
    let moved = in_store(&world, "keys/other.sealed");
    fs::rename(in_store(&world, "keys/work.sealed"), &moved).unwrap();
    is_mended(&world, "it was copied or moved", "give the file of work its name back");
    assert!(in_store(&world, "keys/work.sealed").is_file() && !moved.exists());
}

#[test]
fn the_file_of_a_deleted_key_is_taken_away_again() {
    let world = world();
    with_keys(&world);
    let (sealed, public) =
        (in_store(&world, "keys/work.sealed"), in_store(&world, "keys/work.pub"));
    let kept = (fs::read(&sealed).unwrap(), fs::read(&public).unwrap());
    keyfob_unlocking(&world, "delete").args(["--yes", "work"]).output().exits(0);
    fs::write(&sealed, kept.0).unwrap();
    fs::write(&public, kept.1).unwrap();
    is_mended(&world, "is what is left of a deleted key", "delete /");
    assert!(!sealed.exists() && !public.exists());
}

#[test]
fn a_key_that_was_put_back_is_taken_only_when_that_is_said() {
    let world = world();
    with_keys(&world);
    let sealed = in_store(&world, "keys/work.sealed");
    let old = fs::read(&sealed).unwrap();
    set_confirm(&world, "work");
    fs::write(&sealed, &old).unwrap();
    let told = check(&world, &[]);
    told.exits(1).prints_among_else("an earlier version was put back");
    told.prints_among_else("--repair can, if you say so: take the older version in /");
    let left = repair(&world);
    left.exits(1).reports_among_else("Not done: take the older version in /");
    hints(&left, "--yes --risky");
    assert_eq!(fs::read(&sealed).unwrap(), old);
    assert!(in_store(&world, "keys/work.pub").is_file(), "it was all that was left to see");

    let mut terminal = asking(&world).on_terminal();
    terminal.expect("as the newest? (yes/no) ").type_line("no");
    let refused = terminal.wait().0;
    refused.exits(1).reports_among_else("rules that the key has got since are gone");
    assert_eq!(fs::read(&sealed).unwrap(), old);
    check(&world, &["--repair", "--yes", "--risky"]).exits(0).reports_among_else("Done: take");
    is_well(&world);
}

#[test]
fn a_missing_key_is_given_up_only_when_that_is_said() {
    let world = world();
    with_keys(&world);
    let (sealed, public) =
        (in_store(&world, "keys/work.sealed"), in_store(&world, "keys/work.pub"));
    fs::rename(&sealed, world.path("elsewhere")).unwrap();
    let left = repair(&world);
    left.exits(1).prints_among_else("a key is missing that was never deleted");
    left.reports_among_else("Not done: note the missing key ");
    assert!(public.is_file(), "nothing else tells which key is missing");
    fs::rename(world.path("elsewhere"), &sealed).unwrap();
    is_well(&world);

    fs::remove_file(&sealed).unwrap();
    let mut terminal = asking(&world).on_terminal();
    terminal.expect("for good? (yes/no) ").type_line("yes");
    // What is left of it comes up when it is given up.
    terminal.expect("Do what --repair would? (yes/no) ").type_line("yes");
    terminal.wait().0.exits(0);
    is_well(&world);
    assert!(!public.exists());
}

#[test]
fn nothing_is_done_where_nobody_can_be_asked_and_damage_is_left_alone() {
    let world = world();
    with_keys(&world);
    let draft = in_store(&world, "slots/.new-0123456789abcdef");
    fs::write(&draft, "half a slot").unwrap();
    let unasked = check(&world, &["--repair"]);
    unasked.exits(1).prints_among_else("--repair would: delete /");
    hints(&unasked, "--yes");
    assert!(draft.exists());
    let sealed = in_store(&world, "keys/work.sealed");
    let mut damaged = fs::read(&sealed).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(&sealed, &damaged).unwrap();
    let json = json(&check(&world, &["--repair", "--yes", "--json"]));
    assert_eq!(json["repaired"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(json["keys"], 1, "{json}");
    let told = check(&world, &["--repair", "--yes"]);
    told.exits(1).prints_among_else("not by --repair: a copy of the file from a backup");
    assert_eq!(fs::read(&sealed).unwrap(), damaged);
    assert!(in_store(&world, "keys/work.pub").is_file());
    keyfob(&world)
        .args(["check", "--risky", "--repair"])
        .output()
        .exits(1)
        .reports_among_else("--yes");
    keyfob(&world)
        .args(["check", "--accept", "--repair"])
        .output()
        .exits(1)
        .reports_among_else("cannot be used with");
}

/// A folder in the old store that cannot be deleted, because something is mounted there.
const WITH_A_MOUNT: &str = r#"
set -e
mkdir "$1/keys/held"
mount -t tmpfs none "$1/keys/held"
set +e
shift
"$@"
code=$?
umount "$(ls -d "$HOME"/.local/share/keyfob/store.new-*)/keys/held"
exit $code
"#;

#[test]
fn an_old_store_that_cannot_be_deleted_costs_no_recovery_code() {
    let world = world();
    with_keys(&world);
    let unshare = || world.system_program("unshare").args(["--user", "--map-root-user", "--mount"]);
    if !unshare().arg("true").output().status.is_some_and(|status| status.success()) {
        skipped("no user namespaces here, so nothing can be mounted");
        return;
    }
    let flags = ["--keep-passphrase", "--memory", "64M", "--recovery-file", "-", "--yes"];
    let run = unshare().args(["sh", "-c", WITH_A_MOUNT, "sh"]).arg(in_store(&world, ""));
    let run = run.args([env!("CARGO_BIN_EXE_keyfob"), "rekey"]).args(flags);
    let run = run.args(["--store-passphrase-file", "store-passphrase"]).env("HOME", world.home());
    let done = run.limit(Duration::from_secs(60)).output();
    done.exits(1).reports_among_else("the old key store could not be deleted: /");
    hints(&done, "delete that folder by hand");
    world.write("code", done.stdout(), 0o600);
    // It opens with what was taken back, so the check tells of it; and now it can be deleted.
    let flags = ["check", "--repair", "--yes", "--recovery-code-file", "code"];
    let repaired = keyfob(&world).args(flags).output();
    repaired.exits(0).prints_among_else("store.new-").reports_among_else("Done: delete /");
    let beside = fs::read_dir(in_store(&world, "").parent().unwrap()).unwrap().flatten();
    assert_eq!(beside.map(|entry| entry.file_name()).collect::<Vec<_>>(), ["store"]);
}

/// Lost otherwise: what is wrong is read twice, and who has just said `--repair` is told to.
#[test]
fn what_was_found_is_told_once_where_nobody_can_be_asked() {
    let world = world();
    make_store(&world);
    keyfob_unlocking(&world, "import")
        .arg(world.key(KeyType::Ed25519, "key").path())
        .output()
        .exits(0);
    fs::remove_file(in_store(&world, "keys/key.pub")).unwrap();
    let told = keyfob_unlocking(&world, "check").arg("--repair").output();
    let lines = told.exits(1).stdout();
    assert_eq!(lines.matches("public half of a key is missing").count(), 1, "{told}");
    hints(&told, "--yes");
    assert!(!told.stderr().contains("keyfob check --repair"), "{told}");
}
