//! How long an answer counts, for whom, and how many questions there are.
//!
//! OpenSSH's agent asks for each signature and forgets each answer, so there is nothing to compare
//! this with. Its `ssh` and `ssh-keygen` are who asks. A shell stands for a person's session.

use std::fs;
use std::path::Path;
use std::time::Duration;

use keyfob_testkit::wire::{Message, number};
use keyfob_testkit::{
    Answer, Askpass, Case, KeyFile, KeyType, Run, Running, RunningAgent, World, ours,
};

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    ours!(fifty_signatures_at_once_are_one_question),
    ours!(a_yes_for_the_session_is_for_this_session),
    ours!(a_yes_for_a_while_ends),
    ours!(a_lock_forgets_what_was_allowed),
    ours!(who_is_denied_again_and_again_is_not_asked_about),
    ours!(the_dialog_closes_with_the_last_who_waits),
    ours!(who_is_left_is_asked_about_when_the_first_is_ended),
    ours!(what_nobody_can_read_is_not_one_question),
    ours!(a_host_that_is_denied_again_and_again_is_not_asked_about),
    ours!(a_host_that_takes_its_questions_back_is_not_asked_about),
];

const SOON: Duration = Duration::from_secs(10);

fn fifty_signatures_at_once_are_one_question(world: &World) {
    let (askpass, agent, key) = with_askpass(world);
    askpass.answer(&Answer::YesWhenReleased);
    let sign = sign_command(&key);
    let script = format!("for n in $(seq 50); do echo $n >doc$n; {sign} doc$n & done; wait");
    let running = shell(world, &agent, &script).start();
    askpass.wait_for_call(0);
    world.waits_until("fifty clients wait", SOON, || clients(&agent) >= 50);
    std::thread::sleep(Duration::from_millis(1000));
    askpass.release();
    running.wait().exits(0);
    let signed = (1..=50).filter(|n| world.path(format!("doc{n}.sig")).exists()).count();
    assert_eq!((signed, askpass.calls().len()), (50, 1));
}

fn a_yes_for_the_session_is_for_this_session(world: &World) {
    let (agent, key) = on_the_terminal(world, "");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let ssh = format!("ssh -F {} one printenv KEYFOB_HOST", site.configuration().display());
    let script = format!("{ssh}; {ssh}; setsid --wait {ssh}");
    let mut terminal = shell(world, &agent, &script).on_terminal();
    terminal.expect("To log in as ").expect("[s] this session").expect("[n] no: ").press("s");
    let (output, shown, _) = terminal.wait();
    assert_eq!(output.stdout(), "one\none\n", "{output}{shown}");
    assert!(!shown.contains("Allow use of key"), "it was asked again: {shown}");
    assert!(output.stderr().contains("Permission denied (publickey)"), "{output}");
    let why = why(world, &agent);
    assert!(why.contains("question was not asked: terminal: who asks has no terminal"), "{why}");
    assert_eq!(why.matches("who asks has no terminal").count(), 1, "it is told once: {why}");
}

fn a_yes_for_a_while_ends(world: &World) {
    let (agent, key) = on_the_terminal(world, "allow-for = 2\n");
    let sign = sign_command(&key);
    let script =
        format!("for n in 1 2; do echo $n >doc$n; {sign} doc$n; done; sleep 2; {sign} doc3");
    world.write("doc3", "3", 0o600);
    let mut terminal = shell(world, &agent, &script).on_terminal();
    terminal.expect("[m] for 2 seconds").expect("[n] no: ").press("m");
    terminal.expect("Allow use of key").expect("[n] no: ").press("n");
    terminal.wait().0.exits(255);
    assert_eq!(signed(world, 3), [true, true, false]);
}

fn a_lock_forgets_what_was_allowed(world: &World) {
    let (agent, key) = on_the_terminal(world, "");
    let sign = sign_command(&key);
    let script = format!(
        "for n in 1 2 3; do echo $n >doc$n; {sign} doc$n; echo \"signed $n\" >/dev/tty; read x; done"
    );
    let mut terminal = shell(world, &agent, &script).on_terminal();
    terminal.expect("[n] no: ").press("s").expect("signed 1").type_line("");
    terminal.expect("signed 2");
    agent.lock("pass");
    agent.client().request(&Message::new(number::UNLOCK).string("pass")).succeeds();
    terminal.type_line("").expect("Allow use of key").expect("[n] no: ").press("n");
    terminal.expect("signed 3").type_line("");
    terminal.wait();
    assert_eq!(signed(world, 3), [true, true, false]);
}

