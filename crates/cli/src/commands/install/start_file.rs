//! A line in the start file of a shell, between two lines that mark it as ours.

use std::path::{Path, PathBuf};

use keyfob_config::env::{Environment, Name};
use keyfob_sys::user;

use super::program::Program;
use super::record::remember;
use super::step::{State, Step, What};
use super::work::{Stop, Work};
use crate::files;
use crate::saving::{self, Mode, Overwrite};
use crate::shell::Shell;
use crate::voice::{moving_in as words, shown_path};
use keyfob_sys::os_text::OsStrExt as _;

const BEGIN: &[u8] = b"# >>> keyfob install >>>\n";
/// The file had no end of line, and gets that back.
const BEGIN_IN_LINE: &[u8] = b"\n# >>> keyfob install, after a line without an end >>>\n";
const END: &[u8] = b"# <<< keyfob install <<<\n";

/// A shell that has a start file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StartShell {
    /// ~/.bashrc
    Bash,
    /// ~/.zshrc, or in $ZDOTDIR
    Zsh,
    /// ~/.profile
    Sh,
    /// ~/.profile
    Ksh,
    /// ~/.cshrc
    Csh,
    /// ~/.tcshrc if it is there, else ~/.cshrc
    Tcsh,
    /// ~/.config/fish/config.fish
    Fish,
    /// ~/.config/powershell/profile.ps1
    #[value(name = "powershell")]
    Pwsh,
}

impl StartShell {
    const ALL: [Self; 8] =
        [Self::Bash, Self::Zsh, Self::Sh, Self::Ksh, Self::Csh, Self::Tcsh, Self::Fish, Self::Pwsh];

    /// The shell the person logs in with.
    pub(super) fn of_login(environment: &Environment) -> Self {
        let shell = environment.get(Name::Shell).unwrap_or_default().as_bytes();
        match shell.rsplit(|byte| *byte == b'/').next().unwrap_or_default() {
            b"bash" => Self::Bash,
            b"zsh" => Self::Zsh,
            b"ksh" | b"mksh" => Self::Ksh,
            b"csh" | b"bsd-csh" => Self::Csh,
            b"tcsh" => Self::Tcsh,
            b"fish" => Self::Fish,
            b"pwsh" | b"powershell" => Self::Pwsh,
            _ => Self::Sh,
        }
    }

    /// The line that makes this shell take over the variables.
    pub(super) fn line(self, program: &Program) -> Vec<u8> {
        let shell = self.family();
        let path = program.path.as_os_str().as_bytes();
        let word = if program.in_path { b"keyfob".to_vec() } else { shell.quote(path) };
        shell.take_over(&word)
    }

    /// The file it reads at its start, unless there is no home.
    pub(super) fn file(self, environment: &Environment) -> Option<PathBuf> {
        let home = environment.home().or_else(user::home_directory)?;
        let folder =
            |name| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let settings = || folder(Name::XdgConfigHome).unwrap_or_else(|| home.join(".config"));
        Some(match self {
            Self::Bash => home.join(".bashrc"),
            Self::Zsh => folder(Name::Zdotdir).unwrap_or(home).join(".zshrc"),
            Self::Sh | Self::Ksh => home.join(".profile"),
            Self::Tcsh if home.join(".tcshrc").exists() => home.join(".tcshrc"),
            Self::Csh | Self::Tcsh => home.join(".cshrc"),
            Self::Fish => settings().join("fish/config.fish"),
            Self::Pwsh => settings().join("powershell/profile.ps1"),
        })
    }

    fn family(self) -> Shell {
        match self {
            Self::Bash | Self::Zsh | Self::Sh | Self::Ksh => Shell::Sh,
            Self::Csh | Self::Tcsh => Shell::Csh,
            Self::Fish => Shell::Fish,
            Self::Pwsh => Shell::Pwsh,
        }
    }
}

/// Every file that could have a line of ours.
pub(in crate::commands) fn all(environment: &Environment) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        StartShell::ALL.iter().filter_map(|shell| shell.file(environment)).collect();
    all.sort();
    all.dedup();
    all
}

/// Whether shells are led to the agent by a line of ours.
pub(in crate::commands) fn has_line(environment: &Environment) -> bool {
    // A pipe in its place would be waited for.
    let read = |path: &PathBuf| {
        let mut opened = files::open(path).ok().filter(files::Opened::is_file)?;
        opened.read().ok()
    };
    let texts = all(environment);
    texts.iter().filter_map(read).any(|text| Block::find(&text).is_some())
}

