//! What a watcher is told.

use keyfob_agent::Watched;
use keyfob_prompt as prompt;
use keyfob_protocol::watch::{Answered, Choice, Lock, QuestionId, State};

use super::Watcher;
use crate::clock;
use crate::driver::Driver;
use crate::peer::Peer;
use crate::questions::{Askers, Taken};

impl Driver {
    /// How things are, for this watcher.
    pub(crate) fn watched(&self, watcher: &mut Watcher) -> State {
        // First: what changes while it is put together is news the next time.
        let revision = watcher.revision();
        let questions = watcher.told(self.questions().open());
        let Watched { lock, total, keys } = self.agent().watched(self.hash(), clock::now());
        State {
            revision,
            lock: self.lock_shown(lock),
            right: watcher.is_entitled() && self.asks_watchers(),
            by_passphrase: self.store().proves_persons(),
            questions,
            uses: watcher.watching.held().uses.iter().cloned().collect(),
            total: u32::try_from(total).unwrap_or(u32::MAX),
            keys,
        }
    }

    /// The agent is sealed only where the store was locked after it was open; one that was never
    /// opened is locked as well.
    fn lock_shown(&self, agent: Lock) -> Lock {
        let store = self.store().status();
        let is_locked = store.folder.is_some() && store.locked;
        if agent == Lock::Open && is_locked { Lock::Sealed } else { agent }
    }

    /// Takes an answer to a question.
    pub(crate) fn answer_of(
        &self,
        watcher: &Watcher,
        id: QuestionId,
        choice: Choice,
        peer: &Peer,
    ) -> Answered {
        if !watcher.is_entitled() || !self.asks_watchers() {
            return Answered::NoRight;
        }
        let Some(question) = watcher.question(id) else { return Answered::Gone };
        let (choice, word) = match choice {
            Choice::Deny => (prompt::Choice::Deny, "no"),
            Choice::Once => (prompt::Choice::Once, "once"),
            Choice::Session => (prompt::Choice::Session, "for this session"),
            Choice::ForAWhile => (prompt::Choice::ForAWhile, "for a while"),
        };
        // Looked at once more where the answer is given: it may have been locked, and who asks may
        // have become more, since the state was told.
        let may = |askers: &Askers| watcher.is_entitled() && !watcher.is_kin(askers);
        match self.questions().answer(question, choice, may) {
            Taken::Yes => {
                tracing::info!("answered by {peer}: {word}");
                Answered::Done
            }
            Taken::Gone => Answered::Gone,
            Taken::NotOffered => Answered::NotOffered,
            Taken::Refused if watcher.is_entitled() => Answered::OwnRequest,
            Taken::Refused => Answered::NoRight,
        }
    }
}
