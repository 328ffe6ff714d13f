//! What `ssh-agent` prints for the shell that started it, and what it leaves behind.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use keyfob_testkit::{Case, RunningAgent, World, case, ours};
use rustix::process::Signal;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(bourne_lines_are_exact),
        case!(csh_lines_are_exact),
        case!(a_shell_that_ends_in_csh_gets_csh_lines),
        case!(another_shell_gets_bourne_lines),
        case!(a_flag_wins_over_the_shell),
        case!(the_foreground_prints_no_pid_variable),
        case!(the_foreground_prints_csh_lines_when_asked),
        case!(debug_mode_stays_in_the_foreground_and_writes_to_stderr),
        case!(the_daemon_lets_go_of_the_streams),
        case!(the_daemon_leads_its_own_session_in_the_root_folder),
        case!(the_lines_work_in_a_real_shell),
        case!(the_lines_work_in_a_real_csh),
        case!(a_path_with_blanks_is_quoted_for_bourne).since("10.3"),
        ours!(every_path_survives_eval),
        case!(the_socket_is_private),
        case!(a_loose_umask_does_not_open_the_socket),
    ]
}

fn bourne_lines_are_exact(world: &World) {
    let (output, agent) = world.daemon(&["-s"]);
    let (socket, pid) = (agent.socket.display(), agent.pid);
    output.exits(0).reports("").prints(&format!(
        "SSH_AUTH_SOCK={socket}; export SSH_AUTH_SOCK;\n\
         SSH_AGENT_PID={pid}; export SSH_AGENT_PID;\n\
         echo Agent pid {pid};\n"
    ));
}

fn csh_lines_are_exact(world: &World) {
    let (output, agent) = world.daemon(&["-c"]);
    let (socket, pid) = (agent.socket.display(), agent.pid);
    output.exits(0).reports("").prints(&format!(
        "setenv SSH_AUTH_SOCK {socket};\n\
         setenv SSH_AGENT_PID {pid};\n\
         echo Agent pid {pid};\n"
    ));
}

fn a_shell_that_ends_in_csh_gets_csh_lines(world: &World) {
    for shell in ["/bin/csh", "/usr/local/bin/tcsh", "csh"] {
        let output = world
            .ssh_agent()
            .arg("-k")
            .env("SSH_AGENT_PID", unused_pid(world))
            .env("SHELL", shell)
            .output();
        output.prints_among_else("unsetenv SSH_AUTH_SOCK;");
    }
}

fn another_shell_gets_bourne_lines(world: &World) {
    for shell in ["/bin/sh", "/usr/bin/fish", "", "/bin/cshell"] {
        let output = world
            .ssh_agent()
            .arg("-k")
            .env("SSH_AGENT_PID", unused_pid(world))
            .env("SHELL", shell)
            .output();
        output.prints_among_else("unset SSH_AUTH_SOCK;");
    }
}

fn a_flag_wins_over_the_shell(world: &World) {
    let as_bourne = world
        .ssh_agent()
        .args(["-s", "-k"])
        .env("SSH_AGENT_PID", unused_pid(world))
        .env("SHELL", "/bin/csh")
        .output();
    as_bourne.prints_among_else("unset SSH_AUTH_SOCK;");
    let as_csh = world
        .ssh_agent()
        .args(["-c", "-k"])
        .env("SSH_AGENT_PID", unused_pid(world))
        .env("SHELL", "/bin/sh")
        .output();
    as_csh.prints_among_else("unsetenv SSH_AUTH_SOCK;");
}

fn the_foreground_prints_no_pid_variable(world: &World) {
    let agent = world.agent();
    let (socket, pid) = (agent.socket().display().to_string(), agent.pid());
    agent
        .stop(Signal::TERM)
        .reports("")
        .prints(&format!("SSH_AUTH_SOCK={socket}; export SSH_AUTH_SOCK;\necho Agent pid {pid};\n"));
}

fn the_foreground_prints_csh_lines_when_asked(world: &World) {
    let agent = world.agent_with(|run| run.arg("-c"));
    let (socket, pid) = (agent.socket().display().to_string(), agent.pid());
    agent
        .stop(Signal::TERM)
        .prints(&format!("setenv SSH_AUTH_SOCK {socket};\necho Agent pid {pid};\n"));
}

