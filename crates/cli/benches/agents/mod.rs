//! Two agents with the same keys: OpenSSH's and ours.

#![allow(dead_code, reason = "each benchmark uses a part")]

use std::fs;
use std::time::Duration;

use keyfob_keys::PrivateKey;
use keyfob_keys::wire::Put as _;
use keyfob_testkit::{Implementation, KeyFile, KeyType, Message, RawClient, RunningAgent, World};
use zeroize::Zeroizing;

/// Message numbers (RFC 9987).
const LIST: u8 = 11;
const SIGN: u8 = 13;
const ADD: u8 = 17;

/// What a login makes an agent sign is about this long.
const DATA: [u8; 200] = [0x5a; 200];

/// SHA-512 signatures for RSA, as ssh asks for.
const FLAGS: u32 = 4;

/// The key types that sign, cheapest first.
pub(crate) const SIGNERS: [Kind; 7] = [
    Kind("ed25519", KeyType::Ed25519),
    Kind("p256", KeyType::EcdsaP256),
    Kind("p384", KeyType::EcdsaP384),
    Kind("p521", KeyType::EcdsaP521),
    Kind("rsa-2048", KeyType::Rsa2048),
    Kind("rsa-3072", KeyType::Rsa3072),
    Kind("rsa-4096", KeyType::Rsa4096),
];

/// A key type and its name in the tables.
#[derive(Clone, Copy)]
pub(crate) struct Kind(&'static str, KeyType);

impl Kind {
    pub(crate) fn label(self) -> &'static str {
        self.0
    }
}

/// Both agents.
pub(crate) struct Pair {
    sides: Vec<Side>,
}

/// One of them.
pub(crate) struct Side {
    world: World,
    agent: RunningAgent,
}

impl Pair {
    /// With one key of each of these types.
    pub(crate) fn holding(kinds: &[Kind]) -> Self {
        Self::filled(|world, agent| {
            for kind in kinds {
                agent.add(&world.key(kind.1, kind.0));
            }
        })
    }

    /// With this many Ed25519 keys.
    pub(crate) fn holding_many(count: u32) -> Self {
        Self::filled(|_, agent| {
            let mut client = agent.client();
            for number in 0..count {
                client.request(&add_request(number)).succeeds();
            }
        })
    }

    fn filled(fill: impl Fn(&World, &RunningAgent)) -> Self {
        let sides = Implementation::BOTH.map(|implementation| {
            let world = World::new(implementation).expect("both agents");
            let agent = world.agent();
            fill(&world, &agent);
            Side { world, agent }
        });
        Self { sides: sides.into() }
    }

    /// OpenSSH's first.
    pub(crate) fn sides(&self) -> &[Side] {
        &self.sides
    }
}

impl Side {
    pub(crate) fn label(&self) -> &'static str {
        self.world.implementation().label()
    }

    pub(crate) fn client(&self) -> RawClient {
        self.agent.client()
    }

    /// Adds one more key.
    pub(crate) fn add(&self, key: &KeyFile) {
        self.client().request(&key.add_message(ADD, "one more")).succeeds();
    }

    /// A sign request for the key number `index` of the list.
    pub(crate) fn sign_request(&self, index: usize) -> Message {
        let (blob, _) = self.agent.list().swap_remove(index);
        Message::new(SIGN).string(blob).string(DATA).number(FLAGS)
    }

    /// User and system time the agent has used so far.
    pub(crate) fn cpu(&self) -> Duration {
        let pid = self.agent.pid().as_raw_nonzero();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        // Fields 14 and 15 of proc_pid_stat(5), in ticks of 1/100 s.
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }
}

pub(crate) fn list_request() -> Message {
    Message::new(LIST)
}

fn add_request(number: u32) -> Message {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    let mut body = Zeroizing::new(Vec::new());
    PrivateKey::ed25519_from_seed(&seed).encode(&mut body);
    body.put_string(format!("key {number}").as_bytes());
    Message::new(ADD).raw(body.as_slice())
}
