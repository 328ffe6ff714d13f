//! The changes that are cut short, and what has to be true afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use keyfob_keystore::{
    Content, Cost, Error, Finding, Made, Problem, RecoveryCode, Store, Trust, Unlocked,
};

use super::disk::{Model, Step, Tree};
use super::power::after_each_cut;
use crate::support::{PASSPHRASE, key, name, new, secret};

/// Not one of them is there before the first store is made.
const FOLDER: &str = "/home/data/store";
const STATES: &str = "/home/state/stores";

/// What is in a store: comment and number of each key, by its name.
type Items = BTreeMap<String, (Vec<u8>, u8)>;

/// A change, step by step.
pub(crate) struct Case {
    pub(crate) before: Tree,
    pub(crate) steps: Vec<Step>,
    /// None before there is a store.
    old: Option<Items>,
    new: Items,
    /// One of these is there in each version.
    codes: Vec<RecoveryCode>,
    /// Whether the last code is the only one when the change is done.
    replaces_code: bool,
    /// The files of the passphrase's slots, which were opened once: deriving takes too long.
    passphrases: BTreeSet<Vec<u8>>,
}

/// How many disks a power cut can leave, how many of them are wrong, and what is wrong with one.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) states: usize,
    pub(crate) bad: usize,
    pub(crate) example: Option<String>,
}

fn open(model: &Model) -> keyfob_keystore::Result<Store> {
    Store::open_on(Arc::new(model.clone()), Path::new(FOLDER), Path::new(STATES))
}

fn create(model: &Model) -> Made {
    let disk = Arc::new(model.clone());
    let (folder, states) = (Path::new(FOLDER), Path::new(STATES));
    Store::create_on(disk, folder, states, &secret(PASSPHRASE), Cost::FLOOR).unwrap()
}

fn items(store: &Unlocked) -> Result<Items, String> {
    let items = store.items().into_iter().map(|item| {
        let opened = store.open(&item.name).map_err(|error| error.to_string())?;
        let (facts, Content::Key(opened)) = opened else { return Err("no key".to_owned()) };
        let number = (1..9).find(|number| key(*number).public() == opened.public());
        Ok((item.name.to_string(), (facts.comment, number.ok_or("another key")?)))
    });
    items.collect()
}

fn passphrases(tree: &Tree) -> BTreeSet<Vec<u8>> {
    let seen = tree.seen().into_iter();
    let slots = seen.filter(|(path, _)| path.starts_with(FOLDER) && path.ends_with(".slot"));
    let files = slots.filter_map(|(_, bytes)| bytes);
    files.filter(|bytes| bytes.windows(12).any(|part| part == b" passphrase ")).collect()
}

impl Case {
    /// A store with two keys, and one that was deleted.
    pub(crate) fn of(change: impl FnOnce(&mut Unlocked, &Model) -> Option<RecoveryCode>) -> Self {
        let model = Model::default();
        let Made { mut store, code, .. } = create(&model);
        store.add(vec![new("work", 1), new("home", 2), new("gone", 3)]).unwrap();
        store.delete(&name("gone")).unwrap();
        let old = items(&store).unwrap();
        model.begin();
        let replaced = change(&mut store, &model);
        drop(store);
        let mut codes = vec![code];
        let replaces_code = replaced.is_some();
        codes.extend(replaced);
        Self::recorded(&model, Some(old), codes, replaces_code)
    }

    pub(crate) fn of_a_new_store() -> Self {
        let model = Model::default();
        let made = create(&model);
        Self::recorded(&model, None, vec![made.code], false)
    }

    fn recorded(
        model: &Model,
        old: Option<Items>,
        codes: Vec<RecoveryCode>,
        replaces_code: bool,
    ) -> Self {
        let (before, steps) = model.recorded();
        let mut passphrases = passphrases(&before);
        passphrases.extend(self::passphrases(&model.tree()));
        let done = open(model).unwrap().unlock(codes.last().unwrap(), Trust::Remembered).unwrap();
        let new = items(&done).unwrap();
        Self { before, steps, old, new, codes, replaces_code, passphrases }
    }

    pub(crate) fn judged(&self) -> Verdict {
        self.judged_with(&self.steps, usize::MAX)
    }

    /// The same for other steps, up to so many wrong disks.
    pub(crate) fn judged_with(&self, steps: &[Step], enough: usize) -> Verdict {
        let mut verdict = Verdict::default();
        after_each_cut(&self.before, steps, |tree, done| {
            verdict.states += 1;
            if let Err(wrong) = self.look(tree, done) {
                verdict.bad += 1;
                verdict.example.get_or_insert(wrong);
            }
            verdict.bad < enough
        });
        verdict
    }

    /// What is wrong with a disk after a power cut.
    fn look(&self, tree: Tree, done: bool) -> Result<(), String> {
        let there = passphrases(&tree);
        let model = Model::of(tree);
        let store = match open(&model) {
            Ok(store) => store,
            Err(Error::NoStore(_)) if self.old.is_none() && !done => return Ok(()),
            Err(error) => return Err(error.to_string()),
        };
        if !there.iter().any(|slot| self.passphrases.contains(slot)) {
            return Err("no passphrase opens it".to_owned());
        }
        let mut opened = self.unlock(&store, done)?;
        let found = items(&opened)?;
        let is_old = !done && self.old.as_ref() == Some(&found);
        let is_part = !done && self.is_part(&found);
        if found != self.new && !is_old && !is_part {
            return Err(format!("{:?} are in it", found.keys()));
        }
        self.check_findings(&opened, done)?;
        // And it goes on from there.
        opened.add(vec![new("later", 7)]).map_err(|error| error.to_string())?;
        drop(opened);
        let again = items(&self.unlock(&store, done)?)?;
        let whole =
            again.len() == found.len() + 1 && found.iter().all(|it| again.get(it.0) == Some(it.1));
        if whole { Ok(()) } else { Err(format!("{:?} are in it later", again.keys())) }
    }

