//! Linked key files: read by a helper, because their parsers must not run where the keys are.
//!
//! The helper is this binary once more, with a command that stands in no help text. It gets the
//! path and the passphrase through a pipe (arguments and environment can be seen by others),
//! opens that one file, closes itself in, reads, and hands back one key or one reason through
//! another pipe. Then it ends. Whoever takes it over by a file gets a process that holds that file
//! and its passphrase already, and that can do nothing but write an answer; and the answer is
//! read here like a stranger's, and must be the key that was linked.
//!
//! It does not know the store, asks nobody, and remembers nothing: who calls decides when a key
//! is needed and for how long it stays. The helper's own side is in `cli`, which has the parsers.

mod error;
mod limits;
mod message;
mod running;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyfob_agent::GivenFile;
use keyfob_keys::{HashKind, PrivateKey, PublicKey, Secret};
use keyfob_prompt::Surroundings;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

pub use error::{LinkedError, Problem};
pub use limits::{MAX_ANSWER, MAX_FILE};
pub use message::{Answer, Failure, Found, Of, Request, Source, Text, Walls};

use crate::starting::{Programs, Recipes};

use limits::{AT_ONCE, PATIENCE};
use running::Running;

/// The command that makes the binary a helper. Not for people: it is in no table of commands.
pub const COMMAND: &str = "read-linked-file";

/// How helpers are started, and how many there are.
#[derive(Debug)]
pub struct Helper {
    program: PathBuf,
    programs: Arc<Programs>,
    patience: Duration,
    turns: Semaphore,
    /// Whether the log has said what the kernel cannot do.
    told: AtomicBool,
}

impl Helper {
    /// The program that is running.
    ///
    /// On Linux by the kernel's own name for it, which a child still has when it becomes that
    /// program: the same one, also when an update has put another in its place. Elsewhere where
    /// the system says it is now; where it does not say, no file will be read, with that reason.
    #[must_use]
    pub fn of_this_program() -> Self {
        #[cfg(target_os = "linux")]
        let program = "/proc/self/exe";
        #[cfg(not(target_os = "linux"))]
        let program = std::env::current_exe().unwrap_or_default();
        Self::new(program)
    }

    /// Another program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        let menu = Recipes::of(&Surroundings::default(), &program, None);
        Self {
            program,
            programs: Arc::new(Programs::of(menu)),
            patience: PATIENCE,
            turns: Semaphore::new(AT_ONCE),
            told: AtomicBool::new(false),
        }
    }

    /// The program, for what else it does besides reading.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Who starts it, and the other programs of an agent.
    pub(crate) fn programs(&self) -> &Arc<Programs> {
        &self.programs
    }

    /// Has it started by these, on whose menu it is.
    #[must_use]
    pub(crate) fn started_by(self, programs: Arc<Programs>) -> Self {
        Self { programs, ..self }
    }

    /// Each may take this long.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Has one file read.
    async fn read(
        &self,
        of: Of<'_>,
        passphrase: Option<&Secret>,
    ) -> Result<Result<Found, Failure>, Problem> {
        let request = Request::encode(of, passphrase).map_err(Problem::Unaskable)?;
        // Never closed; and going on without a turn would do no harm.
        let turn = self.turns.acquire().await;
        let mut running = Running::start(&self.programs).await.map_err(Problem::NotStarted)?;
        // Whoever stops waiting, for whatever reason, drops what is running and so ends it.
        let said = match timeout(self.patience, running.exchange(&request)).await {
            Ok(said) => said?,
            Err(_) => return Err(Problem::TimedOut { after: self.patience }),
        };
        drop((running, turn, request));
        // Checking the numbers of a large key takes long: that must not hold up others.
        let decoded = spawn_blocking(move || match Answer::decode(said.bytes()) {
            Ok(answer) => Ok(answer),
            Err(_) if !said.status.success() => Err(Problem::Died(said.status)),
            Err(error) => Err(Problem::Garbled(error)),
        });
        let answer = decoded.await.map_err(|error| Problem::Unheard(std::io::Error::other(error)));
        let Answer { walls, outcome } = answer??;
        self.note(walls);
        Ok(outcome)
    }

    /// Says once what the kernel did not do.
    fn note(&self, walls: Walls) {
        let missing = match walls {
            Walls::Whole => return,
            Walls::Partial => "the kernel keeps only files out of the reach of who reads key files",
            Walls::CallsOnly => "the kernel has no Landlock to close in who reads key files",
            Walls::Nothing => "this system cannot close in who reads key files",
        };
        if self.told.swap(true, Ordering::Relaxed) {
            return;
        }
        match walls {
            Walls::Whole | Walls::Partial => tracing::info!("{missing}"),
            Walls::CallsOnly | Walls::Nothing => tracing::warn!("{missing}"),
        }
    }
}

/// The private key in a linked file, which has to be the one that was linked. It comes back as
/// `expected` is, with or without its certificate, whatever stands in the file.
///
/// Takes seconds when the file asks for much work. Dropping the future ends the helper.
///
/// # Errors
/// Whatever is the matter with the file or with reading it.
pub async fn open(
    helper: &Helper,
    path: &Path,
    passphrase: Option<&Secret>,
    expected: &PublicKey,
) -> Result<PrivateKey, LinkedError> {
    found(helper, Of::Path(path), passphrase)
        .await
        .and_then(|found| belonging_to(expected, found.key))
        .map_err(|problem| LinkedError { path: path.to_owned(), problem })
}

/// The private key in a PPK file a client left here, which has to be the one it showed. As [`open`].
///
/// # Errors
/// The same.
pub async fn open_kept(
    helper: &Helper,
    file: &[u8],
    passphrase: &Secret,
    expected: &PublicKey,
) -> Result<PrivateKey, Problem> {
    let found = found(helper, Of::Bytes(file), Some(passphrase)).await?;
    belonging_to(expected, found.key)
}

/// What is in a PPK file a client gives to the agent: the key, or what can be seen of it.
///
/// # Errors
/// Whatever is the matter with the file or with reading it.
pub async fn look(helper: &Helper, file: &[u8]) -> Result<GivenFile, Problem> {
    match helper.read(Of::Bytes(file), None).await? {
        Ok(Found { key, comment }) => Ok(GivenFile::Open(key, comment)),
        Err(Failure::Closed { public, comment }) => Ok(GivenFile::Closed(public, comment)),
        Err(failure) => Err(failure.into()),
    }
}

async fn found(helper: &Helper, of: Of<'_>, passphrase: Option<&Secret>) -> Result<Found, Problem> {
    Ok(helper.read(of, passphrase).await??)
}

/// Whether it was made for the same key, with or without a certificate on either side.
fn belonging_to(expected: &PublicKey, key: PrivateKey) -> Result<PrivateKey, Problem> {
    if key.public() == expected {
        return Ok(key);
    }
    if key.public().plain() != expected.plain() {
        return Err(Problem::AnotherKey { found: key.public().fingerprint(HashKind::Sha256) });
    }
    match expected.certificate() {
        Some(_) => key.with_certificate(expected).map_err(Problem::Unfit),
        None => Ok(key.plain()),
    }
}

// Its helpers are scripts of `sh`.
#[cfg(all(test, unix))]
mod tests;
