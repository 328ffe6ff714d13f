//! Gives the new key to the agent, which is looked for before there is a key.

use keyfob_config::env::Environment;
use keyfob_keys::PrivateKey;
use keyfob_protocol::{AddIdentity, Constraints};

use super::{HandOver, Plan};
use crate::exit::Exit;
use crate::finding;
use crate::voice::Voice;
use crate::voice::adding::{Adding, Terms};

/// An agent that is there, and how it is to keep the key.
pub(super) struct Agent {
    voice: Voice,
    terms: HandOver,
}

impl Agent {
    /// Looks whether there is one that is not locked. The connection is not kept: a search may
    /// take minutes.
    pub(super) fn find(
        environment: &Environment,
        voice: Voice,
        terms: HandOver,
    ) -> Result<Self, Exit> {
        let mut connection = finding::connect(environment, voice)?;
        if connection.is_locked() == Some(true) {
            voice.locked();
            return Err(Exit::Failure);
        }
        Ok(Self { voice, terms })
    }

    /// Hands the key over. Its files stay, whatever comes of it.
    pub(super) fn take(
        self,
        environment: &Environment,
        key: PrivateKey,
        plan: &Plan,
        quiet: bool,
    ) -> Result<(), Exit> {
        let HandOver { lifetime, confirm } = self.terms;
        let mut connection = finding::connect(environment, self.voice)?;
        let constraints = Constraints { lifetime, confirm, ..Constraints::default() };
        let comment = plan.comment.clone();
        match connection.add(AddIdentity { key, comment, constraints }) {
            Ok(()) if quiet => Ok(()),
            Ok(()) => {
                let terms = Terms { lifetime, idle: None, confirm, restricted: false };
                let added = Adding::Added { comment: &plan.comment, terms: &terms };
                self.voice.adding(&plan.paths.private, &added);
                Ok(())
            }
            Err(error) => {
                self.voice.adding(
                    &plan.paths.private,
                    &Adding::Refused { comment: &plan.comment, error: &error },
                );
                Err(Exit::Failure)
            }
        }
    }
}
