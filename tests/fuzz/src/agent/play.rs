//! Plays a script, and compares.

use std::sync::Arc;
use std::time::Duration;

use keyfob_agent::limits::MAX_BINDINGS;
use keyfob_agent::{
    Agent, Answer, Derivation, Fetched, Forwarded, HostRule, ItemId, KeySelector, Moment, Now,
    PendingSign, Permit, Policy, Print, Profile, Purpose, Queued, Recalled, RequesterId, Scope,
    Session, SignRefusal, Step, StoredKey,
};
use keyfob_keys::shield::Derived;
use keyfob_keys::wire::Reader;
use keyfob_keys::{Algorithm, PrivateKey, PublicKey, Secret};
use keyfob_protocol::{
    AddIdentity, Constraints, Extension, PuttyRequest, Reply, Request, Response, SessionBind,
    SignRequest,
};

use crate::agent::cast::{self, CAST, IDS, USERS};
use crate::agent::model::{Model, Rules, Verdict, Wish, confirms, steps_of, stored};
use crate::agent::path::Path;
use crate::agent::script::Script;
use crate::agent::size;

const CONNECTIONS: usize = 4;
/// More than any script needs.
const WAITING: usize = 16;
const WORDS: [&[u8]; 3] = [b"one", b"two", b""];

/// Plays an input.
///
/// # Panics
/// Where the agent and the model differ.
pub fn run(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let mut play = Play::new();
    while !script.is_over() {
        play.act(&mut script);
        size::check(&play.agent.holdings(play.now()), &play.model);
    }
    let now = play.now();
    size::weigh(play.leaves(), now);
}

struct Play {
    agent: Agent,
    connections: Vec<(Session, Path)>,
    model: Model,
    /// Each with the number of its connection, and of how it was opened.
    questions: Vec<(usize, Wish, PendingSign)>,
    fetches: Vec<(usize, Wish, PendingSign)>,
    queued: Vec<(usize, Wish, Queued)>,
    derivations: Vec<(Derivation, Vec<u8>, u64)>,
    /// What the agent is locked with.
    word: Vec<u8>,
    seal: u8,
    /// How often a person was asked.
    asked: u64,
    /// What the agent remembered when it was last kept.
    kept: Vec<u8>,
}

impl Play {
    fn new() -> Self {
        let agent = Agent::new(Policy::default()).unwrap();
        let connections = (0..CONNECTIONS).map(open).collect();
        Self {
            agent,
            connections,
            model: Model::default(),
            questions: Vec::new(),
            fetches: Vec::new(),
            queued: Vec::new(),
            derivations: Vec::new(),
            word: Vec::new(),
            seal: 0,
            asked: 0,
            kept: Vec::new(),
        }
    }

    /// All but the agent goes.
    fn leaves(self) -> Agent {
        self.agent
    }

    fn now(&self) -> Now {
        Now { moment: Moment(Duration::from_secs(self.model.now)), unix: self.model.unix() }
    }

    fn act(&mut self, script: &mut Script<'_>) {
        let act = script.byte();
        let at = usize::from(act >> 4) % CONNECTIONS;
        match act & 15 {
            0 => self.lists(at),
            1 | 2 => self.sends(at, &adds(script)),
            3 => self.sends(at, &Request::Remove(CAST.keys[key(script)].public().blob())),
            4 | 5 => self.signs(at, script),
            6 => self.binds(at, script),
            7 => self.answers(script),
            8 => self.comes(script),
            9 => self.resumes(script),
            10 => {
                let word = Secret::from(WORDS[script.below(WORDS.len())].to_vec());
                let lock = if script.bit() { Request::Lock(word) } else { Request::Unlock(word) };
                self.sends(at, &lock);
            }
            11 => self.derives(script),
            12 => {
                let jump = u64::from(script.byte());
                self.model.now += if jump == 255 { 1 << 32 } else { jump };
                self.model.wall += i64::from(script.byte() as i8);
                self.model.expire();
                let _ = self.agent.tick(self.now().moment);
            }
            13 => self.is_elsewhere(at, script),
            14 => self.frame(at, script.bytes()),
            _ if act & 64 == 64 => self.remembers(script),
            _ if act & 32 == 32 => self.closes(at, script),
            _ => self.details(at),
        }
    }

    fn lists(&mut self, at: usize) {
        let frame = Request::Identities.encode().unwrap();
        self.frame(at, &frame[4..]);
        let watched = self.agent.watched(keyfob_keys::HashKind::Sha256, self.now());
        let all = if self.model.locked { 0 } else { self.model.keys.len() };
        assert_eq!(watched.total, all, "what a watcher is told");
    }

