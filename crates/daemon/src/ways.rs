//! Where a question goes: to a program with a window, to `pinentry`, to the terminal of whoever
//! asks; the first way by the settings that leads to somebody (`ask.ways`).
//!
//! The agent may be a service that sees no screen. So *where* the person is may be learnt from the
//! process that wants the signature (U1): its display, if the agent has none of its own, and its
//! terminal. *Who* asks is never learnt from it: a requester that could name the program
//! (`SSH_ASKPASS`) would name one that says yes by itself. Programs come from the agent's own
//! environment and the system's places.
//!
//! Nothing of it runs where the keys are: programs are started by `starting`. Whatever speaks with `pinentry` or changes the
//! modes of a terminal runs in a short-lived process of this binary.
//! Nothing is decided here: a person chooses, the caller does what that means.

mod message;
mod place;
mod running;

use std::sync::Arc;
use std::time::Duration;

use keyfob_agent::SignRefusal;
use keyfob_keys::Secret;
use keyfob_prompt::askpass::Askpass;
use keyfob_prompt::{Choice, Error as PromptError, Offered, Surroundings};

pub use message::{Answer, Asked, Kind, Request, Through};

use crate::starting::Programs;
use crate::watching::Watchers;

use place::Place;
use running::Running;

/// The command that makes the binary such a process. Not for people: it is in no table of commands.
pub const COMMAND: &str = "ask-person";

/// One place a question can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A `keyfob watch` that has the right to answer.
    Watch,
    /// The program `SSH_ASKPASS` names, or the system's.
    Askpass,
    /// `pinentry`.
    Pinentry,
    /// The terminal the request comes from.
    Terminal,
    /// A dialog of our own, on Windows.
    Dialog,
}

impl Way {
    /// All of them, in the order of the settings' default. The terminal before `pinentry`: on one,
    /// `pinentry-curses` takes an Enter that was meant for something else for a yes, and has no more
    /// than yes and no to choose from.
    pub const ALL: [Self; 5] =
        [Self::Watch, Self::Askpass, Self::Terminal, Self::Pinentry, Self::Dialog];

    fn name(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Askpass => "askpass",
            Self::Pinentry => "pinentry",
            Self::Terminal => "terminal",
            Self::Dialog => "dialog",
        }
    }
}

/// Something to ask, for whom.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The question. Texts from outside are harmless in it already.
    pub(crate) text: &'a str,
    /// The process that waits for the answer.
    pub(crate) requester: Option<u32>,
    /// It only passes on what comes from beyond this machine, and is itself busy on its terminal.
    pub(crate) remote: bool,
    /// Who may look on and answer, from elsewhere than here; nobody where it is no question of yes or
    /// no.
    pub(crate) watchers: Option<&'a Watchers<'a>>,
}

/// By which rules.
#[derive(Clone, Copy)]
pub(crate) struct Manner<'a> {
    /// In this order.
    pub(crate) ways: &'a [Way],
    /// How long a person may take; `None` for ever.
    pub(crate) limit: Option<Duration>,
}

/// Why there is no answer. Each means no.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The person did not want to.
    Cancelled,
    /// Nobody did in time.
    TimedOut,
    /// The program on whose terminal it was asked has ended.
    Left,
    /// It was not asked, because of this.
    Nobody(String),
}

impl Unanswered {
    /// What a client is refused with that wanted what a passphrase closes, of which `closed` makes a
    /// refusal; who is not there to be asked is told in the log, behind these words.
    pub(crate) fn refusal(
        self,
        closed: impl Fn(&'static str) -> SignRefusal,
        words: &str,
    ) -> SignRefusal {
        match self {
            Self::Cancelled => SignRefusal::Denied,
            Self::TimedOut => SignRefusal::Unanswered,
            Self::Left => {
                closed("the program on whose terminal its passphrase was asked for has ended")
            }
            Self::Nobody(reason) => {
                tracing::warn!("{words}: {reason}");
                closed("nobody can be asked for its passphrase")
            }
        }
    }
}

/// Why one way did not lead to an answer.
enum Failed {
    /// Another one may.
    Unreachable(String),
    /// No other is tried: somebody has seen the question.
    Final(Unanswered),
}

/// The ways out of this agent.
pub(crate) struct Ways {
    /// Its own, from its start.
    surroundings: Surroundings,
    /// Who starts what asks.
    programs: Arc<Programs>,
}

impl Ways {
    pub(crate) fn new(surroundings: Surroundings, programs: Arc<Programs>) -> Self {
        Self { surroundings, programs }
    }

    /// With this program in the place of our binary.
    #[cfg(test)]
    pub(crate) fn through(surroundings: Surroundings, program: &std::path::Path) -> Self {
        let menu = crate::starting::Recipes::of(&surroundings, program, None);
        Self::new(surroundings, Arc::new(Programs::of(menu)))
    }

    /// Asks whether something may be done. Dropping the future takes the question back (U4).
    pub(crate) async fn confirm(
        &self,
        wanted: Wanted<'_>,
        manner: Manner<'_>,
        offered: Offered,
    ) -> Result<Choice, Unanswered> {
        match self.ask(wanted, manner, Kind::Confirm(offered)).await? {
            Asked::Choice(choice) if offered.includes(choice) => Ok(choice),
            // No way to say yes leads here; "no" is what is left.
            Asked::Choice(_) | Asked::Passphrase(_) => Ok(Choice::Deny),
        }
    }

