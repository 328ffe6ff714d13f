//! `keyfob watch` on a real terminal, through tmux: what it shows, and what a key does.
//!
//! OpenSSH has nothing of the kind. Its `ssh-keygen` is who asks, and judges the signatures.

mod onlooker;
mod pane;

use std::fs;
use std::time::{Duration, Instant};

use keyfob_protocol::watch::{Answered, Choice, Claimed, QuestionId};
use keyfob_protocol::{WatchReply, WatchRequest};
use keyfob_testkit::{Answer, Case, KeyFile, KeyStore, KeyType, Run, RunningAgent, World, ours};
use rustix::process::Signal;

use onlooker::Onlooker;
use pane::Pane;

pub(crate) const CASES: &[Case] = &[
    ours!(a_question_is_answered_with_one_key),
    ours!(in_a_popup_a_question_is_seen_whole),
    ours!(a_store_that_was_never_unlocked_is_shown_as_locked),
    ours!(a_lock_is_seen_and_takes_the_right_away),
    ours!(without_a_store_somebody_is_asked_elsewhere_who_may_answer),
    ours!(where_nobody_can_be_asked_it_only_looks_on),
    ours!(who_wants_the_right_is_not_asked_on_a_display_of_its_own),
    ours!(an_answer_here_closes_the_dialog_elsewhere),
    ours!(when_it_ends_the_question_goes_on_to_the_next_way),
    ours!(where_the_settings_do_not_name_it_it_only_looks_on),
    ours!(the_terminal_is_as_before_however_it_ends),
    ours!(stopped_and_continued_it_is_there_again),
    ours!(it_says_that_the_agent_is_gone_and_finds_the_next),
    ours!(what_it_cannot_do_it_says),
    ours!(who_looks_on_without_the_right_cannot_answer),
    ours!(a_request_ends_the_wait_of_the_one_before),
    ours!(who_goes_while_it_waits_leaves_its_place_to_others),
    ours!(nobody_allows_what_it_has_started_itself),
    ours!(a_store_that_was_put_in_the_place_of_another_proves_nothing),
    ours!(a_connection_that_serves_ssh_gets_nothing_of_keyfobs_own),
];

const WIDE: (u16, u16) = (100, 24);

fn a_question_is_answered_with_one_key(world: &World) {
    let (agent, key, _store) = with_store(world, "\"watch\"");
    let pane = Pane::watching(world, &agent, WIDE);
    pane.shows("keyfob: open, 1 key, looks on only").shows("key@keyfob  ED25519  asks");
    claims(&pane);
    let signing = sign(world, &agent, &key).start();
    pane.shows("Allow use of key key@keyfob?")
        .shows("To sign for file.")
        .shows("Asked by ssh-keygen");
    rests();
    pane.press("o");
    signing.wait().exits(0);
    verifies(world);
    pane.shows("key@keyfob used: sign for file, by ssh-keygen").hides("Allow use of key");
    let signing = sign(world, &agent, &key).start();
    pane.shows("Allow use of key key@keyfob?");
    rests();
    pane.press("d");
    signing.wait().exits(255);
    assert!(!world.path("document.sig").exists());
    pane.shows("key@keyfob refused, denied at the question: sign for file");
    assert_eq!(Onlooker::new(&agent).state().uses.len(), 2, "each is told once");
    pane.press("q").ends_with(0);
}

fn in_a_popup_a_question_is_seen_whole(world: &World) {
    let (agent, key, _store) = with_store(world, "\"watch\"");
    let pane = Pane::watching(world, &agent, (60, 15));
    claims(&pane);
    let signing = sign(world, &agent, &key).start();
    pane.shows("Allow use of key key@keyfob?").shows("Key fingerprint").shows("SHA256:");
    pane.shows("Key type ED25519.").shows("To sign for file.").shows("Asked by ssh-keygen (pid ");
    pane.shows(" d deny  o once  s session  m 15 minutes  ? help");
    rests();
    pane.press("o");
    signing.wait().exits(0);
    verifies(world);
}