    fn details(&mut self, at: usize) {
        let frame = Request::Extension(Extension::Details).encode().unwrap();
        self.frame(at, &frame[4..]);
    }

    fn closes(&mut self, at: usize, script: &mut Script<'_>) {
        let request = match script.below(4) {
            0 => PuttyRequest::ListExtended,
            1 => PuttyRequest::ReencryptAll,
            2 => PuttyRequest::AddPpk(b"a file"),
            _ => PuttyRequest::Reencrypt(CAST.keys[key(script)].public().blob()),
        };
        self.sends(at, &Request::Extension(Extension::Putty(request)));
    }

    fn sends(&mut self, at: usize, request: &Request<'_>) {
        if let Ok(frame) = request.encode() {
            self.frame(at, &frame[4..]);
        }
    }

    fn signs(&mut self, at: usize, script: &mut Script<'_>) {
        let public = CAST.keys[key(script)].public().clone();
        let id = IDS[script.below(IDS.len())];
        let (host, kind) = (script.byte(), script.byte());
        let host = &CAST.hosts[usize::from(host) % CAST.hosts.len()].public;
        let user = USERS[usize::from(kind >> 4) % USERS.len()];
        let data = match kind & 7 {
            0 => b"data".to_vec(),
            1 => cast::login(id, user, &public, None),
            // By the certificate, or another key.
            2 => cast::login(id, user, CAST.keys[6].public(), Some(host)),
            _ => cast::login(id, user, &public, Some(host)),
        };
        let flags = [0, 0, 2, 4, 6, 1, 8, 1 << 31][script.below(8)];
        self.sends(at, &Request::Sign(SignRequest { key: public.blob(), data: &data, flags }));
    }

    fn binds(&mut self, at: usize, script: &mut Script<'_>) {
        let (host, id, how) = (script.byte(), script.below(IDS.len()), script.byte());
        let host = &CAST.hosts[usize::from(host) % CAST.hosts.len()];
        let signature = match how & 6 {
            // Of another session.
            6 => &host.signatures[(id + 1) % IDS.len()],
            _ => &host.signatures[id],
        };
        let bind = SessionBind {
            host_key: host.public.clone(),
            session_id: IDS[id],
            signature,
            forwarding: how & 1 == 1,
        };
        self.sends(at, &Request::Extension(Extension::SessionBind(bind)));
    }

    /// A frame's body of any bytes.
    fn frame(&mut self, at: usize, body: &[u8]) {
        let now = self.now();
        let (session, path) = &mut self.connections[at];
        let step = self.agent.handle(session, body, now);
        let decoded = Request::decode(body);
        if let Err(refusal) = &decoded {
            let reads =
                !self.model.locked || [11, 22, 23, 27].contains(&body.first().unwrap_or(&0));
            path.failed |= refusal.was_session_bind && reads;
        }
        match (step, decoded) {
            (step, Ok(Request::Sign(request))) => {
                let verdict = self.model.signs(path, &request);
                self.agrees(at, step, verdict, &request);
            }
            (Step::Reply(reply), Ok(Request::Identities)) => self.listed(at, &reply.response),
            (Step::Reply(reply), Ok(Request::Extension(Extension::Details))) => {
                self.listed(at, &reply.response);
            }
            (Step::Derive(derivation), Ok(Request::Lock(word) | Request::Unlock(word))) => {
                let is_lock = derivation.purpose() == Purpose::Lock;
                assert!(path.shows_only.is_none(), "a profile is not about all");
                assert!(is_lock != self.model.locked && !(is_lock && self.model.sealed));
                if self.derivations.len() < WAITING {
                    let word = secrecy::ExposeSecret::expose_secret(&word).to_vec();
                    self.derivations.push((derivation, word, self.model.locks));
                }
            }
            (Step::Store(_) | Step::Look(_), _) => {
                assert!(!path.is_remote(), "of this machine only");
            }
            (Step::Watch(_), _) => assert!(path.hops.is_empty() && !path.failed, "no ssh looks on"),
            (Step::Reply(reply), Ok(Request::Lock(_) | Request::Unlock(_)) | Err(_)) => {
                assert!(!succeeds(&reply.response));
            }
            (Step::Reply(reply), Ok(request)) => {
                let is_judged = !matches!(request, Request::Extension(Extension::Hosts(_)));
                let does = self.model.does(path, request);
                assert!(!is_judged || succeeds(&reply.response) == does, "{:?}", reply.record);
            }
            (Step::Ask(..) | Step::Fetch(..) | Step::Sign(_) | Step::Derive(_), _) => {
                panic!("a step for a request that wants none")
            }
        }
        let (session, path) = &self.connections[at];
        assert_eq!(session.failed(), path.failed);
        assert_eq!(session.bindings().len(), path.hops.len());
        assert!(path.hops.len() <= MAX_BINDINGS);
    }