    /// Asks for a passphrase. Dropping the future takes the question back.
    pub(crate) async fn passphrase(
        &self,
        wanted: Wanted<'_>,
        manner: Manner<'_>,
    ) -> Result<Secret, Unanswered> {
        match self.ask(wanted, manner, Kind::Passphrase).await? {
            Asked::Passphrase(secret) => Ok(secret),
            Asked::Choice(_) => Err(Unanswered::Cancelled),
        }
    }

    async fn ask(
        &self,
        wanted: Wanted<'_>,
        manner: Manner<'_>,
        kind: Kind,
    ) -> Result<Asked, Unanswered> {
        let place = Place::of(wanted.requester);
        let mut reasons = Vec::new();
        for way in manner.ways {
            let answer = match way {
                Way::Watch => Err(watched(wanted, manner.limit).await),
                Way::Askpass => self.askpass(wanted, manner.limit, kind, &place).await,
                Way::Pinentry => self.helper(Through::Pinentry, wanted, manner, kind, &place).await,
                Way::Dialog if !cfg!(windows) => {
                    Err(Failed::Unreachable("keyfob has none of its own here".to_owned()))
                }
                Way::Dialog => self.helper(Through::Dialog, wanted, manner, kind, &place).await,
                Way::Terminal => self.helper(Through::Terminal, wanted, manner, kind, &place).await,
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(Failed::Final(why)) => return Err(why),
                Err(Failed::Unreachable(reason)) => {
                    reasons.push(format!("{}: {reason}", way.name()));
                }
            }
        }
        if reasons.is_empty() {
            reasons.push("the setting ask.ways is empty".to_owned());
        }
        Err(Unanswered::Nobody(reasons.join("; ")))
    }

    async fn askpass(
        &self,
        wanted: Wanted<'_>,
        limit: Option<Duration>,
        kind: Kind,
        place: &Place,
    ) -> Result<Asked, Failed> {
        let screen = self.screen(place);
        let askpass = Askpass::for_agent(&self.surroundings.with_screen(screen))?
            .with_time_limit(limit)
            .with_variables(screen.to_vec());
        let askpass = self.programs.askpass(askpass);
        let askpass = askpass.map_err(|error| Failed::Unreachable(error.to_string()))?;
        match kind {
            Kind::Confirm(_) => {
                let yes = askpass.confirm(wanted.text).await?;
                Ok(Asked::Choice(if yes { Choice::Once } else { Choice::Deny }))
            }
            Kind::Passphrase => Ok(Asked::Passphrase(askpass.ask_passphrase(wanted.text).await?)),
        }
    }

    /// The requester's screen, where the agent has none.
    fn screen<'a>(&self, place: &'a Place) -> &'a [(&'static str, std::ffi::OsString)] {
        if self.surroundings.has_screen() { &[] } else { place.screen() }
    }

    async fn helper(
        &self,
        through: Through,
        wanted: Wanted<'_>,
        manner: Manner<'_>,
        kind: Kind,
        place: &Place,
    ) -> Result<Asked, Failed> {
        let screen = self.screen(place);
        let has_screen = self.surroundings.has_screen() || !screen.is_empty();
        let terminal = place.free_terminal(wanted.remote);
        let terminal = match (through, terminal) {
            (Through::Dialog, _) => None,
            (_, Ok(terminal)) => Some(terminal.clone()),
            (Through::Pinentry, Err(_)) if has_screen => None,
            (Through::Pinentry, Err(reason)) => {
                return Err(Failed::Unreachable(format!("no display, and {reason}")));
            }
            (Through::Terminal, Err(reason)) => return Err(Failed::Unreachable(reason.to_owned())),
        };
        let stays = terminal.is_some();
        let text = wanted.text.to_owned();
        let term = place.term().map(str::to_owned);
        let request = Request { through, kind, text, terminal, term };
        let request = request.encode().map_err(|error| Failed::Unreachable(error.to_string()))?;
        let mut running = Running::start(&self.programs, screen)
            .await
            .map_err(|error| Failed::Unreachable(format!("cannot be started: {error}")))?;
        let requester = wanted.requester.filter(|_| stays);
        let answer = tokio::select! {
            answer = running.exchange(&request) => answer,
            () = place::ended(requester) => return Err(Failed::Final(Unanswered::Left)),
            () = time_is_up(manner.limit) => return Err(Failed::Final(Unanswered::TimedOut)),
        };
        match answer.map_err(Failed::Unreachable)? {
            Answer::Asked(asked) => Ok(asked),
            Answer::Cancelled => Err(Failed::Final(Unanswered::Cancelled)),
            Answer::Unreachable(reason) => Err(Failed::Unreachable(reason)),
        }
    }
}

impl From<PromptError> for Failed {
    fn from(error: PromptError) -> Self {
        match error {
            PromptError::Cancelled => Self::Final(Unanswered::Cancelled),
            PromptError::TimedOut { .. } => Self::Final(Unanswered::TimedOut),
            PromptError::Nobody(reason) => Self::Unreachable(reason.to_owned()),
            error => Self::Unreachable(error.to_string()),
        }
    }
}

/// Leaves the question to those who look on, for as long as one of them can answer it. Their answer
/// does not come this way: it ends the question wherever it stands.
async fn watched(wanted: Wanted<'_>, limit: Option<Duration>) -> Failed {
    let Some(watchers) = wanted.watchers else {
        return Failed::Unreachable("this is not asked there".to_owned());
    };
    tokio::select! {
        why = watchers.unattended() => Failed::Unreachable(why.to_string()),
        () = time_is_up(limit) => Failed::Final(Unanswered::TimedOut),
    }
}

async fn time_is_up(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

// Its programs are scripts of `sh`.
#[cfg(all(test, unix))]
mod tests;
