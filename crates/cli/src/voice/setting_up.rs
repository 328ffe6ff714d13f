//! Words of the first-run walk. Lines are made for 80 columns; paths are as their owner writes them.

use std::io;
use std::path::{Path, PathBuf};

use super::{brief, keeping, moving_in, quoted_brief, shown, shown_path};
use crate::columns::{self, wrapped};
use crate::commands::add::keeping::How;
use crate::commands::install::{Closed, State, Step, What};
use crate::commands::setup::{FoundKey, Ground, KeyReport, Login, Origin};
use crate::files;
use crate::output::{data_line, fact, hint, note};

/// Headings, in their order.
pub(crate) const KEYS: &str = "Key files";
pub(crate) const STORE: &str = "The key store";
pub(crate) const INTO_STORE: &str = "Keys for the store";
pub(crate) const START_UP: &str = "The agent";
pub(crate) const TEST: &str = "A login, to see that it works";
pub(crate) const NEXT: &str = "What next";

/// Somebody, or a flag, said no.
pub(crate) const NOT_WANTED: &str = "not wanted";
/// Keys have no place to go.
pub(crate) const NO_STORE: &str = "there is no key store to take them";
/// Their files hold no key.
pub(crate) const ON_TOKENS: &str = "keys on a security key stay with ssh itself";
/// Nobody named a host.
pub(crate) const NO_HOST: &str = "no host was named";
/// Reasons of steps that failed, told in full before.
pub(crate) const NOT_MADE: &str = "the key store was not made";
pub(crate) const NOT_TAKEN: &str = "no key was taken";
pub(crate) const NOT_ALL: &str = "not every key was taken";
pub(crate) const NO_KEY_MADE: &str = "no key was made";
pub(crate) const NOT_INSTALLED: &str = "the agent does not start by itself";
pub(crate) const NOT_IN: &str = "the host did not let us in";
pub(crate) const NO_AGENT: &str = "there is no agent to try";

/// Whether the agent is installed, below the plan.
pub(crate) const INSTALL_QUESTION: &str = "Do that?";
/// Where to log in.
pub(crate) const HOST_QUESTION: &str = "Host, as ssh takes it (Enter for none): ";

/// Lines of a host that are shown.
const MANY: usize = 10;

/// A flag without which a question is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Whether to make the store.
    Store,
    /// Where its recovery code goes.
    RecoveryFile,
    /// Its passphrase.
    StorePassphrase,
    /// What becomes of keys.
    Taking,
    /// Whether to make a key.
    Generate,
    /// The passphrase of key files.
    Passphrase,
    /// Whether to install.
    Install,
}

fn say(text: &str) {
    note(wrapped(text, 0));
}

/// The key files, and what the store knows of them.
pub(crate) fn found(ground: &Ground) {
    if ground.keys.is_empty() {
        return say(match ground.is_named {
            true => "No private key is there.",
            false => "No private key is named in ~/.ssh/config or lies in ~/.ssh.",
        });
    }
    let rows: Vec<Vec<String>> = ground.keys.iter().map(|key| row(key, ground)).collect();
    for line in columns::table(&rows).lines() {
        note(format!("  {line}"));
    }
    for key in &ground.keys {
        if let Some(exposure) = &key.too_open {
            let path = brief(key.path(), ground.home.as_deref());
            say(&format!("{path}: {exposure}: who did has the key."));
        }
    }
}

fn row(key: &FoundKey, ground: &Ground) -> Vec<String> {
    let protection = match key {
        FoundKey { on_token: true, .. } => "on a security key",
        FoundKey { encrypted: true, .. } => "passphrase",
        _ => "no passphrase",
    };
    let stored = key.stored.as_ref().map(|name| format!("stored as {name}"));
    let path = brief(key.path(), ground.home.as_deref());
    vec![path, key.kind.clone(), protection.to_owned(), stored.unwrap_or_default()]
}

/// Something that was named is not there.
pub(crate) fn not_there(path: &Path) {
    fact(format!("{}: no such file or directory", shown_path(path)));
}

/// Nor is a key where somebody said that there are some.
pub(crate) fn none_there(paths: &[PathBuf]) {
    let paths: Vec<String> = paths.iter().map(|path| shown_path(path)).collect();
    fact(format!("no private key in {}", paths.join(", ")));
    hint("folders inside a folder are not searched: name them too; --generate makes a key");
}

/// The store was there before.
pub(crate) fn store_is_there(ground: &Ground) {
    let keys = match ground.stored.len() {
        0 => "no key yet".to_owned(),
        1 => "1 key".to_owned(),
        count => format!("{count} keys"),
    };
    say(&format!("in place already: {} ({keys})", folder(ground)));
}

