//! The question for the store's passphrase: one for all who wait, and nobody else waits for it. A
//! failure here means a screen full of dialogs, or a session that hangs behind one.

use std::fs;
use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Answer, Askpass, KeyFile, KeyStore, KeyType, Message, RawClient, Run, RunningAgent, World,
};
use rustix::process::Signal;

use crate::support::world;

/// Longer than a derivation takes on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// A store with one key, and an agent that asks this helper.
fn locked<'w>(world: &'w World, answer: &Answer) -> (KeyFile, RunningAgent, Askpass, KeyStore<'w>) {
    let store = KeyStore::make(world);
    store.save(&world.key(KeyType::Ed25519, "work"), "work", &[]);
    fs::remove_file(world.path("work")).unwrap();
    let askpass = world.askpass();
    askpass.answer(answer);
    let agent = store.agent_asking(&askpass);
    (store.public("work"), agent, askpass, store)
}

fn held() -> Answer {
    Answer::LineWhenReleased(KeyStore::PASSPHRASE.to_owned())
}

fn right() -> Answer {
    Answer::line(KeyStore::PASSPHRASE)
}

/// A client that has asked for a signature.
fn asking(agent: &RunningAgent, key: &KeyFile) -> RawClient {
    let mut client = agent.client();
    let request = Message::new(number::SIGN_REQUEST).string(key.blob()).string("data").number(0);
    client.send(&request.frame());
    client
}

fn signing(world: &World, agent: &RunningAgent, key: &KeyFile, file: usize) -> Run {
    let document = world.write(format!("document{file}"), "text", 0o600);
    let run = world.system_program("ssh-keygen").env("SSH_AUTH_SOCK", agent.socket());
    let run = run.args(["-q", "-Y", "sign", "-n", "file", "-f"]).arg(key.public_path());
    run.arg(document).limit(SOON)
}

#[test]
fn sixteen_who_wait_are_one_question_and_all_get_their_signature() {
    let world = world();
    let (key, agent, askpass, _store) = locked(&world, &held());
    let programs: Vec<_> =
        (0..16).map(|file| signing(&world, &agent, &key, file).start()).collect();
    let mut clients: Vec<_> = (0..4).map(|_| asking(&agent, &key)).collect();
    askpass.wait_for_call(0);
    // All of them come while it is open.
    std::thread::sleep(Duration::from_secs(1));
    askpass.release();
    for program in programs {
        program.wait().exits(0);
    }
    for client in &mut clients {
        client.reply().expect("an answer").signature();
    }
    assert_eq!(askpass.calls().len(), 1, "{:?}", askpass.calls());
}

#[test]
fn others_are_served_while_the_question_is_open() {
    let world = world();
    let (key, agent, askpass, store) = locked(&world, &held());
    let mut waiting = asking(&agent, &key);
    askpass.wait_for_call(0);
    let session = world.key(KeyType::EcdsaP256, "session");
    agent.add(&session);
    assert_eq!(agent.list().len(), 2);
    agent.client().sign(&session.blob(), b"data", 0).signature();
    store.command_with(&agent, "status").output();
    waiting.is_silent_for(Duration::from_millis(200));
    askpass.release();
    waiting.reply().expect("an answer").signature();
}

/// Lost otherwise: who unlocks in a terminal is asked a second time by a dialog, or the other way.
#[test]
fn unlocked_elsewhere_meanwhile_the_waiting_request_still_ends() {
    let world = world();
    let (key, agent, askpass, store) = locked(&world, &held());
    let mut waiting = asking(&agent, &key);
    askpass.wait_for_call(0);
    store.command_with(&agent, "unlock").output().exits(0);
    agent.client().sign(&key.blob(), b"data", 0).signature();
    askpass.release();
    waiting.reply().expect("an answer").signature();
    assert_eq!(askpass.calls().len(), 1);
}

