//! Where a result goes, and what happens to what is there.

use std::path::{Path, PathBuf};

use super::Clobber;
use crate::exit::Exit;
use crate::saving::{self, Overwrite};
use crate::voice::{converting as words, key_files};

/// A place that may be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum Target {
    /// Standard output.
    Stdout,
    /// A file, and whether it replaces another.
    File(PathBuf, Overwrite),
}

impl Target {
    /// The place somebody named; says why not.
    pub(in crate::commands) fn of(output: &Path, clobber: Clobber) -> Result<Self, Exit> {
        if output.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        let taken = saving::is_taken(output).map_err(|error| {
            key_files::unsaved(&error);
            Exit::Failure
        })?;
        let overwrite = match (taken, clobber) {
            (false, _) => Overwrite::Never,
            (true, Clobber::Always) => Overwrite::Replace,
            (true, Clobber::Never) => {
                words::exists(output);
                return Err(Exit::Failure);
            }
            (true, Clobber::Ask) => ask(output)?,
        };
        Ok(Self::File(output.to_owned(), overwrite))
    }
}

fn ask(output: &Path) -> Result<Overwrite, Exit> {
    match keyfob_prompt::terminal::confirm(&words::overwrite_question(output)) {
        Ok(true) => Ok(Overwrite::Replace),
        Ok(false) => {
            words::kept(output);
            Err(Exit::Failure)
        }
        // Nobody can be asked.
        Err(_) => {
            words::exists(output);
            words::force_hint();
            Err(Exit::Failure)
        }
    }
}
