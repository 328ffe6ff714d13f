//! Stores of each released format, which open for ever.
//!
//! A store outlives the release that made it. `tests/fixtures/v1` was made once, by the ignored
//! test below, and is never made anew: a change that cannot read it needs a new version and a
//! folder of its own.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyfob_keys::{Curve, PublicKey, generate};
use keyfob_keystore::{
    Content, Cost, Destination, Facts, Made, New, RecoveryCode, Store, Terms, Trust, Unlocked,
};
use secrecy::ExposeSecret as _;

use crate::support::{Home, files, key, name, secret};

const PASSPHRASE: &str = "golden caf\u{e9}";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1")
}

pub(crate) fn store() -> PathBuf {
    folder().join("store")
}

/// The code, from the line of the README that has it.
pub(crate) fn code() -> String {
    let text = fs::read_to_string(folder().join("README.md")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("Recovery code: "));
    line.unwrap().trim_matches('`').to_owned()
}

/// Every fact of every item, as text.
fn described(store: &Unlocked) -> String {
    let mut text = String::new();
    for item in store.items() {
        let (facts, content) = store.open(&item.name).unwrap();
        assert_eq!(facts, item.facts);
        let line = |key: &Option<PublicKey>| {
            let line = key.as_ref().map(|key| String::from_utf8(key.to_line(b"")).unwrap());
            line.unwrap_or_default()
        };
        writeln!(text, "{} {} {} {}", item.name, item.kind, item.id, item.generation).unwrap();
        writeln!(
            text,
            "  comment {:?} created {}",
            String::from_utf8_lossy(&facts.comment),
            facts.created
        )
        .unwrap();
        writeln!(text, "  public {}", line(&facts.public).trim()).unwrap();
        writeln!(text, "  certificate {}", line(&facts.certificate).trim()).unwrap();
        // The first format had no idle time: what was written then says nothing of one.
        let terms = format!("{:?}", facts.terms).replace("idle: None, ", "");
        writeln!(text, "  {terms}").unwrap();
        match content {
            // It was read, so its private half belongs to the public one.
            Content::Key(key) => {
                writeln!(text, "  key {}", line(&Some(key.public().clone())).trim()).unwrap();
            }
            Content::Reference { path, passphrase } => {
                let passphrase = passphrase.map(|it| it.expose_secret().to_vec());
                writeln!(text, "  path {path:?} passphrase {passphrase:?}").unwrap();
            }
            Content::Secret(secret) => {
                writeln!(text, "  secret {:?}", secret.expose_secret()).unwrap();
            }
        }
    }
    text
}

#[test]
fn a_store_of_the_first_format_opens_and_says_what_it_always_said() {
    let home = Home::new();
    let before = files(&store());
    let opened = Store::open(&store(), &home.states()).unwrap();
    let expected = fs::read_to_string(folder().join("items.txt")).unwrap();
    let code = RecoveryCode::parse(&secret(&code())).unwrap();
    let passphrase = secret(PASSPHRASE);
    let methods: [&dyn keyfob_keystore::Method; 2] = [&passphrase, &code];
    for method in methods {
        let mut unlocked = opened.unlock(method, Trust::Remembered).unwrap();
        assert_eq!(unlocked.findings(), []);
        assert_eq!(described(&unlocked), expected);
        assert!(unlocked.check().is_ok());
    }
    let listed = opened.list().unwrap();
    assert_eq!(listed.iter().filter(|it| it.public.is_some()).count(), 3);
    assert_eq!(listed.iter().filter(|it| it.certificate.is_some()).count(), 1);
    assert_eq!(files(&store()), before, "reading it left something behind");
}

fn certificate_of(home: &Home, public: &PublicKey) -> PublicKey {
    let path = |file: &str| home.path(file);
    fs::write(path("key.pub"), public.to_line(b"")).unwrap();
    let keygen = |words: &[&str]| {
        let run = Command::new("ssh-keygen").args(words).current_dir(path("")).status();
        assert!(run.unwrap().success());
    };
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f", "ca"]);
    keygen(&["-q", "-s", "ca", "-I", "golden", "-n", "me", "-z", "7", "key.pub"]);
    let line = fs::read(path("key-cert.pub")).unwrap();
    PublicKey::from_line(line.trim_ascii_end()).unwrap().0
}

#[test]
#[ignore = "makes the fixture, once for each format"]
fn make_the_golden_store() {
    let home = Home::new();
    assert!(!store().exists(), "a golden store is never made anew");
    let p256 =
        generate::generate(generate::Kind::Ecdsa(Curve::P256), std::num::NonZeroUsize::MIN, &())
            .unwrap();
    let made = Store::create(&store(), &home.states(), &secret(PASSPHRASE), Cost::FLOOR).unwrap();
    let Made { mut store, code, .. } = made;
    let terms = Terms {
        lifetime: Some(3600),
        idle: None,
        confirm: true,
        destinations: vec![Destination {
            text: b"me@host".to_vec(),
            constraint: vec![0, 1, 2, 255],
        }],
    };
    let public = key(1).public().clone();
    let certificate = Some(certificate_of(&home, &public));
    let work = Facts {
        comment: "me@h\u{f6}st".into(),
        created: 1_700_000_000,
        public: Some(public),
        certificate,
        terms,
    };
    let plain = |public: Option<&PublicKey>| Facts {
        public: public.cloned(),
        created: 1,
        ..Facts::default()
    };
    let reference =
        Content::Reference { path: "/a folder/id".into(), passphrase: Some(secret("of the file")) };
    let (other, gone) = (plain(Some(p256.public())), plain(Some(key(3).public())));
    store
        .add(vec![
            New { name: name("work"), facts: work, content: Content::Key(key(1)) },
            New { name: name("me@host"), facts: other, content: Content::Key(p256) },
            New { name: name("gone"), facts: gone, content: Content::Key(key(3)) },
            New { name: name("link"), facts: plain(Some(key(2).public())), content: reference },
            New {
                name: name("token"),
                facts: plain(None),
                content: Content::Secret(secret("1234")),
            },
        ])
        .unwrap();
    store.change(&name("token"), |_, content| *content = Content::Secret(secret("5678"))).unwrap();
    store.delete(&name("gone")).unwrap();
    fs::remove_file(self::store().join(".lock")).unwrap();
    fs::write(folder().join("items.txt"), described(&store)).unwrap();
    let text = format!(
        "# A key store of format 1\n\nMade by the ignored test `golden::make_the_golden_store`. It holds two keys, a link, a secret,\n\
         and what is left of a deleted key; `items.txt` says all of it. Never made anew.\n\n\
         Passphrase: `{PASSPHRASE}`\n\nRecovery code: `{}`\n",
        *code.to_text()
    );
    fs::write(folder().join("README.md"), text).unwrap();
}
