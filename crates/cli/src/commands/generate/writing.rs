//! The bytes of the files.

use keyfob_keyfile::{Error, Protection, PublicForm, Randomness, write_private, write_public};
use keyfob_keys::generate::Kind;
use keyfob_keys::{Curve, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use super::Generate;
use super::plan::Plan;
use crate::voice::generating::Failure;

/// What is in the files of one key.
pub(super) struct Written {
    pub(super) private: Zeroizing<Vec<u8>>,
    pub(super) line: Vec<u8>,
    /// If that is wanted.
    pub(super) rfc4716: Option<Vec<u8>>,
}

impl Generate {
    /// Writes them.
    pub(super) fn written(&self, plan: &Plan, key: &PrivateKey) -> Result<Written, Failure> {
        let private = self.private(plan, key, self.rounds);
        let (line, rfc4716) = self.public(plan, key.public())?;
        Ok(Written { private: private.map_err(|error| form(error, false))?, line, rfc4716 })
    }

    /// Writes another key in the place of an RSA key that takes long to find: a comment, a
    /// passphrase or a cipher that does not go into the form shows before the search.
    pub(super) fn rehearse(&self, plan: &Plan) -> Result<(), Failure> {
        if !matches!(plan.kind, Kind::Rsa { .. }) {
            return Ok(());
        }
        // Of a type for which every form has room, as for RSA. Anybody may know it: a fresh one
        // would be tried out, and aws-lc gathers randomness for its first ECDSA signature.
        let key = PrivateKey::ecdsa_from_scalar(Curve::P256, &[1; 32]).map_err(Failure::Search)?;
        self.private(plan, &key, Some(1)).map_err(|error| form(error, false))?;
        self.public(plan, key.public()).map(|_| ())
    }

    fn private(
        &self,
        plan: &Plan,
        key: &PrivateKey,
        rounds: Option<u32>,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let cipher = self.cipher.as_deref();
        let protection =
            plan.passphrase.as_ref().map(|passphrase| Protection { passphrase, cipher, rounds });
        let randomness = Randomness::fresh()?;
        write_private(key, &plan.comment, self.form, protection.as_ref(), &randomness)
    }

    fn public(&self, plan: &Plan, key: &PublicKey) -> Result<(Vec<u8>, Option<Vec<u8>>), Failure> {
        let write = |kind| write_public(key, &plan.comment, kind).map_err(|it| form(it, true));
        let line = write(PublicForm::Line)?;
        let rfc4716 = self.rfc4716.then(|| write(PublicForm::Rfc4716)).transpose()?;
        Ok((line, rfc4716))
    }
}

fn form(error: Error, public: bool) -> Failure {
    Failure::Form { error, public }
}