    /// Just what this connection may see.
    fn listed(&self, at: usize, response: &Response) {
        let frame = response.encode();
        let mut listed = match Reply::decode(&frame[4..]).expect("an answer") {
            Reply::Identities(keys) => keys.into_iter().map(|key| key.key_blob).collect(),
            Reply::Details(details) => {
                assert_eq!(details.locked, self.model.locked);
                assert!(details.locked || details.sealed == self.model.sealed);
                details.identities.into_iter().map(|key| key.key_blob).collect::<Vec<_>>()
            }
            other => panic!("{other:?} is no list"),
        };
        // What a host took comes first.
        listed.sort();
        let mut wanted = self.model.shown(&self.connections[at].1);
        wanted.sort();
        assert_eq!(listed, wanted, "what is shown");
    }

    /// A new request to sign.
    fn agrees(&mut self, at: usize, step: Step, verdict: Verdict, request: &SignRequest<'_>) {
        let number = self.model.find(request.key).map_or(0, |key| key.number);
        let (blob, data) = (request.key.to_vec(), request.data.to_vec());
        let wish = Wish { blob, number, data, flags: request.flags, confirmed: false };
        self.goes(at, step, verdict, wish);
    }

    fn goes(&mut self, at: usize, step: Step, verdict: Verdict, wish: Wish) {
        match (step, verdict) {
            (Step::Reply(reply), Verdict::Refuses) => {
                assert_eq!(reply.response, Response::Failure);
            }
            (Step::Ask(_, pending), Verdict::Asks) => {
                // Who asks is each time another: nothing was allowed before.
                self.asked += 1;
                let who = RequesterId::new(&self.asked.to_be_bytes());
                let session = &self.connections[at].0;
                let recalled = self.agent.recalled(session, pending, Some(who), self.now());
                let Recalled::Unanswered(_, pending) = recalled else { panic!("nobody was asked") };
                self.questions.push((at, wish, pending));
                self.questions.truncate(WAITING);
            }
            (Step::Fetch(wanted, pending), Verdict::Fetches) => {
                let is_stored = self.model.find(&wish.blob).is_some_and(|key| key.is_stored);
                assert_eq!(wanted.item.is_some(), is_stored);
                assert!(wanted.passphrase_since.is_none());
                self.fetches.push((at, wish, pending));
                self.fetches.truncate(WAITING);
            }
            (Step::Sign(permit), Verdict::Signs) => self.may(at, permit, wish),
            (step, verdict) => panic!("the model {verdict:?}, the agent {}", name(&step)),
        }
    }

    /// It signs now, or waits for its turn, as the data wants it.
    fn may(&mut self, at: usize, permit: Permit, wish: Wish) {
        if wish.data.len() % 3 == 0 && self.queued.len() < WAITING {
            self.queued.push((at, wish, permit.queue()));
            return;
        }
        self.signs_right(at, permit, &wish);
    }

    fn signs_right(&self, at: usize, permit: Permit, wish: &Wish) {
        let signed = permit.sign();
        let Response::Signature(signature) = &signed.reply.response else {
            panic!("permitted and not made: {:?}", signed.reply.record)
        };
        let public = PublicKey::from_blob(&wish.blob).unwrap();
        public.plain().verify_allowing_sha1(&wish.data, signature).expect("a right signature");
        if public.algorithm() == Algorithm::Rsa {
            let wanted: &[u8] = match wish.flags {
                0 => b"ssh-rsa",
                2 => b"rsa-sha2-256",
                _ => b"rsa-sha2-512",
            };
            assert_eq!(Reader::new(signature).string().unwrap(), wanted, "flags {}", wish.flags);
        }
        if let Some(fresh) = signed.fresh {
            self.agent.keep(fresh, self.now());
        }
        let session = &self.connections[at].0;
        let _ = self.agent.note_use(session, &signed.reply.record, self.now());
    }

    fn answers(&mut self, script: &mut Script<'_>) {
        let Some((at, mut wish, pending)) = take(&mut self.questions, script) else { return };
        let answer = match script.below(8) {
            0 => Answer::No,
            1 => Answer::TimedOut,
            2 => Answer::ClientGone,
            3 => Answer::CannotAsk("no way".into()),
            4 => Answer::Allowed(Scope::Session),
            5 => Answer::Allowed(Scope::For(Duration::from_secs(20))),
            _ => Answer::Allowed(Scope::Once),
        };
        wish.confirmed = matches!(answer, Answer::Allowed(_));
        let (session, path) = &self.connections[at];
        let verdict = match wish.confirmed {
            true => self.model.goes_on(path, &wish, false),
            false => Verdict::Refuses,
        };
        let step = self.agent.answered(session, pending, answer, self.now());
        self.goes(at, step, verdict, wish);
    }