fn a_store_that_was_never_unlocked_is_shown_as_locked(world: &World) {
    let store = KeyStore::make(world);
    store.save(&world.key(KeyType::Ed25519, "stored"), "stored", &[]);
    let agent = agent(world, "\"watch\"", |run| run);
    let pane = Pane::watching(world, &agent, WIDE);
    pane.shows("keyfob: key store locked, 1 key, looks on only").shows("stored, not loaded");
    store.command_with(&agent, "unlock").output().exits(0);
    pane.shows("keyfob: open, 1 key, looks on only");
}

fn a_lock_is_seen_and_takes_the_right_away(world: &World) {
    let (agent, key, store) = with_store(world, "\"watch\"");
    let pane = Pane::watching(world, &agent, WIDE);
    claims(&pane);
    world.program("keyfob").arg("lock").env("SSH_AUTH_SOCK", agent.socket()).output().exits(0);
    pane.shows("keyfob: key store locked, 1 key, looks on only");
    store.command_with(&agent, "unlock").output().exits(0);
    pane.shows("keyfob: open, 1 key, looks on only");
    sign(world, &agent, &key).output().exits(255);
    why(world, &agent, "watch: no `keyfob watch` has the right to answer");
    // And with a passphrase of the agent's own.
    claims(&pane);
    agent.lock("own");
    pane.shows("keyfob: locked, 0 keys, looks on only").hides("key@keyfob  ED25519");
    pane.press("c").shows("The agent is locked");
}

fn without_a_store_somebody_is_asked_elsewhere_who_may_answer(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let askpass = world.askpass();
    let agent = agent(world, "\"watch\", \"askpass\"", |run| askpass.offered_to(run));
    add_with_question(&agent, &key);
    askpass.answers(&[Answer::Refusal, Answer::Silence]);
    let pane = Pane::watching(world, &agent, WIDE);
    pane.press("c").shows("It was denied.").shows("looks on only");
    let call = askpass.wait_for_call(0);
    assert!(call.prompt.starts_with("Allow this program to answer questions?"), "{call:?}");
    assert!(call.prompt.contains("Asked by keyfob (pid "), "{call:?}");
    // Who said no is left alone for a while.
    pane.press("c").shows("it was denied a moment ago");
    assert_eq!(askpass.calls().len(), 1);
}

fn where_nobody_can_be_asked_it_only_looks_on(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let agent = agent(world, "\"watch\", \"terminal\"", |run| run);
    add_with_question(&agent, &key);
    let pane = Pane::watching(world, &agent, WIDE);
    // Not on its own terminal, which it could have made itself.
    pane.press("c").shows("Not allowed to answer: there is no key store").shows("looks on only");
}

/// Whoever made that display sits before it and says yes.
fn who_wants_the_right_is_not_asked_on_a_display_of_its_own(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let askpass = world.askpass();
    askpass.answer(&Answer::Silence);
    let agent =
        agent(world, "\"watch\", \"askpass\"", |run| run.env("SSH_ASKPASS", askpass.program()));
    add_with_question(&agent, &key);
    let pane = Pane::watching_with(world, &agent, WIDE, "DISPLAY=:77");
    pane.press("c").shows("Not allowed to answer: there is no key store").shows("looks on only");
    assert_eq!(askpass.calls().len(), 0);
}

fn an_answer_here_closes_the_dialog_elsewhere(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let askpass = world.askpass();
    askpass.answers(&[Answer::Silence, Answer::YesWhenReleased]);
    let agent = agent(world, "\"askpass\", \"watch\"", |run| askpass.offered_to(run));
    add_with_question(&agent, &key);
    let pane = Pane::watching(world, &agent, WIDE);
    pane.press("c").shows(", may answer");
    let signing = sign(world, &agent, &key).start();
    askpass.wait_for_call(1);
    pane.shows("Allow use of key key@keyfob?");
    rests();
    pane.press("o");
    signing.wait().exits(0);
    verifies(world);
}

fn when_it_ends_the_question_goes_on_to_the_next_way(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let askpass = world.askpass();
    askpass.answers(&[Answer::Silence, Answer::Silence]);
    let agent = agent(world, "\"watch\", \"askpass\"", |run| askpass.offered_to(run));
    add_with_question(&agent, &key);
    let pane = Pane::watching(world, &agent, WIDE);
    pane.press("c").shows(", may answer");
    let signing = sign(world, &agent, &key).start();
    pane.shows("Allow use of key key@keyfob?");
    assert_eq!(askpass.calls().len(), 1, "it was asked here first");
    pane.press("q");
    signing.wait().exits(0);
    assert_eq!(askpass.calls().len(), 2);
}

