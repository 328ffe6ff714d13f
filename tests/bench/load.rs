//! So many connections that each ask again as soon as they are answered.

use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::connection::Connection;
use crate::contender::{Contender, list_request};
use crate::process;
use crate::sample::Waits;

/// What driving an agent for a while came to.
pub(crate) struct Load {
    /// Replies in a second.
    pub(crate) rate: f64,
    /// The agent's processor time per request.
    pub(crate) cpu: Duration,
    /// How long each reply took.
    pub(crate) waits: Waits,
    /// One of the replies.
    pub(crate) reply: Vec<u8>,
}

/// Sends this request over and over.
pub(crate) fn drive(
    contender: &Contender,
    frame: &[u8],
    connections: usize,
    lasts: Duration,
) -> Load {
    let mut crowd: Vec<_> =
        (0..connections).map(|_| Connection::open(contender.socket())).collect();
    // What is made once per connection and once per key is made.
    let list = list_request().frame();
    for connection in &mut crowd {
        connection.exchange(&list);
    }
    crowd[0].exchange(frame);
    let (cpu, started) = (process::Time::of(contender.pid()), Instant::now());
    let mut waits = Waits::default();
    match &mut crowd[..] {
        [alone] => waits = ask(alone, frame, lasts),
        crowd => many(crowd, frame, started + lasts, &mut waits),
    }
    let (elapsed, cpu) = (started.elapsed(), cpu.until_now(contender.pid()));
    Load {
        rate: waits.count() as f64 / elapsed.as_secs_f64(),
        cpu: cpu.div_f64(waits.count() as f64),
        waits,
        reply: crowd[0].reply().to_vec(),
    }
}

/// Asks on one connection, again and again for so long, once at least.
pub(crate) fn ask(connection: &mut Connection, frame: &[u8], lasts: Duration) -> Waits {
    let (mut waits, started) = (Waits::default(), Instant::now());
    while started.elapsed() < lasts || waits.count() == 0 {
        waits.note(connection.exchange(frame));
    }
    waits
}

/// One thread for all: a thread for each would take more of the machine than a fast agent.
/// At the end it waits for the replies that are due: an agent may answer in bursts, all connections
/// at once, and no request is forgotten because it took long.
fn many(crowd: &mut [Connection], frame: &[u8], end: Instant, waits: &mut Waits) {
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("an epoll");
    for (at, connection) in crowd.iter().enumerate() {
        let data = epoll::EventData::new_u64(at as u64);
        epoll::add(&poll, connection, data, epoll::EventFlags::IN).expect("it is added");
    }
    crowd.iter_mut().for_each(|connection| connection.send(frame));
    let mut due = crowd.len();
    let mut events = Vec::with_capacity(crowd.len());
    while due > 0 {
        events.clear();
        match epoll::wait(&poll, spare_capacity(&mut events), None) {
            Err(rustix::io::Errno::INTR) => continue,
            waited => waited.expect("waiting for replies"),
        };
        for event in &events {
            let connection = &mut crowd[event.data.u64() as usize];
            let Some(took) = connection.receive() else { continue };
            waits.note(took);
            if Instant::now() < end {
                connection.send(frame);
            } else {
                due -= 1;
            }
        }
    }
}
