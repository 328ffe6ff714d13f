//! Keys whose every use a person confirms.

use std::time::{Duration, Instant};

use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Answer, Askpass, Case, KeyFile, KeyType, Message, RunningAgent, World, case, divergent, ours,
    userauth,
};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(a_yes_lets_the_key_sign),
        case!(a_no_does_not),
        case!(a_helper_that_dies_is_a_no),
        case!(words_that_are_no_yes_are_a_no),
        divergent!(the_question, original_names_key_and_fingerprint, ours_says_also_what_for),
        case!(the_fingerprint_follows_the_agent_s_hash),
        ours!(a_comment_cannot_draw_its_own_dialog),
        case!(u10_the_helper_is_told_that_it_is_a_confirmation),
        case!(each_use_asks_again),
        case!(listing_and_removing_ask_nobody),
        case!(without_a_helper_the_answer_is_no),
        case!(without_a_display_the_answer_is_no),
        case!(a_wayland_display_is_a_display).since("9.8"),
        case!(a_helper_that_does_not_exist_is_a_no),
        divergent!(
            u3_a_question_and_the_others,
            original_serves_nobody_while_it_asks,
            ours_serves_everybody_while_it_asks
        ),
        divergent!(
            u4_a_client_that_leaves,
            original_leaves_the_dialog_of_a_client_that_left,
            ours_takes_the_dialog_of_a_client_that_left_away
        ),
        ours!(u4_a_dialog_that_was_taken_away_leaves_no_process),
        ours!(removed_while_the_question_is_open),
        ours!(replaced_while_the_question_is_open),
        ours!(expired_while_the_question_is_open),
        ours!(locked_while_the_question_is_open),
    ]
}

/// An agent with a desktop, and a key to confirm in it.
fn with_a_key(world: &World) -> (Askpass, RunningAgent, KeyFile) {
    let askpass = world.askpass();
    let agent = world.agent_with(|run| askpass.offered_to(run));
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&to_confirm(&key)).succeeds();
    (askpass, agent, key)
}

fn to_confirm(key: &KeyFile) -> Message {
    key.add_message(number::ADD_ID_CONSTRAINED, "a comment").byte(number::CONSTRAIN_CONFIRM)
}

fn a_yes_lets_the_key_sign(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    for yes in [Answer::Silence, Answer::line(""), Answer::line("yes"), Answer::line("YES")] {
        askpass.answer(&yes);
        agent.client().sign(&key.blob(), b"data", 0).signature();
    }
    assert_eq!(askpass.calls().len(), 4);
}

fn a_no_does_not(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    for no in [Answer::Refusal, Answer::Code(2), Answer::Code(255)] {
        askpass.answer(&no);
        agent.client().sign(&key.blob(), b"data", 0).fails();
    }
    assert_eq!(askpass.calls().len(), 3);
}

fn a_helper_that_dies_is_a_no(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    askpass.answer(&Answer::Killed);
    agent.client().sign(&key.blob(), b"data", 0).fails();
}

fn words_that_are_no_yes_are_a_no(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    for word in ["no", "y", "yes please", "ok", " yes"] {
        askpass.answer(&Answer::line(word));
        agent.client().sign(&key.blob(), b"data", 0).fails();
    }
}

fn fingerprint(world: &World, key: &KeyFile, hash: &str) -> String {
    let run = world.system_program("ssh-keygen").args(["-l", "-E", hash, "-f"]);
    let output = run.arg(key.public_path()).output();
    output.stdout().split(' ').nth(1).unwrap().to_owned()
}

/// The question for a signature over this data, asked over a new connection.
fn question(askpass: &Askpass, agent: &RunningAgent, key: &KeyFile, data: &[u8]) -> String {
    agent.client().sign(&key.blob(), data, 0).fails();
    askpass.calls().pop().unwrap().prompt
}

fn original_names_key_and_fingerprint(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    let sha256 = fingerprint(world, &key, "sha256");
    let wanted = format!("Allow use of key a comment?\nKey fingerprint {sha256}.");
    assert_eq!(question(&askpass, &agent, &key, b"data"), wanted);
}

