//! Key files that clients give to the agent (PuTTY's `add-ppk`): looked into by the helper that reads
//! linked files, and opened by it when a key is needed and a person gives the passphrase.
//!
//! Requests for one key share one question, and one question is put at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use keyfob_agent::{
    Agent, Fetched, KeptFile, KeyName, PendingSign, Record, Refusal, Reply, Session, SignRefusal,
};
use keyfob_keys::Secret;
use keyfob_protocol::Response;
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;

use crate::driver::Driver;
use crate::limits::PAUSE_FOR_REMOTE;
use crate::linked::{self, Helper, Problem};
use crate::live_rules::LiveRules;
use crate::peer::Peer;
use crate::purpose::{self, Purpose};
use crate::store::Questions;
use crate::ways::{Manner, Wanted, Ways};
use crate::{clock, wording};

/// How often a passphrase may be wrong before the requests are refused.
const TRIES: usize = 3;

/// Questions for the passphrases of kept files.
pub(crate) struct KeptFiles {
    /// The question for each key: open, or answered a short while ago.
    questions: Mutex<HashMap<Vec<u8>, Arc<Questions>>>,
    turn: Arc<Semaphore>,
}

impl Default for KeptFiles {
    fn default() -> Self {
        Self { questions: Mutex::default(), turn: Arc::new(Semaphore::new(1)) }
    }
}

/// What it takes to open one, for a task of its own.
struct Opener {
    agent: Arc<Agent>,
    helper: Arc<Helper>,
    ways: Arc<Ways>,
    rules: Arc<LiveRules>,
    turn: Arc<Semaphore>,
    file: Arc<KeptFile>,
    key: KeyName,
    question: String,
    requester: Option<u32>,
    remote: bool,
}

impl Driver {
    /// Has a key file that a client gave looked into, and gives the agent what is in it.
    pub(crate) async fn look(&self, file: &Secret, session: &Session, peer: &Peer) -> Reply {
        let refused = |why| Reply::with(Response::ExtensionFailure, Record::Refused(why));
        if !self.has_room_for_a_key() {
            return refused(Refusal::NoMemory);
        }
        let bytes = file.expose_secret();
        match linked::look(self.helper(), bytes).await {
            Ok(found) => self.agent().given(session, found, bytes, clock::now()),
            Err(problem) => {
                let words = wording::shown(problem.to_string().as_bytes());
                self.refusals().note(format!("a key file from {peer} was not taken: {words}"));
                refused(Refusal::BadFile(words.into()))
            }
        }
    }

    /// Opens a kept file: asks for its passphrase, or waits for the answer to who asked before.
    pub(crate) async fn open_kept(
        &self,
        file: Arc<KeptFile>,
        pending: &PendingSign,
        peer: &Peer,
    ) -> Fetched {
        let questions = self.kept().of(pending.key());
        let remote = pending.destination().remote;
        if remote && questions.pauses(PAUSE_FOR_REMOTE) {
            let why = "its passphrase was not given when last asked for";
            return Fetched::Refused(SignRefusal::FileClosed(why));
        }
        let unlocker = self.unlocker();
        let opener = Opener {
            agent: Arc::clone(&unlocker.agent),
            helper: Arc::clone(self.helper()),
            ways: Arc::clone(&unlocker.ways),
            rules: Arc::clone(&unlocker.rules),
            turn: Arc::clone(&self.kept().turn),
            file,
            key: pending.key().clone(),
            question: self.question_for_file(pending, peer),
            requester: peer.pid(),
            remote,
        };
        tracing::info!("a key is in an encrypted file; asking for its passphrase, for {peer}");
        let noted = self.note_passphrase(pending, peer);
        let no_end = SignRefusal::FileClosed("the question for its passphrase came to no end");
        let asked = questions.ask(|| opener.open(), no_end).await;
        noted.opened(asked.as_ref());
        match asked {
            Ok(()) => Fetched::Open,
            Err(why) => Fetched::Refused(why),
        }
    }

    fn question_for_file(&self, pending: &PendingSign, peer: &Peer) -> String {
        let (destination, requester) = (pending.destination(), peer.requester());
        purpose::find_repository(destination, &requester);
        let purpose = Purpose { destination, requester: &requester, hash: self.hash() };
        wording::opening(pending.key(), purpose)
    }
}

impl KeptFiles {
    fn of(&self, key: &KeyName) -> Arc<Questions> {
        let mut all = self.questions.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody waits for it, and what came of it is old.
        all.retain(|_, one| Arc::strong_count(one) > 1 || one.pauses(PAUSE_FOR_REMOTE));
        Arc::clone(all.entry(key.public.blob().to_vec()).or_default())
    }
}

impl Opener {
    /// Asks until the passphrase is right, or nobody gives another.
    async fn open(self) -> Result<(), SignRefusal> {
        // Never closed; and going on without a turn would do no harm.
        let _turn = self.turn.acquire().await;
        let mut text = self.question.clone();
        for _ in 0..TRIES {
            let passphrase = self.asked(&text).await?;
            let (file, public) = (self.file.bytes(), &self.key.public);
            match linked::open_kept(&self.helper, file, &passphrase, public).await {
                Ok(key) => return self.agent.opened(&self.file, key, clock::now()),
                Err(Problem::WrongPassphrase) => {
                    text = format!("Wrong passphrase, try again.\n{}", self.question);
                }
                Err(problem) => {
                    let words = wording::shown(problem.to_string().as_bytes());
                    tracing::warn!("a key file a client gave cannot be opened: {words}");
                    return Err(SignRefusal::FileClosed("it cannot be opened, see the log"));
                }
            }
        }
        Err(SignRefusal::FileClosed("wrong passphrase"))
    }

    async fn asked(&self, text: &str) -> Result<Secret, SignRefusal> {
        let rules = self.rules.now();
        let manner = Manner { ways: &rules.ways, limit: rules.confirm_timeout };
        let (requester, remote) = (self.requester, self.remote);
        let wanted = Wanted { text, requester, remote, watchers: None };
        let words = "the passphrase of a key file cannot be asked for";
        let answer = self.ways.passphrase(wanted, manner).await;
        answer.map_err(|why| why.refusal(SignRefusal::FileClosed, words))
    }
}