/// What a store is for.
pub(crate) fn about_store() {
    say("It keeps your keys for good, sealed by one passphrase. Every login finds them, and asks \
         for that passphrase once.");
}

/// Whether to make it.
pub(crate) fn make_question(ground: &Ground) -> String {
    format!("Make the key store in {}?", folder(ground))
}

/// A line of a dry run.
pub(crate) fn would_make(ground: &Ground, asks: bool) -> String {
    format!("would make the key store in {}{}", folder(ground), asks_first(asks))
}

fn folder(ground: &Ground) -> String {
    brief(&ground.folder, ground.home.as_deref())
}

fn asks_first(asks: bool) -> String {
    if asks { format!(" ({})", moving_in::ASKS_FIRST) } else { String::new() }
}

/// A step was not taken.
pub(crate) fn left(why: &str) {
    note(format!("left out: {why}"));
}

/// Every key that was found is there.
pub(crate) fn all_stored() {
    note("in place already: all of them");
}

/// What becomes of keys.
pub(crate) fn taking_question(count: usize) -> String {
    let (it, import, link) = match count {
        1 => (
            "it",
            "the store takes the key; its file stays, and may be deleted later",
            "the key stays in its file; the store remembers where that is",
        ),
        _ => (
            "them",
            "the store takes the keys; their files stay, and may be deleted later",
            "the keys stay in their files; the store remembers where they are",
        ),
    };
    format!(
        "Take {it} in?\n  1  import   {import}\n  2  link     {link}\n  3  neither\n\
         Number or word [1]: "
    )
}

/// It was none of these.
pub(crate) fn not_understood() {
    note("Please type 1, 2 or 3.");
}

/// Whether to make a key.
pub(crate) fn generate_question(in_store: bool) -> String {
    format!("There is no key. Make one (ed25519) {}?", new_place(in_store))
}

fn new_place(in_store: bool) -> &'static str {
    if in_store { "in the key store" } else { "in ~/.ssh" }
}

/// A line of a dry run.
pub(crate) fn would_generate(in_store: bool, asks: bool) -> String {
    format!("would make a key (ed25519) {}{}", new_place(in_store), asks_first(asks))
}

/// A line of a dry run.
pub(crate) fn would_take(key: &KeyReport, asks: bool, ground: &Ground) -> String {
    let path = file_of(key, ground);
    match (key.origin, asks) {
        (_, true) => format!("would import or link {path} (it asks which)"),
        (Origin::Linked, _) => format!("would link {path}"),
        _ => format!("would import {path}"),
    }
}

fn file_of(key: &KeyReport, ground: &Ground) -> String {
    key.file.as_deref().map_or_else(String::new, |path| brief(path, ground.home.as_deref()))
}

/// What became of a key.
pub(crate) fn key(key: &KeyReport, ground: &Ground) {
    let name = key.name.as_deref().unwrap_or_default();
    let file = file_of(key, ground);
    let why = key.why.as_deref().unwrap_or_default();
    match (key.state, key.origin) {
        (State::Failed, _) => fact(format!("{file}: {why}")),
        (State::Already, _) => note(format!("in place already: {file} as {name}")),
        (_, Origin::Generated) if key.name.is_none() => note(format!("made {file}")),
        (_, Origin::Generated) => note(format!("made {name}: its private half never was a file")),
        (_, Origin::Linked) => note(format!("linked {file} as {name}")),
        _ => note(format!("imported {file} as {name}")),
    }
}

/// What becomes of the files.
pub(crate) fn files_stay(count: usize, how: How) {
    if count > 0 {
        say(keeping::files_stay_words(how, count));
    }
}

/// Some questions are open, and nobody is there.
pub(crate) fn unanswered(missing: &[Missing]) {
    fact("nobody can be asked here, so nothing was done; these flags answer what is open");
    for missing in missing {
        hint(match missing {
            Missing::Store => "--store   makes the key store; --no-store does without",
            Missing::RecoveryFile => {
                "--recovery-file FILE   for the recovery code; - is standard output"
            }
            Missing::StorePassphrase => {
                "--store-passphrase-file FILE   for the key store; - is standard input"
            }
            Missing::Taking => "--import or --link   takes the keys in; --no-keys leaves them",
            Missing::Generate => "--generate   makes a key; --no-keys does without",
            Missing::Passphrase => {
                "--passphrase-file FILE   for the key files; - is standard input"
            }
            Missing::Install => "--install   has the agent start by itself; --no-install does not",
        });
    }
    let is_choice = |missing: &&Missing| {
        !matches!(missing, Missing::RecoveryFile | Missing::StorePassphrase | Missing::Passphrase)
    };
    if missing.iter().filter(is_choice).count() > 1 {
        hint("--yes   answers all of them but passphrases; --dry-run shows what that does");
    }
}

