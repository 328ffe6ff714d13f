//! What concerns every client: done while none of them asks for anything.

use keyfob_testkit::wire::number;
use keyfob_testkit::{KeyStore, Message, RawClient, RunningAgent};

use crate::client::Place;
use crate::held::Held;

const PASSPHRASE: &str = "while nobody is here";

/// What all clients have to know.
#[derive(Default)]
pub(crate) struct Everybody {
    /// How often all keys were removed.
    pub(crate) emptied: u64,
}

impl Everybody {
    pub(crate) fn does_something(
        &mut self,
        turn: u64,
        store: &KeyStore<'_>,
        agent: &RunningAgent,
        place: &Place<'_>,
    ) {
        match turn % 6 {
            0 | 3 => is_locked(agent),
            1 | 4 => store_is_locked(store, agent, place),
            2 => drop(agent.comments()),
            _ => {
                agent.client().request(&Message::new(number::REMOVE_ALL)).succeeds();
                assert!(agent.list().is_empty(), "all keys were removed");
                // Brings those of the store back.
                store.command_with(agent, "unlock").output().exits(0);
                assert_eq!(agent.list().len(), place.stored.len());
                self.emptied += 1;
            }
        }
    }
}

/// With a passphrase of the agent's own.
fn is_locked(agent: &RunningAgent) {
    let key = a_key();
    let mut client = agent.client();
    client.request(&key.add(&Message::fields())).succeeds();
    let before = lasting(&mut client);
    let word = |kind, word: &str| Message::new(kind).string(word);
    client.request(&word(number::LOCK, PASSPHRASE)).succeeds();
    assert!(client.list().is_empty(), "it is locked");
    key.refuses(&mut client, b"data");
    client.request(&key.add(&Message::fields())).fails();
    client.request(&word(number::UNLOCK, "another word")).fails();
    client.request(&word(number::UNLOCK, PASSPHRASE)).succeeds();
    assert_eq!(lasting(&mut client), before);
    key.signs(&mut client, b"data");
    client.request(&Message::new(number::REMOVE_IDENTITY).string(key.blob())).succeeds();
}

/// With the key store, whose passphrase the person knows.
fn store_is_locked(store: &KeyStore<'_>, agent: &RunningAgent, place: &Place<'_>) {
    let key = a_key();
    let mut client = agent.client();
    // It may be locked by a lock of the agent's own; then this opens it.
    client.sign(&place.stored[0], b"data", 0).signature();
    client.request(&key.add(&Message::fields())).succeeds();
    let before = lasting(&mut client);
    store.command_with(agent, "lock").output().exits(0);
    assert_eq!(lasting(&mut client), before, "what is locked is shown");
    client.request(&key.add(&Message::fields())).fails();
    key.signs(&mut client, b"data");
    client.sign(&place.stored[1], b"data", 0).signature();
    client.request(&Message::new(number::REMOVE_IDENTITY).string(key.blob())).succeeds();
}

/// How many keys there are, but for those whose time may be up at any moment.
fn lasting(client: &mut RawClient) -> usize {
    client.comments().iter().filter(|name| !name.starts_with("brief")).count()
}

fn a_key() -> Held {
    Held::new(0, 0, "everybody's".to_owned())
}
