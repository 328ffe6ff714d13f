//! What becomes of what is proved when the store is locked, and of the turns of who unlocks.

use std::path::Path;

use keyfob_agent::Policy;
use keyfob_keys::{PrivateKey, Secret};
use keyfob_keystore::{Content, Cost, Facts, Name, New, Terms};

use super::*;

const PASSPHRASE: &[u8] = b"right";

fn agent() -> Agent {
    Agent::new(Policy::default()).unwrap()
}

fn passphrase() -> Secret {
    Secret::from(PASSPHRASE.to_vec())
}

fn key(n: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[n; 32])
}

/// A store with the keys `free`, of no rules, and `kept`, which a person confirms.
fn store(folder: &Path) -> KeyStore {
    let place = StorePlace { folder: folder.join("store"), states: folder.join("states") };
    let made = Store::create(&place.folder, &place.states, &passphrase(), Cost::FLOOR).unwrap();
    let new = |n, name, confirm| New {
        name: Name::new(name).unwrap(),
        facts: Facts {
            comment: name.as_bytes().to_vec(),
            created: 0,
            public: Some(key(n).public().clone()),
            certificate: None,
            terms: Terms { confirm, ..Terms::default() },
        },
        content: Content::Key(key(n)),
    };
    let mut unlocked = made.store;
    unlocked.add(vec![new(1, "free", false), new(2, "kept", true)]).unwrap();
    KeyStore::new(Some(place), Times::default())
}

/// What is shown while it is locked, with what is known of it.
fn shown(store: &KeyStore) -> Vec<StoredKey> {
    let place = store.place.as_ref().unwrap();
    let locked = Store::open(&place.folder, &place.states).unwrap();
    store.held().with_rules(shown::of_locked(&locked).unwrap())
}

/// Lost otherwise: who can write to the folder puts the number of a key without rules beside one
/// that has some, and a server behind a forwarded agent sees it and makes its owner unlock.
#[test]
fn rules_that_were_proved_are_those_of_one_key_and_not_of_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let (store, agent) = (store(folder.path()), agent());
    store.unlock(&passphrase(), &agent).unwrap();
    assert!(store.close());
    assert!(shown(&store).iter().all(|key| key.rules.is_some()), "what was proved is known still");
    let keys = folder.path().join("store/keys");
    let header = |name: &str| {
        let file = std::fs::read(keys.join(name)).unwrap();
        let line = file.split(|byte| *byte == b'\n').next().unwrap();
        let line = String::from_utf8(line.to_vec()).unwrap();
        line.split(' ').map(str::to_owned).collect::<Vec<_>>()
    };
    let (mut forged, kept) = (header("free.sealed"), header("kept.sealed"));
    forged[8].clone_from(&kept[8]);
    std::fs::write(keys.join("0.sealed"), forged.join(" ") + "\n").unwrap();
    let public = String::from_utf8(key(2).public().to_line(b"harmless")).unwrap();
    for name in ["0.pub", "kept.pub"] {
        std::fs::write(keys.join(name), &public).unwrap();
    }
    let shown = shown(&store);
    let of_kept: Vec<_> = shown.iter().filter(|shown| shown.public == *key(2).public()).collect();
    assert_eq!(of_kept.len(), 2);
    assert!(of_kept[0].rules.is_none(), "it is beside the number of another key");
    assert!(of_kept[1].rules.as_ref().unwrap().confirm);
    assert_eq!(*of_kept[1].comment, *b"kept", "nor is it called what a file says");
}

/// Lost otherwise: what the files said while the passphrase was typed takes the place of what it
/// proved, and stays.
#[test]
fn what_a_locked_store_said_does_not_come_behind_what_it_proved() {
    let folder = tempfile::tempdir().unwrap();
    let (store, agent) = (store(folder.path()), agent());
    let place = store.place.clone().unwrap();
    let stamp = Store::open(&place.folder, &place.states).unwrap().stamp().unwrap();
    store.unlock(&passphrase(), &agent).unwrap();
    assert_eq!(agent.stored_keys(clock::now()), 2);
    store.show_locked(Vec::new(), stamp, &agent);
    assert_eq!(agent.stored_keys(clock::now()), 2);
    store.close();
    store.show_locked(Vec::new(), stamp, &agent);
    assert_eq!(agent.stored_keys(clock::now()), 0);
}

/// Lost otherwise: what must not outlive a lock outlives the store.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_taken_away_is_locked() {
    let folder = tempfile::tempdir().unwrap();
    let (store, agent) = (store(folder.path()), agent());
    store.unlock(&passphrase(), &agent).unwrap();
    store.refresh(&agent).await;
    let before = store.changes().locks();
    std::fs::rename(folder.path().join("store"), folder.path().join("away")).unwrap();
    store.refresh(&agent).await;
    assert!(store.status().locked);
    assert_ne!(store.changes().locks(), before);
    assert!(store.proves_persons(), "nobody may answer questions for less than its passphrase");
}

/// Lost otherwise: of two requests that look at once one keeps a serving thread for a millisecond,
/// and one that hangs keeps all of them.
#[tokio::test(start_paused = true)]
#[expect(clippy::await_holding_lock, reason = "as somebody does who hangs")]
async fn who_waits_for_another_that_looks_keeps_no_thread_and_gives_up() {
    let folder = tempfile::tempdir().unwrap();
    let (store, agent) = (store(folder.path()), agent());
    let begun = tokio::time::Instant::now();
    let looks = store.reading.try_lock().unwrap();
    tokio::join!(store.refresh(&agent), async {
        tokio::time::sleep(READING_PATIENCE / 2).await;
        assert_eq!(begun.elapsed(), READING_PATIENCE / 2);
    });
    assert_eq!(begun.elapsed(), READING_PATIENCE);
    drop(looks);
    assert_eq!(agent.stored_keys(clock::now()), 0);
}
