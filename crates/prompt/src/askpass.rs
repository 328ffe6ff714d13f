//! Asking through a program with a window (`SSH_ASKPASS`).
//!
//! The program gets the question as its argument and answers on its standard output;
//! `SSH_ASKPASS_PROMPT` tells it what kind of question it is. That variable is set for this one
//! child and removed where it does not belong, so that a confirmation never turns a later
//! passphrase question into one (U10). The answer comes through a pipe that only this child has
//! (U7).

mod answer;
mod dialog;
#[cfg_attr(unix, path = "askpass/reading/polled.rs")]
#[cfg_attr(windows, path = "askpass/reading/threaded.rs")]
mod reading;

pub use dialog::Notice;

use crate::{Asker, Error, Facts, Secret, Surroundings, Way, choose, screen};
use answer::Answer;
use dialog::Dialog;
use keyfob_sys::starter::{Manner, Order, Recipe, Starter, Words};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// The program that asks, and how long it may take.
#[derive(Clone, Debug)]
pub struct Askpass {
    program: PathBuf,
    time_limit: Option<Duration>,
    /// Set for the program, besides what we have ourselves.
    variables: Vec<(&'static str, OsString)>,
    /// Who starts it, by which number of the menu; we ourselves where nobody else is there for it.
    starter: Option<(Starter, usize)>,
}

impl Askpass {
    /// This program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), time_limit: None, variables: Vec::new(), starter: None }
    }

    /// The program an agent uses in these surroundings.
    ///
    /// # Errors
    /// [`Error::Nobody`], with the reason.
    pub fn for_agent(surroundings: &Surroundings) -> Result<Self, Error> {
        let facts = Facts { terminal: false, stdin_is_terminal: false };
        match choose(surroundings, Asker::Agent, facts) {
            Way::Askpass(program) => Ok(Self::new(program)),
            Way::Nobody(reason) => Err(Error::Nobody(reason)),
            // `choose` never sends an agent there; saying no is safe if it ever does.
            Way::Terminal | Way::Stdin => Err(Error::Nobody("there is no asking program")),
        }
    }

    /// No answer within this time is an error, and the end of the dialog.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Option<Duration>) -> Self {
        self.time_limit = limit;
        self
    }

    /// Gives the program these variables, so that it finds another screen than ours (U1).
    #[must_use]
    pub fn with_variables(self, variables: Vec<(&'static str, OsString)>) -> Self {
        Self { variables, ..self }
    }

    /// Has it started by this one, on whose menu [`Askpass::recipe`] has this number: the same
    /// program, whatever it is called here. For what does not block.
    #[must_use]
    pub fn started_by(self, starter: Starter, recipe: usize) -> Self {
        Self { starter: Some((starter, recipe)), ..self }
    }

    /// What may be started for this one: the program, with a question and a screen.
    #[must_use]
    pub fn recipe(&self) -> Recipe {
        Recipe {
            program: self.program.clone(),
            name: None,
            arguments: Vec::new(),
            words: Words::Text,
            environment: None,
            variables: [&[PROMPT_KIND][..], &screen::SCREEN].concat(),
            manner: Manner::Dialog,
        }
    }

    /// The program an agent in these surroundings may ever use, wherever the screen is.
    #[must_use]
    pub fn of_agent(surroundings: &Surroundings) -> Self {
        Self::new(crate::way::program(surroundings))
    }

    /// Asks for a passphrase and waits.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the program ends with a failure, which is how a dialog says
    /// "cancel"; [`Error::Askpass`] when it does not start; [`Error::TimedOut`].
    pub fn passphrase(&self, question: &str) -> Result<Secret, Error> {
        // In our own process group: a program that asks on the terminal may do so there.
        let mut child = self.command(question, Kind::Secret).spawn().map_err(|e| self.failed(e))?;
        let deadline = self.time_limit.map(|limit| Instant::now() + limit);
        let answer = Answer::read_and_wait(&mut child, deadline).map_err(|e| self.failed(e))?;
        match answer {
            None => {
                end(&mut child);
                Err(self.timed_out())
            }
            Some((_, status)) if !status.success() => Err(Error::Cancelled),
            Some((answer, _)) => Ok(crate::first_line(answer.bytes())),
        }
    }

    /// Asks a question that is answered by yes or no.
    ///
    /// Yes is what it is for OpenSSH: success and no output, or `yes` in any case. Dropping the
    /// future ends the dialog with everything it started (U4).
    ///
    /// # Errors
    /// [`Error::Askpass`] when the program does not start; [`Error::TimedOut`]. Both mean no.
    pub async fn confirm(&self, question: &str) -> Result<bool, Error> {
        let (answer, status) = self.dialog(question, Kind::Confirm).await?;
        Ok(status.success() && answer.is_yes())
    }

    /// Asks for a passphrase without keeping others waiting. Dropping the future ends the dialog.
    ///
    /// # Errors
    /// As [`Askpass::passphrase`].
    pub async fn ask_passphrase(&self, question: &str) -> Result<Secret, Error> {
        let (answer, status) = self.dialog(question, Kind::Secret).await?;
        if !status.success() {
            return Err(Error::Cancelled);
        }
        Ok(crate::first_line(answer.bytes()))
    }

    async fn dialog(&self, question: &str, kind: Kind) -> Result<(Answer, ExitStatus), Error> {
        let asked = async { self.start(question, kind).await?.answer().await };
        let result = match self.time_limit {
            None => asked.await,
            Some(limit) => match tokio::time::timeout(limit, asked).await {
                Ok(result) => result,
                Err(_) => return Err(self.timed_out()),
            },
        };
        result.map_err(|e| self.failed(e))
    }

    /// Shows something until the returned value is dropped.
    ///
    /// # Errors
    /// [`Error::Askpass`] when the program does not start.
    pub async fn notify(&self, text: &str) -> Result<Notice, Error> {
        let dialog = self.start(text, Kind::Notice).await;
        dialog.map(Notice::new).map_err(|e| self.failed(e))
    }

    async fn start(&self, question: &str, kind: Kind) -> std::io::Result<Dialog> {
        let mut variables = vec![(PROMPT_KIND, kind.word().map(OsString::from))];
        variables.extend(self.variables.iter().map(|(name, value)| (*name, Some(value.clone()))));
        let (starter, recipe) = match &self.starter {
            Some(starter) => starter.clone(),
            None => (Starter::local(vec![self.recipe()])?, 0),
        };
        Dialog::start(&starter, &Order { recipe, words: vec![question.into()], variables }).await
    }

    fn command(&self, question: &str, kind: Kind) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(question).stdin(Stdio::null()).stdout(Stdio::piped());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        match kind.word() {
            None => command.env_remove(PROMPT_KIND),
            Some(word) => command.env(PROMPT_KIND, word),
        };
        command
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Askpass { program: self.program.clone(), source }
    }

    fn timed_out(&self) -> Error {
        let after = self.time_limit.unwrap_or_default();
        Error::TimedOut { program: self.program.clone(), after }
    }
}

/// Read by askpass programs. It is in `config`'s list of names too, which this crate does not
/// import; here it is only ever written, into a child.
const PROMPT_KIND: &str = "SSH_ASKPASS_PROMPT";

#[derive(Clone, Copy)]
enum Kind {
    Secret,
    Confirm,
    Notice,
}

impl Kind {
    /// What the program is told; a passphrase is what it asks for without a word.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Secret => None,
            Self::Confirm => Some("confirm"),
            Self::Notice => Some("none"),
        }
    }
}

/// Ends a child for good; it may have ended already.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests;
