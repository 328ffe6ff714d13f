//! What stands between a key and a login besides the key: a question, a lock, an end.

use std::time::{Duration, Instant};

use keyfob_testkit::wire::{Message, number};
use keyfob_testkit::{
    Answer, Askpass, Case, KeyFile, KeyType, RunningAgent, World, case, divergent,
};

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    case!(a_confirmed_login_succeeds),
    case!(a_declined_login_is_refused),
    case!(without_a_helper_to_ask_a_confirmed_key_opens_nothing),
    divergent!(
        others_are_served_while_the_question_stands,
        others_wait_for_the_person,
        others_do_not_wait_for_the_person
    ),
    case!(a_locked_agent_opens_nothing_until_unlocked),
    case!(an_expired_key_opens_nothing),
];

fn a_confirmed_login_succeeds(world: &World) {
    let (askpass, agent, site) = confirming(world);
    askpass.answer(&Answer::Silence);
    site.admits(&agent, "one");
    let call = askpass.wait_for_call(0);
    assert_eq!(call.kind.as_deref(), Some("confirm"), "{call:?}");
    assert!(call.prompt.contains("key@keyfob"), "{call:?}");
    assert_eq!(askpass.calls().len(), 1, "one login is one question");
}

fn a_declined_login_is_refused(world: &World) {
    let (askpass, agent, site) = confirming(world);
    askpass.answer(&Answer::Refusal);
    site.refuses(&agent, "one");
    assert_eq!(askpass.calls().len(), 1, "a refusal is not asked about again");
}

/// The agent's own environment decides, not the client's.
fn without_a_helper_to_ask_a_confirmed_key_opens_nothing(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent_with(|run| run.env("SSH_ASKPASS", "/nonexistent/askpass"));
    add_with_question(&agent, &key);
    site.refuses(&agent, "one");
}

fn others_wait_for_the_person(world: &World) {
    let (askpass, agent, site) = confirming(world);
    askpass.answer(&Answer::YesWhenReleased);
    let login = site.ssh(&agent).args(["one", "printenv", "KEYFOB_HOST"]).start();
    askpass.wait_for_call(0);
    let mut other = agent.client();
    other.send(&Message::new(number::REQUEST_IDENTITIES).frame());
    other.is_silent_for(Duration::from_millis(300));
    askpass.release();
    site.admitted(&login.wait(), "one");
}

fn others_do_not_wait_for_the_person(world: &World) {
    let (askpass, agent, site) = confirming(world);
    askpass.answer(&Answer::YesWhenReleased);
    let free = world.key(KeyType::EcdsaP256, "free");
    let settings = Settings::default().authorize(&free);

    let site = site.with("two", &settings);
    let mut login = site.ssh(&agent).args(["one", "printenv", "KEYFOB_HOST"]).start();
    askpass.wait_for_call(0);
    // The whole life of another key, and a login with it, while the question stands.
    agent.add(&free);
    assert_eq!(agent.comments(), ["key@keyfob", "free@keyfob"]);
    let identity = free.public_path().display().to_string();
    let only = ["-o", "IdentitiesOnly=yes", "-i", &identity];
    let second = site.ssh(&agent).args(only).args(["two", "printenv", "KEYFOB_HOST"]).output();
    site.admitted(&second, "two");
    agent.ssh_add().arg("-d").arg(free.path()).output().exits(0);
    assert!(login.is_alive(), "the first login still waits for its answer");
    askpass.release();
    site.admitted(&login.wait(), "one");
}

fn a_locked_agent_opens_nothing_until_unlocked(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    site.admits(&agent, "one");
    agent.lock("pass");
    site.refuses(&agent, "one");
    agent.client().request(&Message::new(number::UNLOCK).string("pass")).succeeds();
    site.admits(&agent, "one");
}

fn an_expired_key_opens_nothing(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.ssh_add().args(["-q", "-t", "2"]).arg(key.path()).output().exits(0);
    let added = Instant::now();
    while !agent.comments().is_empty() {
        assert!(added.elapsed() < Duration::from_secs(6), "the key outlives its two seconds");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(added.elapsed() > Duration::from_secs(1), "the key has its two seconds");
    site.refuses(&agent, "one");
}

/// An agent that asks before it uses its one key, and a server for that key.
#[track_caller]
fn confirming(world: &World) -> (Askpass, RunningAgent, Site<'_>) {
    let key = world.key(KeyType::Ed25519, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let askpass = world.askpass();
    let agent = world.agent_with(|run| askpass.offered_to(run));
    add_with_question(&agent, &key);
    (askpass, agent, site)
}

#[track_caller]
fn add_with_question(agent: &RunningAgent, key: &KeyFile) {
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
}
