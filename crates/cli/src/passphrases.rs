//! Opens key files with the passphrases a person or a file gives, and asks for each
//! passphrase once, not for each file.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{Error, Limits, PrivateFile, read_private_within};
use keyfob_keys::Secret;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::asking::Asker;
use crate::voice::{Voice, shown_path};
use crate::{at_once, files};

/// Where a passphrase comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A person.
    Person,
    /// The first line of this file, `-` for the next line of standard input.
    File(PathBuf),
}

impl Source {
    /// As a flag that names a file says it.
    pub(crate) fn of_flag(file: Option<PathBuf>) -> Self {
        file.map_or(Self::Person, Self::File)
    }
}

/// Why a file named for its passphrase gives none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unnamed {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// Its first line is empty, or there is none.
    #[error("its first line is empty, so there is no passphrase in it")]
    Empty,
    /// There is a NUL byte in it. A person who is asked can type none, so what stands before it
    /// would be the passphrase: three bytes of a text in UTF-16, or by chance one of a random key.
    #[error("its first line has a NUL byte, which no passphrase can have: is it text in UTF-8?")]
    Nul,
}

/// The first line of a file, or the next one of standard input: never more of that is read.
///
/// # Errors
/// [`Unnamed`].
pub(crate) fn first_line_of(path: &Path) -> Result<Secret, Unnamed> {
    let passphrase = if path.as_os_str() == "-" {
        let line = keyfob_prompt::terminal::read_secret_line_from_stdin();
        passphrase_of(line.map_err(|_| Unnamed::Empty)?.expose_secret())?
    } else {
        passphrase_of(&files::open(path).map_err(files::Error::Io)?.read()?)?
    };
    if passphrase.expose_secret().is_empty() { Err(Unnamed::Empty) } else { Ok(passphrase) }
}

fn passphrase_of(bytes: &[u8]) -> Result<Secret, Unnamed> {
    let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0));
    match end.and_then(|end| bytes.get(end)) {
        Some(0) => Err(Unnamed::Nul),
        _ => Ok(keyfob_prompt::first_line(bytes)),
    }
}

/// The person, and the passphrase that is tried first.
pub(crate) struct Passphrases {
    asker: Asker,
    /// Whether it was known beforehand, so that nobody is asked.
    given: bool,
    /// Whether the question says that each use will be confirmed.
    confirm: bool,
    limits: Limits,
    /// The one to try next.
    last: Option<Secret>,
    /// Whether it has opened a file.
    opened: bool,
    /// Whether the file opened last needed it.
    used: bool,
    /// Others that were right before, where each is to be asked for once only.
    earlier: Option<Vec<Secret>>,
    ahead: Ahead,
}

/// What the passphrase that is tried first makes of files that come later.
struct Ahead {
    /// By content, so that it does not matter where it was read. `None`: it does not open them.
    files: Vec<(Zeroizing<Vec<u8>>, Option<PrivateFile>)>,
    /// How many files to look at next: as many as take no longer than one, and more when all of them
    /// have opened.
    count: usize,
}

impl Default for Ahead {
    fn default() -> Self {
        Self { files: Vec::new(), count: at_once::cores() }
    }
}

impl Ahead {
    fn take(&mut self, bytes: &[u8]) -> Option<Option<PrivateFile>> {
        let at = self.files.iter().position(|(content, _)| content.as_slice() == bytes)?;
        Some(self.files.swap_remove(at).1)
    }
}

/// Why a file did not open.
pub(crate) enum Failure {
    /// No passphrase would help.
    Unusable(Error),
    /// Nobody gave one, or after a wrong one no other.
    GivenUp { wrong: bool },
}

impl Passphrases {
    /// Nothing known yet.
    pub(crate) fn new(environment: &Environment, voice: Voice) -> Self {
        Self {
            asker: Asker::new(environment, voice),
            given: false,
            confirm: false,
            limits: Limits::default(),
            last: None,
            opened: false,
            used: false,
            earlier: None,
            ahead: Ahead::default(),
        }
    }

    /// Every passphrase that was right is tried on all files that follow. `ssh-add` knows the
    /// last one only, and scripts count its questions.
    #[must_use]
    pub(crate) fn remembering_all(self) -> Self {
        Self { earlier: Some(Vec::new()), ..self }
    }

    /// What is opened will ask before each use.
    #[must_use]
    pub(crate) fn confirming(self, confirm: bool) -> Self {
        Self { confirm, ..self }
    }

    /// Files may make as much work as this.
    #[must_use]
    pub(crate) fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Takes the passphrase from where the user said.
    ///
    /// # Errors
    /// [`Unnamed`].
    pub(crate) fn from(self, source: &Source) -> Result<Self, Unnamed> {
        Ok(match source {
            Source::Person => self,
            Source::File(path) => Self { last: Some(first_line_of(path)?), given: true, ..self },
        })
    }

