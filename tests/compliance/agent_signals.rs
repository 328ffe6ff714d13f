//! Signals to `ssh-agent`.

use std::time::Duration;

use keyfob_testkit::{Case, KeyType, World, case};
use rustix::process::{Signal, kill_process, test_kill_process};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(termination_ends_it_with_code_2_and_takes_the_socket),
        case!(hangup_ends_it_with_code_2),
        case!(interrupt_ends_it_in_the_foreground),
        case!(interrupt_does_not_end_the_daemon),
        case!(a_broken_pipe_does_not_end_it),
        case!(user_signal_1_drops_all_keys).since("10.0"),
        case!(the_daemon_takes_socket_and_folder_with_it),
        case!(termination_while_clients_are_connected_ends_it),
    ]
}

fn termination_ends_it_with_code_2_and_takes_the_socket(world: &World) {
    let agent = world.agent();
    let socket = agent.socket().to_owned();
    agent.stop(Signal::TERM).exits(2);
    assert!(!socket.exists());
}

fn hangup_ends_it_with_code_2(world: &World) {
    let agent = world.agent();
    let socket = agent.socket().to_owned();
    agent.stop(Signal::HUP).exits(2);
    assert!(!socket.exists());
}

fn interrupt_ends_it_in_the_foreground(world: &World) {
    let agent = world.agent();
    let socket = agent.socket().to_owned();
    agent.stop(Signal::INT).exits(2);
    assert!(!socket.exists());
}

/// Ctrl-C in the shell that started it must not cost the keys.
fn interrupt_does_not_end_the_daemon(world: &World) {
    let (_, agent) = world.daemon(&["-s"]);
    kill_process(agent.pid, Signal::INT).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert!(keyfob_testkit::RawClient::connect(&agent.socket).list().is_empty());
}

fn a_broken_pipe_does_not_end_it(world: &World) {
    let mut agent = world.agent();
    agent.signal(Signal::PIPE);
    std::thread::sleep(Duration::from_millis(100));
    assert!(agent.is_alive());
    agent.list();
}

fn user_signal_1_drops_all_keys(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "one"));
    agent.add(&world.key(KeyType::EcdsaP256, "two"));
    agent.signal(Signal::USR1);
    world.waits_until("the keys are gone", Duration::from_secs(2), || agent.list().is_empty());
    agent.add(&world.key(KeyType::Ed25519, "one"));
    assert_eq!(agent.list().len(), 1);
}

fn the_daemon_takes_socket_and_folder_with_it(world: &World) {
    let (_, agent) = world.daemon(&["-s"]);
    kill_process(agent.pid, Signal::TERM).unwrap();
    world.waits_until("the agent is gone", Duration::from_secs(3), || {
        test_kill_process(agent.pid).is_err()
    });
    assert!(!agent.socket.exists());
    // Since 10.1 the folder is the shared one in the home, and stays.
    assert_eq!(agent.socket.parent().unwrap().exists(), world.behaves_as("10.1"));
}

fn termination_while_clients_are_connected_ends_it(world: &World) {
    let agent = world.agent();
    let mut idle = agent.client();
    let mut half_sent = agent.client();
    half_sent.send(&[0, 0, 0, 9, 13]);
    idle.list();
    agent.stop(Signal::TERM).exits(2);
    idle.is_closed();
}
