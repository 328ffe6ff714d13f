//! Making a store, and changing what is in it.

use keyfob_keys::PublicKey;
use keyfob_keystore::{Content, Cost, Destination, Error, Kind, Store, Trust};

use crate::support::{Home, PASSPHRASE, files, key, name, names, new, secret};

#[test]
fn a_store_opens_with_its_passphrase_and_its_code_and_nothing_else() {
    let home = Home::new();
    let (made, code) = home.made();
    assert_eq!(made.findings(), []);
    drop(made);
    let store = home.open();
    assert!(store.unlock(&secret(PASSPHRASE), Trust::Remembered).is_ok());
    assert!(store.unlock(&code, Trust::Remembered).is_ok());
    let wrong = store.unlock(&secret("velvet harbour oxid"), Trust::Remembered);
    assert!(matches!(wrong, Err(Error::WrongPassphrase)));
    let again = Store::create(&home.store(), &home.states(), &secret("x"), Cost::FLOOR);
    assert!(matches!(again, Err(Error::Taken(_))));
    assert_eq!(files(&home.path("")), ["state", "store"]);
}

#[test]
fn what_was_added_is_listed_locked_and_opens_unlocked() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1), new("home", 2)]).unwrap();
    drop(store);

    let listed = home.open().list().unwrap();
    assert_eq!(listed.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["home", "work"]);
    assert_eq!(listed[1].public.as_ref(), Some(key(1).public()));
    assert_eq!(listed[1].comment, b"work of the tests");
    assert_eq!(listed[1].kind, Kind::Key);

    let store = home.unlock();
    assert_eq!(store.findings(), []);
    let (facts, Content::Key(opened)) = store.open(&name("work")).unwrap() else {
        panic!("no key")
    };
    assert_eq!(opened.public(), key(1).public());
    assert_eq!(facts.comment, b"work of the tests");
    assert!(matches!(store.open(&name("none")), Err(Error::NoItem(_))));
}

#[test]
fn a_public_half_is_a_file_that_ssh_can_be_told_of() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    let file = std::fs::read(store.store().public_file(&name("work"))).unwrap();
    let (public, comment) = PublicKey::from_line(file.trim_ascii_end()).unwrap();
    assert_eq!((&public, comment.as_slice()), (key(1).public(), &b"work of the tests"[..]));
}

#[test]
fn no_name_and_no_key_is_taken_twice() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    assert!(matches!(store.add(vec![new("Work", 2)]), Err(Error::NameTaken(_))));
    assert!(matches!(store.add(vec![new("other", 1)]), Err(Error::KeyTaken(_))));
    let twice = store.add(vec![new("a", 3), new("b", 3)]);
    assert!(matches!(twice, Err(Error::KeyTaken(_))));
    assert_eq!(names(&home.unlock()), ["work"]);
}

#[test]
fn rules_live_with_the_key() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    let destination = Destination { text: b"me@host".to_vec(), constraint: vec![1, 2, 3] };
    store
        .change(&name("work"), |facts, _| {
            facts.terms.lifetime = Some(3600);
            facts.terms.confirm = true;
            facts.terms.destinations = vec![destination.clone()];
            facts.comment = b"other".to_vec();
        })
        .unwrap();
    let item = home.unlock().item(&name("work")).unwrap();
    assert_eq!(item.generation, 2);
    assert_eq!(item.facts.terms.lifetime, Some(3600));
    assert!(item.facts.terms.confirm);
    assert_eq!(item.facts.terms.destinations, [destination]);
    assert_eq!(home.open().list().unwrap()[0].comment, b"other");
}

#[test]
fn a_renamed_key_has_its_new_name_only() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1), new("home", 2)]).unwrap();
    assert!(matches!(store.rename(&name("work"), &name("home")), Err(Error::NameTaken(_))));
    store.rename(&name("work"), &name("office")).unwrap();
    assert_eq!(names(&store), ["home", "office"]);
    assert_eq!(
        files(&home.store().join("keys")),
        ["home.pub", "home.sealed", "office.pub", "office.sealed"]
    );
    let store = home.unlock();
    assert_eq!(store.findings(), []);
    assert!(store.open(&name("office")).is_ok());
}

#[test]
fn a_name_can_change_its_case() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    store.rename(&name("work"), &name("Work")).unwrap();
    assert_eq!(names(&home.unlock()), ["Work"]);
}

#[test]
fn a_deleted_key_is_gone_and_its_files_put_back_stay_dead() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("work", 1), new("home", 2)]).unwrap();
    let path = home.store().join("keys/work.sealed");
    let sealed = std::fs::read(&path).unwrap();
    store.delete(&name("work")).unwrap();
    assert_eq!(files(&home.store().join("keys")), ["home.pub", "home.sealed"]);
    std::fs::write(&path, sealed).unwrap();
    let store = home.unlock();
    assert_eq!(names(&store), ["home"]);
    assert_eq!(store.findings().len(), 1, "{:?}", store.findings());
}

#[test]
fn a_new_passphrase_replaces_the_old_one_and_a_new_code_the_old_code() {
    let home = Home::new();
    let (mut store, old_code) = home.made();
    store.add(vec![new("work", 1)]).unwrap();
    store.set_passphrase(&secret("other"), Cost::FLOOR).unwrap();
    let code = store.set_recovery_code().unwrap();
    assert_eq!(store.findings(), []);
    let open = |method: &dyn keyfob_keystore::Method| home.open().unlock(method, Trust::Remembered);
    assert!(matches!(open(&secret(PASSPHRASE)), Err(Error::WrongPassphrase)));
    assert!(matches!(open(&old_code), Err(Error::WrongCode)));
    assert_eq!(names(&open(&secret("other")).unwrap()), ["work"]);
    assert_eq!(names(&open(&code).unwrap()), ["work"]);
}

#[test]
fn a_new_root_makes_the_old_passphrase_code_and_copies_worthless() {
    let home = Home::new();
    let (mut store, old_code) = home.made();
    store.add(vec![new("work", 1), new("home", 2)]).unwrap();
    store.delete(&name("home")).unwrap();
    let old = std::fs::read(home.store().join("keys/work.sealed")).unwrap();
    let made = store.rekey(&secret("other"), Cost::FLOOR).unwrap();
    assert_eq!(made.store.findings(), []);
    assert_eq!(names(&made.store), ["work"]);
    assert!(made.store.open(&name("work")).is_ok());
    assert_eq!(files(&home.path("")), ["state", "store"], "the old store is still there");
    let store = home.open();
    assert!(store.unlock(&secret(PASSPHRASE), Trust::Remembered).is_err());
    assert!(store.unlock(&old_code, Trust::Remembered).is_err());
    assert!(store.unlock(&made.code, Trust::Remembered).is_ok());
    std::fs::write(home.store().join("keys/work.sealed"), old).unwrap();
    let store = store.unlock(&secret("other"), Trust::Remembered).unwrap();
    assert_eq!(names(&store), [""; 0]);
}

#[test]
fn a_store_that_another_program_changed_is_read_again() {
    let home = Home::new();
    let (mut one, _) = home.made();
    let mut other = home.unlock();
    other.add(vec![new("work", 1)]).unwrap();
    assert_eq!(names(&one), [""; 0]);
    one.reload().unwrap();
    assert_eq!(names(&one), ["work"]);
    one.delete(&name("work")).unwrap();
    assert!(matches!(other.rename(&name("work"), &name("x")), Err(Error::NoItem(_))));
}
