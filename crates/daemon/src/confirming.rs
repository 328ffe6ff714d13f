//! The question whether a key may be used: who is asked, what is offered, what the answer means.

use std::sync::Arc;

use keyfob_agent::{Answer, Question, Subject};
use keyfob_prompt::Offered;

use crate::driver::Driver;
use crate::options::Rules;
use crate::peer::Peer;
use crate::questions::{Asking, Caller, Outcome, Place, Same, Shown, meant};
use crate::requester::Requester;
use crate::requester_id::{Suspect, Who};
use crate::turns::Turns;
use crate::watching::{Ancestry, Watchers, Watching};
use crate::ways::{Manner, Unanswered, Wanted, Ways};
use crate::{clock, purpose, wording};

/// What is known of a question, for a task of its own.
struct Confirmation {
    question: Question,
    offered: Offered,
    requester: Arc<Requester>,
    process: Option<u32>,
    rules: Arc<Rules>,
    ways: Arc<Ways>,
    screens: Arc<Turns>,
    watching: Arc<Watching>,
}

impl Driver {
    /// Asks a person, together with all requests that ask the same. [`Asker`] drops this future
    /// when the client goes away; the dialog closes with the last of them.
    ///
    /// [`Asker`]: crate::connection::Asker
    pub(crate) async fn confirm(
        &self,
        question: &Question,
        subject: Subject,
        who: Who,
        peer: &Peer,
    ) -> Answer {
        let suspect = Suspect::behind(who.clone(), &question.destination);
        if let Some(why) = self.pauses().reason(&suspect, clock::moment()) {
            return Answer::CannotAsk(why.into());
        }
        let rules = self.rules();
        let offered = match question.remembers && who.id().is_some() {
            true => Offered { session: true, for_a_while: rules.allow_for },
            false => Offered::default(),
        };
        let open = |place| {
            let confirmation = Confirmation {
                question: question.clone(),
                offered,
                requester: peer.requester(),
                process: peer.pid(),
                rules: Arc::clone(&rules),
                ways: Arc::clone(&self.unlocker().ways),
                screens: Arc::clone(self.screens()),
                watching: Arc::clone(self.watching()),
            };
            let (pauses, patience) = (Arc::clone(self.pauses()), rules.patience);
            let (suspect, remote) = (suspect.clone(), question.destination.remote);
            let noted = self.note_question(question, peer);
            let ended = move |outcome: Option<&Outcome>| {
                noted.ended(outcome);
                if is_denial(outcome, remote) {
                    pauses.note(suspect, patience, clock::moment());
                }
            };
            Asking { asked: confirmation.ask(place), ended }
        };
        let caller = Caller { process: peer.pid(), ancestry: Ancestry::of(peer.process()).into() };
        self.questions().ask(&Same { subject, who }, &caller, open).await
    }
}

/// Whether it counts towards a pause. A server that opens questions and takes them back, or lets
/// them stand until their time is up, wears a person down as well.
fn is_denial(outcome: Option<&Outcome>, remote: bool) -> bool {
    match outcome {
        Some(Outcome::Answered(Answer::No)) => true,
        Some(Outcome::Answered(Answer::TimedOut) | Outcome::Left) | None => remote,
        Some(Outcome::Answered(_)) => false,
    }
}

impl Confirmation {
    async fn ask(self, place: Place) -> Outcome {
        let Self { question, offered, requester, process, rules, ways, screens, watching } = self;
        purpose::find_repository(&question.destination, &requester);
        let text = wording::question(&question, &requester, rules.fingerprint_hash);
        place.show(Shown { text: text.as_str().into(), offered, since: clock::now().unix });
        let Some(_screen) = screens.next(process).await else {
            return cannot_ask("the agent is ending");
        };
        let remote = question.destination.remote;
        let watchers = Watchers { watching: &watching, place: &place };
        let wanted = Wanted { text: &text, requester: process, remote, watchers: Some(&watchers) };
        let manner = Manner { ways: &rules.ways, limit: rules.confirm_timeout };
        match ways.confirm(wanted, manner, offered).await {
            Ok(choice) => Outcome::Answered(meant(choice, offered)),
            Err(Unanswered::Cancelled) => Outcome::Answered(Answer::No),
            Err(Unanswered::TimedOut) => Outcome::Answered(Answer::TimedOut),
            Err(Unanswered::Left) => Outcome::Left,
            // It has left while the question waited for its turn. Others may have a terminal still.
            Err(Unanswered::Nobody(_)) if requester.has_ended() => Outcome::Left,
            Err(Unanswered::Nobody(reason)) => cannot_ask(&reason),
        }
    }
}

fn cannot_ask(why: &str) -> Outcome {
    Outcome::Answered(Answer::CannotAsk(why.into()))
}
