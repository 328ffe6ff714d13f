//! `ssh-agent -k`.

use std::time::Duration;

use keyfob_testkit::{Case, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_agent_ends_and_its_socket_goes),
        case!(csh_lines_are_exact),
        case!(without_a_pid_it_says_so),
        case!(a_bad_pid_is_named_with_its_fault),
        case!(a_pid_of_nobody_is_an_error),
    ]
}

fn the_agent_ends_and_its_socket_goes(world: &World) {
    let (_, agent) = world.daemon(&["-s"]);
    let pid = agent.pid.as_raw_nonzero().get();
    let output =
        world.ssh_agent().args(["-s", "-k"]).env("SSH_AGENT_PID", pid.to_string()).output();
    output.exits(0).reports("").prints(&format!(
        "unset SSH_AUTH_SOCK;\nunset SSH_AGENT_PID;\necho Agent pid {pid} killed;\n"
    ));
    // Since 10.1 the folder is the shared one in the home, and stays.
    let folder_stays = world.behaves_as("10.1");
    let gone = if folder_stays { agent.socket.as_path() } else { agent.socket.parent().unwrap() };
    world.waits_until("the socket is gone", Duration::from_secs(2), || !gone.exists());
}

fn csh_lines_are_exact(world: &World) {
    let (_, agent) = world.daemon(&["-c"]);
    let pid = agent.pid.as_raw_nonzero().get();
    let output = world.ssh_agent().args(["-ck"]).env("SSH_AGENT_PID", pid.to_string()).output();
    output.exits(0).reports("").prints(&format!(
        "unsetenv SSH_AUTH_SOCK;\nunsetenv SSH_AGENT_PID;\necho Agent pid {pid} killed;\n"
    ));
}

fn without_a_pid_it_says_so(world: &World) {
    let output = world.ssh_agent().arg("-k").output();
    output.exits(1).prints("").reports("SSH_AGENT_PID not set, cannot kill agent\n");
}

fn a_bad_pid_is_named_with_its_fault(world: &World) {
    let faults = [
        ("x", "invalid"),
        ("", "invalid"),
        ("5x", "invalid"),
        ("1", "too small"),
        ("0", "too small"),
        ("-1", "too small"),
        ("99999999999", "too large"),
    ];
    for (pid, fault) in faults {
        let output = world.ssh_agent().arg("-k").env("SSH_AGENT_PID", pid).output();
        output
            .exits(1)
            .prints("")
            .reports(&format!("SSH_AGENT_PID=\"{pid}\", which is not a good PID: {fault}\n"));
    }
}

/// 4194304 is the first process id that Linux never gives.
fn a_pid_of_nobody_is_an_error(world: &World) {
    let output = world.ssh_agent().arg("-k").env("SSH_AGENT_PID", "4194304").output();
    output.exits(1).prints("").reports("kill: No such process\n");
}
