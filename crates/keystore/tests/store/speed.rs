//! How long a store of a thousand keys takes. The numbers are for a release build:
//! `cargo test --release -p keyfob-keystore --test store speed -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use keyfob_keys::PrivateKey;
use keyfob_keystore::{Content, Facts, New, Trust};

use crate::support::{Home, name};

const KEYS: u32 = 1000;

/// The best of several: what the machine does besides is not ours.
fn best<T>(times: usize, mut work: impl FnMut() -> T) -> Duration {
    let run = |_| {
        let began = Instant::now();
        let done = work();
        let took = began.elapsed();
        drop(done);
        took
    };
    (0..times).map(run).min().unwrap()
}

#[test]
#[ignore = "measures: for a release build on a quiet machine"]
#[allow(clippy::print_stdout, reason = "the figures")]
fn a_thousand_keys_are_listed_in_ten_milliseconds() {
    let home = Home::in_memory();
    let (mut store, code) = home.made();
    let new = |number: u32| {
        let mut seed = [7; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        let key = PrivateKey::ed25519_from_seed(&seed);
        let public = Some(key.public().clone());
        let facts = Facts { comment: format!("key {number}").into(), public, ..Facts::default() };
        New { name: name(&format!("key-{number}")), facts, content: Content::Key(key) }
    };
    let began = Instant::now();
    store.add((0..KEYS).map(new).collect()).unwrap();
    println!("add {KEYS} at once: {:?}", began.elapsed());
    drop(store);

    let locked = home.open();
    let list = best(9, || locked.list().unwrap());
    println!("open and list locked: {:?}", best(9, || home.open().list().unwrap()));
    let unlock = best(9, || locked.unlock(&code, Trust::Remembered).unwrap());
    println!("unlock without Argon2: {unlock:?}");
    let unlocked = locked.unlock(&code, Trust::Remembered).unwrap();
    println!("open one: {:?}", best(9, || unlocked.open(&name("key-500")).unwrap()));
    let mut unlocked = unlocked;
    println!("check: {:?}", best(3, || unlocked.check().unwrap()));
    println!("change one: {:?}", best(3, || unlocked.change(&name("key-500"), |_, _| ()).unwrap()));
    assert!(list < Duration::from_millis(10), "{list:?}");
}
