//! Carries out what the agent decides: asks, signs, derives, waits, logs.
//!
//! Here is where time passes. Nothing is held while it does: each step brings
//! back its result and the agent looks everything up again.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyfob_agent::{
    Agent, Derivation, Permit, Purpose, Recalled, Record, Refusal, Reply, Session, Signed, Step,
};
use keyfob_keys::HashKind;
use keyfob_prompt::Surroundings;
use keyfob_protocol::Response;
use keyfob_protocol::limits::MAX_FRAME;
use keyfob_protocol::security::{Measure, Process};
use keyfob_sys::room;
use tokio::sync::{Notify, Semaphore};
use tokio::time::sleep;

use crate::changes::Changes;
use crate::connection::Asker;
use crate::desktop::Desktop;
use crate::fetching::Unlocker;
use crate::freed::Freed;
use crate::host_names::HostNames;
use crate::kept::KeptFiles;
use crate::lately::Lately;
use crate::limits::{
    COPIES_OF_THE_LIST, FRAME_PATIENCE, LARGE_FRAMES, OPEN_QUESTIONS, ROOM_FOR_A_KEY,
};
use crate::linked::Helper;
use crate::live_rules::LiveRules;
use crate::log::Log;
use crate::options::Rules;
use crate::pauses::Pauses;
use crate::peer::Peer;
use crate::questions::Questions;
use crate::refusals::Refusals;
use crate::requester_id::Who;
use crate::settings::{LiveSettings, Reload};
use crate::store::{KeyStore, Questions as StoreQuestions, StorePlace, Times};
use crate::turns::{Turn, Turns};
use crate::watching::Watching;
use crate::ways::Ways;
use crate::{blocking, body, clock, purpose, wording};

