//! A pipe is in no folder: what asks for one gets a name of its own.

use std::path::{Path, PathBuf};

use keyfob_config::directories::OPENSSH_PIPE;
use keyfob_config::env::Environment;
use keyfob_transport::pipe::Owner;

use super::{Chosen, Nowhere, failed};
use crate::{finding, output};

/// The name of a pipe means the same everywhere.
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    Ok(path.to_owned())
}

/// None has to be there.
pub(super) fn folder(_path: &Path) -> Option<&Path> {
    None
}

/// Says so when it is not the pipe all programs look for, and who has that.
pub(super) fn tell(path: &Path) {
    let usual = Path::new(OPENSSH_PIPE);
    if path == usual {
        return;
    }
    let who = match finding::foreign(usual) {
        Some(Some(Owner { pid, program: Some(program) })) => {
            format!("process {pid} ({})", program.display())
        }
        Some(Some(Owner { pid, .. })) => format!("process {pid}"),
        Some(None) => "another agent".to_owned(),
        None => return,
    };
    output::fact(format!(
        "{} is served by {who}; keyfob listens at {}",
        usual.display(),
        path.display()
    ));
    let forward = path.display().to_string().replace('\\', "/");
    output::hint(format!(
        "keyfob install leads ssh there by SSH_AUTH_SOCK; so does this line in .ssh\\config: IdentityAgent {forward}"
    ));
}

pub(super) fn temporary(_environment: &Environment) -> Result<Chosen, Nowhere> {
    fresh()
}

pub(super) fn in_home(_environment: &Environment, _tidy: bool) -> Result<Chosen, Nowhere> {
    fresh()
}

/// A pipe of a name that no other has: where other systems make a socket in a folder, which a pipe is
/// not in. Nothing of it stays.
fn fresh() -> Result<Chosen, Nowhere> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| failed(&error.to_string()))?;
    let path = PathBuf::from(format!(r"\\.\pipe\keyfob-{:016x}", u64::from_ne_bytes(bytes)));
    Ok(Chosen { shown: path.clone(), path, own_folder: false })
}
