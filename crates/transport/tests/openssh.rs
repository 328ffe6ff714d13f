//! Our client and our bind beside OpenSSH's own agent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyfob_transport::Client;
use keyfob_transport::probe::is_alive;
use keyfob_transport::unix::{BindError, reserve};

#[test]
fn we_talk_to_openssh_never_take_its_socket_and_follow_it_when_it_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let Ok(mut agent) = openssh(&path) else {
        eprintln!("skipped: no ssh-agent");
        return;
    };
    let begun = Instant::now();
    while !is_alive(&path) {
        assert!(begun.elapsed() < Duration::from_secs(10), "ssh-agent does not listen");
        std::thread::sleep(Duration::from_millis(5));
    }

    // REQUEST_IDENTITIES, and the answer: no keys.
    let mut client = Client::connect(&path).unwrap();
    assert_eq!(*client.request(&[0, 0, 0, 1, 11]).unwrap(), [12, 0, 0, 0, 0]);
    assert!(matches!(reserve(&path), Err(BindError::Live { .. })));
    assert_eq!(*client.request(&[0, 0, 0, 1, 11]).unwrap(), [12, 0, 0, 0, 0]);

    agent.kill().unwrap();
    agent.wait().unwrap();
    assert!(path.exists());
    assert!(reserve(&path).unwrap().still_ours());
}

/// The other way round: OpenSSH refuses a path that exists, so it cannot take ours either.
#[test]
fn openssh_does_not_take_our_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let bound = reserve(&path).unwrap();
    let Ok(mut agent) = openssh(&path) else {
        eprintln!("skipped: no ssh-agent");
        return;
    };
    assert_eq!(agent.wait().unwrap().code(), Some(1));
    assert!(bound.still_ours());
}

fn openssh(path: &Path) -> std::io::Result<Child> {
    // Not a link to keyfob under that name: the system's.
    Command::new("/usr/bin/ssh-agent")
        .arg("-D")
        .arg("-a")
        .arg(path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
