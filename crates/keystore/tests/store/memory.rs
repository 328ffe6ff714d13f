//! What an agent remembers: it goes with the keys, and no key depends on it.

use std::fs;

use keyfob_keystore::{Cost, Error, Finding};

use crate::support::{Home, PASSPHRASE, new, secret};

const MEMORY: &[u8] = b"where I log in";

fn kept(home: &Home) -> Option<Vec<u8>> {
    home.unlock().memory().unwrap()
}

#[test]
fn it_is_there_when_the_store_is_opened_again_and_only_the_last_one() {
    let home = Home::new();
    let (store, _) = home.made();
    assert_eq!(store.memory().unwrap(), None);
    store.keep_memory(b"something else").unwrap();
    store.keep_memory(MEMORY).unwrap();
    assert_eq!(kept(&home).unwrap(), MEMORY);
    let file = fs::read(home.store().join("memory")).unwrap();
    assert!(!file.windows(MEMORY.len()).any(|bytes| bytes == MEMORY));
    assert!(home.unlock().check().unwrap().is_empty());
}

#[test]
fn a_new_root_and_a_backup_take_it_along() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("a", 1)]).unwrap();
    store.keep_memory(MEMORY).unwrap();
    let before = fs::read(home.store().join("memory")).unwrap();
    let old = home.unlock();
    store.rekey(&secret(PASSPHRASE), Cost::FLOOR).unwrap();
    assert_eq!(kept(&home).unwrap(), MEMORY);
    assert_ne!(fs::read(home.store().join("memory")).unwrap(), before);
    // Who still has the old root must not seal it under that.
    assert!(matches!(old.keep_memory(b"old"), Err(Error::OtherRoot)));
    let copy = home.open().snapshot().unwrap();
    home.unlock().keep_memory(b"later").unwrap();
    copy.restore(&home.store(), &home.states(), &secret(PASSPHRASE)).unwrap();
    assert_eq!(kept(&home).unwrap(), MEMORY);
}

/// Lost otherwise: who writes to the folder keeps somebody from the keys with one byte.
#[test]
fn one_that_is_damaged_is_told_and_taken_away_and_the_keys_are_there() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("a", 1)]).unwrap();
    store.keep_memory(MEMORY).unwrap();
    let file = home.store().join("memory");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let mut store = home.unlock();
    assert_eq!(store.items().len(), 1);
    assert!(matches!(store.memory(), Err(Error::Damaged { .. })));
    let findings = store.check().unwrap();
    assert!(matches!(&findings[..], [Finding::File { file: told, .. }] if *told == file));
    let remedy = store.remedy(&findings[0]).unwrap();
    store.mend(&remedy).unwrap();
    assert!(store.check().unwrap().is_empty());
    assert_eq!(kept(&home), None);
    // And the next one that is kept mends it as well.
    fs::write(&file, b"rubbish").unwrap();
    store.keep_memory(MEMORY).unwrap();
    assert_eq!(kept(&home).unwrap(), MEMORY);
}

#[test]
fn a_draft_of_it_is_told_and_the_next_writer_takes_it_away() {
    let home = Home::new();
    let (mut store, _) = home.made();
    let draft = home.store().join(".new-0123456789abcdef");
    fs::write(&draft, b"half").unwrap();
    assert_eq!(store.check().unwrap(), [Finding::Draft(draft.clone())]);
    store.add(vec![new("a", 1)]).unwrap();
    assert!(!draft.exists());
}
