//! `ssh-add -x` and `-X`.

use keyfob_testkit::{Answer, Askpass, Case, KeyType, Output, RunningAgent, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(locking_asks_twice_and_unlocking_once),
        case!(passphrases_that_differ_do_not_lock),
        case!(an_empty_passphrase_does_not_lock),
        case!(a_cancelled_question_does_not_lock),
        case!(a_wrong_passphrase_does_not_unlock),
        case!(a_locked_agent_is_not_locked_again),
        case!(an_unlocked_agent_is_not_unlocked),
        case!(on_a_terminal_nothing_typed_is_seen),
        case!(on_a_terminal_unlocking_asks_once),
        case!(without_terminal_and_helper_stdin_is_read),
        case!(lock_and_unlock_go_through_the_other_s_tool),
    ]
}

fn scene(world: &World) -> (RunningAgent, Askpass) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    (agent, world.askpass())
}

fn ssh_add(agent: &RunningAgent, askpass: &Askpass, flag: &str, answer: &str) -> Output {
    askpass.answer(&Answer::line(answer));
    askpass.forced_on(agent.ssh_add()).arg(flag).output()
}

fn locking_asks_twice_and_unlocking_once(world: &World) {
    let (agent, askpass) = scene(world);
    ssh_add(&agent, &askpass, "-x", "secret").exits(0).prints("").reports("Agent locked.\n");
    assert!(agent.list().is_empty());
    ssh_add(&agent, &askpass, "-X", "secret").exits(0).prints("").reports("Agent unlocked.\n");
    assert_eq!(agent.list().len(), 1);
    let prompts: Vec<String> = askpass.calls().into_iter().map(|call| call.prompt).collect();
    assert_eq!(prompts, ["Enter lock password: ", "Again: ", "Enter lock password: "]);
    assert!(askpass.calls().iter().all(|call| call.kind.is_none()), "these are secrets to type");
}

fn passphrases_that_differ_do_not_lock(world: &World) {
    let (agent, askpass) = scene(world);
    askpass.answers(&[Answer::line("one"), Answer::line("two")]);
    let output = askpass.forced_on(agent.ssh_add()).arg("-x").output();
    output.exits(1).prints("").reports("Passwords do not match.\n");
    assert_eq!(agent.list().len(), 1);
}

fn an_empty_passphrase_does_not_lock(world: &World) {
    let (agent, askpass) = scene(world);
    let output = ssh_add(&agent, &askpass, "-x", "");
    output.exits(1).prints("").reports("Failed to lock agent: agent refused operation\n");
    assert_eq!(agent.list().len(), 1);
}

fn a_cancelled_question_does_not_lock(world: &World) {
    let (agent, askpass) = scene(world);
    askpass.answer(&Answer::Refusal);
    let output = askpass.forced_on(agent.ssh_add()).arg("-x").output();
    output.exits(1).prints("");
    assert_eq!(agent.list().len(), 1);
}

fn a_wrong_passphrase_does_not_unlock(world: &World) {
    let (agent, askpass) = scene(world);
    agent.lock("secret");
    let output = ssh_add(&agent, &askpass, "-X", "wrong");
    output.exits(1).prints("").reports("Failed to unlock agent: agent refused operation\n");
    assert!(agent.list().is_empty());
}

fn a_locked_agent_is_not_locked_again(world: &World) {
    let (agent, askpass) = scene(world);
    agent.lock("secret");
    let output = ssh_add(&agent, &askpass, "-x", "secret");
    output.exits(1).reports("Failed to lock agent: agent refused operation\n");
}

fn an_unlocked_agent_is_not_unlocked(world: &World) {
    let (agent, askpass) = scene(world);
    let output = ssh_add(&agent, &askpass, "-X", "secret");
    output.exits(1).reports("Failed to unlock agent: agent refused operation\n");
}

fn on_a_terminal_nothing_typed_is_seen(world: &World) {
    let (agent, _) = scene(world);
    let mut terminal = agent.ssh_add().arg("-x").on_terminal();
    terminal.expect("Enter lock password: ").answer_unseen("secret");
    terminal.expect("Again: ").answer_unseen("secret");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0).prints("").reports("Agent locked.\n");
    assert!(!shown.contains("secret"), "{shown:?}");
    assert!(echoes, "the terminal is left without echo");
    assert!(agent.list().is_empty());
}

fn on_a_terminal_unlocking_asks_once(world: &World) {
    let (agent, _) = scene(world);
    agent.lock("secret");
    let mut terminal = agent.ssh_add().arg("-X").on_terminal();
    terminal.expect("Enter lock password: ").answer_unseen("secret");
    let (output, _, _) = terminal.wait();
    output.exits(0).reports("Agent unlocked.\n");
    assert_eq!(agent.list().len(), 1);
}

fn without_terminal_and_helper_stdin_is_read(world: &World) {
    let (agent, _) = scene(world);
    let output = agent.ssh_add().arg("-x").stdin("secret\nsecret\n").output();
    output.exits(0).reports_among_else("Agent locked.\n");
    let output = agent.ssh_add().arg("-X").stdin("secret\n").output();
    output.exits(0).reports_among_else("Agent unlocked.\n");
}

/// The passphrase's bytes are the same whoever sends them.
fn lock_and_unlock_go_through_the_other_s_tool(world: &World) {
    let (agent, askpass) = scene(world);
    ssh_add(&agent, &askpass, "-x", "geheim ß").exits(0);
    let original = world.system_program("ssh-add").env("SSH_AUTH_SOCK", agent.socket());
    askpass.forced_on(original).arg("-X").output().exits(0).reports("Agent unlocked.\n");
}
