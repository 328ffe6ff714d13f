//! `ssh-add` and keys behind a passphrase: who is asked, how, and how often.

use keyfob_testkit::{Answer, Askpass, Case, KeyFile, KeyType, Output, RunningAgent, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_helper_is_asked_by_name_of_the_key),
        case!(the_question_says_that_use_will_be_confirmed),
        case!(a_wrong_passphrase_is_asked_for_again_until_it_is_right),
        case!(an_empty_answer_gives_up),
        case!(a_cancelled_question_gives_up),
        case!(the_last_passphrase_is_tried_on_the_next_key),
        case!(another_passphrase_is_asked_for),
        case!(giving_up_on_one_key_goes_on_with_the_next),
        case!(a_passphrase_with_blanks_and_umlauts_is_taken),
        case!(a_traditional_key_behind_a_passphrase_is_opened),
        case!(a_pkcs8_key_behind_a_passphrase_is_opened),
        case!(every_cipher_of_key_files_is_opened),
        case!(an_encrypted_key_on_stdin_is_asked_for),
        case!(the_terminal_is_asked_where_there_is_one),
        case!(the_terminal_asks_again_after_a_wrong_passphrase),
        case!(an_interrupt_at_the_prompt_leaves_the_terminal_as_it_was),
        case!(without_terminal_and_helper_stdin_is_read),
        case!(require_never_keeps_the_helper_away),
        case!(require_prefer_asks_the_helper_although_there_is_a_terminal),
        case!(require_force_asks_the_helper_without_a_display),
        case!(a_helper_that_does_not_exist_gives_up),
    ]
}

fn scene(world: &World) -> (RunningAgent, Askpass, KeyFile) {
    (world.agent(), world.askpass(), world.encrypted_key(KeyType::Ed25519, "key", "secret"))
}

fn add(agent: &RunningAgent, askpass: &Askpass, flags: &[&str]) -> Output {
    askpass.forced_on(agent.ssh_add()).args(flags).output()
}

fn prompts(askpass: &Askpass) -> Vec<String> {
    askpass.calls().into_iter().map(|call| call.prompt).collect()
}

const ADDED: &str = "Identity added: key (key@keyfob)\n";
const PROMPT: &str = "Enter passphrase for key: ";
const AGAIN: &str = "Bad passphrase, try again for key: ";

fn the_helper_is_asked_by_name_of_the_key(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answer(&Answer::line("secret"));
    add(&agent, &askpass, &["key"]).exits(0).prints("").reports(ADDED);
    assert_eq!(prompts(&askpass), [PROMPT]);
    assert_eq!(askpass.calls()[0].kind, None);
    assert_eq!(agent.comments(), ["key@keyfob"]);
}

fn the_question_says_that_use_will_be_confirmed(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answers(&[Answer::line("wrong"), Answer::line("secret")]);
    add(&agent, &askpass, &["-c", "key"]).exits(0);
    let wanted = [
        "Enter passphrase for key (will confirm each use): ",
        "Bad passphrase, try again for key (will confirm each use): ",
    ];
    assert_eq!(prompts(&askpass), wanted);
}

fn a_wrong_passphrase_is_asked_for_again_until_it_is_right(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answer(&Answer::line("secret"));
    askpass.answers(&["1", "2", "3", "4"].map(Answer::line));
    add(&agent, &askpass, &["key"]).exits(0).reports(ADDED);
    assert_eq!(prompts(&askpass), [PROMPT, AGAIN, AGAIN, AGAIN, AGAIN]);
}

fn an_empty_answer_gives_up(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answers(&[Answer::line("wrong"), Answer::line("")]);
    add(&agent, &askpass, &["key"]).exits(1).prints("").reports("");
    assert_eq!(prompts(&askpass), [PROMPT, AGAIN]);
    assert!(agent.list().is_empty());
}

fn a_cancelled_question_gives_up(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answer(&Answer::Refusal);
    add(&agent, &askpass, &["key"]).exits(1).prints("").reports("");
    assert_eq!(prompts(&askpass), [PROMPT]);
}

fn the_last_passphrase_is_tried_on_the_next_key(world: &World) {
    let (agent, askpass, _) = scene(world);
    world.encrypted_key(KeyType::EcdsaP256, "two", "secret");
    world.key(KeyType::Ed25519, "open");
    askpass.answer(&Answer::line("secret"));
    add(&agent, &askpass, &["key", "open", "two"]).exits(0);
    assert_eq!(prompts(&askpass), [PROMPT]);
    assert_eq!(agent.list().len(), 3);
}

fn another_passphrase_is_asked_for(world: &World) {
    let (agent, askpass, _) = scene(world);
    world.encrypted_key(KeyType::EcdsaP256, "two", "other");
    askpass.answers(&[Answer::line("secret"), Answer::line("other")]);
    add(&agent, &askpass, &["key", "two"]).exits(0);
    assert_eq!(prompts(&askpass), [PROMPT, "Enter passphrase for two: "]);
}

fn giving_up_on_one_key_goes_on_with_the_next(world: &World) {
    let (agent, askpass, _) = scene(world);
    world.key(KeyType::Ed25519, "open");
    askpass.answer(&Answer::Refusal);
    let output = add(&agent, &askpass, &["key", "open"]);
    output.exits(1).reports("Identity added: open (open@keyfob)\n");
}

fn a_passphrase_with_blanks_and_umlauts_is_taken(world: &World) {
    let (agent, askpass, _) = scene(world);
    world.encrypted_key(KeyType::Ed25519, "odd", " pass phräse ");
    askpass.answer(&Answer::line(" pass phräse "));
    add(&agent, &askpass, &["odd"]).exits(0);
}

