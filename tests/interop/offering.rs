//! The right key for the right host, with servers that let nobody try more than three.
//!
//! OpenSSH's agent has nothing to compare this with. Its own `ssh` and `sshd` are the judges.

use std::time::Duration;

use keyfob_testkit::{Case, KeyFile, KeyStore, KeyType, Output, RunningAgent, World, ours};
use rustix::process::Signal;

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    ours!(after_one_login_the_right_one_of_twenty_keys_comes_first),
    ours!(with_a_rule_the_first_login_succeeds_too),
    ours!(what_was_learned_is_there_after_a_restart_and_gone_when_forgotten),
    ours!(with_known_only_nothing_else_is_offered_until_the_key_is_gone),
    ours!(a_profile_s_socket_shows_its_keys_only),
    ours!(where_a_rule_denies_forwarding_somebody_can_find_out_why_no_key_is_there),
];

/// The place of the right one among twenty.
const RIGHT: usize = 16;

fn keys(world: &World) -> Vec<KeyFile> {
    (0..20).map(|number| world.key(KeyType::Ed25519, &format!("key{number}"))).collect()
}

fn strict(key: &KeyFile) -> Settings {
    Settings::default().authorize(key).line("MaxAuthTries 3")
}

fn add_all(agent: &RunningAgent, keys: &[KeyFile]) {
    keys.iter().for_each(|key| agent.add(key));
}

/// A login that tells what it does.
fn login(site: &Site<'_>, agent: &RunningAgent, flags: &[&str]) -> Output {
    site.ssh(agent).arg("-v").args(flags).args(["one", "printenv", "KEYFOB_HOST"]).output()
}

fn offers(output: &Output) -> usize {
    output.stderr().matches("Offering public key").count()
}

#[track_caller]
fn fails(output: &Output) {
    assert_eq!(output.code(), Some(255), "{output}");
    assert_eq!(offers(output), 3, "{output}");
}

#[track_caller]
fn succeeds_at_the_first_try(output: &Output) {
    assert_eq!((output.code(), output.stdout()), (Some(0), "one\n".to_owned()), "{output}");
    assert_eq!(offers(output), 1, "{output}");
}

/// As a person does who knows which key it is.
#[track_caller]
fn logs_in_by_name(site: &Site<'_>, agent: &RunningAgent, key: &KeyFile) {
    let public = key.public_path().display().to_string();
    let named = login(site, agent, &["-o", "IdentitiesOnly=yes", "-i", &public]);
    succeeds_at_the_first_try(&named);
}

fn keyfob(world: &World, agent: &RunningAgent, arguments: &[&str]) -> Output {
    world.program("keyfob").args(arguments).env("SSH_AUTH_SOCK", agent.socket()).output()
}

fn with_settings(world: &World, text: &str) -> RunningAgent {
    let path = world.write("settings.toml", text, 0o600);
    world.agent_with(|run| run.env("KEYFOB_CONFIG", path))
}

fn after_one_login_the_right_one_of_twenty_keys_comes_first(world: &World) {
    let keys = keys(world);
    let site = Site::new(world).with("one", &strict(&keys[RIGHT]));
    let agent = world.agent();
    add_all(&agent, &keys);
    fails(&login(&site, &agent, &[]));
    logs_in_by_name(&site, &agent, &keys[RIGHT]);
    for _ in 0..2 {
        succeeds_at_the_first_try(&login(&site, &agent, &[]));
    }
    let known_hosts = site.known_hosts().display().to_string();
    let told = keyfob(world, &agent, &["hosts", "-H", &known_hosts]);
    let words = told.exits(0).stdout();
    assert!(words.contains("one") && words.contains("the host took it"), "{words}");
    let told = keyfob(world, &agent, &["explain", "-H", &known_hosts, "one"]);
    let words = told.exits(0).stdout();
    assert!(words.contains("\n1  ") && words.contains("the host took it for"), "{words}");
    // Names that are hashed cannot be read back, and can be asked about.
    let hashed = world.write("hashed", std::fs::read(site.known_hosts()).unwrap(), 0o600);
    world.system_program("ssh-keygen").args(["-H", "-f"]).arg(&hashed).output().exits(0);
    let hashed = hashed.display().to_string();
    let told = keyfob(world, &agent, &["hosts", "-H", &hashed]);
    told.exits(0).reports_among_else("keyfob explain HOST");
    let told = keyfob(world, &agent, &["explain", "-H", &hashed, "one"]);
    assert!(told.exits(0).stdout().contains("the host took it for"), "{told}");
    let told = keyfob(world, &agent, &["explain", "elsewhere"]);
    assert!(told.exits(0).stdout().contains("not in the known hosts files"), "{told}");
    // A connection that leads nowhere is shown them as they were added.
    let added: Vec<_> = (0..20).map(|number| format!("key{number}@keyfob")).collect();
    assert_eq!(agent.comments(), added);
    // A host is called as it is for explain, with its port.
    let text = std::fs::read_to_string(site.known_hosts()).unwrap();
    let elsewhere = world.write("by port", text.replace("one ", "[one.example]:2222 "), 0o600);
    let elsewhere = elsewhere.display().to_string();
    let words = ["hosts", "forget", "-H", &elsewhere, "one.example:2222"];
    keyfob(world, &agent, &words).exits(0).reports_among_else("Forgotten: 1 host");
}

