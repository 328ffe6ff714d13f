//! Everything that is noted goes through here: to the agent's own words (`audit`), to the log on
//! disk, and to who asks why.
//!
//! A request waits for its line only where the settings say that nothing is signed that is not
//! logged; otherwise it is queued, and what the queue has no room for is counted.

mod budget;
mod jobs;
mod mapping;
mod standing;
mod writer;

use std::sync::Arc;

use keyfob_agent::{Answer, PendingSign, Question, Record, Scope, SignRefusal};
use keyfob_log::{Entry, Event, Limits};
use tokio::time::timeout;

use crate::driver::Driver;
use crate::limits::{LOG_ENDS_WITHIN, LOG_PATIENCE};
use crate::peer::Peer;
use crate::purpose::Purpose;
use crate::questions::Outcome;
use crate::{audit, wording};

pub(crate) use writer::Log;

/// Whether there is a log, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRules {
    /// There is one.
    pub enabled: bool,
    /// Nothing is signed whose line cannot be written.
    pub required: bool,
    /// How much is kept.
    pub limits: Limits,
}

impl LogRules {
    /// What is required is kept, whatever else is said.
    fn is_kept(self) -> bool {
        self.enabled || self.required
    }
}

impl Default for LogRules {
    fn default() -> Self {
        Self { enabled: true, required: false, limits: Limits::default() }
    }
}

/// Why a signature is not given out that was made.
const UNWRITTEN: &str = "the log cannot be written";

impl Driver {
    /// Notes what came of a request. `false`: its line had to be written and could not.
    pub(crate) async fn note(&self, record: &Record, peer: &Peer) -> bool {
        let hash = self.hash();
        audit::note(record, peer, hash);
        if let Some(words) = audit::refusal(record, peer, hash) {
            self.refusals().note(words);
        }
        let rules = self.rules().log;
        let entry = rules.is_kept().then(|| mapping::entry(record, Some(peer)));
        let Some(entry) = entry.flatten() else { return true };
        let Record::Signed { key, destination, .. } = record else {
            match entry.event {
                Event::Refused => _ = self.log().write_within_budget(peer.process(), entry),
                _ => self.log().write(entry),
            }
            return true;
        };
        if !rules.required {
            self.log().write(entry);
            return true;
        }
        if self.written(entry.clone()).await {
            return true;
        }
        let requester = peer.noted_requester();
        let purpose = Purpose { destination, requester: &requester, hash };
        let name = wording::shown(&key.comment);
        let words = format!("refused to {purpose}, with {name}, for {peer}: {UNWRITTEN}");
        tracing::warn!("{words}");
        let what = format!("refused, {UNWRITTEN}");
        self.watching().note(false, wording::seen(key, &what, purpose));
        self.refusals().note(words);
        let reason = Some(UNWRITTEN.to_owned());
        self.log().write(Entry { event: Event::Refused, reason, ..entry });
        false
    }

    /// Notes what happened without a client.
    pub(crate) fn note_own(&self, record: &Record) {
        audit::note_own(record, self.hash());
        if self.rules().log.is_kept()
            && let Some(entry) = mapping::entry(record, None)
        {
            self.log().write(entry);
        }
    }

    /// A question is put to a person. What comes of it is to be told to what this returns.
    pub(crate) fn note_question(&self, question: &Question, peer: &Peer) -> OpenQuestion {
        let entry = self.rules().log.is_kept().then(|| mapping::question(question, peer));
        self.open_question(entry, peer)
    }

    /// The same for the passphrase of the key store, which this request needs.
    pub(crate) fn note_passphrase(&self, pending: &PendingSign, peer: &Peer) -> OpenQuestion {
        let entry = self.rules().log.is_kept().then(|| mapping::passphrase(pending, peer));
        self.open_question(entry, peer)
    }

    fn open_question(&self, entry: Option<Entry>, peer: &Peer) -> OpenQuestion {
        let process = peer.process();
        let asked = entry.clone();
        let is_told = asked.is_none_or(|asked| self.log().write_within_budget(process, asked));
        OpenQuestion { log: Arc::clone(self.log()), entry, process, is_told }
    }

    /// Writes the last line, if there is a log.
    pub(crate) async fn end_log(&self) {
        let _ = timeout(LOG_ENDS_WITHIN, self.log().end()).await;
    }

    async fn written(&self, entry: Entry) -> bool {
        timeout(LOG_PATIENCE, self.log().written(entry)).await.unwrap_or(false)
    }
}

/// A question nobody has answered yet.
pub(crate) struct OpenQuestion {
    log: Arc<Log>,
    entry: Option<Entry>,
    /// Who wants it.
    process: budget::Process,
    /// It has its line. One of a process that asks too much has not, and what came of it has one
    /// only where it took a person's time: that bounds how many there are.
    is_told: bool,
}

impl OpenQuestion {
    /// What came of it; `None` when nobody waited for it any more.
    pub(crate) fn ended(mut self, outcome: Option<&Outcome>) {
        self.tell(match outcome {
            None => End::GONE,
            Some(Outcome::Left) => End::cheap("terminal gone", None),
            Some(Outcome::Answered(answer)) => End::of(answer),
        });
    }

    /// Whether the store was opened, or why not.
    pub(crate) fn opened(mut self, outcome: Result<&(), &SignRefusal>) {
        self.tell(match outcome {
            Ok(_) => End::costly("opened"),
            Err(why) => End::cheap("not opened", Some(why.to_string())),
        });
    }

    fn tell(&mut self, end: End) {
        let Some(entry) = self.entry.take() else { return };
        let (outcome, reason) = (Some(end.words.to_owned()), end.reason.or(entry.reason));
        let entry = Entry { event: Event::Answered, outcome, reason, ..entry };
        if self.is_told || !end.is_cheap {
            self.log.write(entry);
        } else {
            self.log.write_within_budget(self.process, entry);
        }
    }
}

/// How a question ended.
struct End {
    words: &'static str,
    reason: Option<String>,
    /// It took no person's time: a program can bring about as many as it likes.
    is_cheap: bool,
}

impl End {
    const GONE: Self = Self::cheap("client gone", None);

    const fn cheap(words: &'static str, reason: Option<String>) -> Self {
        Self { words, reason, is_cheap: true }
    }

    const fn costly(words: &'static str) -> Self {
        Self { words, reason: None, is_cheap: false }
    }

    fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Allowed(Scope::Once) => Self::costly("allowed once"),
            Answer::Allowed(Scope::Session) => Self::costly("allowed for this session"),
            Answer::Allowed(Scope::For(_)) => Self::costly("allowed for a while"),
            Answer::No => Self::costly("denied"),
            Answer::TimedOut => Self::costly("not answered in time"),
            Answer::ClientGone => Self::GONE,
            Answer::CannotAsk(why) => {
                Self::cheap("nobody could be asked", Some((**why).to_owned()))
            }
            _ => Self::costly("unknown"),
        }
    }
}

/// Whoever waited for it has gone.
impl Drop for OpenQuestion {
    fn drop(&mut self) {
        self.tell(End::GONE);
    }
}