fn debug_mode_stays_in_the_foreground_and_writes_to_stderr(world: &World) {
    let socket = world.unused("agent");
    let run = world.ssh_agent().arg("-d").arg("-a").arg(&socket);
    let agent = RunningAgent::listening(world, run, socket.clone());
    let pid = agent.pid();
    agent.list();
    let output = agent.stop(Signal::TERM);
    output.exits(2).prints(&format!(
        "SSH_AUTH_SOCK={}; export SSH_AUTH_SOCK;\necho Agent pid {pid};\n",
        socket.display()
    ));
    assert!(!output.stderr.is_empty(), "debug mode without a word\n{output}");
}

/// Without this, `eval "$(ssh-agent)"` waits for the agent's whole life.
fn the_daemon_lets_go_of_the_streams(world: &World) {
    let (output, _) = world.daemon(&["-s"]);
    assert!(!output.streams_held, "the daemon still holds stdout or stderr\n{output}");
}

/// A daemon in its starter's session dies with the terminal; one in a mounted folder keeps it busy.
fn the_daemon_leads_its_own_session_in_the_root_folder(world: &World) {
    let (_, agent) = world.daemon(&["-s"]);
    let pid = agent.pid.as_raw_nonzero().get();
    assert_eq!(rustix::process::getsid(Some(agent.pid)).unwrap(), agent.pid);
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => assert_eq!(folder, Path::new("/")),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {}
        Err(error) => panic!("{error}"),
    }
}

fn the_lines_work_in_a_real_shell(world: &World) {
    let script = "eval \"$(ssh-agent -s)\" && ssh-add -l; eval \"$(ssh-agent -k)\"; ssh-add -l";
    let output = world.program("sh").args(["-c", script]).output();
    output.exits(2).reports("Could not open a connection to your authentication agent.\n");
    let said = output.stdout();
    let lines: Vec<&str> = said.lines().collect();
    let [started, "The agent has no identities.", killed] = lines[..] else { panic!("{output}") };
    assert!(started.starts_with("Agent pid ") && killed == format!("{started} killed"), "{output}");
}

fn the_lines_work_in_a_real_csh(world: &World) {
    if !Path::new("/usr/bin/tcsh").exists() && !Path::new("/bin/tcsh").exists() {
        keyfob_testkit::harness::skip("tcsh is not installed (Debian package tcsh)");
    }
    let output = world
        .program("tcsh")
        .args(["-f", "-c", "eval `ssh-agent -c` ; ssh-add -l ; ssh-agent -k > /dev/null"])
        .output();
    assert!(output.stdout().ends_with("The agent has no identities.\n"), "{output}");
}

fn a_path_with_blanks_is_quoted_for_bourne(world: &World) {
    let socket = world.make_folder("a folder").join("the socket");
    let run = world.ssh_agent().args(["-D", "-s", "-a"]).arg(&socket);
    let agent = RunningAgent::listening(world, run, socket.clone());
    let pid = agent.pid();
    agent.stop(Signal::TERM).prints(&format!(
        "SSH_AUTH_SOCK=\"{}\"; export SSH_AUTH_SOCK;\necho Agent pid {pid};\n",
        socket.display()
    ));
}

/// What the shell is given to `eval` must stay a path: a folder may be named by someone else.
fn every_path_survives_eval(world: &World) {
    for name in
        ["a b", "it's", "a \"b\"", "a $HOME", "$(touch x)", "a `touch x`", "a\\b c", "a;b", "a!b"]
    {
        let socket = world.make_folder(name).join("s");
        let output = world.program("sh").args(["-c", EVAL, "sh"]).arg(&socket).output();
        output.prints(&socket.display().to_string());
    }
}

const EVAL: &str = "eval \"$(ssh-agent -s -a \"$1\")\" >/dev/null
    printf '%s' \"$SSH_AUTH_SOCK\"
    ssh-agent -s -k >/dev/null";

fn the_socket_is_private(world: &World) {
    let (_, agent) = world.daemon(&["-s"]);
    let socket = fs::symlink_metadata(&agent.socket).unwrap();
    assert!(socket.file_type().is_socket());
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    let folder = fs::symlink_metadata(agent.socket.parent().unwrap()).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

fn a_loose_umask_does_not_open_the_socket(world: &World) {
    let socket = world.unused("agent");
    let run =
        world.program("sh").args(["-c", "umask 0; exec ssh-agent -D -a \"$1\"", "sh"]).arg(&socket);
    let _agent = RunningAgent::listening(world, run, socket.clone());
    assert_eq!(fs::symlink_metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A process that may be killed: what `-k` prints needs one.
fn unused_pid(world: &World) -> String {
    let sleeper = world.system_program("sleep").arg("30").start();
    let pid = sleeper.pid().as_raw_nonzero().get().to_string();
    world.keep(sleeper);
    pid
}
