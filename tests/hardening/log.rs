//! The agent's log, with everything in it that can be.
//!
//! Lost without this: keys and passphrases, to whoever may read a log, gets a bug report, or runs
//! the collector that logs are sent to. (agents.md S4.)

use std::fs;

use base64ct::{Base64Unpadded, Encoding};
use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyFile, KeyType, Message, RunningAgent, World, ours};

use crate::search::Search;
use crate::secret::Secret;

pub(crate) const CASES: &[Case] = &[
    ours!(holds_no_secret_in_any_writing),
    ours!(holds_no_secret_when_it_goes_to_a_terminal),
    ours!(the_writings_are_recognised),
];

const PASSPHRASE: &str = "qV7nE2xR9kU4wM6tB1";
const GUESS: &str = "zL3hD8cJ5yG0fP2sA7";

fn holds_no_secret_in_any_writing(world: &World) {
    let path = world.path("agent.log");
    let text =
        format!("[agent]\nlog = {{ file = \"{}\" }}\nlog-level = \"trace\"\n", path.display());
    let settings = world.write("settings.toml", text, 0o600);
    let agent = world.agent_with(|run| run.env("KEYFOB_CONFIG", settings));
    let keys = keys(world);
    do_everything(&agent, &keys);
    let log = fs::read(path).unwrap();
    assert!(log.windows(7).any(|part| part == b"SHA256:"), "it names no key: nothing was proved");
    holds_nothing_of(&log, &keys);
}

fn holds_no_secret_when_it_goes_to_a_terminal(world: &World) {
    let socket = world.unused("agent");
    let run = world.ssh_agent().arg("-d").arg("-a").arg(&socket);
    let agent = RunningAgent::listening(world, run, socket);
    let keys = keys(world);
    do_everything(&agent, &keys);
    let output = agent.stop(rustix::process::Signal::TERM);
    assert!(output.stderr().contains("SHA256:"), "it names no key: nothing was proved");
    holds_nothing_of(&[output.stdout, output.stderr].concat(), &keys);
}

/// The check itself: each writing of each secret is seen, with words before and behind it.
fn the_writings_are_recognised(world: &World) {
    for key in keys(world) {
        for secret in Secret::of(&key) {
            for (how, text) in writings(&secret.bytes) {
                for before in ["", "a", "ab"] {
                    let log = [before.as_bytes(), &text, b" and more"].concat();
                    let seen = in_any_writing([Secret::new("it", secret.bytes.clone())]).find(&log);
                    assert!(!seen.is_empty(), "{} as {how}", secret.name);
                }
            }
        }
    }
}

fn keys(world: &World) -> Vec<KeyFile> {
    KeyType::EACH.iter().map(|kind| world.key(*kind, &format!("log-{kind:?}"))).collect()
}

/// Every kind of request that carries a secret, in good shape and in bad.
fn do_everything(agent: &RunningAgent, keys: &[KeyFile]) {
    let mut client = agent.client();
    for key in keys {
        let add = key.add_message(number::ADD_IDENTITY, "comment");
        client.request(&add).succeeds();
        client.sign(&key.blob(), b"data", 0).signature();
        client.sign(&key.blob(), b"data", 1 << 20).fails();
        client.request(&add.clone().byte(200)).fails();
        client.request(&add.clone().shortened(3)).fails();
        client.request(&add.clone().shortened(20)).fails();
        // The private fields behind a name that means another type.
        let fields = key.private_fields();
        let confused = Message::new(number::ADD_IDENTITY).string("ssh-unknown");
        client.request(&fields.iter().skip(1).fold(confused, Message::string)).fails();
        let swapped = Message::new(number::ADD_IDENTITY).string(&fields[0]);
        client.request(&fields.iter().skip(1).rev().fold(swapped, Message::string)).fails();
        // In a place where a name or a blob is expected.
        for kind in [number::REMOVE_IDENTITY, number::SIGN_REQUEST, number::EXTENSION, 99] {
            let kind = Message::new(kind);
            let _ = client.request(&fields.iter().skip(1).rev().fold(kind, Message::string));
        }
    }
    let word = |number, word| Message::new(number).string(word);
    client.request(&word(number::UNLOCK, PASSPHRASE)).fails();
    client.request(&word(number::LOCK, PASSPHRASE).byte(0)).fails();
    client.request(&word(number::LOCK, PASSPHRASE)).succeeds();
    client.request(&word(number::UNLOCK, GUESS)).fails();
    client.request(&word(number::UNLOCK, PASSPHRASE).shortened(1)).fails();
    client.request(&word(number::LOCK, GUESS)).fails();
    client.request(&keys[0].add_message(number::ADD_IDENTITY, "comment")).fails();
    client.request(&word(number::UNLOCK, PASSPHRASE)).succeeds();
    // No frame at all: the text that the error may quote is a private key.
    agent.client().send(&keys[0].private_fields().concat());
    client.request(&Message::new(number::REMOVE_ALL)).succeeds();
}

#[track_caller]
fn holds_nothing_of(log: &[u8], keys: &[KeyFile]) {
    let typed = [Secret::new("the passphrase", PASSPHRASE), Secret::new("the guess", GUESS)];
    let finds = in_any_writing(keys.iter().flat_map(Secret::of).chain(typed)).find(log);
    let finds: Vec<String> = finds.iter().map(ToString::to_string).collect();
    assert!(finds.is_empty(), "in the log:\n{}", finds.join("\n"));
}

/// Looks for the secrets in every writing.
pub(crate) fn in_any_writing(secrets: impl IntoIterator<Item = Secret>) -> Search {
    Search::new(secrets.into_iter().flat_map(|secret| {
        let written = writings(&secret.bytes);
        written
            .into_iter()
            .map(move |(how, text)| Secret::new(format!("{} as {how}", secret.name), text))
    }))
}

/// As bytes, and as programs print bytes.
fn writings(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let each = |write: &dyn Fn(&u8) -> String, between: &str| {
        bytes.iter().map(write).collect::<Vec<_>>().join(between).into_bytes()
    };
    let mut all = vec![
        ("bytes".to_owned(), bytes.to_vec()),
        ("hexadecimal".to_owned(), each(&|byte| format!("{byte:02x}"), "")),
        ("capital hexadecimal".to_owned(), each(&|byte| format!("{byte:02X}"), "")),
        ("hexadecimal with colons".to_owned(), each(&|byte| format!("{byte:02x}"), ":")),
        ("a list".to_owned(), each(&|byte| byte.to_string(), ", ")),
        ("an escaped string".to_owned(), bytes.escape_ascii().to_string().into_bytes()),
    ];
    // Where the secret begins within a larger base64 text decides what it looks like.
    for shift in 0..3 {
        let whole = &bytes[shift..];
        let whole = &whole[..whole.len() / 3 * 3];
        let text = Base64Unpadded::encode_string(whole).into_bytes();
        all.push((format!("base64, {shift} bytes in"), text));
    }
    all
}
