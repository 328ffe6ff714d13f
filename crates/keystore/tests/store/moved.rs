//! Files of a store that a person or a tool has given other names, and what changes do to them.
//!
//! What is lost by a mistake here is a private key: its only file written over, or taken away in
//! the belief that it is an old one.

use std::fs;

use keyfob_keystore::{Content, Finding, Problem, Store, Trust, Unlocked};

use crate::support::{Home, PASSPHRASE, files, key, name, names, new, secret};

/// Moves a file within the folder of the keys.
fn moved(home: &Home, from: &str, to: &str) {
    let folder = home.store().join("keys");
    fs::rename(folder.join(from), folder.join(to)).unwrap();
}

#[track_caller]
fn holds(store: &Unlocked, text: &str, number: u8) {
    let Content::Key(opened) = store.open(&name(text)).unwrap().1 else { panic!("no key") };
    assert_eq!(opened.public(), key(number).public(), "{text}");
}

#[test]
fn a_moved_file_that_is_given_its_files_name_keeps_its_key() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    moved(&home, "work.sealed", "office.sealed");
    store.reload().unwrap();
    assert_eq!(names(&store), ["work"]);
    store.rename(&name("work"), &name("office")).unwrap();
    holds(&home.unlock(), "office", 1);
    assert_eq!(files(&home.store().join("keys")), ["office.pub", "office.sealed"]);
}

#[test]
fn a_new_key_does_not_cost_the_one_whose_file_has_its_name() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    moved(&home, "work.sealed", "office.sealed");
    store.add(vec![new("office", 2), new("other", 3)]).unwrap();
    let store = home.unlock();
    holds(&store, "work", 1);
    holds(&store, "office", 2);
    holds(&store, "other", 3);
}

#[test]
fn two_files_that_changed_places_can_both_be_changed() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("a", 1), new("b", 2)]).unwrap();
    moved(&home, "a.sealed", "c");
    moved(&home, "b.sealed", "a.sealed");
    moved(&home, "c", "b.sealed");
    store.change(&name("a"), |facts, _| facts.comment = b"new".to_vec()).unwrap();
    holds(&home.unlock(), "a", 1);
    holds(&home.unlock(), "b", 2);
    store.rename(&name("b"), &name("x")).unwrap();
    holds(&home.unlock(), "a", 1);
    holds(&home.unlock(), "x", 2);
}

#[test]
fn a_damaged_file_is_not_written_over() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    let path = home.store().join("keys/work.sealed");
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::write(&path, &bytes).unwrap();
    store.add(vec![new("work", 2)]).unwrap();
    assert_eq!(fs::read(home.store().join("keys/work-2.sealed")).unwrap(), bytes);
}

#[test]
fn a_change_of_case_leaves_nothing_behind_where_it_makes_two_files() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    store.rename(&name("work"), &name("Work")).unwrap();
    assert_eq!(files(&home.store().join("keys")), ["Work.pub", "Work.sealed"]);
    assert_eq!(home.unlock().findings(), []);
}

#[test]
fn what_is_no_file_in_a_place_of_one_hides_no_key() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    for place in ["keys/x.sealed", "slots/0000000000000000.slot", "manifest/0000000000000000.m"] {
        fs::create_dir(home.store().join(place)).unwrap();
    }
    let fifo = home.store().join("keys/fifo.sealed");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    let store = home.unlock();
    holds(&store, "work", 1);
    assert_eq!(store.findings().len(), 4, "{:?}", store.findings());
    assert_eq!(home.open().list().unwrap().len(), 1);
}

#[test]
fn an_exchange_of_stores_that_was_cut_short_in_its_middle_is_ended() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    // Where the system exchanges nothing, there is a moment with no store in its place.
    let old = home.path("store.new-0123456789abcdef");
    let copy = fs_copy(&home);
    fs::rename(home.store(), home.path("store.replaced")).unwrap();
    fs::rename(copy, &old).unwrap();
    let mut store = home.unlock();
    holds(&store, "work", 1);
    store.change(&name("work"), |_, _| ()).unwrap();
    assert!(!old.exists(), "the store that was replaced opens with the old passphrase");
}

