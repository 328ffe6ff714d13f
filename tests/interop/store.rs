//! The key store and `ssh`: keys that are there after the agent has ended, for one passphrase.
//!
//! OpenSSH has nothing to compare this with. Its own `ssh` and `sshd` are the judges.

use std::fs;

use keyfob_testkit::{
    Askpass, Case, KeyFile, KeyStore, KeyType, Output, RunningAgent, World, ours,
};
use rustix::process::Signal;

use crate::server::Settings;
use crate::signing::signs_and_verifies;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    ours!(the_first_login_asks_for_the_passphrase_and_the_second_asks_nothing),
    ours!(a_public_file_of_the_store_names_the_key_to_ssh),
    ours!(a_host_beyond_sees_nothing_of_a_store_that_was_never_opened),
    ours!(a_destination_holds_after_the_agent_was_started_again),
    ours!(a_confirmation_holds_after_the_agent_was_started_again),
    ours!(git_signs_with_a_stored_key),
    ours!(one_passphrase_brings_back_all_keys_with_their_rules_after_a_crash),
];

fn the_first_login_asks_for_the_passphrase_and_the_second_asks_nothing(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let store = KeyStore::make(world);
    store.save(&key, "work", &[]);
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    assert_eq!(agent.comments(), ["key@keyfob"], "it is listed while the store is locked");
    assert_eq!(askpass.calls().len(), 0, "and listing asks nobody");
    site.admits(&agent, "one");
    let question = &askpass.calls()[0];
    assert_eq!(question.kind, None, "a passphrase is asked for, not a yes");
    assert!(question.prompt.contains("key@keyfob"), "{question:?}");
    site.admits(&agent, "one");
    assert_eq!(askpass.calls().len(), 1);
}

/// More keys than a server lets anybody try.
fn a_public_file_of_the_store_names_the_key_to_ssh(world: &World) {
    let store = KeyStore::make(world);
    for number in 0..7 {
        let name = format!("other{number}");
        store.save(&world.key(KeyType::Ed25519, &name), &name, &[]);
    }
    let key = world.key(KeyType::EcdsaP256, "work");
    store.save(&key, "work", &[]);
    fs::remove_file(key.path()).unwrap();
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    let configuration = fs::read_to_string(site.configuration()).unwrap();
    let public = store.public("work").public_path();
    let chosen = format!("IdentitiesOnly yes\nIdentityFile \"{}\"\n", public.display());
    let configuration = configuration.replace("  IdentityFile none\n", "");
    let chosen = world.write("chosen", chosen + &configuration, 0o600);
    let login = world.system_program("ssh").arg("-F").arg(chosen);
    let login = login.env("SSH_AUTH_SOCK", agent.socket());
    site.admitted(&login.args(["one", "printenv", "KEYFOB_HOST"]).output(), "one");
    let asked = askpass.calls();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].prompt.contains("work@keyfob"), "{asked:?}");
}

/// Lost otherwise: before the rules of a key are known, a server learns of a key that was never
/// meant for it, or makes its owner type the passphrase.
fn a_host_beyond_sees_nothing_of_a_store_that_was_never_opened(world: &World) {
    let door = world.key(KeyType::Ed25519, "door");
    let key = world.key(KeyType::EcdsaP256, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&door));
    let store = KeyStore::make(world);
    store.save(&key, "work", &[]);
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    agent.add(&door);
    let beyond = || {
        let identity = door.public_path().display().to_string();
        let only = ["-A", "-o", "IdentitiesOnly=yes", "-i", &identity];
        let output = site.ssh(&agent).args(only).args(["one", "ssh-add -L"]).output();
        output.exits(0);
        output.stdout()
    };
    assert_eq!(beyond(), format!("{}\n", door.public_line()));
    assert!(askpass.calls().is_empty());
    store.command_with(&agent, "unlock").output().exits(0);
    assert!(beyond().contains(&key.public_line()), "its rules are known, and it has none");
    store.command_with(&agent, "lock").output().exits(0);
    assert!(beyond().contains(&key.public_line()), "and stay known");
}

fn a_destination_holds_after_the_agent_was_started_again(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let settings = Settings::default().authorize(&key);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    let store = KeyStore::make(world);
    let known_hosts = site.known_hosts().display().to_string();
    store.save(&key, "work", &["-H", &known_hosts, "-h", "two"]);
    let askpass = store.answering();
    for _ in 0..2 {
        let agent = store.agent_asking(&askpass);
        site.refuses(&agent, "one");
        site.admits(&agent, "two");
        site.refuses(&agent, "one");
        agent.stop(Signal::KILL);
    }
}

fn a_confirmation_holds_after_the_agent_was_started_again(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let store = KeyStore::make(world);
    store.save(&key, "work", &["-c"]);
    for _ in 0..2 {
        let askpass = store.answering();
        let agent = store.agent_asking(&askpass);
        site.admits(&agent, "one");
        site.admits(&agent, "one");
        let kinds: Vec<_> = askpass.calls().into_iter().map(|call| call.kind).collect();
        let yes = Some("confirm".to_owned());
        assert_eq!(kinds, [None, yes.clone(), yes], "the passphrase once, a yes for each login");
        askpass.answer(&keyfob_testkit::Answer::Refusal);
        site.refuses(&agent, "one");
        agent.stop(Signal::KILL);
    }
}

