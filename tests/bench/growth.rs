//! What the hundredth and the ten thousandth key or connection costs our agent.

use crate::contender::{Contender, Field, Who, list_request};
use crate::crowd::{open, possible};
use crate::extent::Extent;
use crate::keys::sign_request;
use crate::load::drive;
use crate::many_keys;
use crate::rounds::Rounds;
use crate::row::Row;
use crate::sample::micros;
use crate::upkeep::at_rest;

struct Keys {
    /// In a reply: a listing holds as many as fit.
    listed: u32,
    list: f64,
    sign: f64,
    bytes: Option<f64>,
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
        let agents = Field::holding(vec![agent]);
        let rounds = Rounds::within(&agents, extent, |agent| {
            let list = drive(agent, &list_request().frame(), 1, extent.round);
            // The one that a walk through all would find last.
            let last = many_keys::key(count - 1);
            let sign = drive(agent, &sign_request(last.public().blob()), 1, extent.round);
            let listed = list.reply[1..5].try_into().expect("four bytes");
            let [list, sign] = [list, sign].map(|load| micros(load.waits.percentile(0.5)));
            Keys { listed: u32::from_be_bytes(listed), list, sign, bytes }
        });
        let metrics = vec![
            rounds.metric("keys in a list", "", |it| Some(f64::from(it.listed))),
            rounds.metric("list, per key", "µs", |it| Some(it.list / f64::from(it.listed))),
            rounds.metric("sign with the last", "µs", |it| Some(it.sign)),
            rounds.metric("memory, each", "bytes", |it| it.bytes),
        ];
        note(Row::new("growth", format!("{count} keys"), metrics));
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
