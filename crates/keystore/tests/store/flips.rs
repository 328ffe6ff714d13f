//! Every bit of every file turned over, and every two files changed for each other: what comes out
//! is what was there, less of it, or an error. Never something else.
//!
//! What is lost by a mistake here is what the store is for: a signature with a key that somebody
//! else chose, or one that was deleted.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use keyfob_keystore::{Content, Cost, Facts, Made, New, RecoveryCode, Store, Trust, Unlocked};

use crate::crash::{Model, Tree};
use crate::support::{PASSPHRASE, key, name, new, secret};

const FOLDER: &str = "/store";
const STATES: &str = "/states";

struct Small {
    tree: Tree,
    code: RecoveryCode,
    items: BTreeMap<String, String>,
}

/// Everything an item says and holds.
fn items(store: &Unlocked) -> BTreeMap<String, String> {
    use secrecy::ExposeSecret as _;
    let items = store.items().into_iter().filter_map(|item| {
        let (facts, content) = store.open(&item.name).ok()?;
        let secret = match content {
            Content::Key(key) => String::from_utf8(key.public().to_line(b"")).unwrap(),
            Content::Secret(secret) => format!("{:?}", secret.expose_secret()),
            Content::Reference { .. } => panic!("none of these is in it"),
        };
        Some((item.name.to_string(), format!("{} {facts:?} {secret}", item.generation)))
    });
    items.collect()
}

fn open(model: &Model) -> keyfob_keystore::Result<Store> {
    Store::open_on(Arc::new(model.clone()), Path::new(FOLDER), Path::new(STATES))
}

impl Small {
    fn new() -> Self {
        let model = Model::default();
        let disk = Arc::new(model.clone());
        let (folder, states) = (Path::new(FOLDER), Path::new(STATES));
        let made = Store::create_on(disk, folder, states, &secret(PASSPHRASE), Cost::FLOOR);
        let Made { mut store, code, .. } = made.unwrap();
        let token = Content::Secret(secret("token"));
        let token = New { name: name("token"), facts: Facts::default(), content: token };
        store.add(vec![new("work", 1), new("gone", 2), token]).unwrap();
        store.delete(&name("gone")).unwrap();
        let items = items(&store);
        Self { tree: model.tree(), code, items }
    }

    /// Looks at a disk with other contents of some files. Returns whether anything was noticed.
    #[track_caller]
    fn look(&self, model: &Model, what: &str) -> bool {
        let Ok(store) = open(model) else { return true };
        for listed in store.list().unwrap() {
            assert!(self.items.contains_key(listed.name.as_str()), "{what}: {listed:?}");
            if let Some(public) = listed.public {
                assert_eq!(&public, key(1).public(), "{what}: another public key is listed");
            }
        }
        let Ok(opened) = store.unlock(&self.code, Trust::Remembered) else { return true };
        let found = items(&opened);
        for (name, item) in &found {
            assert_eq!(Some(item), self.items.get(name), "{what}: {name} is another one");
        }
        let noticed = !opened.findings().is_empty();
        assert!(noticed || found == self.items, "{what}: {:?} and no word", found.keys());
        noticed
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let seen = self.tree.seen().into_iter();
        let files = seen.filter_map(|(path, bytes)| Some((path, bytes?)));
        // Nothing reads it: see below.
        files.filter(|(path, _)| !path.ends_with("RECOVERY.txt")).collect()
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures of the test")]
fn a_bit_turned_over_anywhere_is_noticed_or_changes_nothing() {
    let small = Small::new();
    let model = Model::of(small.tree.clone());
    assert!(!small.look(&model, "nothing"), "there is something wrong before anything is");
    assert!(model.was_read("VAULT") && !model.was_read("RECOVERY.txt"));
    let stride = if std::env::var_os("KEYFOB_SOAK").is_some() { 1 } else { 5 };
    let (mut bits, mut silent) = (0, 0);
    for (path, bytes) in small.files() {
        // Of what is sealed any bit is like the next one: of the long part every bit of every
        // fifth byte, of all when there is time; of the line in front of it, and of all other
        // files, every bit.
        let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or_default();
        let places = (0..bytes.len())
            .filter(|at| *at <= line + 25 || at % stride == 0 || at + 17 > bytes.len());
        for (at, bit) in places.flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let model = Model::of(small.tree.clone());
            model.put(&path, &changed);
            bits += 1;
            let noticed = small.look(&model, &format!("{path}, byte {at}, bit {bit}"));
            silent += usize::from(!noticed);
            // Only the comment beside a public key, and this machine's own memory, say nothing.
            let may_be_silent = path.ends_with(".pub") || path.starts_with(STATES);
            assert!(noticed || may_be_silent, "{path}, byte {at}, bit {bit}: not noticed");
        }
    }
    println!("{bits} bits, {silent} of them without a word and without an effect");
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures of the test")]
fn two_files_changed_for_each_other_are_noticed() {
    let small = Small::new();
    let files = small.files();
    let mut pairs = 0;
    for (at, (one, ones)) in files.iter().enumerate() {
        for (other, others) in &files[at + 1..] {
            for both in [true, false] {
                let model = Model::of(small.tree.clone());
                model.put(one, others);
                if both {
                    model.put(other, ones);
                }
                let what = format!("{one} and {other}");
                assert!(small.look(&model, &what), "{what}: not noticed");
                pairs += 1;
            }
        }
    }
    println!("{pairs} exchanges");
}
