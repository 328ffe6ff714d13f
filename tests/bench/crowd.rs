//! Ten thousand connections that do nothing, and one that does.

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::connection::Connection;
use crate::contender::{Contender, Field, Who, list_request};
use crate::extent::Extent;
use crate::keys::{Kind, proves, sign_request};
use crate::load::drive;
use crate::rounds::Rounds;
use crate::row::Row;
use crate::sample::{micros, millis};
use crate::upkeep::at_rest;

/// Of each so many one is asked whether it is still there.
const SAMPLE: usize = 50;
/// With each more connection OpenSSH takes longer for the next.
const PATIENCE: Duration = Duration::from_secs(10);
/// Descriptors for all else, here and in an agent.
const SPARE: u64 = 200;

/// Raises the limit of descriptors, for this process and for what it starts.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let _ = setrlimit(Resource::Nofile, raised);
}

/// As many as are wanted, or as the limit allows.
pub(crate) fn possible(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    wanted.min(limit.saturating_sub(SPARE) as usize)
}

struct Crowded {
    opened: usize,
    /// Of all that were wanted.
    took: Option<Duration>,
    /// More memory, in bytes for each.
    each: Option<f64>,
    calm: Duration,
    beside: Duration,
}

pub(crate) fn rows(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let count = possible(extent.idle);
    let field = Field::of(who, |agent| agent.add(&Kind::ED25519.key(agent.world())));
    // Once: for some it takes many seconds.
    let mut verified = 0;
    let rounds = Rounds::of(&field, 1, |agent| {
        verified += 1;
        crowded(agent, count, extent)
    });
    let metrics = vec![
        rounds.metric("open", "", |it| Some(it.opened as f64)),
        rounds.metric("opened", "ms", |it| it.took.map(millis)),
        rounds.metric("memory, each", "bytes", |it| it.each),
        rounds.metric("calm p50", "µs", |it| Some(micros(it.calm))),
        rounds.metric("p50", "µs", |it| Some(micros(it.beside))),
        rounds.metric("p50 ÷ calm", "", |it| Some(micros(it.beside) / micros(it.calm))),
    ];
    note(Row { verified, ..Row::new("idle", format!("{count} connections"), metrics) });
}

fn crowded(agent: &Contender, count: usize, extent: &Extent) -> Crowded {
    let key = Kind::ED25519.key(agent.world());
    let sign = sign_request(&key.blob());
    let healthy = || {
        let load = drive(agent, &sign, 1, extent.round * 4);
        proves(&load.reply, agent.world(), &key);
        load.waits.percentile(0.5)
    };
    let calm = healthy();
    let before = at_rest(agent);
    let (mut idle, took) = open(agent, count);
    let after = at_rest(agent);
    let beside = healthy();
    let list = list_request().frame();
    for one in idle.iter_mut().step_by(SAMPLE) {
        one.exchange(&list);
    }
    let opened = idle.len();
    let more = |before: f64, after: f64| (after - before) * 1024.0 / opened as f64;
    let each = before.zip(after).map(|(before, after)| more(before.pss, after.pss));
    let took = (opened == count).then_some(took);
    Crowded { opened, took, each, calm, beside }
}

/// So many connections, or fewer after a while, and how long it took until the last was answered.
pub(crate) fn open(agent: &Contender, count: usize) -> (Vec<Connection>, Duration) {
    let began = Instant::now();
    let in_time = (0..count).take_while(|_| began.elapsed() < PATIENCE);
    let mut idle: Vec<_> = in_time.map(|_| Connection::open(agent.socket())).collect();
    if let Some(last) = idle.last_mut() {
        last.exchange(&list_request().frame());
    }
    (idle, began.elapsed())
}