    fn unlock(&self, store: &Store, done: bool) -> Result<Unlocked, String> {
        let opened: Vec<_> =
            self.codes.iter().map(|code| store.unlock(code, Trust::Remembered)).collect();
        if done && self.replaces_code && opened.iter().filter(|it| it.is_ok()).count() > 1 {
            return Err("the old code opens it".to_owned());
        }
        let reasons: Vec<_> =
            opened.iter().filter_map(|it| it.as_ref().err()).map(ToString::to_string).collect();
        // The newest first.
        let mut opened = opened.into_iter().rev().filter_map(Result::ok);
        opened.next().ok_or_else(|| reasons.join(", "))
    }

    /// Of several new keys those before the cut may be there.
    fn is_part(&self, found: &Items) -> bool {
        let Some(old) = &self.old else { return false };
        let is_more = old.iter().all(|(name, item)| found.get(name) == Some(item));
        is_more && found.iter().all(|(name, item)| self.new.get(name) == Some(item))
    }

    fn check_findings(&self, store: &Unlocked, done: bool) -> Result<(), String> {
        let alarms = |finding: &&Finding| {
            matches!(
                finding,
                Finding::Missing(_)
                    | Finding::MissingSlot(_)
                    | Finding::Conflict { .. }
                    | Finding::SameName { .. }
                    | Finding::Forgetful(_)
                    | Finding::File {
                        problem: Problem::Rollback
                            | Problem::Seal
                            | Problem::Header
                            | Problem::Moved,
                        ..
                    }
            )
        };
        match store.findings().iter().find(|it| done || alarms(it)) {
            Some(finding) => Err(format!("{finding}")),
            None => Ok(()),
        }
    }
}

/// Every change there is, by its name.
pub(crate) fn all() -> Vec<(&'static str, Case)> {
    let nothing = |done: keyfob_keystore::Result<()>| {
        done.unwrap();
        None
    };
    vec![
        ("create", Case::of_a_new_store()),
        ("add", Case::of(|store, _| nothing(store.add(vec![new("x", 4), new("y", 5)])))),
        (
            "change",
            Case::of(|store, _| {
                let change = |facts: &mut keyfob_keystore::Facts, _: &mut Content| {
                    facts.comment = b"other".to_vec();
                };
                nothing(store.change(&name("work"), change))
            }),
        ),
        ("rename", Case::of(|store, _| nothing(store.rename(&name("work"), &name("x"))))),
        ("rename case", Case::of(|store, _| nothing(store.rename(&name("work"), &name("Work"))))),
        ("delete", Case::of(|store, _| nothing(store.delete(&name("work"))))),
        (
            "set_passphrase",
            Case::of(|store, _| nothing(store.set_passphrase(&secret("other"), Cost::FLOOR))),
        ),
        ("set_recovery_code", Case::of(|store, _| Some(store.set_recovery_code().unwrap()))),
        (
            "memory",
            Case::of(|store, _| {
                // Each takes the place of the one before.
                for byte in 7..9 {
                    store.keep_memory(&[byte; 3000]).unwrap();
                }
                nothing(store.keep_memory(&[9; 3000]))
            }),
        ),
        ("rekey", rekeyed()),
        ("add, and a reader", read_meanwhile()),
    ]
}

fn rekeyed() -> Case {
    let model = Model::default();
    let Made { mut store, code, .. } = create(&model);
    store.add(vec![new("work", 1), new("home", 2), new("gone", 3)]).unwrap();
    store.delete(&name("gone")).unwrap();
    store.keep_memory(b"where I log in").unwrap();
    let old = items(&store).unwrap();
    model.begin();
    let made = store.rekey(&secret("other"), Cost::FLOOR).unwrap();
    Case::recorded(&model, Some(old), vec![code, made.code], true)
}

/// Somebody unlocks the store when the new manifest is there and does not last yet. What the
/// machine remembers then must not outlive it.
fn read_meanwhile() -> Case {
    let model = Model::default();
    let Made { mut store, code, .. } = create(&model);
    store.add(vec![new("work", 1), new("home", 2)]).unwrap();
    let old = items(&store).unwrap();
    model.begin();
    let (reader, again) = (model.clone(), RecoveryCode::parse(&secret(&code.to_text())).unwrap());
    model.meanwhile("manifest", move || {
        open(&reader).unwrap().unlock(&again, Trust::Remembered).unwrap();
    });
    store.add(vec![new("x", 4)]).unwrap();
    drop(store);
    Case::recorded(&model, Some(old), vec![code], false)
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures of the model")]
fn no_power_cut_loses_a_key_or_brings_a_deleted_one_back() {
    for (change, case) in all() {
        let Verdict { states, bad, example } = case.judged();
        println!("{change}: {states} states, {bad} bad");
        assert_eq!(bad, 0, "{change}: {}", example.unwrap_or_default());
        assert!(states > 10, "{change}: a model that sees {states} states sees nothing");
    }
}
