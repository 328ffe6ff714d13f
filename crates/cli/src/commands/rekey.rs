//! Gives the key store a new root: everything is sealed anew, and what opened the old one opens
//! only copies that were made before.

use keyfob_config::env::Environment;
use keyfob_keystore::{Cost, Trust};
use keyfob_sys::hardening;

use super::store_passphrase::new_passphrase;
use crate::exit::Exit;
use crate::key_store::{self, CodePlace, KeyStore, Opener};
use crate::passphrases::Source;
use crate::voice::upkeep as words;

/// What the new root is opened with.
pub(crate) struct Rekey {
    /// What opens the old one.
    pub(crate) opener: Opener,
    /// Where the old passphrase comes from.
    pub(crate) old: Source,
    /// Where the new one comes from; `None` to keep the old one.
    pub(crate) new: Option<Source>,
    /// What a guess costs; `None` for what suits this machine.
    pub(crate) cost: Option<Cost>,
    /// Where the new recovery code goes.
    pub(crate) code: CodePlace,
    /// Whether nothing is asked before it begins.
    pub(crate) yes: bool,
}

impl Rekey {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.rekey(environment).unwrap_or_else(|exit| exit)
    }

    fn rekey(&self, environment: &Environment) -> Result<Exit, Exit> {
        let store = KeyStore::of(environment, &self.old)?;
        store.locked()?;
        self.code.check()?;
        words::rekeying();
        key_store::confirm(self.yes, words::REKEY_QUESTION)?;
        let (unlocked, old) = store.unlock_by(&self.opener, Trust::Remembered)?;
        key_store::note_findings(unlocked.findings());
        let passphrase = match (&self.new, old) {
            (None, Some(old)) => old,
            (None, None) => {
                words::nothing_to_keep();
                return Err(Exit::Failure);
            }
            (Some(source), _) => new_passphrase(&store, source)?,
        };
        let count = unlocked.items().len();
        let cost = key_store::cost(self.cost)?;
        let progress = crate::voice::storing::deriving();
        let made = unlocked.rekey(&passphrase, cost);
        drop(progress);
        let made = made.map_err(|error| {
            let exit = key_store::failed(&error);
            words::rekey_failed();
            exit
        })?;
        words::rekeyed(count);
        let shown = self.code.show(&made.code);
        let Some(error) = &made.left else { return Ok(shown) };
        words::old_store_is_left(error);
        Ok(Exit::Failure)
    }
}