/// The key `key`, rewritten by `ssh-keygen -p` with these flags behind the passphrase.
fn rewritten(world: &World, kind: KeyType, name: &str, flags: &[&str]) -> KeyFile {
    let key = world.key(kind, name);
    world
        .system_program("ssh-keygen")
        .args(["-q", "-p", "-P", "", "-N", "secret", "-a", "1"])
        .args(flags)
        .arg("-f")
        .arg(key.path())
        .output()
        .exits(0);
    key
}

fn opens(world: &World, name: &str) {
    let (agent, askpass, _) = scene(world);
    askpass.answers(&[Answer::line("wrong"), Answer::line("secret")]);
    add(&agent, &askpass, &["-q", name]).exits(0);
    assert_eq!(agent.list().len(), 1);
}

fn a_traditional_key_behind_a_passphrase_is_opened(world: &World) {
    for kind in [KeyType::Rsa2048, KeyType::EcdsaP256] {
        rewritten(world, kind, kind.name(), &["-m", "PEM"]);
        opens(world, kind.name());
    }
}

fn a_pkcs8_key_behind_a_passphrase_is_opened(world: &World) {
    for kind in [KeyType::Rsa2048, KeyType::EcdsaP521] {
        rewritten(world, kind, kind.name(), &["-m", "PKCS8"]);
        opens(world, kind.name());
    }
}

fn every_cipher_of_key_files_is_opened(world: &World) {
    let ciphers = world.system_program("ssh").args(["-Q", "cipher"]).output().stdout();
    for cipher in ciphers.lines() {
        rewritten(world, KeyType::Ed25519, cipher, &["-Z", cipher]);
        let (agent, askpass, _) = scene(world);
        askpass.answer(&Answer::line("secret"));
        let output = add(&agent, &askpass, &["-q", cipher]);
        assert!(output.code() == Some(0), "{cipher}\n{output}");
    }
}

fn an_encrypted_key_on_stdin_is_asked_for(world: &World) {
    let (agent, askpass, key) = scene(world);
    askpass.answers(&[Answer::line("wrong"), Answer::line("secret")]);
    let content = std::fs::read(key.path()).unwrap();
    let output = askpass.forced_on(agent.ssh_add()).arg("-").stdin(content).output();
    output.exits(0).reports("Identity added: (stdin) (key@keyfob)\n");
    let wanted = ["Enter passphrase for (stdin): ", "Bad passphrase, try again for (stdin): "];
    assert_eq!(prompts(&askpass), wanted);
}

fn the_terminal_is_asked_where_there_is_one(world: &World) {
    let (agent, _, _) = scene(world);
    let mut terminal = agent.ssh_add().arg("key").on_terminal();
    terminal.expect(PROMPT).answer_unseen("secret");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0).prints("").reports(ADDED);
    assert!(!shown.contains("secret") && echoes, "{shown:?}");
}

fn the_terminal_asks_again_after_a_wrong_passphrase(world: &World) {
    let (agent, _, _) = scene(world);
    let mut terminal = agent.ssh_add().arg("key").on_terminal();
    terminal.expect(PROMPT).answer_unseen("wrong");
    terminal.expect(AGAIN).answer_unseen("secret");
    terminal.wait().0.exits(0).reports(ADDED);
}

fn an_interrupt_at_the_prompt_leaves_the_terminal_as_it_was(world: &World) {
    let (agent, _, _) = scene(world);
    let mut terminal = agent.ssh_add().arg("key").on_terminal();
    terminal.expect(PROMPT).waits_for_hidden_input().interrupt();
    let (output, _, echoes) = terminal.wait();
    assert_ne!(output.code(), Some(0), "{output}");
    assert!(echoes, "the terminal is left without echo");
    assert!(agent.list().is_empty());
}

fn without_terminal_and_helper_stdin_is_read(world: &World) {
    let (agent, _, _) = scene(world);
    let output = agent.ssh_add().arg("key").stdin("wrong\nsecret\n").output();
    output.exits(0).prints("").reports_among_else(ADDED);
}

fn require_never_keeps_the_helper_away(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answer(&Answer::line("secret"));
    let run = askpass.offered_to(agent.ssh_add()).env("SSH_ASKPASS_REQUIRE", "never");
    run.arg("key").stdin("").output().exits(1);
    assert!(askpass.calls().is_empty());
}

fn require_prefer_asks_the_helper_although_there_is_a_terminal(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answer(&Answer::line("secret"));
    let run = askpass.offered_to(agent.ssh_add()).env("SSH_ASKPASS_REQUIRE", "prefer");
    run.arg("key").on_terminal().wait().0.exits(0).reports(ADDED);
    assert_eq!(prompts(&askpass), [PROMPT]);
    // Without a display the terminal is asked after all.
    let run =
        agent.ssh_add().env("SSH_ASKPASS", askpass.program()).env("SSH_ASKPASS_REQUIRE", "prefer");
    let mut terminal = run.arg("key").on_terminal();
    terminal.expect(PROMPT).answer_unseen("secret");
    terminal.wait().0.exits(0);
}

fn require_force_asks_the_helper_without_a_display(world: &World) {
    let (agent, askpass, _) = scene(world);
    askpass.answer(&Answer::line("secret"));
    let run = askpass.forced_on(agent.ssh_add());
    run.arg("key").on_terminal().wait().0.exits(0).reports(ADDED);
    assert_eq!(prompts(&askpass), [PROMPT]);
}

fn a_helper_that_does_not_exist_gives_up(world: &World) {
    let (agent, _, _) = scene(world);
    let run =
        agent.ssh_add().env("SSH_ASKPASS", "/nonexistent/ask").env("SSH_ASKPASS_REQUIRE", "force");
    let output = run.arg("key").output();
    output.exits(1).prints("").reports_among_else("/nonexistent/ask");
}
