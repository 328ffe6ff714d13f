//! Proves every file of the key store, tells what is not as it should be, and mends what can be.

mod repairing;

use keyfob_config::env::Environment;
use keyfob_keystore::{Content, Finding, Problem, Remedy, Trust, Unlocked};
use keyfob_sys::hardening;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::json;
use crate::key_store::{self, KeyStore, Opener};
use crate::output;
use crate::passphrases::Source;
use crate::voice::{checking, shown, shown_path, upkeep as words};

pub(crate) use repairing::Repair;
use repairing::Repairs;

/// How far the store is to be believed.
pub(crate) struct Check {
    /// Whether it is taken as it is, whatever this machine remembers of it.
    pub(crate) accept: bool,
    /// Whether nothing is asked before that.
    pub(crate) yes: bool,
    /// Whether what is found is mended.
    pub(crate) repair: Option<Repair>,
    /// Whether the result is told as JSON.
    pub(crate) json: bool,
    /// What opens it.
    pub(crate) opener: Opener,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
}

#[derive(Serialize)]
struct Document {
    store: String,
    /// Keys that opened.
    keys: usize,
    findings: Vec<JsonFinding>,
    /// With `--repair`: what was done, before the findings were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<Vec<String>>,
}

#[derive(Serialize)]
struct JsonFinding {
    fact: String,
    /// What `--repair` would do; null where only a person can do something.
    repair: Option<String>,
    /// Whether `--repair --yes` leaves it to `--risky`.
    risky: bool,
}

/// What was found at one moment.
pub(crate) struct Report {
    /// Keys that opened.
    pub(crate) keys: usize,
    pub(crate) found: Vec<Found>,
}

/// One thing that is not as it should be.
pub(crate) struct Found {
    /// Safe to show.
    pub(crate) what: String,
    pub(crate) way: Way,
}

/// How it can be mended.
pub(crate) enum Way {
    /// By `--repair`.
    Remedy(Remedy),
    /// By a person, who may not know how.
    Person(&'static str),
}

impl Check {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.check(environment).unwrap_or_else(|exit| exit)
    }

    fn check(&self, environment: &Environment) -> Result<Exit, Exit> {
        let store = KeyStore::of(environment, &self.store)?;
        store.locked()?;
        let trust = if self.accept {
            words::accepting();
            key_store::confirm(self.yes, words::ACCEPT_QUESTION)?;
            Trust::AsItIs
        } else {
            Trust::Remembered
        };
        let (mut store, _) = store.unlock_by(&self.opener, trust)?;
        if self.accept {
            words::accepted();
        }
        let mut report = Report::of(&mut store)?;
        let mut repairs = Repairs::default();
        if let Some(repair) = &self.repair {
            repairs = repair.run(&mut store, &mut report, self.json);
        }
        let folder = store.store().folder();
        if self.json {
            output::data(&report.document(shown_path(folder), self.repair.map(|_| repairs.done)));
        } else {
            checking::checked(folder, &report, repairs.told, self.repair.is_some());
        }
        repairs.failed.map_or(Ok(()), Err)?;
        Ok(if report.found.is_empty() { Exit::Success } else { Exit::Failure })
    }
}

impl Report {
    /// Reads the store and everything in it.
    fn of(store: &mut Unlocked) -> Result<Self, Exit> {
        let findings = store.check().map_err(|error| key_store::failed(&error))?;
        let mut found: Vec<Found> = findings
            .iter()
            .map(|finding| Found {
                what: shown(finding.to_string().as_bytes()),
                way: store
                    .remedy(finding)
                    .map_or_else(|| Way::Person(advice(finding)), Way::Remedy),
            })
            .collect();
        let mut keys = 0;
        for item in store.items() {
            // One that does not open was found above.
            let Ok((_, content)) = store.open(&item.name) else { continue };
            keys += 1;
            if let Content::Reference { path, .. } = content
                && !path.is_file()
            {
                let what = checking::link_is_broken(&item.name, &path);
                found.push(Found { what, way: Way::Person(checking::LINK) });
            }
        }
        Ok(Self { keys, found })
    }

    fn document(&self, store: String, repaired: Option<Vec<String>>) -> Zeroizing<Vec<u8>> {
        let findings = self.found.iter().map(|found| match &found.way {
            Way::Remedy(remedy) => JsonFinding {
                fact: found.what.clone(),
                repair: Some(checking::remedy(remedy)),
                risky: remedy.is_risky(),
            },
            Way::Person(_) => JsonFinding { fact: found.what.clone(), repair: None, risky: false },
        });
        let document = Document { store, keys: self.keys, findings: findings.collect(), repaired };
        json::document(&document)
    }
}

/// What a person can do where no remedy is.
pub(super) fn advice(finding: &Finding) -> &'static str {
    match finding {
        Finding::File { problem: Problem::Version(_), .. } => checking::NEWER,
        Finding::File { problem: Problem::Seal | Problem::Header | Problem::Content, .. } => {
            checking::DAMAGED
        }
        Finding::Stranger(_) => checking::STRANGER,
        Finding::Ownerless(_) => checking::OWNERLESS,
        Finding::Conflict { .. } => checking::CONFLICT,
        Finding::Forgetful(_) => checking::FORGETFUL,
        _ => checking::LOOK,
    }
}