fn fs_copy(home: &Home) -> std::path::PathBuf {
    let copy = home.path("copy");
    let run = std::process::Command::new("cp").arg("-r").arg(home.store()).arg(&copy).status();
    assert!(run.unwrap().success());
    copy
}

#[test]
fn of_two_processes_none_forgets_what_the_other_has_seen() {
    let home = Home::new();
    let (mut one, code) = home.made();
    one.add(vec![new("work", 1)]).unwrap();
    let copy = fs_copy(&home);
    // Has seen this, and nothing newer.
    let mut other = home.open().unlock(&code, Trust::Remembered).unwrap();
    one.add(vec![new("home", 2)]).unwrap();
    fs::remove_dir_all(home.store()).unwrap();
    fs::rename(copy, home.store()).unwrap();
    // The copy is as new as what this one had seen, but not as what this machine has.
    assert!(matches!(other.reload(), Err(keyfob_keystore::Error::RolledBack)));
    let again = home.open().unlock(&code, Trust::Remembered);
    assert!(matches!(again, Err(keyfob_keystore::Error::RolledBack)));
    // Taken all the same, it can be changed, and is as good as any other from then on.
    let mut accepted = home.open().unlock(&code, Trust::AsItIs).unwrap();
    accepted.add(vec![new("home", 2)]).unwrap();
    assert_eq!(names(&home.open().unlock(&code, Trust::Remembered).unwrap()), ["home", "work"]);
}

#[test]
fn a_damaged_manifest_is_not_called_a_store_that_was_put_back() {
    let home = Home::new();
    let (store, code) = home.made();
    drop(store);
    let folder = home.store().join("manifest");
    let path = folder.join(&files(&folder)[0]);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let opened = home.open().unlock(&code, Trust::Remembered);
    assert!(matches!(opened, Err(keyfob_keystore::Error::Damaged { path: it, .. }) if it == path));
    assert!(home.open().unlock(&code, Trust::AsItIs).is_ok());
}

#[test]
fn a_store_can_be_made_in_the_folder_one_stands_in() {
    let home = Home::new();
    // The folder one stands in belongs to the whole process, so a process of its own stands there.
    if std::env::var_os("KEYFOB_TEST_RELATIVE").is_none() {
        let program = std::env::current_exe().unwrap();
        let run = std::process::Command::new(program)
            .args(["--exact", "moved::a_store_can_be_made_in_the_folder_one_stands_in"])
            .env("KEYFOB_TEST_RELATIVE", "1")
            .current_dir(home.path(""))
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
        return;
    }
    let cost = keyfob_keystore::Cost::FLOOR;
    let made = Store::create("store".as_ref(), "state".as_ref(), &secret(PASSPHRASE), cost);
    assert!(made.is_ok(), "{:?}", made.err());
}

#[test]
fn a_new_code_does_not_cost_the_passphrase_whose_file_has_its_name() {
    let home = Home::new();
    let (mut store, _) = home.made();
    let folder = home.store().join("slots");
    let slots = files(&folder);
    fs::rename(folder.join(&slots[0]), folder.join("x")).unwrap();
    fs::rename(folder.join(&slots[1]), folder.join(&slots[0])).unwrap();
    fs::rename(folder.join("x"), folder.join(&slots[1])).unwrap();
    let code = store.set_recovery_code().unwrap();
    assert_eq!(names(&home.unlock()), [""; 0]);
    assert!(home.open().unlock(&code, Trust::Remembered).is_ok());
    assert_eq!(files(&folder).len(), 2);
}

#[test]
fn an_old_version_of_a_deleted_key_is_dead_and_no_attack() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    let folder = home.store().join("keys");
    let old = fs::read(folder.join("work.sealed")).unwrap();
    store.rename(&name("work"), &name("x")).unwrap();
    let newer = fs::read(folder.join("x.sealed")).unwrap();
    store.delete(&name("x")).unwrap();
    // As kills before the removal of each leave them.
    fs::write(folder.join("work.sealed"), old).unwrap();
    fs::write(folder.join("x.sealed"), newer).unwrap();
    store.reload().unwrap();
    assert_eq!(store.findings().len(), 2);
    for finding in store.findings() {
        let Finding::File { problem, .. } = finding else { panic!("{finding}") };
        assert_eq!(*problem, Problem::Deleted, "{finding}");
    }
}
