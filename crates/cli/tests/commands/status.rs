//! `keyfob status`, where there is less to tell of than usual.

use std::os::unix::net::UnixListener;

use crate::support::{keyfob, world};

/// Lost otherwise: who asks why nothing works waits for ever for the answer.
#[test]
fn an_agent_that_does_not_answer_is_told_of_as_none() {
    let world = world();
    let path = world.path("silent");
    let _listener = UnixListener::bind(&path).unwrap();
    let output = keyfob(&world).arg("status").env("SSH_AUTH_SOCK", &path).output();
    assert!(output.stdout().contains("agent      none that answers"), "{}", output.stdout());
}