    /// What was to be fetched comes, or something else.
    fn comes(&mut self, script: &mut Script<'_>) {
        let Some((at, wish, pending)) = take(&mut self.fetches, script) else { return };
        let (session, path) = &self.connections[at];
        let key = CAST.keys.iter().find(|key| key.public().blob() == wish.blob);
        let (fetched, verdict) = match (script.below(8), key) {
            (0, _) => (Fetched::Refused(SignRefusal::Locked), Verdict::Refuses),
            (1, _) => (Fetched::Open, self.model.goes_on(path, &wish, true)),
            (2, _) => {
                let other = &CAST.keys[4];
                let is_right = other.public().blob() == wish.blob;
                (Fetched::Key(copy(other)), self.model.fetched(path, &wish, is_right))
            }
            (_, Some(key)) => (Fetched::Key(copy(key)), self.model.fetched(path, &wish, true)),
            (_, None) => (Fetched::Open, self.model.goes_on(path, &wish, true)),
        };
        let step = self.agent.fetched(session, pending, fetched, self.now());
        self.goes(at, step, verdict, wish);
    }

    fn resumes(&mut self, script: &mut Script<'_>) {
        let Some((at, wish, queued)) = take(&mut self.queued, script) else { return };
        let (session, path) = &self.connections[at];
        let verdict = self.model.goes_on(path, &wish, false);
        match (self.agent.resumed(session, queued, self.now()), verdict) {
            (Ok(permit), Verdict::Signs) => self.signs_right(at, permit, &wish),
            (Err(reply), Verdict::Refuses) => assert_eq!(reply.response, Response::Failure),
            (resumed, verdict) => panic!("the model {verdict:?}, resumed: {}", resumed.is_ok()),
        }
    }

    /// A lock or an unlock is ready.
    fn derives(&mut self, script: &mut Script<'_>) {
        let Some((derivation, word, lock)) = take(&mut self.derivations, script) else { return };
        let purpose = derivation.purpose();
        let reply = self.agent.derived(derivation.run(), self.now());
        let model = &mut self.model;
        let works = match purpose {
            Purpose::Lock => !model.locked && !model.sealed,
            Purpose::Unlock => model.locked && word == self.word && lock == model.locks,
        };
        assert_eq!(succeeds(&reply.response), works, "{purpose:?}: {:?}", reply.record);
        match purpose {
            Purpose::Lock if works => {
                (model.locked, self.word) = (true, word);
                model.locks += 1;
                model.unload();
            }
            Purpose::Unlock if works => model.locked = false,
            _ => {}
        }
    }

    /// What it has learned is kept, comes back or is forgotten; none of it is a right.
    fn remembers(&mut self, script: &mut Script<'_>) {
        let now = self.now();
        match script.below(4) {
            0 => {
                if let Some((number, kept)) = self.agent.to_keep(now) {
                    self.agent.kept(number, now);
                    self.kept = kept;
                }
            }
            1 => assert!(self.kept.is_empty() || self.agent.recall(&self.kept, now)),
            2 => {
                let of = |host: &cast::Host| Print::of(&host.public);
                let prints: Vec<_> = CAST.hosts.iter().map(of).collect();
                let _ = self.agent.forget(&prints[script.below(prints.len())..], now);
            }
            _ => {
                let _ = self.agent.forget_all(now);
            }
        }
    }

    /// What comes from elsewhere than a client.
    fn is_elsewhere(&mut self, at: usize, script: &mut Script<'_>) {
        let now = self.now();
        match script.below(8) {
            0 => {
                let _ = self.agent.drop_all();
                self.model.empty();
            }
            1 => {
                self.connections[at] = open(at);
                self.questions.retain(|(of, ..)| *of != at);
                self.fetches.retain(|(of, ..)| *of != at);
                self.queued.retain(|(of, ..)| *of != at);
            }
            2 | 3 => {
                let is_there = script.byte() % 4 != 0;
                self.agent.set_stored(if is_there { of_store() } else { Vec::new() }, now);
                self.model.set_stored(is_there);
            }
            4 => {
                self.agent.show_all_stored(now);
                self.model.show_all();
            }
            5 => {
                let seal = script.byte() % 2;
                let sealed = self.agent.seal(derived(seal), now).is_ok();
                assert_eq!(sealed, !self.model.sealed && !self.model.locked);
                if sealed {
                    (self.model.sealed, self.seal) = (true, seal);
                    self.model.unload();
                }
            }
            6 => {
                let seal = script.byte() % 2;
                let opened = self.agent.unseal(derived(seal), now);
                assert_eq!(opened, !self.model.sealed || seal == self.seal);
                self.model.sealed &= !opened;
            }
            _ => {
                let rules = script.byte();
                self.model.rules = Rules {
                    no_sha1: rules & 1 == 1,
                    local_only: rules & 2 == 2,
                    session: (rules & 4 == 4).then_some(20),
                };
                self.agent.set_policy(policy(self.model.rules));
            }
        }
        assert_eq!(self.agent.is_sealed(now), self.model.sealed);
        assert_eq!(self.agent.is_locked(now), self.model.locked);
    }
}

