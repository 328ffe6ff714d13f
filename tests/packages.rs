//! How many packages of others are in the lock file, and which of ours asks for many of them.
//!
//! The lock file has those of every system, of tests and of benchmarks too: each is code that somebody
//! could change, and that is compiled by whoever works on keyfob. How many the process with the keys
//! links is in `layers.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use keyfob_tests::source::root;

/// Of others. Measured: 370. Raising it needs a reason beside the new dependency in the workspace's manifest.
const BUDGET: usize = 385;

/// A dependency is large if it brings more packages than this that nothing else brings …
const ALONE: usize = 8;
/// … or more than this in all.
const IN_ALL: usize = 60;

/// Large ones, and why they are worth it. Sorted.
const LARGE: &[(&str, &str)] = &[
    ("arboard", "the clipboard of three desktops (`keyfob public --copy`), in a client only"),
    ("criterion", "benchmarks only: statistics that say whether a change was one"),
    (
        "notify-rust",
        "notifications on three desktops, in the helper without keys; most of it is zbus, which is there anyway, and the bindings of Windows",
    ),
    ("proptest", "tests only: inputs nobody would think of, made smaller when they fail"),
    (
        "ratatui",
        "the screen of `keyfob watch`, in a client only; without its macros, calendar and palettes",
    ),
    ("ssh-key", "tests only: judges our formats, and shares the curves we sign with"),
    (
        "zbus",
        "sleep, screen and session of logind, in the helper without keys; half of it is what its macros are compiled with",
    ),
    (
        "zxcvbn",
        "how long a passphrase would stand, in a client only; its words are data, its packages read them",
    ),
];

/// Name and version.
type Package = (String, String);

/// The packages of the lock file with what each depends on, and which of them are ours.
struct Lock {
    needs: BTreeMap<Package, Vec<Package>>,
    ours: BTreeSet<Package>,
}

impl Lock {
    fn read() -> Self {
        let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
        let entries: Vec<Entry<'_>> = text.split("[[package]]").skip(1).map(Entry::parse).collect();
        let versions = |name: &str| -> Vec<&str> {
            entries.iter().filter(|entry| entry.name == name).map(|entry| entry.version).collect()
        };
        let found = |word: &str| match word.split_once(' ') {
            Some((name, version)) => (name.to_owned(), version.to_owned()),
            // The version is said only where there are two.
            None => (word.to_owned(), versions(word)[0].to_owned()),
        };
        let (mut needs, mut ours) = (BTreeMap::new(), BTreeSet::new());
        for entry in &entries {
            let package = (entry.name.to_owned(), entry.version.to_owned());
            needs.insert(package.clone(), entry.needs.iter().map(|word| found(word)).collect());
            if !entry.is_foreign {
                ours.insert(package);
            }
        }
        Self { needs, ours }
    }

    /// What our crates ask for themselves.
    fn direct(&self) -> BTreeSet<&Package> {
        let asked = self.ours.iter().flat_map(|package| &self.needs[package]);
        asked.filter(|package| !self.ours.contains(package)).collect()
    }

    /// This package and all it needs.
    fn brought_by<'a>(&'a self, package: &'a Package) -> BTreeSet<&'a Package> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![package]);
        while let Some(package) = next.pop() {
            if seen.insert(package) {
                next.extend(&self.needs[package]);
            }
        }
        seen
    }

    /// The large ones with both of their numbers.
    fn large(&self) -> BTreeMap<&str, (usize, usize)> {
        let brought = self.direct().into_iter().map(|package| (package, self.brought_by(package)));
        let brought: Vec<(&Package, BTreeSet<&Package>)> = brought.collect();
        let sizes = brought.iter().map(|(package, all)| {
            let others = brought.iter().filter(|(other, _)| other != package);
            let elsewhere: BTreeSet<&Package> = others.flat_map(|(_, all)| all.clone()).collect();
            (package.0.as_str(), (all.difference(&elsewhere).count(), all.len()))
        });
        sizes.filter(|(_, (alone, all))| *alone > ALONE || *all > IN_ALL).collect()
    }
}

struct Entry<'a> {
    name: &'a str,
    version: &'a str,
    needs: Vec<&'a str>,
    is_foreign: bool,
}

impl<'a> Entry<'a> {
    fn parse(text: &'a str) -> Self {
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(quoted);
        let list = text.split_once("dependencies = [").map_or("", |(_, rest)| rest);
        let list = list.split(']').next().unwrap_or_default();
        Self {
            name: value("name = ").expect("a package has a name"),
            version: value("version = ").expect("a package has a version"),
            needs: list.lines().map(quoted).filter(|word| !word.is_empty()).collect(),
            is_foreign: value("source = ").is_some(),
        }
    }
}

fn quoted(text: &str) -> &str {
    text.trim().trim_end_matches(',').trim_matches('"')
}

#[test]
fn the_lock_file_has_no_more_packages_than_it_may() {
    let lock = Lock::read();
    let count = lock.needs.len() - lock.ours.len();
    assert!(count > 100, "only {count} packages were found");
    assert!(count <= BUDGET, "{count} packages of others, at most {BUDGET}");
}

#[test]
fn every_large_dependency_has_its_reason() {
    let lock = Lock::read();
    let large = lock.large();
    for (name, (alone, all)) in &large {
        let known = LARGE.iter().any(|(known, _)| known == name);
        assert!(known, "{name} brings {all} packages, {alone} of them alone: why?");
    }
    for (name, _) in LARGE {
        assert!(large.contains_key(name), "{name} is not large any more: take it off the list");
    }
    assert!(LARGE.is_sorted());
}

#[test]
fn all_come_from_the_registry_with_their_sums() {
    let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for entry in text.split("[[package]]").skip(1).filter(|entry| entry.contains("\nsource = ")) {
        let registry = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert!(entry.contains(registry) && entry.contains("\nchecksum = \""), "{entry}");
    }
}