/// What installing comes to.
pub(crate) fn plan(closed: &Closed, ground: &Ground) -> Vec<String> {
    let open = closed.steps.iter().filter(|step| step.state == State::Would);
    let line = |step: &Step| {
        let content = step.content.as_deref().filter(|_| step.what == What::StartFile);
        // What is around it marks it as ours, for uninstall.
        let own = content.and_then(|text| text.lines().find(|line| !line.starts_with('#')));
        let own = own.map_or_else(String::new, |own| format!(": {own}"));
        home_in(&format!("{}{own}", moving_in::planned(step)), ground)
    };
    open.map(line).collect()
}

/// Before that.
pub(crate) fn about_start_up() {
    say(moving_in::ABOUT_START_UP);
}

/// It is in place.
pub(crate) fn installed_already(closed: &Closed, ground: &Ground) {
    for step in &closed.steps {
        note(home_in(&format!("in place already: {}", step.subject), ground));
    }
}

/// It cannot be.
pub(crate) fn cannot_install(closed: &Closed) {
    let failed =
        closed.steps.iter().filter(|step| matches!(step.state, State::Failed | State::Left));
    failed.for_each(moving_in::step);
}

/// A text with paths of the home shortened.
fn home_in(text: &str, ground: &Ground) -> String {
    match &ground.home {
        Some(home) => text.replace(&format!("{}/", shown_path(home)), "~/"),
        None => text.to_owned(),
    }
}

/// What a login is for.
pub(crate) fn about_test() {
    say(
        "Name a host that knows one of your keys, such as git@github.com: ssh -T logs in there by \
         keys alone, and does nothing.",
    );
}

/// A line of a dry run.
pub(crate) fn would_log_in(host: &str) -> String {
    format!("would run: ssh -T {host}")
}

/// It begins, and may take a while.
pub(crate) fn logging_in(host: &str) {
    note(format!("ssh -T {host} …"));
}

/// An agent was started for it.
pub(crate) fn agent_started(pid: Option<u32>) {
    let process = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
    note(format!("Started the agent{process}; it goes on."));
}

/// It was started and is not there.
pub(crate) fn no_agent(socket: &Path) {
    fact(format!("{}: no agent answers there", shown_path(socket)));
}

/// It could not be.
pub(crate) fn not_started(error: &io::Error) {
    fact(format!("the agent cannot be started: {}", files::reason(error)));
}

/// What came of the login.
pub(crate) fn login(host: &str, target: &str, login: &Login) {
    if login.is_in || login.wants_more {
        note(format!("logged in to {host}"));
        match &login.key {
            Some(key) if login.by_agent => note(format!("  with {key}\n  signed by the agent")),
            Some(key) => note(format!("  with {key}\n  from its file, not from the agent")),
            None => {}
        }
        if login.wants_more {
            note("  the host takes the key, and asks for more than that");
        }
    } else {
        fact(format!("{host} did not let us in"));
    }
    for line in login.said.iter().take(MANY) {
        note(format!("  > {}", shown(line.as_bytes())));
    }
    if !login.is_in && login.said.iter().any(|line| line.contains("Host key verification failed")) {
        hint(format!("ssh {target}   asks whether the host is the right one, and remembers it"));
    }
}

/// The shell that called knows nothing of the agent yet.
pub(crate) fn this_shell(line: &[u8]) -> String {
    format!("{}   tells this shell; those that start later know it", shown(line))
}

/// What a person can do now.
pub(crate) fn next(keys: &[&KeyReport], ground: &Ground) -> Vec<String> {
    let mut next = Vec::new();
    if let Some(path) = keys.first().and_then(|key| key.public_file.as_deref()) {
        let file = quoted_brief(path, ground.home.as_deref());
        next.push(format!("keyfob copy-id -i {file} USER@HOST   lets you log in there with it"));
    } else if !ground.stored.is_empty() {
        // By the agent, which knows whether the store was opened and its keys are what they seem.
        next.push("keyfob copy-id USER@HOST   lets you log in there with your keys".to_owned());
    }
    next.push("keyfob doctor   looks for what keeps ssh from the agent".to_owned());
    next
}

/// The public half, where there is one: to paste.
pub(crate) fn public_keys(keys: &[&KeyReport]) {
    if let [KeyReport { public_key: Some(line), .. }] = keys {
        note("The public key, ready to paste:");
        data_line(line);
    }
}

/// All of what can be done, the install's first. A command has a line of its own, to be copied.
pub(crate) fn hints(hints: &[String]) {
    for text in hints {
        match text.split_once("   ") {
            Some((command, purpose)) => {
                note(format!("  {command}\n      {}", wrapped(purpose, 6)));
            }
            None => hint(wrapped(text, "hint: ".len())),
        }
    }
}
