//! The log as a person meets it: written by a real agent for real clients, shown, followed, proved.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use keyfob_testkit::{Answer, KeyFile, KeyStore, KeyType, Output, RunningAgent, World};
use rustix::process::{Resource, Rlimit, Signal, prlimit};

use crate::support::{
    fingerprint, hints, keyfob, keyfob_unlocking, keyfob_with, make_store, world,
};

const SOON: Duration = Duration::from_secs(10);

const SIGN_RESPONSE: u8 = 14;

fn agent(world: &World, settings: &str) -> RunningAgent {
    let file = world.write("settings.toml", settings, 0o600);
    let socket = world.unused("socket");
    let run = keyfob(world).env("KEYFOB_CONFIG", file).args(["agent", "-D", "-a"]).arg(&socket);
    RunningAgent::listening(world, run, socket)
}

/// One that may write files of so many bytes and no longer.
fn confined(world: &World, settings: &str, bytes: u64) -> RunningAgent {
    let agent = agent(world, settings);
    set_limit(&agent, Some(bytes));
    agent
}

fn set_limit(agent: &RunningAgent, bytes: Option<u64>) {
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(Some(agent.pid()), Resource::Fsize, limit).unwrap();
}

fn folder(world: &World) -> PathBuf {
    world.path(".local/state/keyfob/log/1")
}

fn files(world: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(world)).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().unwrap() == "jsonl").collect();
    files.sort();
    files
}

fn text(world: &World) -> String {
    files(world).iter().map(|path| fs::read_to_string(path).unwrap_or_default()).collect()
}

#[track_caller]
fn log(world: &World, flags: &[&str]) -> Output {
    keyfob(world).arg("log").args(flags).output()
}

fn sign_file(world: &World, agent: &RunningAgent, key: &KeyFile, namespace: &str) -> Output {
    let document = world.write("document", "words that nobody may read", 0o600);
    let _ = fs::remove_file(world.path("document.sig"));
    let run = world.system_program("ssh-keygen").env("SSH_AUTH_SOCK", agent.socket());
    run.args(["-q", "-Y", "sign", "-n", namespace, "-f"])
        .arg(key.public_path())
        .arg(document)
        .output()
}

fn signs(agent: &RunningAgent, key: &KeyFile) -> bool {
    agent.client().sign(&key.blob(), b"data", 0).kind() == SIGN_RESPONSE
}

#[track_caller]
fn waits_for(world: &World, part: &str) {
    world.waits_until(part, SOON, || text(world).contains(part));
}

