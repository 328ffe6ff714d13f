//! Socket activation: `ssh-agent -D` on a socket that a service manager opened (10.0).

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use keyfob_testkit::{Case, Run, RunningAgent, World, case, ours};
use rustix::process::Signal;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_passed_socket_is_served).since("10.0"),
        case!(debug_mode_takes_it_too).since("10.0"),
        case!(no_socket_line_is_printed).since("10.1"),
        case!(termination_exits_0_and_leaves_the_socket).since("10.1"),
        case!(another_process_s_socket_is_not_taken).since("10.0"),
        case!(two_sockets_are_fatal).since("10.0"),
        case!(a_count_that_is_no_number_is_fatal).since("10.0"),
        ours!(the_variables_do_not_reach_the_agent_s_children),
        case!(a_chosen_path_wins_over_activation).since("10.0"),
    ]
}

/// Opens a listening socket as descriptor 3 and becomes `ssh-agent`; the pid is only known here.
/// Arguments: socket, LISTEN_PID (`own` or a number), LISTEN_FDS, then the command.
const ACTIVATOR: &str = "
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen(8)
if s.fileno() != 3: os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ['LISTEN_PID'] = str(os.getpid()) if sys.argv[2] == 'own' else sys.argv[2]
os.environ['LISTEN_FDS'] = sys.argv[3]
os.execvp(sys.argv[4], sys.argv[4:])
";

fn activated(world: &World, socket: &Path, pid: &str, count: &str) -> Run {
    if !Path::new("/usr/bin/python3").exists() {
        keyfob_testkit::harness::skip("python3 is not installed (Debian package python3)");
    }
    world.program("python3").args(["-c", ACTIVATOR]).arg(socket).args([pid, count, "ssh-agent"])
}

fn serving(world: &World, flag: &str) -> RunningAgent {
    let socket = world.unused("activated");
    RunningAgent::listening(world, activated(world, &socket, "own", "1").arg(flag), socket)
}

fn the_passed_socket_is_served(world: &World) {
    let agent = serving(world, "-D");
    agent.add(&world.key(keyfob_testkit::KeyType::Ed25519, "key"));
    assert_eq!(agent.list().len(), 1);
}

fn debug_mode_takes_it_too(world: &World) {
    serving(world, "-d");
}

fn no_socket_line_is_printed(world: &World) {
    let agent = serving(world, "-D");
    let output = agent.stop(Signal::TERM);
    assert!(!output.stdout().contains("SSH_AUTH_SOCK"), "{output}");
}

/// The socket belongs to the service manager, which starts the agent on it again.
fn termination_exits_0_and_leaves_the_socket(world: &World) {
    let agent = serving(world, "-D");
    let socket = agent.socket().to_owned();
    agent.stop(Signal::TERM).exits(0);
    assert!(socket.exists());
}

fn another_process_s_socket_is_not_taken(world: &World) {
    let socket = world.unused("activated");
    let mut run = activated(world, &socket, "1", "1").arg("-D").start();
    std::thread::sleep(Duration::from_millis(300));
    if run.is_alive() {
        // It may run on a socket of its own, but not on this one.
        let mut client = keyfob_testkit::RawClient::connect(&socket);
        client.send(&[0, 0, 0, 1, 11]);
        client.is_silent_for(Duration::from_millis(200));
    }
    run.signal(Signal::TERM);
}

fn two_sockets_are_fatal(world: &World) {
    let socket = world.unused("activated");
    activated(world, &socket, "own", "2").arg("-D").output().exits(255).prints("");
    assert!(UnixStream::connect(&socket).is_err());
}

fn a_count_that_is_no_number_is_fatal(world: &World) {
    for count in ["x", "1x", "0"] {
        let socket = world.unused("activated");
        activated(world, &socket, "own", count).arg("-D").output().exits(255).prints("");
    }
}

fn the_variables_do_not_reach_the_agent_s_children(world: &World) {
    let askpass = world.path("ask");
    world.script(&askpass, "#!/bin/sh\nenv >\"$HOME/seen\"\nexit 0\n");
    let socket = world.unused("activated");
    let run = activated(world, &socket, "own", "1")
        .arg("-D")
        .env("SSH_ASKPASS", askpass)
        .env("DISPLAY", ":0");
    let agent = RunningAgent::listening(world, run, socket);
    let key = world.key(keyfob_testkit::KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    agent.client().sign(&key.blob(), b"data", 0).signature();
    let seen = std::fs::read_to_string(world.path("seen")).unwrap();
    assert!(!seen.contains("LISTEN_"), "{seen}");
}

fn a_chosen_path_wins_over_activation(world: &World) {
    let (passed, chosen) = (world.unused("activated"), world.unused("chosen"));
    let run = activated(world, &passed, "own", "1").arg("-D").arg("-a").arg(&chosen);
    let agent = RunningAgent::listening(world, run, chosen);
    assert!(agent.list().is_empty());
}