#[test]
fn the_question_outlives_who_asked_first_and_closes_with_the_last() {
    let world = world();
    let (key, agent, askpass, _store) = locked(&world, &held());
    let first = asking(&agent, &key);
    let call = askpass.wait_for_call(0);
    let mut second = asking(&agent, &key);
    second.is_silent_for(Duration::from_millis(200));
    drop(first);
    second.is_silent_for(Duration::from_millis(300));
    assert!(call.is_running(), "it was taken from the one who waits");
    askpass.release();
    second.reply().expect("an answer").signature();

    let (key, agent, askpass, _store) = {
        let _ended = agent.stop(Signal::KILL);
        fs::remove_dir_all(_store.folder()).unwrap();
        locked(&world, &held())
    };
    let (first, second) = (asking(&agent, &key), asking(&agent, &key));
    let call = askpass.wait_for_call(0);
    drop((first, second));
    assert!(call.ended_within(Duration::from_secs(5)), "a dialog that nobody waits for stays");
    assert_eq!(agent.list().len(), 1);
}

#[test]
fn after_three_wrong_passphrases_the_request_is_refused_and_the_agent_is_well() {
    let world = world();
    let (key, agent, askpass, _store) = locked(&world, &Answer::line("wrong"));
    let session = world.key(KeyType::EcdsaP256, "session");
    agent.add(&session);
    agent.client().sign(&key.blob(), b"data", 0).fails();
    let calls = askpass.calls();
    assert_eq!(calls.len(), 3);
    assert!(!calls[0].prompt.contains("Wrong"), "{calls:?}");
    assert!(calls[1..].iter().all(|call| call.prompt.starts_with("Wrong passphrase")), "{calls:?}");
    agent.client().sign(&session.blob(), b"data", 0).signature();
    askpass.answers(&[]).answer(&right());
    agent.client().sign(&key.blob(), b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 4);
}

#[test]
fn a_second_try_that_is_right_serves() {
    let world = world();
    let (key, agent, askpass, _store) = locked(&world, &Answer::Refusal);
    askpass.answers(&[Answer::line("wrong"), right()]);
    agent.client().sign(&key.blob(), b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 2);
}

#[test]
fn cancelled_it_refuses_all_who_wait_and_the_next_request_asks_again() {
    let world = world();
    let (key, agent, askpass, _store) = locked(&world, &Answer::NoWhenReleased);
    let mut waiting: Vec<_> = (0..5).map(|_| asking(&agent, &key)).collect();
    askpass.wait_for_call(0);
    std::thread::sleep(Duration::from_millis(300));
    askpass.release();
    for client in &mut waiting {
        client.reply().expect("an answer").fails();
    }
    assert_eq!(askpass.calls().len(), 1);
    askpass.answer(&right());
    agent.client().sign(&key.blob(), b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 2);
}

#[test]
fn with_nobody_to_ask_it_refuses_at_once_and_says_how_to_unlock() {
    let world = world();
    let store = KeyStore::make(&world);
    let key = world.key(KeyType::Ed25519, "work");
    store.save(&key, "work", &[]);
    let agent = world.agent_with(|run| run.env("SSH_ASKPASS", "/nonexistent/askpass"));
    let began = Instant::now();
    agent.client().sign(&key.blob(), b"data", 0).fails();
    assert!(began.elapsed() < Duration::from_secs(2));
    store.command_with(&agent, "unlock").output().exits(0);
    agent.client().sign(&key.blob(), b"data", 0).signature();
    agent.stop(Signal::TERM).reports_among_else("keyfob unlock");
}

/// Lost otherwise: a person who types the passphrase for a request that is no more opens a store in
/// an agent that somebody locked meanwhile.
#[test]
fn an_agent_locked_while_the_question_is_open_keeps_the_store_closed() {
    let world = world();
    let (key, agent, askpass, _store) = locked(&world, &held());
    let mut waiting = asking(&agent, &key);
    askpass.wait_for_call(0);
    agent.lock("word");
    askpass.release();
    waiting.reply().expect("an answer").fails();
    agent.client().request(&Message::new(number::UNLOCK).string("word")).succeeds();
    askpass.hold();
    let mut again = asking(&agent, &key);
    askpass.wait_for_call(1);
    askpass.release();
    again.reply().expect("an answer").signature();
}
