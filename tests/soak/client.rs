//! One client, and what it may expect.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use keyfob_keys::PublicKey;
use keyfob_testkit::wire::number;
use keyfob_testkit::{Destination, Hop, Host, KeyFile, Message, Notary, RawClient, userauth};

use crate::chance::Chance;
use crate::everybody::Everybody;
use crate::held::Held;

/// Keys that come and go.
const KEYS: u8 = 5;
/// The pause between two acts: the agent works, and the machine does not labour.
const PAUSE: Duration = Duration::from_millis(80);
/// A lifetime in seconds, and when it is certainly over.
const BRIEF: u32 = 1;
const BRIEF_IS_OVER: Duration = Duration::from_millis(2100);

/// Where the clients are.
pub(crate) struct Place<'a> {
    pub(crate) socket: &'a Path,
    pub(crate) rsa: KeyFile,
    /// Keys of the key store.
    pub(crate) stored: Vec<Vec<u8>>,
    /// Where keys with a destination may be used, and where not.
    pub(crate) here: Host,
    pub(crate) elsewhere: Host,
    pub(crate) notary: &'a Notary,
    /// A client has failed: the others need not go on.
    pub(crate) failed: AtomicBool,
}

/// A client with keys of its own.
pub(crate) struct Client<'a> {
    number: u8,
    place: &'a Place<'a>,
    everybody: &'a RwLock<Everybody>,
    chance: Chance,
    connection: RawClient,
    keys: Vec<Held>,
    /// Always there: a person says yes, no, nothing; only for one host.
    yes: Held,
    no: Held,
    waits: Held,
    bound: Held,
    brief: Held,
    /// Which of its keys the agent holds, by their comments.
    held: BTreeMap<String, usize>,
    /// How often all keys had been removed when it settled.
    settled: Option<u64>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(number: u8, place: &'a Place<'a>, everybody: &'a RwLock<Everybody>) -> Self {
        let key = |at: u8, what: &str| Held::new(number, at, format!("{what} of {number}"));
        let mut keys: Vec<Held> = (0..KEYS).map(|at| key(at, &format!("key {at}"))).collect();
        if number == 1 {
            keys.push(Held::of(&place.rsa, format!("rsa of {number}")));
        }
        Self {
            number,
            place,
            everybody,
            chance: Chance::new(u64::from(number)),
            connection: RawClient::connect(place.socket),
            keys,
            yes: key(20, "yes"),
            no: key(24, "no"),
            waits: key(28, "waits"),
            bound: key(32, "bound"),
            brief: key(36, "brief"),
            held: BTreeMap::new(),
            settled: None,
        }
    }

    /// Works; says how many acts there were.
    pub(crate) fn works_until(mut self, until: Instant) -> u64 {
        let mut acts = 0;
        while Instant::now() < until && !self.is_over() {
            let what = self.chance.below(100);
            let act = panic::catch_unwind(AssertUnwindSafe(|| self.act(what)));
            if let Err(panic) = act {
                self.place.failed.store(true, Ordering::Relaxed);
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
                panic!("client {}, act {acts} ({what}): {text:?}", self.number);
            }
            acts += 1;
            sleep(PAUSE / 2 + PAUSE.mul_f64(f64::from(self.chance.number() as u8) / 255.0));
        }
        acts
    }

    /// Acts of each kind.
    pub(crate) fn does_everything_once(&mut self) {
        (0..100).for_each(|what| self.act(what));
    }

    /// Whether something failed elsewhere.
    fn is_over(&self) -> bool {
        self.everybody.is_poisoned() || self.place.failed.load(Ordering::Relaxed)
    }

    fn act(&mut self, what: usize) {
        let everybody = self.everybody.read().unwrap_or_else(PoisonError::into_inner);
        if self.settled != Some(everybody.emptied) {
            self.settled = Some(everybody.emptied);
            self.settles();
        }
        let data = self.chance.bytes(64);
        match what {
            0..32 => self.signs(&data),
            32..42 => self.lists(),
            42..54 => self.adds(),
            54..62 => self.removes(),
            62..70 => self.logs_in(&data),
            70..76 => self.yes.signs(&mut self.connection, &data),
            76..79 => self.no.refuses(&mut self.connection, &data),
            79..83 => self.abandons_a_question(&data),
            83..91 => self.leaves_in_the_middle(&data),
            91..95 => self.uses_the_store(&data),
            95..97 => {
                let lifetime = Message::fields().byte(number::CONSTRAIN_LIFETIME).number(BRIEF);
                self.connection.request(&self.brief.add(&lifetime)).succeeds();
                self.brief.signs(&mut self.connection, &data);
                drop(everybody);
                sleep(BRIEF_IS_OVER);
                let everybody = self.everybody.read();
                let _everybody = everybody.unwrap_or_else(PoisonError::into_inner);
                self.brief.refuses(&mut self.connection, &data);
            }
            _ => {
                let nonsense = self.chance.bytes(40);
                self.connection.request(&Message::new(99).raw(nonsense)).fails();
                let cut = self.keys[0].add(&Message::fields()).shortened(9);
                self.connection.request(&cut).fails();
            }
        }
    }

    /// Adds what is always there.
    fn settles(&mut self) {
        self.held.clear();
        let confirm = Message::fields().byte(number::CONSTRAIN_CONFIRM);
        let host = &self.place.here;
        let destination = Destination::direct(Hop::host(&host.name, &host.key));
        let bound = self.bound.add(&Destination::constraint(&[destination]));
        let added = [&self.yes, &self.no, &self.waits].map(|key| key.add(&confirm));
        added.iter().chain([&bound]).for_each(|add| self.connection.request(add).succeeds());
    }

    fn signs(&mut self, data: &[u8]) {
        let key = self.chance.below(self.keys.len());
        let (key, held) = (&self.keys[key], &self.held);
        match held.contains_key(&key.comment) {
            true => key.signs(&mut self.connection, data),
            false => key.refuses(&mut self.connection, data),
        }
    }

    fn lists(&mut self) {
        let mine = format!(" of {}", self.number);
        let listed = self.connection.comments();
        let mut listed: Vec<String> =
            listed.into_iter().filter(|name| name.ends_with(&mine)).collect();
        listed.retain(|name| *name != self.brief.comment);
        listed.sort();
        let mut wanted: Vec<String> = self.held.keys().cloned().collect();
        let standing = [&self.yes, &self.no, &self.waits, &self.bound];
        wanted.extend(standing.map(|key| key.comment.clone()));
        wanted.sort();
        assert_eq!(listed, wanted);
    }

    fn adds(&mut self) {
        let at = self.chance.below(self.keys.len());
        let key = &self.keys[at];
        let hour = Message::fields().byte(number::CONSTRAIN_LIFETIME).number(3600 * 24);
        let constraints = if self.chance.below(2) == 0 { hour } else { Message::fields() };
        self.connection.request(&key.add(&constraints)).succeeds();
        self.held.insert(key.comment.clone(), at);
    }

    fn removes(&mut self) {
        let at = self.chance.below(self.keys.len());
        let key = &self.keys[at];
        let remove = Message::new(number::REMOVE_IDENTITY).string(key.blob());
        let reply = self.connection.request(&remove);
        match self.held.remove(&key.comment) {
            Some(_) => reply.succeeds(),
            None => reply.fails(),
        }
    }

    /// Binds a connection of its own, to the host its key is for or to the other one.
    fn logs_in(&mut self, session: &[u8]) {
        let is_here = self.chance.below(2) == 0;
        let Place { here, elsewhere, notary, .. } = self.place;
        let host = if is_here { here } else { elsewhere };
        let mut connection = RawClient::connect(self.place.socket);
        notary.bind(host, session, false).sent_on(&mut connection);
        let blob = self.bound.blob();
        let shown = connection.list().iter().any(|(listed, _)| listed == blob);
        assert_eq!(shown, is_here, "shown to the host it is for");
        let name = self.bound.public.type_name();
        let login = userauth(session, "me", name, blob, Some(&host.key.blob()));
        match is_here {
            true => self.bound.signs(&mut connection, &login),
            false => self.bound.refuses(&mut connection, &login),
        }
    }

    /// Goes before a person has answered.
    fn abandons_a_question(&mut self, data: &[u8]) {
        let mut connection = RawClient::connect(self.place.socket);
        let sign = Message::new(number::SIGN_REQUEST).string(self.waits.blob()).string(data);
        connection.send(&sign.number(0).frame());
        sleep(Duration::from_millis(self.chance.number() % 256));
    }

    /// Goes within a frame, or before it has read the answer.
    fn leaves_in_the_middle(&mut self, data: &[u8]) {
        let mut connection = RawClient::connect(self.place.socket);
        let sign = Message::new(number::SIGN_REQUEST).string(self.bound.blob()).string(data);
        let frame = match self.chance.below(3) {
            0 => sign.number(0).frame(),
            1 => self.keys[0].add(&Message::fields()).byte(99).frame(),
            _ => Message::new(number::REQUEST_IDENTITIES).frame().repeat(20),
        };
        let end = 1 + self.chance.below(frame.len());
        connection.send(&frame[..end]);
    }

    fn uses_the_store(&mut self, data: &[u8]) {
        let blob = &self.place.stored[self.chance.below(self.place.stored.len())];
        let signature = self.connection.sign(blob, data, 0).signature();
        let public = PublicKey::from_blob(blob).unwrap();
        public.verify(data, &signature.blob).expect("a good signature");
    }
}