fn with_a_rule_the_first_login_succeeds_too(world: &World) {
    let keys = keys(world);
    let site = Site::new(world).with("one", &strict(&keys[RIGHT]));
    let host = site.server("one").fingerprint(world);
    let rule = format!("[[host]]\nmatch = \"{host}\"\nkeys = [\"key{RIGHT}@*\"]\n");
    let agent = with_settings(world, &rule);
    add_all(&agent, &keys);
    succeeds_at_the_first_try(&login(&site, &agent, &[]));
    let known_hosts = site.known_hosts().display().to_string();
    let told = keyfob(world, &agent, &["hosts", "-H", &known_hosts, "--json"]);
    let words = told.exits(0).stdout();
    let key = world.system_program("ssh-keygen").arg("-lf").arg(keys[RIGHT].public_path()).output();
    let key = key.stdout().split(' ').nth(1).unwrap().to_owned();
    assert!(words.contains(&format!("\"fingerprint\": \"{key}\"")), "{words}");
    let told = keyfob(world, &agent, &["explain", "-H", &known_hosts, "one", "--json"]);
    let words = told.exits(0).stdout();
    assert!(words.contains("\"rule\": 1") && words.contains("\"not_offered\": 19"), "{words}");
    // A key that is not in the rule opens nothing, even where the server would take it.
    let rule = format!("[[host]]\nmatch = \"{host}\"\nkeys = [\"key1@*\"]\n");
    let agent = with_settings(world, &rule);
    add_all(&agent, &keys);
    let public = keys[RIGHT].public_path().display().to_string();
    let output = login(&site, &agent, &["-o", "IdentitiesOnly=yes", "-i", &public]);
    assert_eq!(output.code(), Some(255), "{output}");
}

fn what_was_learned_is_there_after_a_restart_and_gone_when_forgotten(world: &World) {
    let keys = keys(world);
    let site = Site::new(world).with("one", &strict(&keys[RIGHT]));
    let store = KeyStore::make(world);
    let agent = world.agent();
    store.command_with(&agent, "unlock").output().exits(0);
    add_all(&agent, &keys);
    logs_in_by_name(&site, &agent, &keys[RIGHT]);
    let memory = store.folder().join("memory");
    world.waits_until("it is written down", Duration::from_secs(20), || memory.exists());
    // The end of the agent comes unannounced.
    agent.stop(Signal::KILL);
    let agent = world.agent();
    add_all(&agent, &keys);
    fails(&login(&site, &agent, &[]));
    store.command_with(&agent, "unlock").output().exits(0);
    succeeds_at_the_first_try(&login(&site, &agent, &[]));
    keyfob(world, &agent, &["hosts", "forget", "--all", "--yes"]).exits(0);
    fails(&login(&site, &agent, &[]));
    store.command_with(&agent, "lock").output().exits(0);
    store.command_with(&agent, "unlock").output().exits(0);
    fails(&login(&site, &agent, &[]));
    store.command("check").output().exits(0);
}

