//! Keys that come and go, programs that start, and the memory all of it takes.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use keyfob_testkit::Message;
use keyfob_testkit::wire::number;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::connection::Connection;
use crate::contender::{Contender, Field, Who, list_request, starting};
use crate::extent::Extent;
use crate::many_keys;
use crate::process::Memory;
use crate::rounds::Rounds;
use crate::row::Row;
use crate::sample::millis;

/// Until the allocator and the threads have come to rest.
const REST: Duration = Duration::from_millis(200);
const GIVE_UP: Duration = Duration::from_secs(20);

/// Adds many keys on one connection, and removes them.
pub(crate) fn additions(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    let field = Field::of(who, |_| ());
    let messages: Vec<_> = (0..extent.keys)
        .map(|at| (many_keys::message(at, "one of many").frame(), removal(at).frame()))
        .collect();
    let rounds = Rounds::of(&field, extent.rounds, |agent| {
        let mut connection = Connection::open(agent.socket());
        let began = Instant::now();
        messages.iter().for_each(|(add, _)| agreed(&mut connection, add));
        let added = began.elapsed();
        messages.iter().for_each(|(_, remove)| agreed(&mut connection, remove));
        (added, began.elapsed() - added)
    });
    let metrics = |add: bool| {
        vec![rounds.metric("time", "ms", |(added, removed)| {
            Some(millis(if add { *added } else { *removed }))
        })]
    };
    note(Row::new("keys", format!("add {} keys", extent.keys), metrics(true)));
    note(Row::new("keys", format!("remove {} keys", extent.keys), metrics(false)));
}

fn removal(at: u32) -> Message {
    Message::new(number::REMOVE_IDENTITY).string(many_keys::key(at).public().blob())
}

fn agreed(connection: &mut Connection, frame: &[u8]) {
    connection.exchange(frame);
    assert_eq!(connection.reply(), [number::SUCCESS], "the agent agrees");
}

/// From the start of the program to its first answer.
pub(crate) fn starts(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    // The world of each stays: what a program finds at its second start is there.
    let homes = Field::of(who, |_| ());
    let rounds = Rounds::of(&homes, extent.starts, |agent| Some(millis(start(agent))));
    note(Row::new("start", "to the first answer", vec![rounds.metric("time", "ms", |time| *time)]));
}

fn start(home: &Contender) -> Duration {
    let socket = home.world().unused("started");
    let mut command = starting(home.who(), home.world(), &socket);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let began = Instant::now();
    let started = Started(command.spawn().expect("an installed program starts"));
    loop {
        if let Ok(mut connection) = Connection::try_open(&socket) {
            connection.exchange(&list_request().frame());
            break;
        }
        assert!(began.elapsed() < GIVE_UP, "it does not listen");
        std::thread::sleep(Duration::from_micros(20));
    }
    let took = began.elapsed();
    drop(started);
    took
}

struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // Softly first: it removes what it has made.
        let group = Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(group, Signal::TERM);
        std::thread::sleep(Duration::from_millis(20));
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

/// What an agent takes that has just answered, and what many keys add to it. Each alone: two
/// processes of one program share its pages.
pub(crate) fn memory(who: &[Who], extent: &Extent, note: &mut dyn FnMut(Row)) {
    struct Taken {
        idle: Option<Memory>,
        full: Option<Memory>,
    }
    let rounds = Rounds::by(who, extent.rounds.min(2), |who| {
        let agent = Contender::start(who);
        let idle = at_rest(&agent);
        many_keys::add(&mut agent.client(), extent.keys);
        agent.client().list();
        Taken { idle, full: at_rest(&agent) }
    });
    let of_idle = [
        rounds.metric("PSS", "KiB", |taken| Some(taken.idle?.pss)),
        rounds.metric("own", "KiB", |taken| Some(taken.idle?.own)),
    ];
    note(Row::new("memory", "idle", of_idle.into()));
    let of_keys = [
        rounds.metric("PSS", "KiB", |taken| Some(taken.full?.pss)),
        rounds.metric("more than idle", "KiB", |taken| Some(taken.full?.pss - taken.idle?.pss)),
    ];
    note(Row::new("memory", format!("{} keys", extent.keys), of_keys.into()));
}

pub(crate) fn at_rest(agent: &Contender) -> Option<Memory> {
    std::thread::sleep(REST);
    Memory::of(agent.pid())
}
