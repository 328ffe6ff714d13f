//! Where a question goes when the agent itself sees neither a screen nor a terminal: to those of
//! who asks, by programs of the agent's choice.
//!
//! OpenSSH's agent asks in its own surroundings only, so there is nothing to compare this with.
//! Its `ssh` and `ssh-keygen` are who asks.

use std::fs;
use std::time::Duration;

use keyfob_testkit::harness::skip;
use keyfob_testkit::{Case, KeyFile, KeyStore, KeyType, Run, RunningAgent, World, ours};
use rustix::process::Signal;

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    ours!(on_the_terminal_of_who_asks_one_key_allows),
    ours!(on_the_terminal_of_who_asks_everything_else_denies),
    ours!(keys_typed_before_the_question_do_not_answer_it),
    ours!(a_login_is_allowed_on_its_own_terminal),
    ours!(a_job_in_the_background_is_not_asked_about_on_the_terminal),
    ours!(who_is_ended_while_it_is_asked_about_gets_its_terminal_back),
    ours!(pinentry_on_a_terminal_allows_and_denies),
    ours!(pinentry_with_a_whole_screen_puts_the_terminal_back),
    ours!(what_is_said_to_pinentry),
    ours!(u1_the_screen_of_who_asks_is_used_and_never_its_program),
    ours!(without_any_way_why_says_so),
    ours!(the_passphrase_of_the_store_is_asked_for_on_the_terminal),
];

fn on_the_terminal_of_who_asks_one_key_allows(world: &World) {
    let (agent, key) = asking(world, "\"terminal\"");
    let mut terminal = sign(world, &agent, &key).on_terminal();
    terminal.expect("keyfob: Allow use of key key@keyfob?").expect("To sign for file.");
    terminal.expect("[y] yes, once   [s] this session   [m] for 15 minutes   [n] no: ");
    assert!(!terminal.echoes());
    terminal.press("xy");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0);
    assert!(shown.contains("once\r\n"), "{shown:?}");
    assert!(echoes);
    assert!(world.path("document.sig").exists());
}

fn on_the_terminal_of_who_asks_everything_else_denies(world: &World) {
    let (agent, key) = asking(world, "\"terminal\"");
    // No, Enter, Escape, ^C, ^D.
    for keys in ["n", "\r", "\x1b", "\x03", "\x04"] {
        let mut terminal = sign(world, &agent, &key).on_terminal();
        terminal.expect("[n] no: ").press(keys);
        let (output, _, echoes) = terminal.wait();
        output.exits(255);
        assert!(echoes, "{keys:?}");
        assert!(!world.path("document.sig").exists(), "{keys:?}");
    }
}

/// Lost otherwise: who types the next command while `git push` runs has said yes.
fn keys_typed_before_the_question_do_not_answer_it(world: &World) {
    let (agent, key) = asking(world, "\"terminal\"");
    let mut terminal = sign(world, &agent, &key).on_terminal();
    terminal.press("y\ny").expect("Allow use of key").press("y").expect("[n] no: ");
    std::thread::sleep(Duration::from_millis(300));
    assert!(!world.path("document.sig").exists());
    terminal.press("n");
    terminal.wait().0.exits(255);
}

fn a_login_is_allowed_on_its_own_terminal(world: &World) {
    let (agent, key) = asking(world, "\"askpass\", \"terminal\"");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let mut terminal = site.ssh(&agent).args(["one", "printenv", "KEYFOB_HOST"]).on_terminal();
    terminal.expect("To log in as ").expect("[n] no: ").press("y");
    site.admitted(&terminal.wait().0, "one");
}

/// Lost otherwise: the question eats what is typed at the shell.
fn a_job_in_the_background_is_not_asked_about_on_the_terminal(world: &World) {
    let (agent, key) = asking(world, "\"terminal\"");
    let document = world.write("document", "signed", 0o600);
    let job = format!(
        "set -m; ssh-keygen -Y sign -n file -f {} {} & wait $!; echo over",
        key.public_path().display(),
        document.display()
    );
    let shell = world.system_program("bash").args(["-c", &job]);
    let (output, shown, _) = shell.env("SSH_AUTH_SOCK", agent.socket()).on_terminal().wait();
    output.prints_among_else("over");
    assert!(!shown.contains("Allow"), "{shown:?}");
    assert!(!world.path("document.sig").exists());
    why(world, &agent)
        .contains_reason("terminal: who asks is not in the foreground of its terminal");
}