/// Lost otherwise: a program asks until somebody gives in.
fn who_is_denied_again_and_again_is_not_asked_about(world: &World) {
    let (agent, key) = on_the_terminal(world, "pause = 3\n");
    let sign = sign_command(&key);
    let script = format!(
        "echo 1 >doc1; for n in 1 2 3 4; do {sign} doc1; done; {sign} doc1; \
         echo over >/dev/tty; sleep 3; {sign} doc1"
    );
    let mut terminal = shell(world, &agent, &script).on_terminal();
    for _ in 0..4 {
        terminal.expect("Allow use of key").expect("[n] no: ").press("n").expect("no\r\n");
    }
    terminal.expect("over");
    let words = "question was not asked: paused after 4 denied questions";
    let why = why(world, &agent);
    assert!(why.contains(words), "{why}");
    assert_eq!(why.matches("denied at the question").count(), 4, "{why}");
    terminal.expect("Allow use of key").expect("[n] no: ").press("y");
    terminal.wait().0.exits(0);
    assert_eq!(signed(world, 1), [true]);
}

fn the_dialog_closes_with_the_last_who_waits(world: &World) {
    let (askpass, agent, key) = with_askpass(world);
    askpass.answer(&Answer::YesWhenReleased);
    let sign = sign_command(&key);
    let script =
        format!("for n in 1 2; do echo $n >doc$n; {sign} doc$n & echo $! >pid$n; done; wait");
    let shell: Running = shell(world, &agent, &script).start();
    let dialog = askpass.wait_for_call(0);
    world.waits_until("two clients wait", SOON, || clients(&agent) >= 2);
    std::thread::sleep(Duration::from_millis(300));
    let end = |n| {
        let pid = fs::read_to_string(world.path(format!("pid{n}"))).unwrap();
        world.system_program("kill").args(["-KILL", pid.trim()]).output().exits(0);
    };
    end(1);
    assert!(!dialog.ended_within(Duration::from_millis(400)), "somebody waits still");
    end(2);
    assert!(dialog.ended_within(Duration::from_secs(2)), "the dialog stayed");
    shell.wait();
    assert_eq!(askpass.calls().len(), 1);
}

/// Lost otherwise: who ends the first of many programs ends them all.
fn who_is_left_is_asked_about_when_the_first_is_ended(world: &World) {
    let (agent, key) = on_the_terminal(world, "");
    let sign = sign_command(&key);
    let script = format!(
        "echo 1 >doc1; echo 2 >doc2; {sign} doc1 & echo $! >pid1; sleep 1; {sign} doc2 & wait"
    );
    let mut terminal = shell(world, &agent, &script).on_terminal();
    terminal.expect("Allow use of key").expect("[n] no: ");
    world.waits_until("two clients wait", SOON, || clients(&agent) >= 2);
    std::thread::sleep(Duration::from_millis(300));
    let pid = fs::read_to_string(world.path("pid1")).unwrap();
    world.system_program("kill").args(["-KILL", pid.trim()]).output().exits(0);
    terminal.expect("Allow use of key").expect("[n] no: ").press("y");
    terminal.wait();
    assert_eq!(signed(world, 2), [false, true]);
}

/// Lost otherwise: a yes to one text signs another that came at the same time.
fn what_nobody_can_read_is_not_one_question(world: &World) {
    let (askpass, agent, key) = with_askpass(world);
    askpass.answer(&Answer::YesWhenReleased);
    let ask = |data: &[u8]| {
        let mut client = agent.client();
        let request = Message::new(number::SIGN_REQUEST).string(key.blob()).string(data);
        client.send(&request.number(0).frame());
        client
    };
    let (mut one, mut same, mut other) = (ask(b"one"), ask(b"one"), ask(b"another"));
    askpass.wait_for_call(1);
    std::thread::sleep(Duration::from_millis(300));
    askpass.release();
    for client in [&mut one, &mut same, &mut other] {
        client.reply().unwrap().signature();
    }
    assert_eq!(askpass.calls().len(), 2);
}

