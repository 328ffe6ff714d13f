//! Askpass with real programs: small scripts.

use super::*;
use secrecy::ExposeSecret;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

/// A script as askpass, in a folder that goes away with it.
struct Script {
    folder: TempDir,
}

impl Script {
    fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("askpass");
        // Written by another process: a file this one has open for writing, even in a fork of
        // another test's at the wrong moment, cannot be run ("text file busy").
        let text = format!("#!/bin/sh\ncd \"$(dirname \"$0\")\"\n{body}\n");
        let mut tee = Command::new("tee")
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut tee.stdin.take().unwrap(), text.as_bytes()).unwrap();
        assert!(tee.wait().unwrap().success());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        Self { folder }
    }

    fn askpass(&self) -> Askpass {
        Askpass::new(self.folder.path().join("askpass"))
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join(name)).ok()
    }
}

fn passphrase(body: &str) -> Result<Vec<u8>, Error> {
    let secret = Script::new(body).askpass().passphrase("Enter passphrase for /a b: ")?;
    Ok(secret.expose_secret().to_vec())
}

async fn confirm(body: &str) -> Result<bool, Error> {
    Script::new(body).askpass().confirm("Allow use of key x?").await
}

#[test]
fn the_answer_is_the_first_line() {
    assert_eq!(passphrase("echo secret; echo more").unwrap(), b"secret");
    assert_eq!(passphrase(r"printf 'p\303\244ss \377'").unwrap(), b"p\xc3\xa4ss \xff");
    assert_eq!(passphrase("true").unwrap(), b"");
}

#[test]
fn the_question_is_one_argument() {
    assert_eq!(passphrase("echo \"$#:$1\"").unwrap(), b"1:Enter passphrase for /a b: ");
}

#[test]
fn a_failing_program_means_cancel() {
    assert!(matches!(passphrase("echo secret; exit 1"), Err(Error::Cancelled)));
    assert!(matches!(passphrase("kill -9 $$"), Err(Error::Cancelled)));
}

#[test]
fn endless_output_is_cut_and_does_not_hang() {
    let long = passphrase("exec tr '\\0' a </dev/zero");
    // The pipe is closed after the first kilobyte, which ends the writer: no answer.
    assert!(matches!(long, Err(Error::Cancelled)));
    let long = passphrase("head -c 5000 /dev/zero | tr '\\0' a; exit 0").unwrap();
    assert_eq!(long.len(), crate::MAX_PASSPHRASE);
}

#[test]
fn a_missing_program_is_named() {
    let error = Askpass::new("/no/such/askpass").passphrase("?").unwrap_err();
    assert!(error.to_string().contains("/no/such/askpass"), "{error}");
    assert!(error.hint().unwrap().contains("install"));
}

#[test]
fn a_hanging_program_is_ended_and_named() {
    let script = Script::new("echo $$ >pid; exec sleep 1000");
    let askpass = script.askpass().with_time_limit(Some(Duration::from_millis(300)));
    let error = askpass.passphrase("?").unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    assert!(!is_running(&script.read("pid").unwrap()), "it was left behind");
}

#[test]
fn a_program_that_leaves_something_running_does_not_keep_us_waiting() {
    let begin = Instant::now();
    assert_eq!(passphrase("sleep 100 & echo secret; echo $! >pid").unwrap(), b"secret");
    assert!(begin.elapsed() < Duration::from_secs(50));
}

