//! How large the agent may be: what a client can make it hold is counted, and nothing but what is
//! counted takes room.

use keyfob_agent::fuzzing::Holdings;
use keyfob_agent::limits::{MAX_APPROVALS, MAX_REMEMBERED, MAX_REMEMBERED_USES};
use keyfob_agent::{Agent, Now};
use keyfob_sys::fuzzing::held;

use crate::agent::cast::CAST;
use crate::agent::model::Model;

/// What an agent keeps that was emptied: rules for hosts, and its tables, which have room for as much
/// as they once held. The largest are the four answers, and where to find a key.
const EMPTY: usize = 2 << 10;
/// The first table of keys, which has room for more than one.
const PLACES: usize = 3 << 10;
/// A key beside its text: its place, its sealed half, what signs with it. RSA takes the most.
const KEY: usize = 3 << 10;
/// A destination: two names, and keys of hosts, which may be certificates.
const DESTINATION: usize = 2 << 10;
/// One thing that is remembered, in a table that may be half empty.
const NOTE: usize = 512;

/// Each limit holds, and nothing stays of what has gone.
pub(crate) fn check(holds: &Holdings, model: &Model) {
    assert_eq!(holds.keys, model.keys.len(), "keys");
    assert!(holds.approvals <= MAX_APPROVALS, "{holds:?}");
    assert!(holds.remembered <= MAX_REMEMBERED, "{holds:?}");
    assert!(holds.uses <= MAX_REMEMBERED_USES, "{holds:?}");
    assert!(holds.narrowed <= MAX_REMEMBERED, "{holds:?}");
    assert!(holds.forgotten <= MAX_REMEMBERED, "{holds:?}");
    assert!(holds.hidden <= holds.stored, "{holds:?}");
    assert!(holds.known_items <= CAST.stored.len(), "{holds:?}");
    assert_eq!(holds.stale_approvals, 0, "{holds:?}");
    assert_eq!(holds.expired, 0, "told of by the tick that comes with the time: {holds:?}");
}

/// Bytes of the agent, with all that is in it and with nothing. It is weighed by dropping it: what was
/// made once for all agents stays.
pub(crate) fn weigh(agent: Agent, now: Now) {
    let holds = agent.holdings(now);
    let full = held();
    let _ = agent.drop_all();
    agent.set_stored(Vec::new(), now);
    let _ = agent.forget_all(now);
    let empty = held();
    drop(agent);
    let none = held();
    let (full, empty) = (full.saturating_sub(none), empty.saturating_sub(none));
    assert!(full <= most(&holds), "{full} bytes: {holds:?}");
    assert!(empty <= EMPTY, "{empty} bytes of an empty agent");
}

/// All text lies there three times: with the key, to find it by, and in the answer that lists it.
fn most(holds: &Holdings) -> usize {
    let notes = holds.hidden
        + holds.known_items
        + holds.approvals
        + holds.remembered
        + holds.uses
        + holds.narrowed
        + holds.forgotten;
    EMPTY
        + PLACES
        + 3 * holds.text
        + (holds.keys + holds.stored) * KEY
        + holds.destinations * DESTINATION
        + notes * NOTE
}