fn with_known_only_nothing_else_is_offered_until_the_key_is_gone(world: &World) {
    let keys = keys(world);
    let settings = strict(&keys[RIGHT]).authorize(&keys[0]);
    let site = Site::new(world).with("one", &settings);
    let agent = with_settings(world, "agent.offer = \"known-only\"\n");
    add_all(&agent, &keys);
    logs_in_by_name(&site, &agent, &keys[RIGHT]);
    succeeds_at_the_first_try(&login(&site, &agent, &[]));
    let known_hosts = site.known_hosts().display().to_string();
    let told = keyfob(world, &agent, &["explain", "-H", &known_hosts, "one"]);
    assert!(told.exits(0).stdout().contains("19 more keys are not offered"), "{told}");
    let removed = agent.ssh_add().arg("-d").arg(keys[RIGHT].public_path()).output();
    removed.exits(0);
    succeeds_at_the_first_try(&login(&site, &agent, &[]));
}

fn where_a_rule_denies_forwarding_somebody_can_find_out_why_no_key_is_there(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let host = site.server("one").fingerprint(world);
    let rule = format!("[[host]]\nmatch = \"{host}\"\nforwarded = \"deny\"\n");
    let agent = with_settings(world, &rule);
    agent.add(&key);
    // Each `ssh-add` there is a connection of its own.
    let listing = site.ssh(&agent).args(["-A", "one", "ssh-add -l; ssh-add -l"]).output();
    assert!(listing.stdout().contains("The agent has no identities."), "{listing}");
    let why = keyfob(world, &agent, &["why"]).exits(0).stdout();
    let told = why.lines().filter(|line| line.contains("a list over a forwarded connection"));
    assert_eq!(told.count(), 2, "{why}");
    assert!(why.contains(&host) && why.contains("denied by rule 1 of the settings"), "{why}");
    let log = || keyfob(world, &agent, &["log"]).stdout();
    world.waits_until("it is logged", Duration::from_secs(10), || log().contains("list of keys: "));
    assert!(!log().contains("purpose"), "a list has none: {}", log());
    let explained = keyfob(world, &agent, &["explain", &host]).exits(0).stdout();
    assert!(explained.contains("see no keys: rule 1, forwarded = deny"), "{explained}");
}

fn a_profile_s_socket_shows_its_keys_only(world: &World) {
    let keys = keys(world);
    let site = Site::new(world).with("one", &strict(&keys[RIGHT]));
    let profile = format!("[[profile]]\nname = \"work\"\nkeys = [\"key{RIGHT}@*\"]\n");
    let settings = world.write("settings.toml", profile, 0o600);
    let runtime = world.make_folder("run");
    let keyfob = || {
        let run = world.program("keyfob").env("XDG_RUNTIME_DIR", &runtime);
        run.env("KEYFOB_CONFIG", &settings)
    };
    let run = keyfob().args(["agent", "-D"]).limit(Duration::from_secs(120));
    let agent = RunningAgent::listening(world, run, runtime.join("keyfob/agent.sock"));
    add_all(&agent, &keys);
    let told = keyfob().args(["env", "--profile", "work", "--shell", "sh"]).output();
    let socket = runtime.join("keyfob/work.sock");
    assert!(told.exits(0).stdout().contains(&*socket.to_string_lossy()), "{told}");
    let shown = world.system_program("ssh-add").arg("-l").env("SSH_AUTH_SOCK", &socket).output();
    let words = shown.exits(0).stdout();
    assert_eq!((words.lines().count(), words.contains("key16@keyfob")), (1, true), "{words}");
    let through = site.ssh(&agent).arg("-v").env("SSH_AUTH_SOCK", &socket);
    let through = through.args(["one", "printenv", "KEYFOB_HOST"]).output();
    succeeds_at_the_first_try(&through);
    for refused in ["-D", "-x"] {
        let run = world.system_program("ssh-add").arg(refused).env("SSH_AUTH_SOCK", &socket);
        assert_ne!(run.env("SSH_ASKPASS_REQUIRE", "never").output().code(), Some(0));
    }
    assert_eq!(agent.comments().len(), 20);
}