#[test]
fn each_use_is_a_line_that_says_who_and_what_for_and_not_what_was_signed() {
    let world = world();
    let agent = agent(&world, "");
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    sign_file(&world, &agent, &key, "file").exits(0);
    waits_for(&world, "\"event\":\"signed\"");
    let shown = log(&world, &[]);
    shown.exits(0);
    let line = shown.stdout().lines().last().unwrap().to_owned();
    for part in [
        "signed ",
        "\"key@keyfob\"",
        &fingerprint(&world, &key.public_path()),
        "to sign for file",
        "by ssh-keygen (pid ",
    ] {
        assert!(line.contains(part), "{part}\n{line}");
    }
    assert!(shown.stdout().contains("added "), "{shown}");
    assert!(!text(&world).contains("nobody may read"));
    for file in files(&world) {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let json = log(&world, &["--json", "-n", "1"]);
    let line: serde_json::Value = serde_json::from_str(&json.stdout()).unwrap();
    assert_eq!(line["purpose"]["namespace"], "file");
    assert_eq!(line["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn a_question_and_its_answer_are_lines_and_so_is_the_refusal() {
    let world = world();
    let askpass = world.askpass();
    askpass.answers(&[Answer::Refusal, Answer::Silence]);
    let socket = world.unused("socket");
    let run = askpass.forced_on(keyfob(&world)).args(["agent", "-D", "-a"]).arg(&socket);
    let agent = RunningAgent::listening(&world, run, socket);
    let key = world.key(KeyType::Ed25519, "key");
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
    assert!(!signs(&agent, &key));
    assert!(signs(&agent, &key));
    waits_for(&world, "\"event\":\"signed\"");
    let events: Vec<String> = text(&world)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| format!("{} {}", line["event"].as_str().unwrap(), line["outcome"]))
        .collect();
    let expected = [
        "begin null",
        "added null",
        "asked null",
        "answered \"denied\"",
        "refused null",
        "asked null",
        "answered \"allowed once\"",
        "signed null",
    ];
    assert_eq!(events, expected);
}

#[test]
fn lines_are_chosen_by_key_program_and_time() {
    let world = world();
    let agent = agent(&world, "");
    let (one, two) = (world.key(KeyType::Ed25519, "one"), world.key(KeyType::EcdsaP256, "two"));
    agent.add(&one);
    agent.add(&two);
    sign_file(&world, &agent, &one, "file").exits(0);
    waits_for(&world, "\"event\":\"signed\"");
    let count = |flags: &[&str]| log(&world, flags).exits(0).stdout().lines().count();
    assert_eq!(count(&[]), 4);
    assert_eq!(count(&["-k", "one@keyfob"]), 2);
    assert_eq!(count(&["-k", &fingerprint(&world, &two.public_path())]), 1);
    assert_eq!(count(&["-p", "ssh-keygen"]), 1);
    assert_eq!(count(&["-p", "ssh-keygen", "-k", "two*"]), 0);
    assert_eq!(count(&["-H", "*"]), 0);
    assert_eq!(count(&["--since", "1h"]), 4);
    assert_eq!(count(&["--until", "1h"]), 0);
    assert_eq!(count(&["--since", "2000-01-01", "--until", "2000-01-02T03:04"]), 0);
    let last = log(&world, &["-n", "1"]);
    assert_eq!(last.stdout().lines().count(), 1);
    last.reports_among_else("Before these: 3 more");
    let wrong = log(&world, &["--since", "soon"]);
    wrong.exits(1);
    hints(&wrong, "2026-11-26T15:00");
}

#[test]
fn a_log_that_nobody_touched_is_whole_and_a_changed_line_is_named() {
    let world = world();
    let agent = agent(&world, "");
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    assert!(signs(&agent, &key) && signs(&agent, &key));
    agent.stop(Signal::TERM);
    let whole = log(&world, &["verify"]);
    whole.exits(0).reports_among_else("5 lines in 1 file, all whole.");
    whole.reports_among_else("the key lies beside the log");
    let file = files(&world)[0].clone();
    let before = fs::read_to_string(&file).unwrap();
    let changed = before.replacen("\"event\":\"signed\"", "\"event\":\"locked\"", 1);
    fs::write(&file, changed).unwrap();
    let found = log(&world, &["verify"]);
    found.exits(1).reports_among_else(&format!("{}:3: it was changed", file.display()));
    let json = log(&world, &["verify", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&json.exits(1).stdout()).unwrap();
    assert_eq!(document["whole"], false);
    assert_eq!(document["books"][0]["damage"]["line"], 3);
    let less: String =
        before.lines().filter(|line| !line.contains("\"seq\":4,")).collect::<Vec<_>>().join("\n");
    fs::write(&file, format!("{less}\n")).unwrap();
    log(&world, &["verify"]).exits(1).reports_among_else(":4: line 4 before it was removed");
    let cut: Vec<_> = before.lines().take(4).collect();
    fs::write(&file, format!("{}\n", cut.join("\n"))).unwrap();
    log(&world, &["verify"])
        .exits(0)
        .reports_among_else("It ends without an end: the agent was killed, or lines");
    fs::remove_dir_all(folder(&world)).unwrap();
    let none = log(&world, &["verify"]);
    none.exits(1).reports_among_else("there is no log in ");
}

#[test]
fn an_agent_that_is_killed_leaves_a_log_that_the_next_one_goes_on_with() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "key");
    for run in 1..=3 {
        let agent = agent(&world, "");
        agent.add(&key);
        let has_begun = || text(&world).matches("\"event\":\"begin\"").count() == run;
        world.waits_until("its first line is written", SOON, has_begun);
        for _ in 0..20 {
            assert!(signs(&agent, &key));
        }
        agent.stop(Signal::KILL);
    }
    let found = log(&world, &["verify"]);
    found.exits(0).reports_among_else("all whole.");
    let json = log(&world, &["verify", "--json"]).stdout();
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["books"][0]["runs"].as_array().unwrap().len(), 3);
}

#[test]
fn what_is_written_is_followed() {
    let world = world();
    let shown = world.unused("shown");
    let agent = agent(&world, "");
    let script = format!("exec keyfob log -f > '{}'", shown.display());
    let mut follower = world.program("sh").args(["-c", &script]).limit(SOON).start();
    let has = |part: &str| fs::read_to_string(&shown).unwrap_or_default().contains(part);
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    world.waits_until("the addition is shown", SOON, || has("added"));
    assert!(!has("signed"));
    assert!(signs(&agent, &key));
    world.waits_until("the signature is shown", SOON, || has("signed"));
    assert!(follower.is_alive());
    follower.kill();
}

