//! Makes a new recovery code; the old one opens nothing any more.

use keyfob_config::env::Environment;
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::key_store::{self, CodePlace, KeyStore};
use crate::passphrases::Source;
use crate::voice::upkeep as words;

/// Where the code goes.
pub(crate) struct NewRecoveryCode {
    /// Where it is shown or written.
    pub(crate) code: CodePlace,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
}

impl NewRecoveryCode {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.renew(environment).unwrap_or_else(|exit| exit)
    }

    fn renew(&self, environment: &Environment) -> Result<Exit, Exit> {
        let store = KeyStore::of(environment, &self.store)?;
        store.locked()?;
        self.code.check()?;
        let mut store = store.unlock()?;
        let code = store.set_recovery_code().map_err(|error| key_store::failed(&error))?;
        words::old_code_is_void();
        Ok(self.code.show(&code))
    }
}
