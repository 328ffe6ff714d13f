//! How long an Ed25519 signature takes while others are busy, slow or deaf. The promise is that a
//! slow request never delays a fast one.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, sleep};
use std::time::Duration;

use crate::connection::Connection;
use crate::contender::{Contender, Field, Who, list_request};
use crate::extent::Extent;
use crate::keys::{Kind, large_key, proves, sign_request};
use crate::load::{Load, drive};
use crate::many_keys;
use crate::process::Memory;
use crate::rounds::Rounds;
use crate::row::{Metric, Row};
use crate::sample::micros;

/// Until the neighbours are at it.
const BEGIN: Duration = Duration::from_millis(200);
/// A slow one sends a byte so often.
const SLOWNESS: Duration = Duration::from_secs(1);
/// A deaf one asks for so many lists, so often, and so many times: some agents keep every reply
/// that nobody reads, and serve nobody before they have made them all.
const LISTS: usize = 16;
const INSISTENCE: Duration = Duration::from_millis(100);
const INSISTS: usize = 4;
/// Keys in those lists.
const LISTED: u32 = 100;

/// Who else is there.
enum Neighbours {
    /// So many, each signing with the key of this blob.
    Busy(Vec<u8>, usize),
    /// So many, each with a message that never ends.
    Slow(usize),
    /// So many, each asking for lists and reading none.
    Deaf(usize),
}

struct Disturbed {
    calm: Load,
    beside: Load,
    more_memory: Option<f64>,
}

pub(crate) fn rows(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let field = Field::of(who, |agent| {
        agent.add(&Kind::ED25519.key(agent.world()));
        many_keys::add(&mut agent.client(), LISTED);
        if extent.busy {
            agent.add(&Kind::RSA_4096.key(agent.world()));
            agent.add(&large_key());
        }
    });
    for (case, neighbours) in situations(&field, extent) {
        let mut verified = 0;
        let rounds = Rounds::within(&field, extent, |agent| {
            verified += 2;
            disturbed(agent, &neighbours, extent.round)
        });
        note(Row { verified, ..Row::new("neighbours", case, figures(&rounds)) });
    }
}

fn situations(field: &Field, extent: &Extent) -> Vec<(String, Neighbours)> {
    let mut all = Vec::new();
    if let (true, Some(agent)) = (extent.busy, field.contenders().first()) {
        let (rsa, large) = (Kind::RSA_4096.key(agent.world()).blob(), large_key().blob());
        all.push(("16 clients sign with rsa-4096".into(), Neighbours::Busy(rsa, 16)));
        all.push(("1 client signs with rsa-16384".into(), Neighbours::Busy(large.clone(), 1)));
        all.push(("4 clients sign with rsa-16384".into(), Neighbours::Busy(large, 4)));
    }
    let crowd = extent.crowd;
    all.push((format!("{crowd} clients send a byte a second"), Neighbours::Slow(crowd)));
    all.push((format!("{crowd} clients never read"), Neighbours::Deaf(crowd)));
    all
}

fn disturbed(agent: &Contender, neighbours: &Neighbours, round: Duration) -> Disturbed {
    let key = Kind::ED25519.key(agent.world());
    let sign = sign_request(&key.blob());
    let healthy = |lasts| {
        let load = drive(agent, &sign, 1, lasts);
        proves(&load.reply, agent.world(), &key);
        load
    };
    let calm = healthy(round * 2);
    let before = Memory::of(agent.pid());
    let over = AtomicBool::new(false);
    let (beside, after) = std::thread::scope(|scope| {
        neighbours.come(agent, scope, &over);
        sleep(BEGIN);
        let beside = healthy(round * 4);
        let after = Memory::of(agent.pid());
        over.store(true, Ordering::Relaxed);
        (beside, after)
    });
    let more_memory = before.zip(after).map(|(before, after)| after.pss - before.pss);
    Disturbed { calm, beside, more_memory }
}

impl Neighbours {
    /// They stay until it is over.
    fn come<'s>(&'s self, agent: &Contender, scope: &'s Scope<'s, '_>, over: &'s AtomicBool) {
        let is_over = || over.load(Ordering::Relaxed);
        match self {
            Self::Busy(blob, count) => {
                for _ in 0..*count {
                    let mut connection = Connection::open(agent.socket());
                    scope.spawn(move || {
                        let sign = sign_request(blob);
                        while !is_over() {
                            connection.exchange(&sign);
                        }
                    });
                }
            }
            Self::Slow(count) => {
                let mut crowd = streams(agent, *count);
                // A message of a thousand bytes, which takes longer than anybody waits here.
                for stream in &mut crowd {
                    stream.write_all(&1000_u32.to_be_bytes()).expect("the agent reads");
                }
                scope.spawn(move || {
                    let pause = SLOWNESS.div_f64(crowd.len() as f64);
                    for at in (0..crowd.len()).cycle().take_while(|_| !is_over()) {
                        let _ = crowd[at].write(b"x");
                        sleep(pause);
                    }
                });
            }
            Self::Deaf(count) => {
                let mut crowd = streams(agent, *count);
                let lists = list_request().frame().repeat(LISTS);
                scope.spawn(move || {
                    for _ in (0..INSISTS).take_while(|_| !is_over()) {
                        // Who is full is left alone; a part of a request is followed by others,
                        // which are no requests, and that is as good.
                        crowd.iter_mut().for_each(|stream| drop(stream.write(&lists)));
                        sleep(INSISTENCE);
                    }
                    while !is_over() {
                        sleep(INSISTENCE);
                    }
                });
            }
        }
    }
}

fn streams(agent: &Contender, count: usize) -> Vec<UnixStream> {
    let open = |_| {
        let stream = UnixStream::connect(agent.socket()).expect("the agent accepts");
        stream.set_nonblocking(true).expect("a socket");
        stream
    };
    (0..count).map(open).collect()
}

fn figures(rounds: &Rounds<Disturbed>) -> Vec<Metric> {
    let times = |load: &Load, part| micros(load.waits.percentile(part));
    let more = |it: &Disturbed, part| times(&it.beside, part) / times(&it.calm, part);
    vec![
        rounds.metric("calm p50", "µs", |it| Some(times(&it.calm, 0.50))),
        rounds.metric("calm p99", "µs", |it| Some(times(&it.calm, 0.99))),
        rounds.metric("p50", "µs", |it| Some(times(&it.beside, 0.50))),
        rounds.metric("p99", "µs", |it| Some(times(&it.beside, 0.99))),
        rounds.metric("p50 ÷ calm", "", |it| Some(more(it, 0.50))),
        rounds.metric("p99 ÷ calm", "", |it| Some(more(it, 0.99))),
        rounds.metric("more memory", "KiB", |it| it.more_memory),
    ]
}
