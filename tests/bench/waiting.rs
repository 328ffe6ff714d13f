//! How long others take while one client waits for a person, or is made to wait for guessing. An
//! agent that serves one client at a time serves nobody meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use keyfob_testkit::wire::number;
use keyfob_testkit::{Answer, Message};

use crate::connection::Connection;
use crate::contender::{Contender, Who, list_request};
use crate::extent::Extent;
use crate::keys::{Kind, sign_request};
use crate::load::ask;
use crate::many_keys;
use crate::rounds::Rounds;
use crate::row::{Metric, Row};
use crate::sample::{Waits, micros};

struct Waited {
    calm: Waits,
    beside: Waits,
}

pub(crate) fn rows(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    // Pageant asks nobody, and has no lock.
    let both: Vec<_> = who.iter().copied().filter(|who| *who != Who::Pageant).collect();
    let dialog = Rounds::by(&both, extent.rounds, |who| beside_a_dialog(who, extent.round));
    note(Row::new("neighbours", "a dialog is open", figures(&dialog)));
    let guesses = Rounds::by(&both, extent.rounds, |who| beside_guesses(who, extent.round));
    note(Row::new("neighbours", "a locked agent is guessed at", figures(&guesses)));
}

/// One key has to be confirmed; the others sign with another one.
fn beside_a_dialog(who: Who, round: Duration) -> Waited {
    let (agent, askpass) = Contender::start_asking(who);
    askpass.answer(&Answer::NoWhenReleased);
    let key = Kind::ED25519.key(agent.world());
    agent.add(&key);
    let confirmed = many_keys::key(0);
    let add = many_keys::addition(number::ADD_ID_CONSTRAINED, 0, "to be confirmed");
    let add = add.byte(number::CONSTRAIN_CONFIRM);
    agent.client().request(&add).succeeds();
    let sign = sign_request(&key.blob());
    let mut healthy = Connection::open(agent.socket());
    healthy.exchange(&sign);
    let calm = ask(&mut healthy, &sign, round);
    let beside = std::thread::scope(|scope| {
        let mut client = agent.client();
        client.send(&sign_request(confirmed.public().blob()));
        askpass.wait_for_call(0);
        scope.spawn(|| {
            sleep(round);
            askpass.release();
        });
        ask(&mut healthy, &sign, round)
    });
    Waited { calm, beside }
}

/// Both delay the answer to a wrong passphrase; the others ask for the list.
fn beside_guesses(who: Who, round: Duration) -> Waited {
    let agent = Contender::start(who);
    let lock = Message::new(number::LOCK).string("right");
    agent.client().request(&lock).succeeds();
    let list = list_request().frame();
    let mut healthy = Connection::open(agent.socket());
    let calm = ask(&mut healthy, &list, round);
    let over = AtomicBool::new(false);
    let beside = std::thread::scope(|scope| {
        scope.spawn(|| {
            let guess = Message::new(number::UNLOCK).string("wrong");
            while !over.load(Ordering::Relaxed) {
                agent.client().request(&guess).fails();
            }
        });
        let beside = ask(&mut healthy, &list, round * 2);
        over.store(true, Ordering::Relaxed);
        beside
    });
    Waited { calm, beside }
}

fn figures(rounds: &Rounds<Waited>) -> Vec<Metric> {
    let times = |waits: &Waits, part| micros(waits.percentile(part));
    let more = |it: &Waited, part| times(&it.beside, part) / times(&it.calm, part);
    vec![
        rounds.metric("calm p50", "µs", |it| Some(times(&it.calm, 0.50))),
        rounds.metric("calm p99", "µs", |it| Some(times(&it.calm, 0.99))),
        rounds.metric("p50", "µs", |it| Some(times(&it.beside, 0.50))),
        rounds.metric("p99", "µs", |it| Some(times(&it.beside, 0.99))),
        rounds.metric("longest", "µs", |it| Some(times(&it.beside, 1.0))),
        rounds.metric("p50 ÷ calm", "", |it| Some(more(it, 0.50))),
        rounds.metric("p99 ÷ calm", "", |it| Some(more(it, 0.99))),
    ]
}
