//! `ssh-add` and the agent it talks to: none, a dead one, one that misbehaves.

use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::thread;

use keyfob_testkit::{Case, Message, Output, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(without_the_variable_there_is_no_agent),
        case!(an_empty_variable_is_no_agent),
        case!(a_missing_socket_is_no_agent),
        case!(a_dead_socket_is_no_agent),
        case!(a_plain_file_is_no_agent),
        case!(bad_flags_without_an_agent),
        case!(an_agent_that_hangs_up_is_an_error),
        case!(an_agent_that_knows_nothing_is_an_error),
        case!(an_agent_whose_reply_is_too_long_is_an_error),
        case!(an_agent_whose_list_is_cut_short_is_an_error),
        case!(keys_of_unknown_types_are_left_out_of_the_list),
        case!(a_reply_in_small_pieces_is_one_reply),
    ]
}

fn without_the_variable_there_is_no_agent(world: &World) {
    for flags in [&["-l"][..], &["-D"], &[], &["-x"], &["key"]] {
        world.ssh_add().args(flags).output().exits(2).prints("").reports(NO_AGENT);
    }
}

const NO_AGENT: &str = "Could not open a connection to your authentication agent.\n";

fn an_empty_variable_is_no_agent(world: &World) {
    let output = world.ssh_add().arg("-l").env("SSH_AUTH_SOCK", "").output();
    output.exits(2).prints("").reports(NO_AGENT);
}

#[track_caller]
fn cannot_connect(world: &World, socket: PathBuf, why: &str) {
    let output = world.ssh_add().arg("-l").env("SSH_AUTH_SOCK", socket).output();
    output.exits(2).prints("").reports(&format!("Error connecting to agent: {why}\n"));
}

fn a_missing_socket_is_no_agent(world: &World) {
    cannot_connect(world, world.path("nowhere"), "No such file or directory");
}

fn a_dead_socket_is_no_agent(world: &World) {
    let socket = world.unused("dead");
    drop(UnixListener::bind(&socket).unwrap());
    cannot_connect(world, socket, "Connection refused");
}

fn a_plain_file_is_no_agent(world: &World) {
    cannot_connect(world, world.write("file", "", 0o600), "Connection refused");
}

/// Before 10.3 the agent is sought first, whatever the flags; since then they are read first.
fn bad_flags_without_an_agent(world: &World) {
    let (unknown, twice) =
        (world.ssh_add().arg("-z").output(), world.ssh_add().arg("-lL").output());
    if world.behaves_as("10.3") {
        unknown.exits(1).reports_among_else("unknown option -- z\n");
        twice.exits(255).reports("-l flag already specified\n");
    } else {
        unknown.exits(2).reports(NO_AGENT);
        twice.exits(2).reports(NO_AGENT);
    }
}

/// `ssh-add -l` against an agent that answers every request with these bytes and hangs up.
fn listing_from(world: &World, reply: Vec<u8>, piece: usize) -> Output {
    let socket = world.unused("strange");
    let listener = UnixListener::bind(&socket).unwrap();
    let agent = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).unwrap();
        for piece in reply.chunks(piece) {
            // A client that has seen enough may be gone.
            if stream.write_all(piece).is_err() {
                return;
            }
            if reply.len() > piece.len() {
                thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    });
    let output = world.ssh_add().arg("-l").env("SSH_AUTH_SOCK", socket).output();
    agent.join().unwrap();
    output
}

fn an_agent_that_hangs_up_is_an_error(world: &World) {
    let output = listing_from(world, Vec::new(), 1);
    output.exits(1).prints("");
    output.reports("error fetching identities: communication with agent failed\n");
}

fn an_agent_that_knows_nothing_is_an_error(world: &World) {
    // 5 is the standard's failure, 30 and 102 are those of agents of the past.
    for failure in [5, 30, 102] {
        let output = listing_from(world, Message::new(failure).frame(), 5);
        output.exits(1).prints("");
        output.reports("error fetching identities: agent refused operation\n");
    }
}

fn an_agent_whose_reply_is_too_long_is_an_error(world: &World) {
    let output = listing_from(world, (256 * 1024 + 1_u32).to_be_bytes().to_vec(), 4);
    output.exits(1).prints("").reports("error fetching identities: invalid format\n");
}

fn an_agent_whose_list_is_cut_short_is_an_error(world: &World) {
    let output = listing_from(world, Message::new(12).number(3).string(b"").frame(), 100);
    output.exits(1).prints("").reports_among_else("error fetching identities: ");
}

fn keys_of_unknown_types_are_left_out_of_the_list(world: &World) {
    let key = world.key(keyfob_testkit::KeyType::Ed25519, "key");
    let unknown = Message::fields().string("ssh-of-tomorrow").string([7; 40]);
    let list = Message::new(12)
        .number(2)
        .string(unknown)
        .string("tomorrow")
        .string(key.blob())
        .string("today");
    let output = listing_from(world, list.frame(), 1000);
    output.exits(0).prints_among_else(" today (ED25519)\n");
    assert_eq!(output.stdout().lines().count(), 1, "{output}");
}

fn a_reply_in_small_pieces_is_one_reply(world: &World) {
    let key = world.key(keyfob_testkit::KeyType::Ed25519, "key");
    let list = Message::new(12).number(1).string(key.blob()).string("comment");
    listing_from(world, list.frame(), 1).exits(0).prints_among_else(" comment (ED25519)\n");
}
