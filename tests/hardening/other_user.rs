//! Another user's process at the socket.
//!
//! Lost without this: every key, to whoever can reach the socket once somebody has opened its
//! modes, on a system that ignores them, or in a folder shared by mistake.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use keyfob_testkit::{Case, KeyType, RunningAgent, World, case};

use keyfob_testkit::user::{User, needs_root, python};

pub(crate) const CASES: &[Case] = &[
    case!(gets_no_answer_whatever_the_modes),
    case!(is_refused_by_an_agent_that_is_not_root_s),
    case!(cannot_even_connect_with_the_modes_the_agent_sets),
    case!(root_is_served),
];

const CONNECT: &str = include_str!("python/connect.py");
const REFUSED: &str = "connected, then 0 bytes\n";

fn gets_no_answer_whatever_the_modes(world: &World) {
    needs_root();
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    open_wide(world, agent.socket());
    let before = agent.client();
    asks(world, User::Stranger, &agent).exits(0).prints(REFUSED);
    still_serves(&agent);
    drop(before);
}

fn is_refused_by_an_agent_that_is_not_root_s(world: &World) {
    needs_root();
    let agent = User::Stranger.agent(world);
    open_wide(world, agent.socket());
    fs::set_permissions(agent.socket().parent().unwrap(), Permissions::from_mode(0o755)).unwrap();
    asks(world, User::SecondStranger, &agent).exits(0).prints(REFUSED);
    asks(world, User::Stranger, &agent).exits(0).prints("connected, then 9 bytes\n");
}

fn cannot_even_connect_with_the_modes_the_agent_sets(world: &World) {
    needs_root();
    let agent = world.agent();
    fs::set_permissions(world.folder(), Permissions::from_mode(0o711)).unwrap();
    asks(world, User::Stranger, &agent)
        .exits(1)
        .reports("cannot connect: [Errno 13] Permission denied\n");
    still_serves_nothing(&agent);
}

/// As with OpenSSH: root needs no agent's leave, and `sudo ssh` with the user's agent works.
fn root_is_served(world: &World) {
    needs_root();
    let agent = User::Stranger.agent(world);
    agent.add(&world.key(KeyType::Ed25519, "key"));
    assert_eq!(agent.comments(), ["key@keyfob"]);
}

/// The socket for everybody, and every folder above it for everybody to pass.
fn open_wide(world: &World, socket: &Path) {
    fs::set_permissions(world.folder(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(socket, Permissions::from_mode(0o666)).unwrap();
}

fn asks(world: &World, user: User, agent: &RunningAgent) -> keyfob_testkit::Output {
    python(world, user, CONNECT, &[agent.socket().to_str().unwrap()])
}

fn still_serves(agent: &RunningAgent) {
    assert_eq!(agent.comments(), ["key@keyfob"]);
}

fn still_serves_nothing(agent: &RunningAgent) {
    assert!(agent.comments().is_empty());
}