    /// Whom to ask for more.
    pub(crate) fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The passphrase that was right last; none if no file needed any.
    pub(crate) fn last(&self) -> Option<&Secret> {
        self.last.as_ref().filter(|_| self.opened)
    }

    /// The passphrase of the file that was opened last; none if it needed none.
    pub(crate) fn used(&self) -> Option<&Secret> {
        self.last.as_ref().filter(|_| self.used)
    }

    /// Opens a file: without a passphrase, with the last good one, and then
    /// asks until the answer is right or empty.
    pub(crate) fn open(&mut self, name: &Path, bytes: &[u8]) -> Result<PrivateFile, Failure> {
        match self.open_with_known(bytes)? {
            Some(file) => Ok(file),
            None => self.ask(name, bytes),
        }
    }

    /// The same without a question; `None` when one is needed.
    pub(crate) fn open_with_known(&mut self, bytes: &[u8]) -> Result<Option<PrivateFile>, Failure> {
        self.used = false;
        if let Some(file) = self.attempt(bytes, None)? {
            return Ok(Some(file));
        }
        self.used = true;
        if let Some(last) = self.last.take() {
            let opened = match self.ahead.take(bytes) {
                Some(known) => known,
                None => self.attempt(bytes, Some(&last))?,
            };
            // Whoever named a file for it wants no question.
            if opened.is_some() || self.given {
                self.opened |= opened.is_some();
                self.last = Some(last);
                return opened.map(Some).ok_or(Failure::GivenUp { wrong: true });
            }
            self.ahead = Ahead::default();
            if let Some(earlier) = &mut self.earlier {
                earlier.push(last);
            }
        }
        self.open_with_earlier(bytes)
    }

    /// How many of the files that come next are worth [looking at](Self::look_ahead); 0 when there is
    /// nothing to try on them, or only one core to try it.
    pub(crate) fn looks_ahead_by(&self) -> usize {
        let can = self.last.is_some() && at_once::cores() > 1;
        if can { self.ahead.count } else { 0 }
    }

    /// Tries the passphrase that would be tried first on these files now, on all cores at once.
    /// Whatever is said of them, and in which order, stays as it is.
    pub(crate) fn look_ahead(&mut self, files: Vec<Zeroizing<Vec<u8>>>) {
        let Some(last) = &self.last else { return };
        let attempt = |bytes: &Zeroizing<Vec<u8>>| {
            match read_private_within(bytes, Some(last), &self.limits) {
                Ok(file) => Some(Some(file)),
                Err(Error::WrongPassphrase) => Some(None),
                // What is wrong with it is found out, and said, when its turn comes.
                Err(_) => None,
            }
        };
        let found = at_once::all(&files, at_once::cores(), attempt);
        if found.iter().all(|found| matches!(found, Some(Some(_)))) {
            self.ahead.count = (2 * self.ahead.count).min(8 * at_once::cores());
        }
        let known = files.into_iter().zip(found);
        self.ahead.files = known.filter_map(|(bytes, found)| Some((bytes, found?))).collect();
    }

    fn open_with_earlier(&mut self, bytes: &[u8]) -> Result<Option<PrivateFile>, Failure> {
        let Some(mut earlier) = self.earlier.take() else {
            return Ok(None);
        };
        let mut opened = Ok(None);
        for at in (0..earlier.len()).rev() {
            opened = self.attempt(bytes, Some(&earlier[at]));
            if !matches!(opened, Ok(None)) {
                self.ahead = Ahead::default();
                self.last = Some(earlier.remove(at));
                break;
            }
        }
        self.earlier = Some(earlier);
        opened
    }

    /// The words of `ssh-add`: askpass programs with a memory go by them.
    fn ask(&mut self, name: &Path, bytes: &[u8]) -> Result<PrivateFile, Failure> {
        let mut opening = "Enter passphrase for";
        let mut wrong = false;
        loop {
            let each_use = if self.confirm { " (will confirm each use)" } else { "" };
            let question = format!("{opening} {}{each_use}: ", shown_path(name));
            let passphrase = self.asker.passphrase(&question).ok_or(Failure::GivenUp { wrong })?;
            if let Some(file) = self.attempt(bytes, Some(&passphrase))? {
                self.ahead = Ahead::default();
                self.last = Some(passphrase);
                self.opened = true;
                return Ok(file);
            }
            opening = "Bad passphrase, try again for";
            wrong = true;
        }
    }

    /// `None` when another passphrase might do.
    fn attempt(
        &self,
        bytes: &[u8],
        passphrase: Option<&Secret>,
    ) -> Result<Option<PrivateFile>, Failure> {
        match read_private_within(bytes, passphrase, &self.limits) {
            Ok(file) => Ok(Some(file)),
            Err(Error::PassphraseNeeded | Error::WrongPassphrase) => Ok(None),
            Err(error) => Err(Failure::Unusable(error)),
        }
    }
}
