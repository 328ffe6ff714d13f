//! Proves every file of the key store, and tells what is not as it should be.

use keyfob_config::env::Environment;
use keyfob_keystore::{Content, Trust, Unlocked};
use keyfob_sys::hardening;
use serde::Serialize;

use crate::exit::Exit;
use crate::key_store::{self, KeyStore, Opener};
use crate::output;
use crate::passphrases::Source;
use crate::voice::{shown, shown_path, upkeep as words};

/// How far the store is to be believed.
pub(crate) struct Check {
    /// Whether it is taken as it is, whatever this machine remembers of it.
    pub(crate) accept: bool,
    /// Whether nothing is asked before that.
    pub(crate) yes: bool,
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
    findings: Vec<String>,
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
        let (store, _) = store.unlock_by(&self.opener, trust)?;
        if self.accept {
            words::accepted();
        }
        let (keys, findings) = findings(&store);
        let folder = store.store().folder();
        if self.json {
            let document = Document { store: shown_path(folder), keys, findings: findings.clone() };
            // A plain struct of plain fields: serialising it cannot fail.
            let mut bytes = serde_json::to_vec_pretty(&document).unwrap_or_default();
            bytes.push(b'\n');
            output::data(&bytes);
        } else {
            words::checked(folder, keys, &findings);
        }
        Ok(if findings.is_empty() { Exit::Success } else { Exit::Failure })
    }
}

/// How many items open, and what is wrong, made safe to show.
fn findings(store: &Unlocked) -> (usize, Vec<String>) {
    let mut findings: Vec<String> =
        store.findings().iter().map(|finding| shown(finding.to_string().as_bytes())).collect();
    let mut opened = 0;
    for item in store.items() {
        match store.open(&item.name) {
            Ok((_, Content::Reference { path, .. })) => {
                opened += 1;
                if !path.is_file() {
                    findings.push(words::link_is_broken(&item.name, &path));
                }
            }
            Ok(_) => opened += 1,
            Err(error) => findings.push(shown(error.to_string().as_bytes())),
        }
    }
    (opened, findings)
}
