//! Where `ssh-agent` listens, and what happens when something is there already.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::time::Duration;

use keyfob_testkit::{Case, KeyType, RunningAgent, World, case, divergent};
use rustix::process::Signal;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_default_is_below_the_home).since("10.1"),
        case!(the_folders_below_the_home_are_made_private).since("10.1"),
        case!(two_agents_get_two_sockets),
        case!(the_temporary_place_is_named_after_the_starter).since("10.1"),
        case!(a_live_socket_is_never_taken),
        divergent!(a_stale_socket, original_refuses_a_stale_socket, ours_replaces_a_stale_socket),
        case!(a_file_in_the_way_is_left_alone),
        case!(a_folder_in_the_way_is_left_alone),
        case!(a_link_in_the_way_is_left_alone),
        case!(a_path_that_is_too_long_is_refused),
        case!(a_folder_one_may_not_write_is_refused),
        case!(a_relative_path_is_taken_as_it_is),
        case!(a_removed_socket_does_not_end_the_agent),
    ]
}

/// Ten characters of the host, ten random ones.
#[track_caller]
fn is_new_style_name(name: &str) {
    let parts: Vec<&str> = name.split('.').collect();
    let ["s", host, "agent", random] = parts[..] else { panic!("unexpected name {name:?}") };
    for part in [host, random] {
        let right = part.len() == 10 && part.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(right, "unexpected name {name:?}");
    }
}

fn the_default_is_below_the_home(world: &World) {
    let (_, agent) = world.daemon(&["-s"]);
    assert_eq!(agent.socket.parent().unwrap(), world.path(".ssh/agent"));
    is_new_style_name(agent.socket.file_name().unwrap().to_str().unwrap());
}

fn the_folders_below_the_home_are_made_private(world: &World) {
    fs::remove_dir(world.path(".ssh")).unwrap();
    let (_, agent) = world.daemon(&["-s"]);
    for folder in [world.path(".ssh"), world.path(".ssh/agent")] {
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    assert!(fs::metadata(agent.socket).unwrap().file_type().is_socket());
}

fn two_agents_get_two_sockets(world: &World) {
    let (_, one) = world.daemon(&["-s"]);
    let (_, two) = world.daemon(&["-s"]);
    assert_ne!(one.socket, two.socket);
    assert_ne!(one.pid, two.pid);
}

fn the_temporary_place_is_named_after_the_starter(world: &World) {
    let run = world.ssh_agent().args(["-s", "-T"]).start();
    let starter = run.pid().as_raw_nonzero().get();
    let output = run.wait();
    let agent = keyfob_testkit::Announcement::parse(&output);
    world.adopt(agent.pid);
    assert_eq!(agent.socket.file_name().unwrap().to_str().unwrap(), format!("agent.{starter}"));
    let folder = agent.socket.parent().unwrap();
    assert_eq!(folder.parent().unwrap(), world.temporary());
    let name = folder.file_name().unwrap().to_str().unwrap();
    assert!(name.len() >= 14 && name.starts_with("ssh-"), "{name}");
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[track_caller]
fn is_refused(world: &World, socket: &std::path::Path) {
    let output = world.ssh_agent().arg("-D").arg("-a").arg(socket).output();
    output.exits(1).prints("").reports(&format!(
        "unix_listener: cannot bind to path {}: Address already in use\n",
        socket.display()
    ));
}

fn a_live_socket_is_never_taken(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    is_refused(world, agent.socket());
    assert_eq!(agent.list().len(), 1, "the first agent still answers at its socket");
}

fn stale_socket(world: &World) -> std::path::PathBuf {
    let agent = world.agent();
    let socket = agent.socket().to_owned();
    agent.stop(Signal::KILL);
    assert!(socket.exists());
    socket
}

fn original_refuses_a_stale_socket(world: &World) {
    is_refused(world, &stale_socket(world));
}

fn ours_replaces_a_stale_socket(world: &World) {
    let socket = stale_socket(world);
    let run = world.ssh_agent().arg("-D").arg("-a").arg(&socket);
    let agent = RunningAgent::listening(world, run, socket.clone());
    assert!(agent.list().is_empty());
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
}

fn a_file_in_the_way_is_left_alone(world: &World) {
    let path = world.write("precious", "text", 0o600);
    is_refused(world, &path);
    assert_eq!(fs::read_to_string(path).unwrap(), "text");
}

fn a_folder_in_the_way_is_left_alone(world: &World) {
    let path = world.make_folder("folder");
    is_refused(world, &path);
    assert!(path.is_dir());
}

/// Following it would replace what it points to.
fn a_link_in_the_way_is_left_alone(world: &World) {
    let target = world.write("precious", "text", 0o600);
    let link = world.path("link");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    is_refused(world, &link);
    assert_eq!(fs::read_to_string(link).unwrap(), "text");
}

fn a_path_that_is_too_long_is_refused(world: &World) {
    let path = world.path("x".repeat(120));
    let output = world.ssh_agent().arg("-D").arg("-a").arg(&path).output();
    output.exits(1).prints("").reports_among_else("too long for Unix domain socket");
}

fn a_folder_one_may_not_write_is_refused(world: &World) {
    // /proc takes no new files, not even root's.
    let output = world.ssh_agent().args(["-D", "-a", "/proc/keyfob-test"]).output();
    output.exits(1).prints("").reports_among_else("cannot bind to path /proc/keyfob-test: ");
}

fn a_relative_path_is_taken_as_it_is(world: &World) {
    let run = world.ssh_agent().args(["-D", "-s", "-a", "here.sock"]);
    let agent = RunningAgent::listening(world, run, world.path("here.sock"));
    agent.stop(Signal::TERM).prints_among_else("SSH_AUTH_SOCK=here.sock; export SSH_AUTH_SOCK;\n");
}

/// `rm` of the socket must not cost the connections that exist.
fn a_removed_socket_does_not_end_the_agent(world: &World) {
    let mut agent = world.agent();
    let mut client = agent.client();
    fs::remove_file(agent.socket()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    assert!(client.list().is_empty());
    assert!(agent.is_alive());
}