impl Work {
    /// Appends the line, unless the file has it.
    pub(super) fn add_line(&mut self, path: &Path, line: &[u8]) -> Result<(), Stop> {
        let old = self.read_start_file(path)?;
        let text = old.as_deref().unwrap_or_default();
        let step = |state| Step::new(What::StartFile, state, shown_path(path));
        if let Some(block) = Block::find(text) {
            remember(&mut self.record.start_files, path);
            self.tell(match block.is_ours() {
                true => step(State::Already),
                false => step(State::Left).because(words::CHANGED),
            });
            return Ok(());
        }
        if text.split(|byte| *byte == b'\n').any(|known| known.trim_ascii() == line) {
            self.tell(step(State::Already).because(words::BY_HAND));
            return Ok(());
        }
        let begin =
            if text.last().is_none_or(|byte| *byte == b'\n') { BEGIN } else { BEGIN_IN_LINE };
        let block = [begin, line, b"\n", END].concat();
        if !self.is_dry() {
            if let Some(folder) = path.parent() {
                self.make_folder(folder)?;
            }
            self.put_start_file(path, old.as_deref(), &[text, &block].concat())?;
        }
        remember(&mut self.record.start_files, path);
        if old.is_none() {
            remember(&mut self.record.made_start_files, path);
        }
        let step = step(self.doing());
        self.tell(if self.is_dry() { step.with(&block) } else { step });
        Ok(())
    }

    /// Takes the line away again, and the file too where it was made for it.
    pub(in crate::commands) fn remove_line(&mut self, path: &Path) {
        let Ok(Some(text)) = self.read_start_file(path) else { return };
        let Some(block) = Block::find(&text) else { return };
        let step = |state| Step::new(What::StartFile, state, shown_path(path));
        if !block.is_ours() {
            self.tell(step(State::Left).because(words::CHANGED));
            return;
        }
        let rest = [block.before, block.after].concat();
        if rest.is_empty() && self.record.made_start_files.iter().any(|made| made == path) {
            self.take_away(path, What::Remove);
            return;
        }
        if !self.is_dry() && self.put_start_file(path, Some(&text), &rest).is_err() {
            return;
        }
        self.tell(step(self.doing()).because(words::LINE_REMOVED));
    }

    fn put_start_file(&mut self, path: &Path, old: Option<&[u8]>, new: &[u8]) -> Result<(), Stop> {
        let still = old.map_or(Ok(()), |old| saving::is_still(path, old));
        let overwrite = if old.is_some() { Overwrite::Replace } else { Overwrite::Never };
        still
            .and_then(|()| saving::save(path, new, Mode::Public, overwrite))
            .map_err(|error| self.unsaved(&error))
    }

    fn read_start_file(&mut self, path: &Path) -> Result<Option<Vec<u8>>, Stop> {
        let read = files::open(path).map_err(files::Error::Io).and_then(|mut file| file.read());
        match read {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(self.failed(What::StartFile, shown_path(path), error.to_string())),
        }
    }
}

/// Our lines in a file, and what is around them.
struct Block<'a> {
    before: &'a [u8],
    inner: &'a [u8],
    after: &'a [u8],
}

impl<'a> Block<'a> {
    fn find(text: &'a [u8]) -> Option<Self> {
        let mut begins = [BEGIN_IN_LINE, BEGIN].into_iter();
        let (start, begin) = begins.find_map(|begin| Some((find(text, begin)?, begin)))?;
        let rest = &text[start + begin.len()..];
        let end = find(rest, END)?;
        Some(Self { before: &text[..start], inner: &rest[..end], after: &rest[end + END.len()..] })
    }

    /// Whether it is one line that we write.
    fn is_ours(&self) -> bool {
        let line = self.inner.strip_suffix(b"\n").unwrap_or(self.inner);
        let families = [Shell::Sh, Shell::Csh, Shell::Fish, Shell::Pwsh];
        !line.contains(&b'\n') && families.iter().any(|shell| shell.takes_over(line))
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn block(begin: &[u8], line: &[u8]) -> Vec<u8> {
        [begin, line, b"\n", END].concat()
    }

    #[test]
    fn what_is_around_the_line_is_what_was_there_before() {
        for (before, begin, after) in [
            (&b"one\n"[..], BEGIN, &b"two\n"[..]),
            (b"", BEGIN, b""),
            (b"no end", BEGIN_IN_LINE, b""),
            (b"no end", BEGIN_IN_LINE, b"written later\n"),
        ] {
            let text = [before, &block(begin, b"eval \"$(keyfob env)\""), after].concat();
            let found = Block::find(&text).unwrap();
            assert!(found.is_ours());
            assert_eq!((found.before, found.after), (before, after));
        }
    }

    #[test]
    fn a_block_that_was_changed_is_not_ours() {
        for line in [&b"eval \"$(keyfob env)\" || exit"[..], b"keyfob env | source\necho more", b""]
        {
            assert!(!Block::find(&block(BEGIN, line)).unwrap().is_ours());
        }
        assert!(Block::find(BEGIN).is_none(), "without an end");
    }
}
