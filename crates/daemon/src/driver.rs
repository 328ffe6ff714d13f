//! Carries out what the agent decides: asks, signs, derives, waits, logs.
//!
//! Here is where time passes. Nothing is held while it does: each step brings
//! back its result and the agent looks everything up again.

use std::time::Duration;

use std::sync::Arc;

use keyfob_agent::{
    Agent, Answer, Derivation, Permit, Purpose, Question, Record, Reply, Session, Signed, Step,
};
use keyfob_keys::HashKind;
use keyfob_prompt::askpass::Askpass;
use keyfob_prompt::{Error as PromptError, Surroundings};
use keyfob_protocol::{Response, number};
use tokio::sync::{Notify, Semaphore};
use tokio::time::sleep;

use crate::connection::Asker;
use crate::fetching::Unlocker;
use crate::limits::{FRAME_PATIENCE, LARGE_FRAMES, OPEN_QUESTIONS, QUESTIONS_OF_A_PROCESS};
use crate::linked::Helper;
use crate::options::Rules;
use crate::peer::Peer;
use crate::refusals::Refusals;
use crate::store::{KeyStore, Questions, StorePlace, in_words};
use crate::turns::{Turn, Turns};
use crate::{audit, clock, wording};

/// What all connections share.
pub(crate) struct Driver {
    rules: Rules,
    unlocker: Unlocker,
    /// What was refused lately.
    refusals: Refusals,
    /// Reads files the store links to.
    helper: Helper,
    /// Questions for the passphrase of the key store.
    store_questions: Questions,
    /// Frames above the small ones being received at the same time.
    large_frames: Turns,
    patience: Duration,
    /// Heavy signatures at the same time: one per core, so that light ones
    /// find a core that is theirs by the scheduler's fairness.
    heavy: Turns,
    /// Keys being checked at the same time. Not `heavy`: a login begins with a
    /// check, and a large RSA signature must not delay it.
    checks: Turns,
    /// Questions on the screen.
    questions: Turns,
    /// One derivation at a time: each takes 64 MiB, and unlock attempts must
    /// queue or guessing in parallel would be free.
    derivations: Turns,
    /// Something was added that needs a timer.
    changed: Notify,
}

impl Driver {
    pub(crate) fn new(
        agent: Agent,
        rules: Rules,
        surroundings: &Surroundings,
        store: Option<StorePlace>,
        helper: Helper,
        cores: usize,
    ) -> Self {
        let askpass = Askpass::for_agent(surroundings)
            .map(|askpass| askpass.with_time_limit(rules.confirm_timeout));
        let unlocker = Unlocker {
            agent: Arc::new(agent),
            store: Arc::new(KeyStore::new(store, rules.store_lock_after)),
            askpass: Arc::new(askpass),
            derivation: Arc::new(Semaphore::new(1)),
        };
        Self {
            rules,
            unlocker,
            refusals: Refusals::default(),
            helper,
            store_questions: Questions::default(),
            large_frames: Turns::new(LARGE_FRAMES),
            patience: FRAME_PATIENCE,
            heavy: Turns::new(cores),
            checks: Turns::new(cores),
            questions: Turns::new(OPEN_QUESTIONS),
            derivations: Turns::new(1),
            changed: Notify::new(),
        }
    }

    pub(crate) fn agent(&self) -> &Agent {
        &self.unlocker.agent
    }

    pub(crate) fn store(&self) -> &KeyStore {
        &self.unlocker.store
    }

    pub(crate) fn unlocker(&self) -> &Unlocker {
        &self.unlocker
    }