fn git_signs_with_a_stored_key(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let store = KeyStore::make(world);
    store.save(&key, "work", &[]);
    fs::remove_file(key.path()).unwrap();
    let askpass = store.answering();
    let agent = store.agent_asking(&askpass);
    let stored = store.public("work");
    let setting = format!("user.signingKey={}", stored.public_path().display());
    signs_and_verifies(world, &agent, &stored, &setting);
    assert_eq!(askpass.calls().len(), 1);
}

/// A key of the story: what it is called in the store, and where it opens a door.
struct Told {
    name: &'static str,
    opens: &'static [&'static str],
    /// Where it would be let in, and must not go.
    keeps_from: &'static [&'static str],
    is_confirmed: bool,
}

const STORY: &[Told] = &[
    Told { name: "first", opens: &["one"], keeps_from: &[], is_confirmed: true },
    Told { name: "second", opens: &["two"], keeps_from: &["one"], is_confirmed: false },
    Told { name: "third", opens: &["one", "two"], keeps_from: &[], is_confirmed: false },
    Told { name: "fourth", opens: &["two", "one"], keeps_from: &[], is_confirmed: true },
];

/// The whole of it: keys from everywhere, one passphrase, and nothing lost when the agent is.
fn one_passphrase_brings_back_all_keys_with_their_rules_after_a_crash(world: &World) {
    let store = KeyStore::make(world);
    let site = collect(world, &store);
    for _ in 0..2 {
        let askpass = store.answering();
        let agent = store.agent_asking(&askpass);
        assert_eq!(agent.list().len(), STORY.len(), "all are listed before anything is typed");
        for told in STORY {
            holds(&site, &store, &agent, &askpass, told);
        }
        assert_eq!(askpass.passphrases(), 1, "one passphrase for all of them");
        agent.stop(Signal::KILL);
    }
}

/// Makes the keys, takes them into the store, and throws away what they were made from, but for the
/// one that stays in its file.
fn collect<'w>(world: &'w World, store: &KeyStore<'_>) -> Site<'w> {
    world.make_folder("my keys");
    world.make_folder("work/of last year");
    world.write("secret", "behind a passphrase\n", 0o600);
    let generate = |words: &[&str]| {
        let run = world.program("keyfob").args(["generate", "-q", "-f"]).args(words);
        run.output().exits(0);
        KeyFile::at(world.path(words[0]))
    };
    let first = generate(&["my keys/first", "--no-passphrase"]);
    let second = ["work/of last year/second", "-t", "ecdsa", "--passphrase-file", "secret"];
    let second = generate(&second);
    let third = world.key(KeyType::Rsa2048, "third");
    let putty = ["-O", "private", "-o", "third.ppk", "--new-passphrase", "secret"];
    world.system_program("puttygen").arg(third.path()).args(putty).output().exits(0);

    let fourth = KeyFile::at(world.path("work/of last year/fourth.pem"));
    world.write("other secret", "of the PEM file\n", 0o600);
    let pem = ["-q", "-t", "ecdsa", "-m", "PEM", "-N", "of the PEM file", "-f"];
    world.system_program("ssh-keygen").args(pem).arg(fourth.path()).output().exits(0);

    let keys = [&first, &second, &third, &fourth];
    let all = keys.into_iter().fold(Settings::default(), Settings::authorize);
    let site = Site::new(world).with("one", &all).with("two", &all);
    let known_hosts = site.known_hosts().display().to_string();
    store.save(&first, "first", &["-c"]);
    let rules = ["--passphrase-file", "secret", "-t", "1h", "-H", &known_hosts, "-h", "two"];
    store.save(&second, "second", &rules);
    let import = store.command("import").args(["-y", "--passphrase-file", "secret", "third.ppk"]);
    import.output().exits(0);
    let link = ["--link", "--name", "fourth", "-c", "--passphrase-file", "other secret"];
    store.command("add").args(link).arg(fourth.path()).output().exits(0);
    for key in [first, second, third, KeyFile::at(world.path("third.ppk"))] {
        fs::remove_file(key.path()).unwrap();
    }
    site
}

/// Asserts that a key opens what it is for, and obeys its rules.
#[track_caller]
fn holds(
    site: &Site<'_>,
    store: &KeyStore<'_>,
    agent: &RunningAgent,
    askpass: &Askpass,
    told: &Told,
) {
    for host in told.opens {
        let before = confirmations(askpass);
        site.admitted(&login(site, store, agent, told.name, host), host);
        let asked = confirmations(askpass) - before;
        assert_eq!(asked, usize::from(told.is_confirmed), "{} at {host}", told.name);
    }
    for host in told.keeps_from {
        site.refused(&login(site, store, agent, told.name, host), "");
    }
}

/// A login with this key and no other.
fn login(
    site: &Site<'_>,
    store: &KeyStore<'_>,
    agent: &RunningAgent,
    name: &str,
    host: &str,
) -> Output {
    let run = site.ssh(agent).args(["-o", "IdentitiesOnly=yes", "-i"]);
    run.arg(store.public(name).public_path()).args([host, "printenv", "KEYFOB_HOST"]).output()
}

fn confirmations(askpass: &Askpass) -> usize {
    askpass.calls().len() - askpass.passphrases()
}
