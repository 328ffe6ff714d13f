//! Snapshots of a whole store.

use std::fs;

use keyfob_keystore::{Error, Snapshot, Trust};

use crate::support::{Home, PASSPHRASE, name, new, secret};

#[test]
fn a_copy_takes_the_place_of_a_store_and_that_is_kept() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("a", 1), new("b", 2)]).unwrap();
    let copy = store.store().snapshot().unwrap();
    assert!(copy.files().any(|(path, _)| path == "keys/a.sealed"));
    assert!(!copy.files().any(|(path, _)| path.contains("lock")));
    store.delete(&name("a")).unwrap();

    let restored = copy.restore(&home.store(), &home.states(), &secret(PASSPHRASE)).unwrap();
    assert_eq!(restored.store.items().len(), 2);
    assert!(restored.store.findings().is_empty(), "{:?}", restored.store.findings());
    assert!(restored.old.unwrap().join("VAULT").exists());
    // This machine had seen a newer one, and takes the older one from now on.
    home.unlock().add(vec![new("c", 3)]).unwrap();
    assert_eq!(home.unlock().items().len(), 3);
}

#[test]
fn a_copy_goes_where_nothing_is() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("a", 1)]).unwrap();
    let copy = store.store().snapshot().unwrap();
    let (place, states) = (home.path("elsewhere"), home.path("other state"));
    let restored = copy.restore(&place, &states, &secret(PASSPHRASE)).unwrap();
    assert!(restored.old.is_none());
    assert!(restored.store.open(&name("a")).is_ok());
    assert_eq!(restored.store.store().snapshot().unwrap().files().count(), copy.files().count());
}

#[test]
fn what_does_not_open_takes_no_place() {
    let home = Home::new();
    let (mut store, _) = home.made();
    store.add(vec![new("a", 1)]).unwrap();
    let copy = store.store().snapshot().unwrap();
    let before = fs::read_dir(home.path("")).unwrap().count();
    let restore = |copy: &Snapshot, passphrase: &str| {
        copy.restore(&home.store(), &home.states(), &secret(passphrase)).map(|_| ())
    };
    assert!(matches!(restore(&copy, "wrong"), Err(Error::WrongPassphrase)));
    assert!(matches!(restore(&Snapshot::default(), PASSPHRASE), Err(Error::Damaged { .. })));
    let without = |left_out: &str| {
        let mut other = Snapshot::default();
        for (path, bytes) in copy.files().filter(|(path, _)| !path.starts_with(left_out)) {
            other.insert(path, bytes.to_vec()).unwrap();
        }
        other
    };
    assert!(restore(&without("slots/"), PASSPHRASE).is_err());
    assert_eq!(fs::read_dir(home.path("")).unwrap().count(), before, "nothing is left behind");
    assert!(home.open().unlock(&secret(PASSPHRASE), Trust::Remembered).is_ok());
}