    pub(crate) fn questions_for_store(&self) -> &Questions {
        &self.store_questions
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    pub(crate) fn helper(&self) -> &Helper {
        &self.helper
    }

    pub(crate) fn hash(&self) -> HashKind {
        self.rules.fingerprint_hash
    }

    /// Drops all keys, and closes the store.
    pub(crate) fn drop_all(&self) -> Record {
        self.store().close();
        self.agent().drop_all()
    }

    /// Seals everything because the store was not used for long enough.
    pub(crate) fn lock_by_itself(&self) {
        match self.store().seal(self.agent(), clock::now()) {
            Ok(true) => audit::note_own(&Record::StoreLocked, self.rules.fingerprint_hash),
            // Somebody was faster.
            Ok(false) => {}
            Err(error) => {
                // Keys of the session cannot be sealed; those of the store need not stay open for that.
                self.store().close();
                self.agent().unload_stored(clock::now());
                tracing::error!("only the key store could be locked: {}", in_words(&error));
            }
        }
    }

    pub(crate) fn large_frames(&self) -> &Turns {
        &self.large_frames
    }

    /// How long a client may keep others waiting.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Returns when a key was added or prepared since the last call.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Lets the agent decide one request. Reading a private key checks its
    /// arithmetic, binding a session a host's signature, and with large RSA
    /// keys both take long: that must not hold up the clients that share this
    /// thread, nor take more threads than there are cores.
    pub(crate) async fn decide(&self, session: &mut Session, body: &[u8], peer: &Peer) -> Step {
        const LOOKS: [u8; 4] = [
            number::REQUEST_IDENTITIES,
            number::SIGN_REQUEST,
            number::REMOVE_IDENTITY,
            number::EXTENSION,
        ];
        if body.first().is_some_and(|kind| LOOKS.contains(kind)) {
            self.store().refresh(self.agent());
        }
        const SLOW: [u8; 3] = [number::ADD_IDENTITY, number::ADD_ID_CONSTRAINED, number::EXTENSION];
        if body.first().is_none_or(|kind| !SLOW.contains(kind)) {
            return self.agent().handle(session, body, clock::now());
        }
        let _turn = self.checks.next(peer.pid()).await;
        tokio::task::block_in_place(|| self.agent().handle(session, body, clock::now()))
    }

    /// Carries a step through to its answer.
    pub(crate) async fn carry_out(
        &self,
        step: Step,
        session: &Session,
        peer: &Peer,
        mut asker: Asker<'_>,
    ) -> Response {
        let mut step = step;
        // What is fetched may have to be confirmed; nothing else comes behind a question.
        let reply = loop {
            step = match step {
                Step::Reply(reply) => break reply,
                Step::Sign(permit) => break self.sign(permit, session, peer).await,
                Step::Derive(derivation) => break self.derive(derivation, peer).await,
                Step::Store(command) => break self.about_store(command).await,
                Step::Ask(question, pending) => {
                    let answer = asker.ask(&question).await;
                    self.agent().answered(session, pending, answer, clock::now())
                }
                Step::Fetch(wanted, pending) => {
                    let fetched = asker.fetch(wanted, &pending, session).await;
                    self.agent().fetched(session, pending, fetched, clock::now())
                }
            };
        };
        self.finish(reply, peer).await
    }

    /// Asks a person; [`Asker`] drops this future when the client goes away,
    /// which closes the dialog.
    pub(crate) async fn question(&self, question: &Question, peer: &Peer) -> Answer {
        if self.questions.crowd(peer.pid()) >= QUESTIONS_OF_A_PROCESS {
            tracing::warn!(%peer, "too many questions are waiting, this one is denied");
            return Answer::CannotAsk;
        }
        let Some(_screen) = self.questions.next(peer.pid()).await else {
            return Answer::CannotAsk;
        };
        let text = wording::question(question, self.rules.fingerprint_hash);
        let asked = match self.unlocker.askpass.as_ref() {
            Ok(askpass) => askpass.confirm(&text).await,
            Err(error) => {
                tracing::warn!(%peer, %error, "a confirmation cannot be asked for");
                return Answer::CannotAsk;
            }
        };
        match asked {
            Ok(true) => Answer::Yes,
            Ok(false) => Answer::No,
            Err(PromptError::TimedOut { .. }) => Answer::TimedOut,
            Err(error) => {
                tracing::warn!(%peer, %error, "a confirmation failed");
                Answer::CannotAsk
            }
        }
    }

    async fn sign(&self, permit: Permit, session: &Session, peer: &Peer) -> Reply {
        let signed = if permit.is_heavy() {
            match self.sign_elsewhere(permit, session, peer.pid()).await {
                Ok(signed) => signed,
                Err(reply) => return reply,
            }
        } else {
            permit.sign()
        };
        let Signed { reply, fresh } = signed;
        if let Some(fresh) = fresh {
            self.agent().keep(fresh, clock::now());
            self.changed.notify_one();
        }
        reply
    }

    async fn sign_elsewhere(
        &self,
        permit: Permit,
        session: &Session,
        process: Option<u32>,
    ) -> Result<Signed, Reply> {
        let (permit, turn) = match self.heavy.free(process) {
            Some(turn) => (permit, turn),
            None => self.wait_for_turn(permit, session, process).await?,
        };
        let work = tokio::task::spawn_blocking(move || {
            let signed = permit.sign();
            drop(turn);
            signed
        });
        work.await.map_err(|_| Reply::abandoned())
    }

    /// The queue may be long, and nobody knows what happens meanwhile: the permission is given
    /// back, together with the key it holds ready, and asked for again when the turn comes.
    async fn wait_for_turn(
        &self,
        permit: Permit,
        session: &Session,
        process: Option<u32>,
    ) -> Result<(Permit, Turn), Reply> {
        let queued = permit.queue();
        let turn = self.heavy.next(process).await.ok_or_else(Reply::abandoned)?;
        Ok((self.agent().resumed(session, queued, clock::now())?, turn))
    }

    /// Runs a derivation where nobody waits for it but those who derive too.
    async fn derive(&self, derivation: Derivation, peer: &Peer) -> Reply {
        let Some(_turn) = self.derivations.next(peer.pid()).await else {
            return Reply::abandoned();
        };
        let purpose = derivation.purpose();
        let Ok(finished) = tokio::task::spawn_blocking(move || derivation.run()).await else {
            return Reply::abandoned();
        };
        let mut reply = self.agent().derived(finished, clock::now());
        if matches!(reply.record, Record::Locked) {
            self.store().close();
        }
        if purpose == Purpose::Unlock {
            // The wait belongs to this turn: the next guess starts after it.
            sleep(std::mem::take(&mut reply.after)).await;
        }
        reply
    }

    async fn finish(&self, reply: Reply, peer: &Peer) -> Response {
        let Reply { response, after, record } = reply;
        if matches!(record, Record::Added { .. } | Record::Signed { .. } | Record::StoreUnlocked) {
            self.changed.notify_one();
        }
        if matches!(record, Record::RemovedAll { .. }) {
            self.store().close();
        }
        audit::note(&record, peer, self.hash());
        if let Some(words) = audit::refusal(&record, peer, self.hash()) {
            self.refusals.note(words);
        }
        drop(record);
        if !after.is_zero() {
            sleep(after).await;
        }
        response
    }
}

#[cfg(test)]
impl Driver {
    /// An agent without keys, with a patience that a test can wait for.
    pub(crate) fn with_patience(surroundings: &Surroundings, patience: Duration) -> Self {
        let rules = Rules::default();
        let policy = keyfob_agent::Policy {
            default_lifetime: None,
            allow_rsa_sha1: true,
            idle_wipe: rules.idle_wipe,
        };
        let agent = Agent::new(policy).unwrap();
        let helper = Helper::of_this_program();
        let driver = Self::new(agent, rules, surroundings, None, helper, 1);
        Self { patience, ..driver }
    }
}