/// The first two lines stay, because helpers and scripts know them.
fn ours_says_also_what_for(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    let sha256 = fingerprint(world, &key, "sha256");
    let known = format!("Allow use of key a comment?\nKey fingerprint {sha256}.\n");
    let login = userauth(b"session", "alice", "ssh-ed25519", &key.blob(), None);
    let commit = Message::fields().raw(b"SSHSIG").string("git").string("").string("sha512");
    let commit = commit.string([7; 64]);
    for (data, purpose) in [
        (login.as_slice(), "To log in as alice.\nThe destination is not proved."),
        (commit.body(), "To sign for git."),
        (b"data", "Purpose unknown."),
    ] {
        let asked = question(&askpass, &agent, &key, data);
        let wanted = format!("{known}Key type ED25519.\n{purpose}");
        // Where the tests run from may be in a repository, which then stands behind `git`.
        let asked = asked.replace(", in the repository", ".\n, in the repository");
        assert!(asked.starts_with(&wanted), "{asked}");
        let me = format!(" (pid {})", std::process::id());
        let last = asked.lines().last().unwrap_or_default();
        assert!(last.starts_with("Asked by compliance") && last.contains(&me), "{asked}");
    }
}

fn the_fingerprint_follows_the_agent_s_hash(world: &World) {
    let askpass = world.askpass();
    let agent = world.agent_with(|run| askpass.offered_to(run).args(["-E", "md5"]));
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&to_confirm(&key)).succeeds();
    let wanted = format!("\nKey fingerprint {}.", fingerprint(world, &key, "md5"));
    let asked = question(&askpass, &agent, &key, b"data");
    assert!(asked.contains(&wanted), "{asked:?}");
}

/// Whoever can add a key chooses its comment: it must not look like a second question.
fn a_comment_cannot_draw_its_own_dialog(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    let comment = "x?\nKey fingerprint SHA256:good.\x1b[2J";
    let message = key.add_message(number::ADD_ID_CONSTRAINED, comment);
    agent.client().request(&message.byte(number::CONSTRAIN_CONFIRM)).succeeds();
    let asked = question(&askpass, &agent, &key, b"data");
    assert!(asked.lines().nth(1).unwrap().contains(&fingerprint(world, &key, "sha256")), "{asked}");
    assert!(!asked.contains('\x1b'), "{asked:?}");
}

fn u10_the_helper_is_told_that_it_is_a_confirmation(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    agent.client().sign(&key.blob(), b"data", 0).fails();
    assert_eq!(askpass.calls()[0].kind.as_deref(), Some("confirm"));
}

fn each_use_asks_again(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    askpass.answers(&[Answer::Silence, Answer::Refusal, Answer::Silence]);
    let mut client = agent.client();
    client.sign(&key.blob(), b"data", 0).signature();
    client.sign(&key.blob(), b"data", 0).fails();
    client.sign(&key.blob(), b"data", 0).signature();
    assert_eq!(askpass.calls().len(), 3);
}

fn listing_and_removing_ask_nobody(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    assert_eq!(agent.list().len(), 1);
    agent.client().request(&Message::new(number::REMOVE_IDENTITY).string(key.blob())).succeeds();
    assert!(askpass.calls().is_empty());
}

fn without_a_helper_the_answer_is_no(world: &World) {
    // The built-in path of the helper names nothing in a test environment without a desktop.
    let agent = world.agent_with(|run| run.env("SSH_ASKPASS_REQUIRE", "never"));
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&to_confirm(&key)).succeeds();
    agent.client().sign(&key.blob(), b"data", 0).fails();
}

fn without_a_display_the_answer_is_no(world: &World) {
    let askpass = world.askpass();
    askpass.answer(&Answer::Silence);
    for display in [None, Some("")] {
        let agent = world.agent_with(|run| {
            let run = run.env("SSH_ASKPASS", askpass.program());
            display.into_iter().fold(run, |run, display| run.env("DISPLAY", display))
        });
        let key = world.key(KeyType::Ed25519, "key");
        agent.client().request(&to_confirm(&key)).succeeds();
        agent.client().sign(&key.blob(), b"data", 0).fails();
    }
    assert!(askpass.calls().is_empty());
    // Unless the helper is demanded.
    let agent = world.agent_with(|run| askpass.forced_on(run));
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&to_confirm(&key)).succeeds();
    agent.client().sign(&key.blob(), b"data", 0).signature();
}

fn a_wayland_display_is_a_display(world: &World) {
    let askpass = world.askpass();
    askpass.answer(&Answer::Silence);
    let agent = world.agent_with(|run| {
        run.env("SSH_ASKPASS", askpass.program()).env("WAYLAND_DISPLAY", "wayland-0")
    });
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&to_confirm(&key)).succeeds();
    agent.client().sign(&key.blob(), b"data", 0).signature();
}

fn a_helper_that_does_not_exist_is_a_no(world: &World) {
    let agent =
        world.agent_with(|run| run.env("SSH_ASKPASS", "/nonexistent/ask").env("DISPLAY", ":0"));
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&to_confirm(&key)).succeeds();
    agent.client().sign(&key.blob(), b"data", 0).fails();
    agent.list();
}