/// What all connections share.
pub(crate) struct Driver {
    rules: Arc<LiveRules>,
    settings: LiveSettings,
    unlocker: Unlocker,
    /// What was refused lately.
    refusals: Arc<Refusals>,
    /// Reads files the store links to, and those that clients give.
    helper: Arc<Helper>,
    /// Files that clients gave.
    kept: KeptFiles,
    /// Questions for the passphrase of the key store.
    store_questions: StoreQuestions,
    /// Frames above the small ones being received at the same time.
    large_frames: Turns,
    patience: Duration,
    /// Memory that goes back to the system.
    freed: Arc<Freed>,
    /// Who was looked at just now.
    lately: Arc<Lately>,
    /// Heavy signatures at the same time: one per core, so that light ones
    /// find a core that is theirs by the scheduler's fairness.
    heavy: Turns,
    /// Keys being checked at the same time. Not `heavy`: a login begins with a
    /// check, and a large RSA signature must not delay it.
    checks: Turns,
    /// Questions on the screen.
    screens: Arc<Turns>,
    /// All that are open.
    questions: Questions,
    /// Who was denied too often.
    pauses: Arc<Pauses>,
    /// One derivation at a time: each takes 64 MiB, and unlock attempts must
    /// queue or guessing in parallel would be free.
    derivations: Turns,
    /// Something was added that needs a timer.
    changed: Notify,
    /// Something was learned that is to be kept.
    learned: Notify,
    desktop: Desktop,
    watching: Arc<Watching>,
    /// What hosts are called.
    hosts: HostNames,
    /// What the process gave up at its start.
    given_up: Vec<Measure>,
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
        let store = KeyStore::new(store, Times::of(&rules));
        let changes = store.changes().clone();
        let watching = Arc::new(Watching::new(changes.clone()));
        let rules = Arc::new(LiveRules::new(rules));
        let unlocker = Unlocker {
            agent: Arc::new(agent),
            store: Arc::new(store),
            ways: Arc::new(Ways::new(surroundings.clone(), Arc::clone(helper.programs()))),
            rules: Arc::clone(&rules),
            derivation: Arc::new(Semaphore::new(1)),
            log: Arc::default(),
        };
        Self {
            rules,
            settings: LiveSettings::default(),
            unlocker,
            refusals: Arc::default(),
            helper: Arc::new(helper),
            kept: KeptFiles::default(),
            store_questions: StoreQuestions::default(),
            large_frames: Turns::new(LARGE_FRAMES),
            patience: FRAME_PATIENCE,
            freed: Arc::default(),
            lately: Arc::default(),
            heavy: Turns::new(cores),
            checks: Turns::new(cores),
            screens: Arc::new(Turns::new(OPEN_QUESTIONS)),
            questions: Questions::new(changes),
            pauses: Arc::default(),
            derivations: Turns::new(1),
            changed: Notify::new(),
            learned: Notify::new(),
            desktop: Desktop::default(),
            watching,
            hosts: HostNames::new(None),
            given_up: Vec::new(),
        }
    }

    /// What the process gave up.
    pub(crate) fn having_given_up(self, given_up: Vec<Measure>) -> Self {
        Self { given_up, ..self }
    }

    /// This process, and what protects it.
    pub(crate) fn process(&self) -> Process {
        let memory = crate::closing::memory();
        let measures = self.given_up.iter().cloned().chain(memory).collect();
        Process { number: std::process::id(), measures }
    }

    /// In whose home known hosts are looked up.
    pub(crate) fn at_home(self, home: Option<&Path>) -> Self {
        Self { hosts: HostNames::new(home), ..self }
    }

    pub(crate) fn agent(&self) -> &Agent {
        &self.unlocker.agent
    }

    pub(crate) fn freed(&self) -> &Arc<Freed> {
        &self.freed
    }

    pub(crate) fn lately(&self) -> &Arc<Lately> {
        &self.lately
    }

    pub(crate) fn store(&self) -> &KeyStore {
        &self.unlocker.store
    }

    pub(crate) fn unlocker(&self) -> &Unlocker {
        &self.unlocker
    }

    pub(crate) fn questions_for_store(&self) -> &StoreQuestions {
        &self.store_questions
    }

    pub(crate) fn questions(&self) -> &Questions {
        &self.questions
    }

    pub(crate) fn screens(&self) -> &Arc<Turns> {
        &self.screens
    }

    pub(crate) fn pauses(&self) -> &Arc<Pauses> {
        &self.pauses
    }

    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    pub(crate) fn helper(&self) -> &Arc<Helper> {
        &self.helper
    }

    pub(crate) fn kept(&self) -> &KeptFiles {
        &self.kept
    }

    /// The rules as they are now. A request goes on with those it began with, or looks again.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.rules.now()
    }

    /// Goes by other rules from now on.
    fn set_rules(&self, rules: Rules) {
        self.agent().set_policy(rules.policy());
        self.store().set_times(Times::of(&rules));
        self.rules.replace(rules);
        self.desktop.look_at_rules();
        // A timer may end sooner now.
        self.changed.notify_one();
    }

    /// With the file its rules come from.
    pub(crate) fn with_settings(self, source: Option<Reload>) -> Self {
        Self { settings: LiveSettings::new(source), ..self }
    }

    /// With a log in this folder.
    pub(crate) fn with_log(self, place: Option<PathBuf>) -> Self {
        let log = Log::new(place, Arc::clone(&self.rules), Arc::clone(&self.refusals));
        Self { unlocker: Unlocker { log: Arc::new(log), ..self.unlocker }, ..self }
    }

    pub(crate) fn log(&self) -> &Arc<Log> {
        &self.unlocker.log
    }

    pub(crate) fn settings(&self) -> &LiveSettings {
        &self.settings
    }

    /// Reads the settings again.
    pub(crate) fn read_settings(&self) {
        tokio::task::block_in_place(|| self.settings.read(|rules| self.set_rules(rules)));
    }

    /// Reads them if they have changed.
    pub(crate) fn look_at_settings(&self) {
        self.settings.look(|rules| self.set_rules(rules));
    }

    pub(crate) fn hash(&self) -> HashKind {
        self.rules().fingerprint_hash
    }

    /// Drops all keys, and closes the store.
    pub(crate) fn drop_all(&self) -> Record {
        self.store().close();
        self.changes().locked();
        self.agent().drop_all()
    }

    /// What watchers are told of.
    pub(crate) fn changes(&self) -> &Changes {
        self.store().changes()
    }

    pub(crate) fn watching(&self) -> &Arc<Watching> {
        &self.watching
    }

    pub(crate) fn desktop(&self) -> &Desktop {
        &self.desktop
    }

    /// The clock went on while timers stood still.
    pub(crate) fn look_at_the_time(&self) {
        self.changed.notify_one();
    }

    pub(crate) fn large_frames(&self) -> &Turns {
        &self.large_frames
    }

    /// How long a client may keep others waiting.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Something was learned, or can be kept now.
    pub(crate) fn has_learned(&self) {
        self.learned.notify_one();
    }

    /// Returns when something was learned since the last call.
    pub(crate) async fn learned(&self) {
        self.learned.notified().await;
    }

    /// Returns when a key was added or prepared since the last call.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Lets the agent decide one request. What takes long must not hold up the
    /// clients that share this thread, nor take more threads than there are cores.
    pub(crate) async fn decide(&self, session: &mut Session, body: &[u8], peer: &Peer) -> Step {
        self.look_at_settings();
        if peer.passes_on(body) {
            session.note_passed_on();
        }
        if body::is_about_stored_keys(body) {
            self.store().refresh(self.agent()).await;
        }
        if body::adds_a_key(body) && !self.has_room_for_a_key() {
            let refused = Record::Refused(Refusal::NoMemory);
            return Step::Reply(Reply::with(Response::Failure, refused));
        }
        if !body::takes_long(body) {
            return self.agent().handle(session, body, clock::now());
        }
        let turn = Box::pin(self.checks.next(peer.pid())).await;
        blocking::in_turn(turn, || {
            let before = session.bindings().len();
            let step = self.agent().handle(session, body, clock::now());
            if let Some(newest) = session.bindings().get(before) {
                let (key, asker, rules) = (&newest.host_key, peer.requester(), self.rules());
                let names = self.hosts.of_key(key, asker.words(), &rules.hosts);
                session.name_newest(names);
            }
            step
        })
    }

    pub(crate) fn has_room_for_a_key(&self) -> bool {
        // The longest list first: to add up how long this one is takes a walk through all keys.
        room::is_left(ROOM_FOR_A_KEY + COPIES_OF_THE_LIST * MAX_FRAME)
            || room::is_left(ROOM_FOR_A_KEY + COPIES_OF_THE_LIST * self.agent().size_of_list())
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
                Step::Derive(derivation) => break Box::pin(self.derive(derivation, peer)).await,
                Step::Store(command) => break Box::pin(self.about_store(command)).await,
                Step::Look(file) => break Box::pin(self.look(&file, session, peer)).await,
                Step::Watch(wish) => break Box::pin(asker.watch(wish)).await,
                Step::Ask(_, pending) => {
                    let who = Who::asks(peer, pending.destination());
                    let id = who.id().cloned();
                    match self.agent().recalled(session, pending, id, clock::now()) {
                        Recalled::Answered(step) => {
                            tracing::debug!("not asked anew, for {peer}: it was answered before");
                            step
                        }
                        Recalled::Unanswered(question, pending) => {
                            let answer = asker.ask(&question, pending.subject(), who);
                            let answer = Box::pin(answer).await;
                            self.agent().answered(session, pending, answer, clock::now())
                        }
                    }
                }
                Step::Fetch(wanted, pending) => {
                    let fetched = Box::pin(asker.fetch(wanted, &pending)).await;
                    let step = self.agent().fetched(session, pending, fetched, clock::now());
                    // The store is open now, and a key is here that may have an end.
                    self.changed.notify_one();
                    step
                }
            };
        };
        self.finish(reply, peer).await
    }

    async fn sign(&self, permit: Permit, session: &Session, peer: &Peer) -> Reply {
        let signed = if permit.is_heavy() {
            match Box::pin(self.sign_elsewhere(permit, session, peer.pid())).await {
                Ok(signed) => signed,
                Err(reply) => return reply,
            }
        } else {
            permit.sign()
        };
        let Signed { reply, fresh } = signed;
        let noted = self.agent().note_use(session, &reply.record, clock::now());
        if noted.learned {
            self.has_learned();
        }
        // A signature with a key that was ready puts off what is due: nobody is woken for that.
        let due_sooner = noted.ends_sooner || fresh.is_some();
        if let Some(fresh) = fresh {
            self.agent().keep(fresh, clock::now());
        }
        if due_sooner {
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
            self.changes().locked();
        }
        if purpose == Purpose::Unlock {
            // The wait belongs to this turn: the next guess starts after it.
            sleep(std::mem::take(&mut reply.after)).await;
        }
        reply
    }

    async fn finish(&self, reply: Reply, peer: &Peer) -> Response {
        let Reply { response, after, record } = reply;
        if matches!(record, Record::Added { .. } | Record::StoreUnlocked) {
            self.changed.notify_one();
        }
        if matches!(record, Record::HostsForgotten { .. } | Record::StoreUnlocked) {
            self.has_learned();
        }
        if matches!(record, Record::RemovedAll { .. }) {
            self.store().close();
        }
        if let Record::Signed { destination, .. } | Record::SignRefused { destination, .. } =
            &record
        {
            purpose::find_repository(destination, &peer.noted_requester());
        }
        let is_noted = self.note(&record, peer).await;
        if is_noted {
            self.tell_watchers(&record, peer);
        }
        if let Record::Signed { key, destination, .. } = &record
            && is_noted
            && self.rules().desktop.notify
        {
            let requester = peer.noted_requester();
            let purpose =
                purpose::Purpose { destination, requester: &requester, hash: self.hash() };
            self.desktop.tell(wording::used(key, purpose));
        }
        drop(record);
        if !after.is_zero() {
            Box::pin(sleep(after)).await;
        }
        if is_noted { response } else { Response::Failure }
    }
}

#[cfg(test)]
impl Driver {
    /// An agent without keys, with a patience that a test can wait for.
    pub(crate) fn with_patience(surroundings: &Surroundings, patience: Duration) -> Self {
        let rules = Rules::default();
        let agent = Agent::new(rules.policy()).unwrap();
        let helper = Helper::of_this_program();
        let menu = crate::starting::Recipes::of(surroundings, helper.program(), None);
        let programs = Arc::new(crate::starting::Programs::of(menu));
        let helper = helper.started_by(programs);
        let driver = Self::new(agent, rules, surroundings, None, helper, 1);
        Self { patience, ..driver }
    }

    /// By these rules, and with this log.
    pub(crate) fn logging(self, rules: Rules, log: Log) -> Self {
        self.set_rules(rules);
        Self { unlocker: Unlocker { log: Arc::new(log), ..self.unlocker }, ..self }
    }

    /// What is answered.
    pub(crate) async fn answers(&self, reply: Reply, peer: &Peer) -> Response {
        self.finish(reply, peer).await
    }
}
