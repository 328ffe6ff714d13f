//! Requests one after the other on each connection: signatures, listings, and listings each on a
//! connection of its own.

use std::time::{Duration, Instant};

use crate::connection::Connection;
use crate::contender::{Contender, Field, Who, list_request};
use crate::extent::Extent;
use crate::keys::{proves, sign_request};
use crate::load::{Load, drive};
use crate::many_keys;
use crate::process;
use crate::rounds::Rounds;
use crate::row::{Metric, Row};
use crate::sample::{Waits, micros};

/// Signatures with each kind of key.
pub(crate) fn signatures(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    for kind in extent.kinds {
        let field = Field::of(who, |agent| agent.add(&kind.key(agent.world())));
        for &connections in extent.connections {
            let mut verified = 0;
            let rounds = Rounds::within(&field, extent, |agent| {
                let key = kind.key(agent.world());
                let load = drive(agent, &sign_request(&key.blob()), connections, extent.round);
                proves(&load.reply, agent.world(), &key);
                verified += 1;
                load
            });
            let case = at(kind.0, connections);
            note(Row { verified, ..Row::new("sign", case, figures(&rounds)) });
        }
    }
}

/// Listings of so many keys.
pub(crate) fn lists(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    for &keys in extent.lists {
        let field = Field::of(who, |agent| many_keys::add(&mut agent.client(), keys));
        for &connections in extent.few {
            let rounds = Rounds::within(&field, extent, |agent| {
                let list = list_request().frame();
                let load = drive(agent, &list, connections, extent.round);
                let told = load.reply.get(1..5).expect("a list");
                assert_eq!(told, keys.to_be_bytes(), "a whole list");
                load
            });
            let case = at(&format!("{keys} key{}", if keys == 1 { "" } else { "s" }), connections);
            note(Row::new("list", case, figures(&rounds)));
        }
    }
}

/// A new connection for each listing of one key.
pub(crate) fn visits(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let field = Field::of(who, |agent| many_keys::add(&mut agent.client(), 1));
    for &visitors in extent.few {
        let rounds = Rounds::within(&field, extent, |agent| visit(agent, visitors, extent.round));
        let case = format!("{visitors} client{}", if visitors == 1 { "" } else { "s" });
        note(Row::new("visit", case, figures(&rounds)));
    }
}

fn visit(agent: &Contender, visitors: usize, lasts: Duration) -> Load {
    let list = list_request().frame();
    let (cpu, started) = (process::Time::of(agent.pid()), Instant::now());
    let mut waits = Waits::default();
    std::thread::scope(|scope| {
        let visitors: Vec<_> = (0..visitors)
            .map(|_| {
                scope.spawn(|| {
                    let mut waits = Waits::default();
                    while started.elapsed() < lasts {
                        let came = Instant::now();
                        Connection::open(agent.socket()).exchange(&list);
                        waits.note(came.elapsed());
                    }
                    waits
                })
            })
            .collect();
        visitors.into_iter().for_each(|all| waits.extend(all.join().expect("it is served")));
    });
    let elapsed = started.elapsed();
    let cpu = cpu.until_now(agent.pid()).div_f64(waits.count() as f64);
    Load { rate: waits.count() as f64 / elapsed.as_secs_f64(), cpu, waits, reply: Vec::new() }
}

fn at(what: &str, connections: usize) -> String {
    format!("{what}, {connections} connection{}", if connections == 1 { "" } else { "s" })
}

/// All that a load tells.
fn figures(rounds: &Rounds<Load>) -> Vec<Metric> {
    let waits = |name, part| {
        rounds.metric(name, "µs", move |load: &Load| Some(micros(load.waits.percentile(part))))
    };
    vec![
        rounds.metric("rate", "/s", |load| Some(load.rate)),
        rounds.metric("cpu", "µs", |load| Some(micros(load.cpu))),
        waits("p50", 0.50),
        waits("p90", 0.90),
        waits("p99", 0.99),
    ]
}
