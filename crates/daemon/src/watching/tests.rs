//! Who looks on, who may answer, and for whom. A watcher of these tests is this process.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::*;

fn watching() -> Arc<Watching> {
    Arc::new(Watching::new(Changes::default()))
}

fn stranger() -> Askers {
    vec![Ancestry::of(None).into()]
}

fn own_child() -> Askers {
    vec![Ancestry::of(Peer::ourselves().process()).into()]
}

fn claimed(watching: &Arc<Watching>) -> Watcher {
    let watcher = watching.attach(&Peer::ourselves()).unwrap();
    assert!(watcher.entitle(watching.changes.locks()));
    watcher
}

#[test]
fn the_right_is_of_one_connection_and_ends_with_it() {
    let watching = watching();
    assert_eq!(watching.attended(&stranger()), Err(Unattended::Nobody));
    let other = watching.attach(&Peer::ourselves()).unwrap();
    assert_eq!(watching.attended(&stranger()), Err(Unattended::NoRight));
    let watcher = claimed(&watching);
    assert!(watcher.is_entitled() && !other.is_entitled());
    assert_eq!(watching.attended(&stranger()), Ok(()));
    drop(watcher);
    assert_eq!(watching.attended(&stranger()), Err(Unattended::NoRight));
    drop(other);
    assert_eq!(watching.attended(&stranger()), Err(Unattended::Nobody));
}

#[test]
fn every_lock_ends_it_also_one_while_it_is_claimed() {
    let watching = watching();
    let watcher = claimed(&watching);
    watching.changes.locked();
    assert!(!watcher.is_entitled());
    let before = watching.changes.locks();
    watching.changes.locked();
    assert!(!watcher.entitle(before));
    assert!(!watcher.is_entitled());
}

/// Lost otherwise: a program looks on, and allows what it starts.
#[test]
fn what_a_watcher_has_started_it_does_not_answer() {
    let watching = watching();
    let watcher = claimed(&watching);
    assert!(watcher.is_kin(&own_child()) && !watcher.is_kin(&stranger()));
    assert_eq!(watching.attended(&own_child()), Err(Unattended::OwnRequest));
    // One of many who ask the same is enough.
    let both = [stranger(), own_child()].concat();
    assert!(watcher.is_kin(&both));
}

#[test]
fn there_are_only_so_many() {
    let watching = watching();
    let all: Vec<_> =
        (0..MAX_WATCHERS).map(|_| watching.attach(&Peer::ourselves()).unwrap()).collect();
    assert!(watching.attach(&Peer::ourselves()).is_none());
    drop(all);
    assert!(watching.attach(&Peer::ourselves()).is_some());
}

#[test]
fn the_newest_uses_are_remembered_and_no_more_than_are_told() {
    let watching = watching();
    for n in 0..200 {
        watching.note(true, n.to_string());
    }
    let held = watching.held();
    assert_eq!((held.uses.len(), &*held.uses[0].text), (MAX_WATCHED_USES, &b"199"[..]));
}

#[tokio::test]
async fn news_is_told_soon_and_once() {
    let watching = watching();
    let mut watcher = watching.attach(&Peer::ourselves()).unwrap();
    let long = Duration::from_secs(60);
    // Nothing was seen yet.
    timeout(long, watcher.news(0)).await.unwrap();
    let seen = watcher.revision();
    let nothing = timeout(Duration::from_millis(50), watcher.news(seen)).await;
    assert!(nothing.is_err());
    watching.note(true, "one".to_owned());
    timeout(long, watcher.news(seen)).await.unwrap();
    assert!(watcher.revision() > seen);
    let nothing = timeout(Duration::from_millis(50), watcher.news(watcher.revision())).await;
    assert!(nothing.is_err());
    // An agent that was started anew has seen less than its watcher.
    timeout(long, watcher.news(u64::MAX)).await.unwrap();
}

#[tokio::test]
async fn without_news_the_wait_ends() {
    let watching = watching();
    let mut watcher = watching.attach(&Peer::ourselves()).unwrap();
    let seen = watcher.revision();
    let begun = Instant::now();
    watcher.news_within(seen, Duration::from_millis(80)).await;
    assert!(begun.elapsed() >= Duration::from_millis(80));
}
