//! The questions that are open: each once, however many requests wait for its answer.
//!
//! A question is put in a task of its own, so that the client which came first may leave without
//! taking it from the others; when the last of them has left, the dialog is closed. It may be
//! answered from elsewhere than where it was put: that closes the dialog too.
//!
//! Decides nothing: each request goes to the agent with the answer by itself.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use keyfob_agent::{Answer, Scope, Subject};
use keyfob_prompt::{Choice, Offered};
use tokio::sync::{oneshot, watch};

use crate::changes::Changes;
use crate::limits::QUESTIONS_OF_A_PROCESS;
use crate::requester_id::Who;
use crate::watching::Ancestry;

/// What makes two questions the same one: what it is about, and who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Same {
    pub(crate) subject: Subject,
    pub(crate) who: Who,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// This.
    Answered(Answer),
    /// The program it was asked for has ended, so it cannot stand where it stood: whoever else waits
    /// is asked about anew.
    Left,
}

/// Names a question for as long as the agent runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct QuestionId(u64);

/// An open question, as it is shown to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Texts from outside are harmless in it already.
    pub(crate) text: Arc<str>,
    /// What may be answered beside "once" and "no".
    pub(crate) offered: Offered,
    /// Since when it stands, in seconds since 1970.
    pub(crate) since: u64,
}

/// A question that can be answered from elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) id: QuestionId,
    pub(crate) shown: Shown,
    pub(crate) askers: Askers,
}

/// All that have asked it, each with those it was started by. One that has left stays among them: it
/// may have left so as not to be seen.
pub(crate) type Askers = Vec<Arc<Ancestry>>;

/// What came of an answer from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is the answer.
    Yes,
    /// The question is not open any more, or not yet in words.
    Gone,
    /// That answer was not offered.
    NotOffered,
    /// Not by who answers.
    Refused,
}

/// A request that asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Its process.
    pub(crate) process: Option<u32>,
    /// The same with those it was started by.
    pub(crate) ancestry: Arc<Ancestry>,
}

/// The open questions of an agent.
#[derive(Default)]
pub(crate) struct Questions {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    list: Mutex<List>,
    /// Told of each question that opens or closes.
    changes: Changes,
}

#[derive(Default)]
struct List {
    /// The oldest first.
    open: Vec<Open>,
    last: u64,
}

struct Open {
    id: QuestionId,
    same: Same,
    /// The process it was opened for.
    process: Option<u32>,
    askers: Askers,
    /// `None` until it is put in words.
    shown: Option<Shown>,
    /// Dropped with the last request that waits for it.
    waiting: Weak<Waiting>,
    /// Takes an answer from elsewhere.
    elsewhere: Option<oneshot::Sender<Answer>>,
}

/// What came of it; nothing yet.
type Waiting = watch::Receiver<Option<Outcome>>;

/// A question's own place among the open ones.
pub(crate) struct Place {
    shared: Arc<Shared>,
    id: QuestionId,
}

/// A question to be put, and what to do with what came of it; `None` when nobody waits any more.
pub(crate) struct Asking<F, E> {
    pub(crate) asked: F,
    pub(crate) ended: E,
}

impl Questions {
    /// None yet; of each that opens or closes it is told there.
    pub(crate) fn new(changes: Changes) -> Self {
        Self { shared: Arc::new(Shared { changes, ..Shared::default() }) }
    }

    /// Waits for the answer to this question if it is open, or opens it.
    pub(crate) async fn ask<F, E>(
        &self,
        same: &Same,
        caller: &Caller,
        open: impl Fn(Place) -> Asking<F, E>,
    ) -> Answer
    where
        F: Future<Output = Outcome> + Send + 'static,
        E: FnOnce(Option<&Outcome>) + Send + 'static,
    {
        loop {
            let Some((waiting, is_own)) = self.join(same, caller, &open) else {
                return Answer::CannotAsk("too many questions are waiting".into());
            };
            let mut outcome = Waiting::clone(&waiting);
            let told = outcome.wait_for(Option::is_some).await.ok().and_then(|told| told.clone());
            match told {
                Some(Outcome::Answered(answer)) => return answer,
                // Each round somebody's own question comes to its end.
                Some(Outcome::Left) if !is_own => {}
                Some(Outcome::Left) => {
                    let why = "the program it was to be asked for has ended";
                    return Answer::CannotAsk(why.into());
                }
                None => return Answer::CannotAsk("it came to an end without an answer".into()),
            }
        }
    }

    /// Those that are open, the oldest first.
    pub(crate) fn open(&self) -> Vec<Standing> {
        let list = self.shared.list();
        let standing = |one: &Open| {
            let shown = one.shown.clone().filter(|_| one.elsewhere.is_some())?;
            Some(Standing { id: one.id, shown, askers: one.askers.clone() })
        };
        list.open.iter().filter_map(standing).collect()
    }