fn sign_request(key: &KeyFile) -> Vec<u8> {
    Message::new(number::SIGN_REQUEST).string(key.blob()).string(b"data").number(0).frame()
}

fn original_serves_nobody_while_it_asks(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    askpass.answer(&Answer::YesWhenReleased);
    let (mut asking, mut other) = (agent.client(), agent.client());
    other.list();
    asking.send(&sign_request(&key));
    askpass.wait_for_call(0);
    other.send(&Message::new(number::REQUEST_IDENTITIES).frame());
    other.is_silent_for(Duration::from_millis(400));
    askpass.release();
    asking.reply().unwrap().signature();
    other.reply().unwrap().identities();
}

fn ours_serves_everybody_while_it_asks(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    let free = world.key(KeyType::Ed25519, "free");
    askpass.answer(&Answer::YesWhenReleased);
    let (mut asking, mut other) = (agent.client(), agent.client());
    other.list();
    asking.send(&sign_request(&key));
    askpass.wait_for_call(0);
    let started = Instant::now();
    other.add(&free, "free").succeeds();
    other.sign(&free.blob(), b"data", 0).signature();
    assert_eq!(agent.list().len(), 2);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    askpass.release();
    asking.reply().unwrap().signature();
}

fn original_leaves_the_dialog_of_a_client_that_left(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    askpass.answer(&Answer::YesWhenReleased);
    let mut client = agent.client();
    client.send(&sign_request(&key));
    let dialog = askpass.wait_for_call(0);
    drop(client);
    assert!(!dialog.ended_within(Duration::from_millis(400)));
    askpass.release();
    assert!(dialog.ended_within(Duration::from_secs(2)));
}

fn ours_takes_the_dialog_of_a_client_that_left_away(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    askpass.answer(&Answer::YesWhenReleased);
    let mut client = agent.client();
    client.send(&sign_request(&key));
    let dialog = askpass.wait_for_call(0);
    drop(client);
    assert!(dialog.ended_within(Duration::from_secs(2)), "the dialog stayed");
}

/// A process table full of dead dialogs stops more than the agent.
fn u4_a_dialog_that_was_taken_away_leaves_no_process(world: &World) {
    let (askpass, agent, key) = with_a_key(world);
    askpass.answer(&Answer::YesWhenReleased);
    let mut client = agent.client();
    client.send(&sign_request(&key));
    let dialog = askpass.wait_for_call(0);
    drop(client);
    assert!(dialog.reaped_within(Duration::from_secs(2)), "nobody waited for the dialog's process");
}

/// Opens the question, lets `meanwhile` happen, answers yes; the key must not sign.
#[track_caller]
fn a_late_yes_is_too_late(world: &World, meanwhile: impl FnOnce(&RunningAgent, &KeyFile)) {
    let (askpass, agent, key) = with_a_key(world);
    askpass.answer(&Answer::YesWhenReleased);
    let mut client = agent.client();
    client.send(&sign_request(&key));
    askpass.wait_for_call(0);
    meanwhile(&agent, &key);
    askpass.release();
    client.reply().unwrap().fails();
}

fn removed_while_the_question_is_open(world: &World) {
    a_late_yes_is_too_late(world, |agent, key| {
        agent
            .client()
            .request(&Message::new(number::REMOVE_IDENTITY).string(key.blob()))
            .succeeds();
    });
}

/// The yes was given under the old constraints.
fn replaced_while_the_question_is_open(world: &World) {
    a_late_yes_is_too_late(world, |agent, key| {
        agent
            .client()
            .request(&to_confirm(key).byte(number::CONSTRAIN_LIFETIME).number(60))
            .succeeds();
    });
}

fn expired_while_the_question_is_open(world: &World) {
    let askpass = world.askpass();
    askpass.answer(&Answer::YesWhenReleased);
    let agent = world.agent_with(|run| askpass.offered_to(run));
    let key = world.key(KeyType::Ed25519, "key");
    agent.client().request(&to_confirm(&key).byte(number::CONSTRAIN_LIFETIME).number(1)).succeeds();
    let mut client = agent.client();
    client.send(&sign_request(&key));
    askpass.wait_for_call(0);
    std::thread::sleep(Duration::from_millis(2200));
    askpass.release();
    client.reply().unwrap().fails();
}

fn locked_while_the_question_is_open(world: &World) {
    a_late_yes_is_too_late(world, |agent, _| agent.lock("secret"));
}
