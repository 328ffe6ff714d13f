//! Makes the key store.

use keyfob_config::env::Environment;
use keyfob_keystore::{Cost, Made};
use keyfob_sys::hardening;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::json;
use crate::key_store::{CodePlace, KeyStore};
use crate::output;
use crate::passphrases::Source;
use crate::voice::{shown_path, storing as words};

/// What it is made with.
pub(crate) struct Init {
    /// Where the passphrase comes from.
    pub(crate) passphrase: Source,
    /// What a guess costs; `None` for what suits this machine.
    pub(crate) cost: Option<Cost>,
    /// Where the recovery code goes.
    pub(crate) code: CodePlace,
    /// Whether the result is told as JSON.
    pub(crate) json: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    store: String,
    id: String,
    recovery_file: Option<String>,
    recovery_code: Option<&'a str>,
}

impl Init {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.make(environment).unwrap_or_else(|exit| exit)
    }

    fn make(&self, environment: &Environment) -> Result<Exit, Exit> {
        let store = KeyStore::of(environment, &self.passphrase)?;
        // Before anybody thinks of a passphrase for nothing.
        if store.place.folder.symlink_metadata().is_ok() {
            words::there_already(&store.place.folder, store.place.find().is_ok());
            return Err(Exit::Failure);
        }
        let (made, _) = store.make(self.cost, &self.code)?;
        let shown = self.code.show(&made.code);
        if self.json {
            output::data(&self.document(&made));
        } else {
            words::what_next();
        }
        Ok(shown)
    }

    fn document(&self, made: &Made) -> Zeroizing<Vec<u8>> {
        let store = made.store.store();
        let code = made.code.to_text();
        let file = match &self.code {
            CodePlace::File(path) => Some(shown_path(path)),
            _ => None,
        };
        let document = Document {
            store: shown_path(store.folder()),
            id: store.id().to_string(),
            recovery_file: file,
            recovery_code: (self.code == CodePlace::Json).then_some(code.as_str()),
        };
        json::document(&document)
    }
}