    /// Answers one from elsewhere, if that may be done for all who ask it.
    pub(crate) fn answer(
        &self,
        id: QuestionId,
        choice: Choice,
        may: impl FnOnce(&Askers) -> bool,
    ) -> Taken {
        let mut list = self.shared.list();
        let Some(open) = list.open.iter_mut().find(|open| open.id == id) else {
            return Taken::Gone;
        };
        let Some(offered) = open.shown.as_ref().map(|shown| shown.offered) else {
            return Taken::Gone;
        };
        if !offered.includes(choice) {
            return Taken::NotOffered;
        }
        if !may(&open.askers) {
            return Taken::Refused;
        }
        match open.elsewhere.take().map(|tell| tell.send(meant(choice, offered))) {
            Some(Ok(())) => Taken::Yes,
            _ => Taken::Gone,
        }
    }

    /// The question, and whether it was opened for this request; `None` where its process has too
    /// many of them already.
    fn join<F, E>(
        &self,
        same: &Same,
        caller: &Caller,
        open: impl Fn(Place) -> Asking<F, E>,
    ) -> Option<(Arc<Waiting>, bool)>
    where
        F: Future<Output = Outcome> + Send + 'static,
        E: FnOnce(Option<&Outcome>) + Send + 'static,
    {
        let mut list = self.shared.list();
        // Nobody waits for these, and their tasks are about to see it.
        list.open.retain(|open| open.waiting.strong_count() > 0);
        // What was answered from elsewhere a moment ago was answered for those who asked it then.
        let mut joined =
            list.open.iter_mut().filter(|open| open.same.is(same) && open.elsewhere.is_some());
        if let Some((open, waiting)) =
            joined.find_map(|one| one.waiting.upgrade().map(|it| (one, it)))
        {
            if !open.askers.contains(&caller.ancestry) {
                open.askers.push(Arc::clone(&caller.ancestry));
            }
            drop(list);
            self.shared.changed();
            return Some((waiting, false));
        }
        let own = list.open.iter().filter(|open| open.process == caller.process).count();
        if own >= QUESTIONS_OF_A_PROCESS {
            return None;
        }
        list.last += 1;
        let id = QuestionId(list.last);
        let (tell, outcome) = watch::channel(None);
        let (elsewhere, answer) = oneshot::channel();
        let waiting = Arc::new(outcome);
        list.open.push(Open {
            id,
            same: same.clone(),
            process: caller.process,
            askers: vec![Arc::clone(&caller.ancestry)],
            shown: None,
            waiting: Arc::downgrade(&waiting),
            elsewhere: Some(elsewhere),
        });
        drop(list);
        let shared = Arc::clone(&self.shared);
        let asking = open(Place { shared: Arc::clone(&shared), id });
        tokio::spawn(async move {
            let Asking { asked, ended } = asking;
            let outcome = tokio::select! {
                outcome = asked => Some(outcome),
                Ok(answer) = answer => Some(Outcome::Answered(answer)),
                // Nobody waits any more.
                () = tell.closed() => None,
            };
            shared.close(id);
            ended(outcome.as_ref());
            let _ = tell.send(outcome);
        });
        Some((waiting, true))
    }
}

impl Same {
    /// Of whom nothing is seen, nobody is the same as another.
    fn is(&self, other: &Self) -> bool {
        self.who != Who::Unseen && self == other
    }
}

impl Place {
    /// From now on it can be seen, and be answered from elsewhere.
    pub(crate) fn show(&self, shown: Shown) {
        let mut list = self.shared.list();
        if let Some(open) = list.open.iter_mut().find(|open| open.id == self.id) {
            open.shown = Some(shown);
        }
        drop(list);
        self.shared.changed();
    }

    /// All who ask by now.
    pub(crate) fn askers(&self) -> Askers {
        let list = self.shared.list();
        let open = list.open.iter().find(|open| open.id == self.id);
        open.map(|open| open.askers.clone()).unwrap_or_default()
    }
}

impl Shared {
    fn close(&self, id: QuestionId) {
        self.list().open.retain(|open| open.id != id);
        self.changed();
    }

    fn changed(&self) {
        self.changes.happened();
    }

    /// A panic while this was held left a whole list.
    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a choice means for the agent. One that was not offered is a "no".
pub(crate) fn meant(choice: Choice, offered: Offered) -> Answer {
    match (choice, offered.for_a_while) {
        (Choice::Once, _) => Answer::Allowed(Scope::Once),
        (Choice::Session, _) if offered.session => Answer::Allowed(Scope::Session),
        (Choice::ForAWhile, Some(span)) => Answer::Allowed(Scope::For(span)),
        _ => Answer::No,
    }
}

#[cfg(test)]
mod tests;
