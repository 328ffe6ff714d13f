//! What the hundredth and the ten thousandth key or connection costs our agent.

use std::time::Duration;

use crate::contender::{Contender, Field, Who, list_request};
use crate::crowd::{open, possible};
use crate::extent::Extent;
use crate::keys::sign_request;
use crate::load::drive;
use crate::many_keys;
use crate::rounds::Rounds;
use crate::row::{Metric, Row};
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

pub(crate) fn keys(extent: &Extent, note: &mut dyn FnMut(Row)) {
    for &count in extent.steps {
        let agent = Contender::start(Who::Keyfob);
        let before = at_rest(&agent);
        many_keys::add(&mut agent.client(), count);
        // Once, so that what is made for the first list is there.
        agent.client().list();
        let bytes = at_rest(&agent).zip(before).map(|(now, then)| now.pss - then.pss);
        let bytes = bytes.map(|kib| kib * 1024.0 / f64::from(count));
        let last = many_keys::key(count - 1);
        let metrics = figures(agent, last.public().blob(), bytes, extent);
        note(Row::new("growth", format!("{count} keys"), metrics));
    }
}

/// In the key store, which is opened for a first signature.
pub(crate) fn stored_keys(extent: &Extent, note: &mut dyn FnMut(Row)) {
    let bare = at_rest(&Contender::start(Who::Keyfob));
    for &count in extent.steps {
        let (agent, blobs) = Contender::with_store(count);
        std::thread::sleep(SETTLES);
        agent.client().sign(&blobs[0], b"data", 0).signature();
        agent.client().list();
        let bytes = at_rest(&agent).zip(bare).map(|(now, bare)| now.pss - bare.pss);
        let bytes = bytes.map(|kib| kib * 1024.0 / f64::from(count));
        let last = blobs.last().expect("there is one at least");
        let metrics = figures(agent, last, bytes, extent);
        note(Row::new("growth", format!("{count} stored keys"), metrics));
    }
}

/// The key of this blob is the one that a walk through all would find last.
fn figures(agent: Contender, last: &[u8], bytes: Option<f64>, extent: &Extent) -> Vec<Metric> {
    let agents = Field::holding(vec![agent]);
    let rounds = Rounds::within(&agents, extent, |agent| {
        let list = drive(agent, &list_request().frame(), 1, extent.round);
        let sign = drive(agent, &sign_request(last), 1, extent.round);
        let listed = list.reply[1..5].try_into().expect("four bytes");
        let [list, sign] = [list, sign].map(|load| micros(load.waits.percentile(0.5)));
        Keys { listed: u32::from_be_bytes(listed), list, sign }
    });
    vec![
        rounds.metric("keys in a list", "", |it| Some(f64::from(it.listed))),
        rounds.metric("list, per key", "µs", |it| Some(it.list / f64::from(it.listed))),
        rounds.metric("sign with the last", "µs", |it| Some(it.sign)),
        rounds.metric("memory, each", "bytes", |_| bytes),
    ]
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
