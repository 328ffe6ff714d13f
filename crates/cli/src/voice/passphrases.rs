//! Words about passphrases that are chosen anew.

use super::Voice;

/// For who has no terminal.
pub(super) const PASSPHRASE_FILE: &str =
    "--passphrase-file FILE   gives it where nobody can be asked";
use crate::output::{data_line, fact, hint, note};
use crate::strength::Strength;

impl Voice {
    /// Two answers that should be the same are not, and will be asked again.
    pub(crate) fn passphrases_differ(self) {
        match self {
            Self::OpenSsh => data_line("Passphrases do not match.  Try again."),
            Self::Keyfob => note("They differ. Once more, please."),
        }
    }

    /// They differed once too often, or were none where there has to be one.
    pub(crate) fn passphrases_always_differ(self, may_be_empty: bool) {
        match self {
            // The original asks for ever; whoever runs it can end it no other way either.
            Self::OpenSsh => {}
            Self::Keyfob if may_be_empty => fact("the passphrases differed every time"),
            Self::Keyfob => fact("the passphrases were empty or differed every time"),
        }
    }

    /// An empty one will not do, and is asked again.
    pub(crate) fn passphrase_needed(self) {
        note("It cannot be empty: it is all that protects what it is for.");
    }

    /// Somebody did not want to choose one.
    pub(crate) fn no_new_passphrase(self) {
        if self == Self::Keyfob {
            fact("no passphrase was given");
        }
    }

    /// An empty one was chosen.
    pub(crate) fn empty_passphrase(self) {
        note(
            "No passphrase: whoever can read the file can use the key. Enter again to keep it so.",
        );
    }

    /// How good it is.
    pub(crate) fn strength(self, strength: &Strength) {
        let Strength { word, time, warning } = strength;
        note(format!("Strength: {word}. Who has the file would guess it in {time}."));
        if let Some(warning) = warning {
            hint(format!(
                "{warning} Several words that have nothing to do with each other are good."
            ));
        }
    }
}