fn where_the_settings_do_not_name_it_it_only_looks_on(world: &World) {
    let (agent, _key, _store) = with_store(world, "\"askpass\"");
    let pane = Pane::watching(world, &agent, WIDE);
    pane.press("c").shows("Passphrase of the key store");
    pane.types(KeyStore::PASSPHRASE).press("Enter");
    pane.shows("the setting ask.ways does not name").shows("looks on only");
}

fn stopped_and_continued_it_is_there_again(world: &World) {
    let agent = agent(world, "\"watch\"", |run| run);
    let pane = Pane::in_a_shell(world, &agent, WIDE);
    pane.shows("keyfob: open");
    pane.signal(Signal::TSTP);
    pane.hides("keyfob: open").types("echo still $((40 + 2))").press("Enter").shows("still 42");
    pane.types("fg").press("Enter").shows("keyfob: open");
    pane.press("?").shows("deny the question").press("q").hides("keyfob: open");
    pane.types("echo again $((40 + 3))").press("Enter").shows("again 43");
}

fn the_terminal_is_as_before_however_it_ends(world: &World) {
    let agent = agent(world, "\"watch\"", |run| run);
    for (signal, code) in
        [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)]
    {
        let pane = Pane::watching(world, &agent, WIDE);
        pane.shows("keyfob: open");
        pane.signal(signal);
        pane.ends_with(code);
        pane.has_its_modes_back();
    }
    let pane = Pane::watching(world, &agent, WIDE);
    pane.shows("keyfob: open").press("q").ends_with(0);
    pane.has_its_modes_back();
    let pane = Pane::watching(world, &agent, WIDE);
    pane.shows("keyfob: open").press("C-c").ends_with(0);
    pane.has_its_modes_back();
}

fn it_says_that_the_agent_is_gone_and_finds_the_next(world: &World) {
    let socket = world.path("socket");
    let started = || {
        let run = world.ssh_agent().args(["-D", "-a"]).arg(&socket);
        RunningAgent::listening(world, run, socket.clone())
    };
    let first = started();
    let pane = Pane::watching(world, &first, WIDE);
    pane.shows("keyfob: open, 0 keys");
    first.stop(Signal::TERM);
    pane.shows("no agent, trying again");
    let second = started();
    pane.shows("keyfob: open, 0 keys");
    second.stop(Signal::TERM);
    pane.shows("no agent, trying again").press("q").ends_with(2);
}

fn what_it_cannot_do_it_says(world: &World) {
    let agent = agent(world, "\"watch\"", |run| run);
    let watch = || world.program("keyfob").arg("watch");
    let output = watch().env("SSH_AUTH_SOCK", agent.socket()).output();
    output.exits(1).reports_among_else("this needs a terminal").reports_among_else("hint: ");
    let nobody = world.path("nobody");
    let (output, ..) = watch().env("SSH_AUTH_SOCK", nobody).on_whole_terminal().wait();
    output.exits(2);
    // Too small for a question, and not for an end.
    let pane = Pane::watching(world, &agent, (20, 5));
    pane.shows("larger window").press("q").ends_with(0);
}

fn who_looks_on_without_the_right_cannot_answer(world: &World) {
    let (agent, key, _store) = with_store(world, "\"watch\"");
    let pane = Pane::watching(world, &agent, WIDE);
    claims(&pane);
    let mut signing = sign(world, &agent, &key).start();
    pane.shows("Allow use of key key@keyfob?");
    let (mut one, mut other) = (Onlooker::new(&agent), Onlooker::new(&agent));
    let (seen, elsewhere) = (one.question(), other.question());
    assert!(seen.text.starts_with(b"Allow use of key key@keyfob?"));
    assert_ne!(seen.id, elsewhere.id, "one watcher learns another's names of questions");
    assert_eq!(one.answers(seen.id, Choice::Once), Answered::NoRight);
    assert_eq!(one.answers(seen.id, Choice::Deny), Answered::NoRight);
    assert_eq!(one.claims(b"guess"), Claimed::WrongPassphrase);
    assert_eq!(one.claims(b""), Claimed::WrongPassphrase);
    assert_eq!(one.answers(seen.id, Choice::Once), Answered::NoRight);
    // With the right, and the names of another or none at all.
    assert_eq!(one.claims(KeyStore::PASSPHRASE.as_bytes()), Claimed::Granted);
    assert_eq!(one.answers(elsewhere.id, Choice::Once), Answered::Gone);
    assert_eq!(one.answers(QuestionId([0; 16]), Choice::Once), Answered::Gone);
    assert_eq!(other.answers(elsewhere.id, Choice::Once), Answered::NoRight);
    assert!(signing.is_alive());
    rests();
    pane.press("d");
    signing.wait().exits(255);
    let log = world.program("keyfob").args(["log", "--json"]).output();
    log.exits(0).prints_among_else("\"claimed\"");
    log.prints_among_else("right to answer: wrong passphrase");
}

