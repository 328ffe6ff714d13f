//! `keyfob lock` and `unlock`.

use keyfob_testkit::{Answer, KeyType};

use crate::support::{hints, keyfob_with, world};

#[test]
fn locking_asks_twice_and_unlocking_once() {
    let world = world();
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let askpass = world.askpass();
    askpass.answer(&Answer::line("secret"));
    askpass.forced_on(keyfob_with(&world, &agent).arg("lock")).output().exits(0);
    assert_eq!(askpass.calls().len(), 2);
    assert!(agent.list().is_empty());
    askpass.forced_on(keyfob_with(&world, &agent).arg("unlock")).output().exits(0);
    assert_eq!(askpass.calls().len(), 3);
    assert_eq!(agent.list().len(), 1);
}

#[test]
fn two_different_answers_lock_nothing() {
    let world = world();
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let askpass = world.askpass();
    askpass.answers(&[Answer::line("one"), Answer::line("other")]);
    let output = askpass.forced_on(keyfob_with(&world, &agent).arg("lock")).output();
    output.exits(1).reports("keyfob: the two passphrases differ; the agent is not locked\n");
    assert_eq!(agent.list().len(), 1);
}

#[test]
fn a_wrong_passphrase_keeps_it_locked() {
    let world = world();
    let agent = world.agent();
    agent.lock("secret");
    let askpass = world.askpass();
    askpass.answer(&Answer::line("wrong"));
    let output = askpass.forced_on(keyfob_with(&world, &agent).arg("unlock")).output();
    output.exits(1).reports_among_else("the agent could not be unlocked");
    hints(&output, "may be wrong");
}

/// Lost otherwise: a script without a terminal cannot lock an agent that has no key store.
#[test]
fn without_a_store_the_passphrase_of_the_lock_comes_from_the_file() {
    let world = world();
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    std::fs::write(world.path("secret"), "oxide lantern\n").unwrap();
    let file = world.path("secret");
    let with_file = |verb: &str| {
        let run = keyfob_with(&world, &agent).args([verb, "--store-passphrase-file"]).arg(&file);
        run.output()
    };
    with_file("lock").exits(0);
    assert!(agent.list().is_empty());
    with_file("unlock").exits(0);
    assert_eq!(agent.list().len(), 1);
}

#[test]
fn the_terminal_is_asked_without_echo() {
    let world = world();
    let agent = world.agent();
    let mut terminal = keyfob_with(&world, &agent).arg("lock").on_terminal();
    terminal.expect("New passphrase to lock the agent: ").answer_unseen("secret");
    terminal.expect("Again: ").answer_unseen("secret");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0);
    assert!(!shown.contains("secret"), "{shown}");
    assert!(echoes, "the terminal stays silent afterwards");
}

#[test]
fn an_empty_answer_is_not_asked_for_again() {
    let world = world();
    let agent = world.agent();
    let askpass = world.askpass();
    askpass.answer(&Answer::line(""));
    let output = askpass.forced_on(keyfob_with(&world, &agent).arg("lock")).output();
    output.exits(1).reports("keyfob: no passphrase was given\n");
    assert_eq!(askpass.calls().len(), 1);
}

#[test]
fn nobody_types_a_passphrase_for_what_is_done_already() {
    let world = world();
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let askpass = world.askpass();
    askpass.answer(&Answer::line("secret"));
    let run = |command: &str| askpass.forced_on(keyfob_with(&world, &agent).arg(command)).output();
    run("unlock").exits(1).reports("keyfob: the agent is not locked\n");
    agent.lock("secret");
    let again = run("lock");
    again.exits(1).reports("keyfob: the agent is locked already\n");
    hints(&again, "keyfob unlock");
    assert!(askpass.calls().is_empty());
}