fn who_is_ended_while_it_is_asked_about_gets_its_terminal_back(world: &World) {
    let (agent, key) = asking(world, "\"terminal\"");
    let mut terminal = sign(world, &agent, &key).on_terminal();
    terminal.expect("[n] no: ");
    assert!(!terminal.echoes());
    assert_eq!(helpers(&agent).len(), 1);
    terminal.signal(Signal::KILL);
    world.waits_until("the terminal echoes again", Duration::from_secs(5), || terminal.echoes());
    world.waits_until("the asking process is gone", Duration::from_secs(5), || {
        helpers(&agent).is_empty()
    });
}

fn pinentry_on_a_terminal_allows_and_denies(world: &World) {
    let agent_and_key = with_pinentry(world, "pinentry-tty");
    let (agent, key) = (&agent_and_key.0, &agent_and_key.1);
    for (keys, code) in [("o", 0), ("d", 255)] {
        let mut terminal = sign(world, agent, key).on_terminal();
        terminal.expect("Allow use of key key@keyfob?").expect("eny");
        std::thread::sleep(Duration::from_millis(300));
        terminal.press(keys);
        let (output, _, echoes) = terminal.wait();
        output.exits(code);
        assert!(echoes, "{keys:?}");
    }
}

fn pinentry_with_a_whole_screen_puts_the_terminal_back(world: &World) {
    let (agent, key) = with_pinentry(world, "pinentry-curses");
    let mut terminal = sign(world, &agent, &key).env("TERM", "xterm").on_terminal();
    // The agent is in the locale C, which has no arrows.
    terminal.expect("Allow use of key key@keyfob?").expect(" <- ").expect("Deny");
    terminal.press("\r");
    let (output, _, echoes) = terminal.wait();
    output.exits(0);
    assert!(echoes);
    let mut terminal = sign(world, &agent, &key).env("TERM", "xterm").on_terminal();
    terminal.expect("Deny");
    terminal.signal(Signal::KILL);
    world.waits_until("the terminal echoes again", Duration::from_secs(5), || terminal.echoes());
    world.waits_until("all of it is gone", Duration::from_secs(5), || helpers(&agent).is_empty());
}

fn what_is_said_to_pinentry(world: &World) {
    let said = world.path("said");
    let script = format!(
        "#!/bin/sh\necho OK\nwhile read -r line; do\n\
         printf '%s\\n' \"$line\" >>'{}'\necho OK\ntest \"$line\" = BYE && exit\ndone\n",
        said.display()
    );
    let folder = world.make_folder("own");
    world.script(&folder.join("pinentry"), &script);
    // The agent under test is found by the same variable.
    let path = format!("{}:{}/bin:/usr/bin:/bin", folder.display(), world.folder().display());
    let key = world.key(KeyType::Ed25519, "key");
    let agent = agent(world, "\"pinentry\"", |run| run.env("PATH", path));
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    sign(world, &agent, &key).env("TERM", "vt100").on_terminal().wait().0.exits(0);
    let said = fs::read_to_string(said).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("OPTION ttyname=/dev/pts/"), "{said}");
    assert_eq!(lines[1], "OPTION ttytype=vt100");
    assert!(lines[2].starts_with("SETDESC Allow use of key key@keyfob?%0AKey fingerprint "));
    assert_eq!(lines[3..], ["SETOK _Once", "SETCANCEL _Deny", "CONFIRM", "BYE"]);
}

/// Lost otherwise: who wants a signature names the program that allows it.
fn u1_the_screen_of_who_asks_is_used_and_never_its_program(world: &World) {
    let (seen, evil) = (world.path("seen"), world.path("evil"));
    let folder = world.make_folder("own");
    let (own, theirs) = (folder.join("ask"), folder.join("theirs"));
    let text = "printf '%s %s' \"$DISPLAY\" \"$XAUTHORITY\"";
    world.script(&own, &format!("#!/bin/sh\n{text} >'{}'\nexit 0\n", seen.display()));
    world.script(&theirs, &format!("#!/bin/sh\ntouch '{}'\nexit 0\n", evil.display()));
    let key = world.key(KeyType::Ed25519, "key");
    let ways = "\"askpass\", \"pinentry\", \"terminal\"";
    let agent = agent(world, ways, |run| run.env("SSH_ASKPASS", &own));
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    let signing = || sign(world, &agent, &key).env("SSH_ASKPASS", &theirs);
    let screen = signing().env("DISPLAY", ":77").env("XAUTHORITY", "/x");
    screen.env("SSH_ASKPASS_REQUIRE", "force").output().exits(0);
    assert_eq!(fs::read_to_string(&seen).unwrap(), ":77 /x");
    fs::remove_file(world.path("document.sig")).unwrap();
    signing().env("SSH_ASKPASS_REQUIRE", "force").output().exits(255);
    assert!(!evil.exists());
}

