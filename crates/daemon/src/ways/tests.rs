#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! The daemon's side alone, with asking processes that misbehave. The real one is tried in `cli`.

use super::*;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A program that is this script. Written by another process: what is open for writing somewhere
/// cannot be started.
fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("program");
    let text = format!("#!/bin/sh\n{text}\n");
    let copied = std::process::Command::new("/bin/sh")
        .args(["-c", "printf %s \"$1\" > \"$2\"", "sh", &text])
        .arg(&path)
        .status();
    assert!(copied.unwrap().success());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

fn wanted(text: &str) -> Wanted<'_> {
    Wanted { text, requester: None, remote: false, watchers: None }
}

fn desktop() -> Surroundings {
    Surroundings { display: Some(":9".into()), ..Surroundings::default() }
}

async fn through_pinentry(text: &str, limit: Option<Duration>) -> Result<Choice, Unanswered> {
    let folder = tempfile::tempdir().unwrap();
    let ways = Ways::through(desktop(), &script(folder.path(), text));
    let offered = Offered { session: false, for_a_while: Some(Duration::from_secs(60)) };
    ways.confirm(wanted("Allow?"), Manner { ways: &[Way::Pinentry], limit }, offered).await
}

fn says(answer: &Answer) -> String {
    let octal: String = answer.encode().iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("printf '{octal}'")
}

#[tokio::test]
async fn the_choice_of_a_person_is_handed_on_if_it_was_offered() {
    for (said, expected) in [
        (Choice::Once, Choice::Once),
        (Choice::ForAWhile, Choice::ForAWhile),
        (Choice::Deny, Choice::Deny),
        (Choice::Session, Choice::Deny),
    ] {
        let answer = says(&Answer::Asked(Asked::Choice(said)));
        assert_eq!(through_pinentry(&answer, None).await.unwrap(), expected, "{said:?}");
    }
}

/// Lost otherwise: "agent refused operation", and nobody knows why.
#[tokio::test]
async fn without_a_way_every_reason_is_told() {
    let ways = Ways::through(Surroundings::default(), Path::new("/nonexistent"));
    let manner = Manner { ways: &Way::ALL, limit: None };
    let asked = ways.confirm(wanted("Allow?"), manner, Offered::default()).await;
    let Err(Unanswered::Nobody(reason)) = asked else { panic!("{asked:?}") };
    assert_eq!(
        reason,
        "watch: this is not asked there; \
         askpass: neither DISPLAY nor WAYLAND_DISPLAY is set; \
         terminal: nothing is known of who asks; \
         pinentry: no display, and nothing is known of who asks; \
         dialog: keyfob has none of its own here"
    );
    let manner = Manner { ways: &[], limit: None };
    let asked = ways.confirm(wanted("Allow?"), manner, Offered::default()).await;
    let Err(Unanswered::Nobody(reason)) = asked else { panic!("{asked:?}") };
    assert_eq!(reason, "the setting ask.ways is empty");
}

#[tokio::test]
async fn what_cannot_be_started_leaves_the_next_way() {
    let folder = tempfile::tempdir().unwrap();
    let program = script(folder.path(), &says(&Answer::Asked(Asked::Choice(Choice::Once))));
    let surroundings = Surroundings { askpass: Some("/nonexistent".into()), ..desktop() };
    let ways = Ways::through(surroundings, &program);
    let manner = Manner { ways: &[Way::Askpass, Way::Pinentry], limit: None };
    let asked = ways.confirm(wanted("Allow?"), manner, Offered::default()).await;
    assert_eq!(asked.unwrap(), Choice::Once);
}

/// Lost otherwise: who says no in a window is asked again on the terminal.
#[tokio::test]
async fn a_no_is_the_last_word() {
    let folder = tempfile::tempdir().unwrap();
    let askpass = script(folder.path(), "exit 1");
    let surroundings = Surroundings { askpass: Some(askpass.into()), ..desktop() };
    let ways = Ways::through(surroundings, Path::new("/nonexistent"));
    let manner = Manner { ways: &[Way::Askpass, Way::Pinentry], limit: None };
    let asked = ways.confirm(wanted("Allow?"), manner, Offered::default()).await;
    assert_eq!(asked.unwrap(), Choice::Deny);
    let asked = ways.passphrase(wanted("Passphrase: "), manner).await;
    assert!(matches!(asked, Err(Unanswered::Cancelled)), "{:?}", asked.err());
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    for (text, reason) in [
        ("exit 0", "ended without an answer"),
        ("printf yes", "no sensible answer"),
        ("exec cat /dev/zero", "no sensible answer"),
    ] {
        let asked = through_pinentry(text, None).await;
        let Err(Unanswered::Nobody(found)) = asked else { panic!("{asked:?}") };
        assert!(found.contains(reason), "{found}");
    }
}

#[tokio::test]
async fn a_question_nobody_answers_ends_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let text = format!("exec setsid sh -c 'trap \"\" TERM; echo $$ > {}; sleep 60'", pid.display());
    let started = Instant::now();
    let asked = through_pinentry(&text, Some(Duration::from_millis(700))).await;
    assert!(matches!(asked, Err(Unanswered::TimedOut)), "{asked:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
    let process = Path::new("/proc").join(std::fs::read_to_string(pid).unwrap().trim());
    for _ in 0..200 {
        if !process.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{process:?} is still there");
}