/// Lost otherwise: a server behind a forwarded agent asks until somebody gives in.
fn a_host_that_is_denied_again_and_again_is_not_asked_about(world: &World) {
    let (askpass, agent, site) = with_two_hosts(world);
    askpass.answers(&[Answer::Silence]);
    let login = format!("ssh -F {} two true", site.configuration().display());
    let beyond = format!("for n in 1 2 3 4 5; do {login}; done; echo over");
    let output = site.ssh(&agent).args(["-A", "one", &beyond]).output();
    assert_eq!(output.stdout(), "over\n", "{output}");
    assert_eq!(askpass.calls().len(), 5, "the login at one, and four from there");
    let why = why(world, &agent);
    assert!(why.contains("question was not asked: paused after 4 denied questions"), "{why}");
    // Whoever is here is asked about all the same.
    site.refuses(&agent, "two");
    assert_eq!(askpass.calls().len(), 6);
}

fn a_host_that_takes_its_questions_back_is_not_asked_about(world: &World) {
    let (askpass, agent, site) = with_two_hosts(world);
    askpass.answers(&[Answer::Silence]).answer(&Answer::YesWhenReleased);
    let login = format!("ssh -F {} two true", site.configuration().display());
    let beyond =
        format!("for n in 1 2 3 4; do timeout 2 {login}; done; timeout 20 {login}; echo $?");
    let output = site.ssh(&agent).args(["-A", "one", &beyond]).output();
    assert_eq!(output.stdout(), "255\n", "it was asked about: {output}");
    assert_eq!(askpass.calls().len(), 5, "the login at one, and four from there");
}

/// The same, and two servers for the key.
#[track_caller]
fn with_two_hosts(world: &World) -> (Askpass, RunningAgent, Site<'_>) {
    let (askpass, agent, key) = with_askpass(world);
    let settings = Settings::default().authorize(&key);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    (askpass, agent, site)
}

/// An agent on a desktop whose asking program is told what to say, and a key that asks.
#[track_caller]
fn with_askpass(world: &World) -> (Askpass, RunningAgent, KeyFile) {
    let askpass = world.askpass();
    let agent = world.agent_with(|run| askpass.offered_to(run));
    let key = add_with_question(world, &agent);
    (askpass, agent, key)
}

/// An agent that asks on the terminal of who asks, and a key that asks.
#[track_caller]
fn on_the_terminal(world: &World, more: &str) -> (RunningAgent, KeyFile) {
    let settings = format!("[ask]\nways = [\"terminal\"]\n{more}");
    let settings = world.write("settings.toml", settings, 0o600);
    let agent = world.agent_with(|run| run.env("KEYFOB_CONFIG", settings));
    let key = add_with_question(world, &agent);
    (agent, key)
}

#[track_caller]
fn add_with_question(world: &World, agent: &RunningAgent) -> KeyFile {
    let key = world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    // ssh-keygen shall ask the agent, and for nothing else.
    fs::remove_file(key.path()).unwrap();
    key
}

/// A person's session, in the folder of the world.
fn shell(world: &World, agent: &RunningAgent, script: &str) -> Run {
    let shell = world.system_program("bash").args(["-c", script]).in_folder(world.home());
    shell.env("SSH_AUTH_SOCK", agent.socket())
}

fn sign_command(key: &KeyFile) -> String {
    let path: &Path = &key.public_path();
    format!("ssh-keygen -q -Y sign -n git -f {}", path.display())
}

/// Which of these documents were signed.
fn signed(world: &World, count: usize) -> Vec<bool> {
    (1..=count).map(|n| world.path(format!("doc{n}.sig")).exists()).collect()
}

fn why(world: &World, agent: &RunningAgent) -> String {
    let run = world.program("keyfob").arg("why").env("SSH_AUTH_SOCK", agent.socket());
    run.output().stdout().to_owned()
}

/// Connections the agent has, by its open sockets: it listens at one.
fn clients(agent: &RunningAgent) -> usize {
    let folder = format!("/proc/{}/fd", agent.pid().as_raw_nonzero());
    let links =
        fs::read_dir(folder).unwrap().filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let sockets = links.filter(|link| link.to_string_lossy().starts_with("socket:")).count();
    sockets.saturating_sub(1)
}