fn without_any_way_why_says_so(world: &World) {
    let (agent, key) = asking(world, "");
    sign(world, &agent, &key).output().exits(255);
    why(world, &agent).contains_reason("the setting ask.ways is empty");
    let (agent, key) = asking(world, "\"watch\", \"askpass\", \"terminal\"");
    sign(world, &agent, &key).output().exits(255);
    why(world, &agent).contains_reason(
        "watch: no `keyfob watch` is running; \
         askpass: neither DISPLAY nor WAYLAND_DISPLAY is set; \
         terminal: who asks has no terminal",
    );
}

fn the_passphrase_of_the_store_is_asked_for_on_the_terminal(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let store = KeyStore::make(world);
    store.save(&key, "work", &[]);
    fs::remove_file(key.path()).unwrap();
    let agent = agent(world, "\"terminal\"", |run| run);
    let mut terminal = sign(world, &agent, &key).on_terminal();
    terminal.expect("The key store is locked.").expect("passphrase: ").answer_unseen("wrong");
    terminal.expect("Wrong passphrase, try again.").expect("enter its passphrase: ");
    terminal.answer_unseen(KeyStore::PASSPHRASE);
    let (output, shown, echoes) = terminal.wait();
    output.exits(0);
    assert!(!shown.contains(KeyStore::PASSPHRASE));
    assert!(echoes);
}

/// An agent without a screen and without a terminal, that asks in these ways before it uses its
/// one key.
#[track_caller]
fn asking(world: &World, ways: &str) -> (RunningAgent, KeyFile) {
    let key = world.key(KeyType::Ed25519, "key");
    let agent = agent(world, ways, |run| run);
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    (agent, key)
}

fn agent(world: &World, ways: &str, change: impl FnOnce(Run) -> Run) -> RunningAgent {
    let settings = world.write("settings.toml", format!("[ask]\nways = [{ways}]\n"), 0o600);
    world.agent_with(|run| change(run.env("KEYFOB_CONFIG", settings)))
}

#[track_caller]
fn with_pinentry(world: &World, program: &str) -> (RunningAgent, KeyFile) {
    let folder = world.make_folder("own");
    let program = std::path::Path::new("/usr/bin").join(program);
    if !program.exists() {
        skip(format!("{} is not installed", program.display()));
    }
    std::os::unix::fs::symlink(&program, folder.join("pinentry")).unwrap();
    // The agent under test is found by the same variable.
    let path = format!("{}:{}/bin:/usr/bin:/bin", folder.display(), world.folder().display());
    let key = world.key(KeyType::Ed25519, "key");
    let agent = agent(world, "\"pinentry\"", |run| run.env("PATH", path));
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    (agent, key)
}

/// Somebody who wants a signature.
fn sign(world: &World, agent: &RunningAgent, key: &KeyFile) -> Run {
    let document = world.write("document", "signed", 0o600);
    let _ = fs::remove_file(world.path("document.sig"));
    let sign = world.system_program("ssh-keygen").env("SSH_AUTH_SOCK", agent.socket());
    sign.args(["-Y", "sign", "-n", "file", "-f"]).arg(key.public_path()).arg(document)
}

struct Why(String);

impl Why {
    #[track_caller]
    fn contains_reason(&self, reason: &str) {
        assert!(self.0.contains(reason), "{}", self.0);
    }
}

fn why(world: &World, agent: &RunningAgent) -> Why {
    let run = world.program("keyfob").arg("why").env("SSH_AUTH_SOCK", agent.socket());
    Why(run.output().stdout())
}

/// The processes this agent has had started and that still are: children of the one that does it.
fn helpers(agent: &RunningAgent) -> Vec<String> {
    let starters = children(&agent.pid().as_raw_nonzero().to_string());
    starters.iter().flat_map(|starter| children(starter)).collect()
}

fn children(parent: &str) -> Vec<String> {
    let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let children =
        threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok());
    children.flat_map(|all| all.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}
