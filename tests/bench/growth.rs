//! What the hundredth and the ten thousandth key or connection costs our agent.

use std::time::Duration;

use crate::contender::{Contender, Who, list_request};
use crate::crowd::{open, possible};
use crate::extent::Extent;
use crate::keys::sign_request;
use crate::load::drive;
use crate::many_keys;
use crate::rounds::Rounds;
use crate::row::Row;
use crate::sample::micros;
use crate::upkeep::at_rest;

/// A store that was changed just now is read at each request: its time stamps cannot tell yet.
const SETTLES: Duration = Duration::from_secs(3);

struct Keys {
    /// In a reply: a listing holds as many as fit.
    listed: u32,
    list: f64,
    sign: f64,
}

/// Those with few keys and those with many are asked in turn: what the machine does meanwhile falls
/// on all of them alike.
pub(crate) fn keys(extent: &Extent, note: &mut dyn FnMut(Row)) {
    let grown = extent.steps.iter().map(|&count| {
        let agent = Contender::start(Who::Keyfob);
        let before = at_rest(&agent);
        many_keys::add(&mut agent.client(), count);
        // Once, so that what is made for the first list is there.
        agent.client().list();
        let bytes = at_rest(&agent).zip(before).map(|(now, then)| now.pss - then.pss);
        Grown {
            case: format!("{count} keys"),
            last: many_keys::key(count - 1).public().blob().to_owned(),
            bytes: bytes.map(|kib| kib * 1024.0 / f64::from(count)),
            agent,
        }
    });
    compare(&grown.collect::<Vec<_>>(), extent, note);
}

/// In the key store, which is opened for a first signature.
pub(crate) fn stored_keys(extent: &Extent, note: &mut dyn FnMut(Row)) {
    let grown = extent.steps.iter().map(|&count| {
        // Beside as many others: what they share of the program counts by its share.
        let bare = at_rest(&Contender::start(Who::Keyfob));
        let (agent, mut blobs) = Contender::with_store(count);
        std::thread::sleep(SETTLES);
        agent.client().sign(&blobs[0], b"data", 0).signature();
        agent.client().list();
        let bytes = at_rest(&agent).zip(bare).map(|(now, bare)| now.pss - bare.pss);
        Grown {
            case: format!("{count} stored keys"),
            last: blobs.pop().expect("there is one at least"),
            bytes: bytes.map(|kib| kib * 1024.0 / f64::from(count)),
            agent,
        }
    });
    compare(&grown.collect::<Vec<_>>(), extent, note);
}

/// An agent with its keys.
struct Grown {
    case: String,
    agent: Contender,
    /// The key of this blob is the one that a walk through all would find last.
    last: Vec<u8>,
    /// Of memory, each key.
    bytes: Option<f64>,
}

fn compare(grown: &[Grown], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let drive = |grown: &Grown| {
        let list = drive(&grown.agent, &list_request().frame(), 1, extent.round);
        let sign = drive(&grown.agent, &sign_request(&grown.last), 1, extent.round);
        let listed = list.reply[1..5].try_into().expect("four bytes");
        let [list, sign] = [list, sign].map(|load| micros(load.waits.percentile(0.5)));
        Keys { listed: u32::from_be_bytes(listed), list, sign }
    };
    let rounds = Rounds::side_by_side(grown, extent.rounds, drive);
    for (grown, rounds) in grown.iter().zip(rounds) {
        let metrics = vec![
            rounds.metric("keys in a list", "", |it| Some(f64::from(it.listed))),
            rounds.metric("list, per key", "µs", |it| Some(it.list / f64::from(it.listed))),
            rounds.metric("sign with the last", "µs", |it| Some(it.sign)),
            rounds.metric("memory, each", "bytes", |_| grown.bytes),
        ];
        note(Row::new("growth", grown.case.clone(), metrics));
    }
}

pub(crate) fn connections(extent: &Extent, note: &mut dyn FnMut(Row)) {
    for &count in extent.steps {
        let count = possible(count as usize);
        let rounds = Rounds::by(&[Who::Keyfob], extent.rounds, |who| {
            let agent = Contender::start(who);
            agent.client().list();
            let before = at_rest(&agent);
            let (_idle, took) = open(&agent, count);
            let more = at_rest(&agent).zip(before).map(|(now, then)| now.pss - then.pss);
            let count = count as f64;
            (micros(took) / count, more.map(|kib| kib * 1024.0 / count))
        });
        let metrics = vec![
            rounds.metric("opened, each", "µs", |(opened, _)| Some(*opened)),
            rounds.metric("memory, each", "bytes", |(_, bytes)| *bytes),
        ];
        note(Row::new("growth", format!("{count} connections"), metrics));
    }
}