#[test]
fn a_file_that_is_full_is_followed_by_another_and_the_oldest_goes() {
    let world = world();
    let agent = agent(&world, "[log]\nmax-size = \"64K\"\nkeep = 2\n");
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    let mut client = agent.client();
    let is_rotated =
        || files(&world).first().is_some_and(|path| !path.ends_with("000000000001.jsonl"));
    for _ in 0..1000 {
        assert_eq!(client.sign(&key.blob(), b"data", 0).kind(), SIGN_RESPONSE);
    }
    world.waits_until("the first file goes", SOON, is_rotated);
    agent.stop(Signal::TERM);
    assert_eq!(files(&world).len(), 2);
    assert!(files(&world).iter().all(|path| fs::metadata(path).unwrap().len() <= 64 << 10));
    log(&world, &["verify"]).exits(0).reports_among_else("in 2 files, all whole.");
    fs::remove_file(&files(&world)[0]).unwrap();
    log(&world, &["verify"]).exits(1).reports_among_else("files before it were removed");
}

#[test]
fn a_full_disk_does_not_stop_the_agent_and_what_is_missing_is_counted() {
    let world = world();
    let agent = confined(&world, "", 600);
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    for _ in 0..5 {
        assert!(signs(&agent, &key));
    }
    let why = || keyfob_with(&world, &agent).arg("why").output();
    world.waits_until("it is told", SOON, || why().stdout().contains("the log cannot be written"));
    assert_eq!(why().stdout().matches("the log cannot be written").count(), 1, "{}", why());
    set_limit(&agent, None);
    assert!(signs(&agent, &key));
    waits_for(&world, "\"event\":\"lost\",\"count\":");
    agent.stop(Signal::TERM);
    log(&world, &["verify"]).exits(0);
    log(&world, &[]).exits(0).prints_among_else(" before this one could not be written");
}

#[test]
fn where_the_log_is_required_nothing_is_signed_that_cannot_be_logged() {
    let world = world();
    let agent = agent(&world, "[log]\nrequired = true\n");
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    assert!(signs(&agent, &key));
    assert!(text(&world).contains("\"event\":\"signed\""), "written before the answer");
    set_limit(&agent, Some(600));
    assert!(!signs(&agent, &key));
    keyfob_with(&world, &agent)
        .arg("why")
        .output()
        .exits(0)
        .prints_among_else("the log cannot be written");
    set_limit(&agent, None);
    assert!(signs(&agent, &key));
}

#[test]
fn without_a_log_there_is_no_file() {
    let world = world();
    let agent = agent(&world, "[log]\nenabled = false\n");
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    assert!(signs(&agent, &key));
    agent.stop(Signal::TERM);
    assert!(!folder(&world).exists());
    log(&world, &[]).exits(0).reports("There is no log yet.\n");
}

/// The store's root makes the key: who cannot open the store proves nothing, and forges nothing.
#[test]
fn once_the_key_store_is_open_the_key_of_the_log_lies_nowhere() {
    let world = world();
    make_store(&world);
    let agent = agent(&world, "");
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    assert!(signs(&agent, &key));
    let unlock = keyfob_unlocking(&world, "unlock").env("SSH_AUTH_SOCK", agent.socket());
    unlock.output().exits(0);
    assert!(signs(&agent, &key));
    agent.stop(Signal::TERM);
    let keys: Vec<String> = fs::read_dir(folder(&world))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().unwrap() == "key")
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let sealed = keys.iter().filter(|file| file.starts_with("keyfob-log-key 1 sealed ")).count();
    assert_eq!((keys.len(), sealed), (2, 1), "{keys:?}");
    let proved = keyfob_unlocking(&world, "log").arg("verify").output();
    proved.exits(0).reports_among_else("all whole.");
    proved.reports_among_else("Of 3 lines the key lies beside the log; since the key store");
    let unopened = log(&world, &["verify"]);
    unopened.exits(1).reports_among_else("4 lines could not be proved");
    let file = files(&world)[0].clone();
    let before = fs::read_to_string(&file).unwrap();
    let changed = before.replace("\"event\":\"end\"", "\"event\":\"and\"");
    fs::write(&file, changed).unwrap();
    let found = keyfob_unlocking(&world, "log").arg("verify").output();
    found.exits(1).reports_among_else(":7: it was changed");
}

#[test]
fn a_passphrase_that_is_asked_for_is_a_line_and_so_is_what_came_of_it() {
    let world = world();
    let store = KeyStore::make(&world);
    store.save(&world.key(KeyType::Ed25519, "key"), "work", &[]).exits(0);
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    assert!(signs(&agent, &store.public("work")));
    waits_for(&world, "\"event\":\"signed\"");
    let text = text(&world);
    assert!(
        text.contains("\"event\":\"asked\",\"reason\":\"passphrase of the key store\""),
        "{text}"
    );
    assert!(text.contains("\"event\":\"answered\",\"outcome\":\"opened\""), "{text}");
    assert!(!text.contains(KeyStore::PASSPHRASE), "{text}");
}