/// The last connection is through a socket that shows some keys only.
fn open(at: usize) -> (Session, Path) {
    let profile = || Profile { name: "p".to_owned(), keys: vec![KeySelector::new("p*")] };
    let profile = (at + 1 == CONNECTIONS).then(|| Arc::new(profile()));
    let path = Path { shows_only: profile.as_ref().map(|_| b'p'), ..Path::default() };
    (Session::with(profile), path)
}

fn policy(rules: Rules) -> Policy {
    let any = |forwarded| HostRule {
        matches: vec!["*".to_owned()],
        forwarded: Some(forwarded),
        ..HostRule::default()
    };
    let hosts = rules.local_only.then(|| any(Forwarded::Deny));
    Policy {
        allow_rsa_sha1: !rules.no_sha1,
        session: rules.session.map(Duration::from_secs),
        hosts: hosts.into_iter().collect(),
        ..Policy::default()
    }
}

fn of_store() -> Vec<StoredKey> {
    let one = |(at, public): (usize, &PublicKey)| StoredKey {
        item: ItemId([at as u8; 16]),
        generation: 1,
        public: public.clone(),
        comment: b"stored".as_slice().into(),
        rules: Some(keyfob_agent::Rules {
            confirm: confirms(at),
            destinations: steps_of(at).into(),
            ..keyfob_agent::Rules::default()
        }),
    };
    stored().enumerate().map(one).collect()
}

fn derived(seal: u8) -> Derived {
    Derived::of_key(&[seal; 32]).unwrap()
}

/// A private key is not to be copied; here its fields are written and read.
fn copy(key: &PrivateKey) -> PrivateKey {
    let mut fields = zeroize::Zeroizing::new(Vec::new());
    key.encode(&mut fields);
    PrivateKey::decode(&mut Reader::new(&fields)).unwrap()
}

fn key(script: &mut Script<'_>) -> usize {
    script.below(CAST.keys.len())
}

fn adds(script: &mut Script<'_>) -> Request<'static> {
    let at = key(script);
    let (how, more) = (script.byte(), script.byte());
    let mut destinations = Vec::new();
    let host = |bits: u8| usize::from(bits) % CAST.hosts.len();
    if how & 4 == 4 {
        let user = [&b""[..], b"", b"dep*", b"m?"][usize::from(more & 3)];
        destinations.push(cast::step(None, host(more >> 2), user));
    }
    if how & 8 == 8 {
        destinations.push(cast::step(Some(host(more >> 2)), host(more >> 4), b""));
    }
    let constraints = Constraints {
        confirm: how & 1 == 1,
        lifetime: (how & 2 == 2).then_some(u32::from(more >> 5)),
        idle: (how & 16 == 16).then_some(u32::from(more >> 6) * 9),
        destinations,
    };
    let comment = if how & 32 == 32 { b"p".to_vec() } else { b"key".to_vec() };
    Request::Add(Box::new(AddIdentity { key: copy(&CAST.keys[at]), comment, constraints }))
}

fn take<T>(waiting: &mut Vec<T>, script: &mut Script<'_>) -> Option<T> {
    let at = script.below(WAITING);
    (!waiting.is_empty()).then(|| waiting.remove(at % waiting.len()))
}

fn succeeds(response: &Response) -> bool {
    !matches!(response, Response::Failure | Response::ExtensionFailure)
}

fn name(step: &Step) -> String {
    match step {
        Step::Reply(reply) => format!("{:?}", reply.record),
        Step::Ask(..) => "asks".to_owned(),
        Step::Fetch(..) => "fetches".to_owned(),
        Step::Sign(_) => "signs".to_owned(),
        Step::Store(_) | Step::Watch(_) | Step::Derive(_) | Step::Look(_) => {
            "does something else".to_owned()
        }
    }
}