#[test]
fn u10_the_kind_of_question_is_told_to_one_child_only() {
    let kind = |kind| {
        let command = Askpass::new("x").command("?", kind);
        let mut found = command.get_envs().filter(|(name, _)| *name == PROMPT_KIND);
        found.next().unwrap().1.map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(kind(Kind::Secret), None, "an inherited value must be removed");
    assert_eq!(kind(Kind::Confirm).unwrap(), "confirm");
    assert_eq!(kind(Kind::Notice).unwrap(), "none");
}

#[tokio::test]
async fn yes_is_success_without_output_or_with_yes() {
    for body in ["exit 0", "echo", "echo yes", "echo YES", "printf Yes"] {
        assert!(confirm(body).await.unwrap(), "{body}");
    }
    for body in ["exit 1", "echo no", "echo yes; exit 1", "echo y", "kill -9 $$", "echo no way"] {
        assert!(!confirm(body).await.unwrap(), "{body}");
    }
}

#[tokio::test]
async fn a_no_is_heard_however_fast_the_program_ends() {
    for _ in 0..200 {
        assert!(!Askpass::new("/bin/echo").confirm("no").await.unwrap());
    }
}

#[tokio::test]
async fn a_no_is_heard_when_something_keeps_the_pipe_open() {
    assert!(!confirm("sleep 3 & echo no").await.unwrap());
}

#[tokio::test]
async fn a_confirmation_says_so_to_the_program() {
    let script = Script::new("echo \"$SSH_ASKPASS_PROMPT:$1\" >seen");
    assert!(script.askpass().confirm("Allow use of key x?").await.unwrap());
    assert_eq!(script.read("seen").unwrap(), "confirm:Allow use of key x?\n");
}

#[tokio::test]
async fn endless_output_is_no_yes() {
    let limited = |body| async move {
        let script = Script::new(body);
        script.askpass().with_time_limit(Some(Duration::from_secs(20))).confirm("?").await
    };
    assert!(!limited("exec tr '\\0' y </dev/zero").await.unwrap());
}

#[tokio::test]
async fn a_missing_program_is_an_error_not_a_no() {
    let error = Askpass::new("/no/such/askpass").confirm("?").await.unwrap_err();
    assert!(matches!(error, Error::Askpass { .. }), "{error}");
}

const SHOWS_ITSELF: &str = "sleep 1000 & echo $! >child; echo $$ >pid.new; mv pid.new pid; wait";

#[tokio::test]
async fn u4_a_dropped_question_takes_its_dialog_with_it() {
    let script = Script::new(SHOWS_ITSELF);
    let question = tokio::spawn({
        let askpass = script.askpass();
        async move { askpass.confirm("?").await }
    });
    let (dialog, child) = shown(&script).await;
    assert!(is_running(&dialog) && is_running(&child));
    question.abort();
    assert!(question.await.unwrap_err().is_cancelled());
    assert!(ends(&dialog).await, "the dialog stayed");
    assert!(ends(&child).await, "what the dialog had started stayed");
}

#[tokio::test]
async fn a_question_nobody_answers_in_time_is_taken_away() {
    let script = Script::new(SHOWS_ITSELF);
    let askpass = script.askpass().with_time_limit(Some(Duration::from_secs(2)));
    let error = askpass.confirm("?").await.unwrap_err();
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    let (dialog, child) = shown(&script).await;
    assert!(ends(&dialog).await && ends(&child).await);
}

#[tokio::test]
async fn a_notice_is_shown_until_it_is_dropped() {
    let script = Script::new(&format!("echo \"$SSH_ASKPASS_PROMPT\" >seen\n{SHOWS_ITSELF}"));
    let notice = script.askpass().notify("Touch your key").await.unwrap();
    let (dialog, child) = shown(&script).await;
    assert_eq!(script.read("seen").unwrap(), "none\n");
    assert!(is_running(&dialog));
    drop(notice);
    assert!(ends(&dialog).await && ends(&child).await);
}

#[test]
fn an_agent_that_cannot_ask_says_why() {
    let error = Askpass::for_agent(&Surroundings::default()).unwrap_err();
    assert!(error.to_string().contains("DISPLAY"), "{error}");
    let forced = Surroundings { require: Some("force".into()), ..Surroundings::default() };
    assert!(Askpass::for_agent(&forced).is_ok());
}

/// The dialog's process and its child's, once both are there.
async fn shown(script: &Script) -> (String, String) {
    for _ in 0..1000 {
        if let Some(dialog) = script.read("pid") {
            return (dialog, script.read("child").unwrap());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the dialog did not start");
}

async fn ends(pid: &str) -> bool {
    for _ in 0..1000 {
        if !is_running(pid) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

/// Not there, or dead and waiting to be collected by whoever adopted it.
fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}
