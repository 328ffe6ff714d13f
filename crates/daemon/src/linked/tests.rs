#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! The daemon's side alone, with helpers that misbehave. The real one is tried in `cli`.
//!
//! Lost without these: an agent that waits for ever, takes in whatever it is sent, or signs with
//! a key that was slipped in.

use super::*;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

fn key() -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[7; 32])
}

/// A helper that is this script. Written and closed by another process: a program that is open
/// for writing somewhere cannot be started.
fn helper(folder: &Path, script: &str) -> Helper {
    let path = folder.join("helper");
    let text = format!("#!/bin/sh\n{script}\n");
    let copied = std::process::Command::new("/bin/sh")
        .args(["-c", "printf %s \"$1\" > \"$2\"", "sh", &text])
        .arg(&path)
        .status();
    assert!(copied.unwrap().success());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    Helper::new(path)
}

/// What comes of a helper that is this script.
async fn outcome(script: &str) -> Result<PrivateKey, LinkedError> {
    let folder = tempfile::tempdir().unwrap();
    let helper = helper(folder.path(), script);
    open(&helper, Path::new("/some/key"), None, key().public()).await
}

/// A helper that gives this answer.
fn says(answer: &[u8]) -> String {
    let octal: String = answer.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("printf '{octal}'")
}

fn found(key: PrivateKey) -> String {
    let found = Found { key, comment: Vec::new() };
    says(&Answer { walls: Walls::Whole, outcome: Ok(found) }.encode().unwrap())
}

#[tokio::test]
async fn the_key_that_was_linked_is_handed_on() {
    let opened = outcome(&found(key())).await.unwrap();
    assert_eq!(opened.public(), key().public());
}

#[tokio::test]
async fn another_key_is_not() {
    let error = outcome(&found(PrivateKey::ed25519_from_seed(&[8; 32]))).await.unwrap_err();
    let other = PrivateKey::ed25519_from_seed(&[8; 32]).public().fingerprint(HashKind::Sha256);
    assert_eq!(error.to_string(), format!("/some/key: another key is in the file: {other}"));
}

#[tokio::test]
async fn a_helper_that_says_nothing_is_ended_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!("echo $$ > '{}'; exec sleep 60", pid.display());
    let helper = helper(folder.path(), &script).with_patience(Duration::from_secs(1));
    let started = Instant::now();
    let error = open(&helper, Path::new("/k"), None, key().public()).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(error.to_string(), "/k: reading it took longer than 1 seconds");
    is_gone_soon(&std::fs::read_to_string(pid).unwrap()).await;
}

#[tokio::test]
async fn a_helper_that_nobody_waits_for_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let helper = helper(folder.path(), &format!("echo $$ > '{}'; exec sleep 60", pid.display()));
    let expected = key();
    let opening = open(&helper, Path::new("/k"), None, expected.public());
    // A client that goes away drops the future.
    assert!(timeout(Duration::from_millis(700), opening).await.is_err());
    is_gone_soon(&std::fs::read_to_string(pid).unwrap()).await;
}

/// Not even as a zombie.
async fn is_gone_soon(pid: &str) {
    let process = Path::new("/proc").join(pid.trim());
    for _ in 0..100 {
        if !process.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{process:?} is still there");
}

#[tokio::test]
async fn an_endless_answer_is_not_waited_for() {
    let error = outcome("exec cat /dev/zero").await.unwrap_err();
    let Problem::Died(status) = error.problem else { panic!("{error}") };
    assert!(!status.success());
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_named_so() {
    for script in ["exit 0", "printf 'Hello'"] {
        let error = outcome(script).await.unwrap_err();
        assert!(matches!(error.problem, Problem::Garbled(_)), "{script}: {error}");
    }
}

#[tokio::test]
async fn a_helper_that_dies_is_named_so() {
    let error = outcome("kill -SYS $$").await.unwrap_err();
    assert!(error.to_string().contains("without an answer: signal: 31"), "{error}");
}

#[tokio::test]
async fn a_helper_that_is_not_there_is_named_so() {
    let helper = Helper::new("/nonexistent");
    let error = open(&helper, Path::new("/k"), None, key().public()).await.unwrap_err();
    assert!(matches!(error.problem, Problem::NotStarted(_)), "{error}");
}

#[tokio::test]
async fn a_path_nobody_could_open_is_not_asked_for() {
    let helper = Helper::new("/nonexistent");
    let error = open(&helper, Path::new("k\n"), None, key().public()).await.unwrap_err();
    assert!(matches!(error.problem, Problem::Unaskable(_)), "{error}");
    assert!(error.to_string().starts_with("k\\x0a: "), "{error}");
}

/// Each may take a gigabyte.
#[tokio::test]
async fn only_so_many_helpers_are_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    let script = format!("echo x >> '{}'; exec sleep 60", count.display());
    let helper = helper(folder.path(), &script);
    let expected = key();
    let opening = || open(&helper, Path::new("/k"), None, expected.public());
    let all = async { tokio::join!(opening(), opening(), opening(), opening()) };
    assert!(timeout(Duration::from_secs(1), all).await.is_err());
    let lines = std::fs::read_to_string(count).unwrap().lines().count();
    assert_eq!(lines, AT_ONCE);
}