/// Lost otherwise: an answer waits for half a minute behind the wait for news.
fn a_request_ends_the_wait_of_the_one_before(world: &World) {
    let agent = agent(world, "\"watch\"", |run| run);
    let mut onlooker = Onlooker::new(&agent);
    let seen = onlooker.state().revision;
    let begun = Instant::now();
    onlooker.sends(WatchRequest::Next(seen));
    onlooker.sends(WatchRequest::Answer { id: QuestionId([0; 16]), choice: Choice::Once });
    assert!(matches!(onlooker.receives(), WatchReply::State(_)));
    assert_eq!(onlooker.receives(), WatchReply::Answered(Answered::NoRight));
    assert!(begun.elapsed() < Duration::from_secs(10));
    // And nothing but news does otherwise.
    onlooker.sends(WatchRequest::Next(seen));
    onlooker.is_silent_for(Duration::from_millis(300));
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let WatchReply::State(state) = onlooker.receives() else { panic!() };
    assert!(state.revision > seen && state.total == 1);
}

fn who_goes_while_it_waits_leaves_its_place_to_others(world: &World) {
    let agent = agent(world, "\"watch\"", |run| run);
    for _ in 0..40 {
        let mut onlooker = Onlooker::new(&agent);
        let seen = onlooker.state().revision;
        onlooker.sends(WatchRequest::Next(seen));
        drop(onlooker);
        // The agent sees it a moment later.
        std::thread::sleep(Duration::from_millis(30));
    }
    Onlooker::new(&agent).state();
}

/// The one who looks on is this process, and so is who starts `ssh-keygen`.
fn nobody_allows_what_it_has_started_itself(world: &World) {
    let (agent, key, _store) = with_store(world, "\"watch\"");
    let mut own = Onlooker::new(&agent);
    assert_eq!(own.claims(KeyStore::PASSPHRASE.as_bytes()), Claimed::Granted);
    sign(world, &agent, &key).output().exits(255);
    why(world, &agent, "watch: the `keyfob watch` that could answer has started who asks");
    // While somebody else could answer, it stands; not for its own.
    let pane = Pane::watching(world, &agent, WIDE);
    claims(&pane);
    let signing = sign(world, &agent, &key).start();
    pane.shows("Allow use of key key@keyfob?");
    let seen = own.question();
    assert!(!seen.answerable);
    assert_eq!(own.answers(seen.id, Choice::Once), Answered::OwnRequest);
    assert_eq!(own.answers(seen.id, Choice::Deny), Answered::OwnRequest);
    rests();
    pane.press("o");
    signing.wait().exits(0);
}

fn a_store_that_was_put_in_the_place_of_another_proves_nothing(world: &World) {
    let (agent, _key, store) = with_store(world, "\"watch\"");
    let mut onlooker = Onlooker::new(&agent);
    fs::rename(store.folder(), world.path("moved")).unwrap();
    fs::remove_dir_all(store.states()).unwrap();
    KeyStore::make(world);
    let claimed = onlooker.claims(KeyStore::PASSPHRASE.as_bytes());
    assert!(matches!(claimed, Claimed::Failed(_)), "{claimed:?}");
    store.command_with(&agent, "unlock").output().exits(0);
    let claimed = onlooker.claims(KeyStore::PASSPHRASE.as_bytes());
    assert!(matches!(claimed, Claimed::Failed(_)), "it was unlocked by who put it there");
    assert!(!onlooker.state().right);
}

