//! `keyfob backup` and `restore`: one file, proved on both ways, and nothing lost on either.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use keyfob_testkit::{KeyType, World};

use crate::support::{
    STORE_PASSPHRASE, hints, in_store, keyfob, keyfob_unlocking, make_store, world,
};

fn with_key(world: &World) {
    make_store(world);
    world.key(KeyType::Ed25519, "id");
    keyfob_unlocking(world, "add").args(["--save", "id"]).output().exits(0);
    keyfob(world).args(["backup", "backup.tar"]).output().exits(0);
}

/// The names beside the store that a restore made.
fn kept(world: &World) -> Vec<String> {
    let folder = world.path(".local/share/keyfob");
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    names.filter_map(|name| name.into_string().ok()).filter(|name| name != "store").collect()
}

#[test]
fn a_backup_is_one_sealed_file_that_tar_unpacks_to_a_store() {
    let world = world();
    with_key(&world);
    let mode = fs::metadata(world.path("backup.tar")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = keyfob(&world).args(["backup", "backup.tar"]).output();
    again.exits(1).reports_among_else("there is a file of this name already");
    let forced = keyfob(&world).args(["backup", "--force", "backup.tar"]).output();
    forced.exits(0).reports_among_else("reads back the same");
    world.system_program("tar").args(["xf", "backup.tar"]).output().exits(0);
    let run = keyfob_unlocking(&world, "list").args(["--store", "--unlock"]);
    let run = run.env("KEYFOB_STORE", world.path("keyfob-store"));
    run.output().exits(0).prints_among_else("id ");
    let piped = keyfob(&world).args(["backup", "-"]).output();
    piped.exits(0);
    assert_eq!(piped.stdout, fs::read(world.path("backup.tar")).unwrap());
}

#[test]
fn a_restore_asks_and_keeps_what_was_there() {
    let world = world();
    with_key(&world);
    keyfob_unlocking(&world, "rename").args(["id", "newer"]).output().exits(0);
    let unasked = keyfob_unlocking(&world, "restore").arg("backup.tar").output();
    unasked.exits(1).reports_among_else("holds: newer.");
    hints(&unasked, "--yes");
    let mut terminal = keyfob(&world).args(["restore", "backup.tar"]).on_terminal();
    terminal.expect("Put the backup in its place?").type_line("yes");
    terminal.expect("Passphrase for the key store: ").answer_unseen("wrong");
    terminal.expect("try again for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.wait().0.exits(0).reports_among_else("the one of the backup: one key.");
    assert!(in_store(&world, "keys/id.sealed").exists());
    let kept = kept(&world);
    assert!(kept.len() == 1 && kept[0].starts_with("store.before-restore-"), "{kept:?}");
    let old = world.path(".local/share/keyfob").join(&kept[0]);
    assert!(old.join("keys/newer.sealed").exists());
    // It is the store now: no rollback is seen, and it can be changed.
    keyfob_unlocking(&world, "rename").args(["id", "again"]).output().exits(0);
    keyfob_unlocking(&world, "check").output().exits(0);
}

#[test]
fn on_a_new_machine_the_recovery_code_opens_it_too() {
    let world = world();
    with_key(&world);
    let elsewhere = world.path("elsewhere");
    let run = keyfob(&world).env("KEYFOB_STORE", &elsewhere);
    let run = run.args(["restore", "--yes", "--recovery-code-file", "recovery-code", "backup.tar"]);
    run.output().exits(0).reports_among_else("There is nothing in ");
    assert!(elsewhere.join("keys/id.sealed").exists());
}

#[test]
fn what_is_no_backup_changes_nothing() {
    let world = world();
    with_key(&world);
    let restore = |file: &str| keyfob_unlocking(&world, "restore").args(["--yes", file]).output();
    world.write("text", "something else", 0o600);
    restore("text").exits(1).reports_among_else("text: is no backup of a key store");
    restore("missing").exits(1).reports_among_else("no such file or directory");
    world.make_folder("keyfob-store");
    world.write("keyfob-store/VAULT", "x", 0o600);
    std::os::unix::fs::symlink("/etc/passwd", world.path("keyfob-store/RECOVERY.txt")).unwrap();
    world.system_program("tar").args(["cf", "links.tar", "keyfob-store"]).output().exits(0);
    restore("links.tar").exits(1).reports_among_else("there is something else in it");
    let wrong = ["--yes", "--store-passphrase-file", "recovery-code", "backup.tar"];
    keyfob(&world).arg("restore").args(wrong).output().exits(1);
    assert!(kept(&world).is_empty(), "{:?}", kept(&world));
    keyfob_unlocking(&world, "check").output().exits(0);
}

#[test]
fn a_backup_that_was_damaged_says_so_and_the_store_before_it_is_there() {
    let world = world();
    with_key(&world);
    let mut bent = fs::read(world.path("backup.tar")).unwrap();
    let name = bent.windows(9).position(|part| part == b"id.sealed").unwrap();
    // Behind the header of the archive and that of the item.
    bent[name + 512 + 400] ^= 1;
    world.write("bent.tar", bent, 0o600);
    let restored = keyfob_unlocking(&world, "restore").args(["--yes", "bent.tar"]).output();
    restored.exits(0).reports_among_else("not as ");
    hints(&restored, "keyfob check");
    assert_eq!(kept(&world).len(), 1);
    keyfob_unlocking(&world, "check").output().exits(1);
}
