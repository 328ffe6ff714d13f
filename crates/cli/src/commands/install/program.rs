//! Which keyfob is installed: the path that will still lead to it after an update.

use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use keyfob_config::env::Environment;

/// The program's own name, by which it is looked for.
const NAME: &str = "keyfob";

/// The program that runs.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// Where it is, from the root.
    pub(super) path: PathBuf,
    /// Whether a shell finds it by its name.
    pub(super) in_path: bool,
}

impl Program {
    /// Finds it. A name in `PATH` comes first: package managers put a link there, and behind it a
    /// folder that has the version in its name.
    ///
    /// # Errors
    /// Its file is gone.
    pub(super) fn running(environment: &Environment) -> io::Result<Self> {
        let running = Self::that_runs()?;
        let named = environment.program(NAME).filter(|path| running.is(path));
        let in_path = named.is_some();
        let path = named.filter(|path| is_plain(path)).unwrap_or(running.path);
        Ok(Self { path, in_path })
    }

    /// By its file's own name.
    ///
    /// # Errors
    /// Its file is gone.
    pub(super) fn that_runs() -> io::Result<Self> {
        let running = std::env::current_exe()?;
        let file = std::fs::canonicalize(&running).map_err(|error| match error.kind() {
            ErrorKind::NotFound => io::Error::other("the program that runs has no file any more"),
            _ => error,
        })?;
        // There a path without links begins with signs that most programs do not take.
        let path = if cfg!(windows) { running } else { file };
        Ok(Self { path, in_path: false })
    }

    /// Whether this path leads to it.
    pub(super) fn is(&self, path: &Path) -> bool {
        std::fs::canonicalize(&self.path).is_ok_and(|own| leads_to(path, &own))
    }
}

/// Whether a link's target is a keyfob, or was: the file need not be there any more, and may have
/// its version behind its name.
pub(super) fn is_called_so(target: &Path) -> bool {
    let name = target.file_name().unwrap_or_default();
    name.as_encoded_bytes().get(..NAME.len()).is_some_and(|it| {
        // Windows finds a file however its name is written.
        if cfg!(windows) { it.eq_ignore_ascii_case(NAME.as_bytes()) } else { it == NAME.as_bytes() }
    })
}

fn leads_to(path: &Path, file: &Path) -> bool {
    std::fs::canonicalize(path).is_ok_and(|found| found == file)
}

/// systemd takes no `..`.
fn is_plain(path: &Path) -> bool {
    let is_plain =
        |part| matches!(part, Component::Prefix(_) | Component::RootDir | Component::Normal(_));
    path.components().all(is_plain)
}