/// A program that only logs in passes on what a host beyond asks for, also one that is too old to bind.
/// Lost otherwise: that host reads the log, guesses at the store's passphrase, and looks on.
fn a_connection_that_serves_ssh_gets_nothing_of_keyfobs_own(world: &World) {
    let agent = agent(world, "\"watch\"", |run| run);
    let asks = "import socket, sys\n\
        of_store = b'\\3' + bytes(4)\n\
        for name, rest in [('watch', bytes(9)), ('store', of_store), ('hosts', b'\\0'), ('log', b''),\n\
                           ('settings', b''), ('refusals', b''), ('security', b''),\n\
                           ('reencrypt-all@putty.projects.tartarus.org', b'')]:\n\
        \ts = socket.socket(socket.AF_UNIX)\n\
        \ts.connect(sys.argv[1])\n\
        \tname = (name if '@' in name else name + '@keyfob').encode()\n\
        \tbody = b'\\x1b' + len(name).to_bytes(4, 'big') + name + rest\n\
        \ts.sendall(len(body).to_bytes(4, 'big') + body)\n\
        \tprint(s.recv(5)[4], end=' ')\n";
    let script = world.write("asks.py", asks, 0o600);
    let run = |program: &std::path::Path| {
        let program = program.to_str().unwrap().to_owned();
        let run = world.system_program("setsid").arg(program).arg(&script);
        run.arg(agent.socket()).output().stdout().trim().to_owned()
    };
    let python = fs::canonicalize("/usr/bin/python3").unwrap();
    assert_eq!(run(&python), "29 29 29 29 29 29 29 6", "answers");
    for name in ["ssh", "plink", "dbclient"] {
        let disguised = world.make_folder("disguise").join(name);
        fs::copy(&python, &disguised).unwrap();
        assert_eq!(run(&disguised), "5 5 5 5 5 5 5 28", "failures: {name}");
    }
}

/// An agent whose store is open, with a key of the session that is asked about in these ways.
#[track_caller]
fn with_store<'w>(world: &'w World, ways: &str) -> (RunningAgent, KeyFile, KeyStore<'w>) {
    let key = world.key(KeyType::Ed25519, "key");
    let store = KeyStore::make(world);
    let agent = agent(world, ways, |run| run);
    store.command_with(&agent, "unlock").output().exits(0);
    add_with_question(&agent, &key);
    (agent, key, store)
}

fn agent(world: &World, ways: &str, change: impl FnOnce(Run) -> Run) -> RunningAgent {
    let settings = world.write("settings.toml", format!("[ask]\nways = [{ways}]\n"), 0o600);
    world.agent_with(|run| change(run.env("KEYFOB_CONFIG", settings)))
}

#[track_caller]
fn add_with_question(agent: &RunningAgent, key: &KeyFile) {
    agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
}

/// Gives it the right to answer.
#[track_caller]
fn claims(pane: &Pane<'_>) {
    pane.press("c").shows("Passphrase of the key store");
    pane.types(KeyStore::PASSPHRASE).press("Enter").shows(", may answer");
    pane.hides(KeyStore::PASSPHRASE);
}

/// Until a key answers.
fn rests() {
    std::thread::sleep(Duration::from_millis(600));
}

/// Somebody who wants a signature.
fn sign(world: &World, agent: &RunningAgent, key: &KeyFile) -> Run {
    let document = world.write("document", "signed", 0o600);
    let _ = fs::remove_file(world.path("document.sig"));
    let sign = world.system_program("ssh-keygen").env("SSH_AUTH_SOCK", agent.socket());
    sign.args(["-Y", "sign", "-n", "file", "-f"]).arg(key.public_path()).arg(document)
}

#[track_caller]
fn verifies(world: &World) {
    let check = world.system_program("ssh-keygen").args(["-Y", "check-novalidate", "-n", "file"]);
    check.arg("-s").arg(world.path("document.sig")).stdin("signed").output().exits(0);
}

#[track_caller]
fn why(world: &World, agent: &RunningAgent, reason: &str) {
    let run = world.program("keyfob").arg("why").env("SSH_AUTH_SOCK", agent.socket());
    let told = run.output().stdout();
    assert!(told.contains(reason), "{told}");
}
