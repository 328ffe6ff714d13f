//! What it costs to find out who asks and where a login leads: whole logins (connection, binding,
//! signature) with an agent that tells, beside one that is told not to.
//! `cargo bench -p keyfob --bench lookup`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

use std::fmt::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use keyfob_testkit::{
    Host, Implementation, KeyFile, KeyType, Message, Notary, RunningAgent, World, userauth,
};

/// Lines of a large known hosts file; all names are hashed, and each fourth is this host's.
const LINES: usize = 2_000;
const LOGINS: usize = 2_000;
const SESSION: [u8; 32] = [7; 32];

fn main() {
    be_called_like_ssh();
    let world = World::new(Implementation::Keyfob).unwrap();
    let notary = Notary::new(&world);
    let host = notary.host("bank.example");
    let key = world.key(KeyType::Ed25519, "key");
    let quiet = "[agent]\nlog-level = \"error\"\n[log]\nenabled = false\n";
    let silent = agent(&world, "silent", quiet, "");
    let telling = agent(&world, "telling", "", &known_hosts(&world, &host));
    for agent in [&silent, &telling] {
        agent.add(&key);
    }
    let login = Login::new(&notary, &host, &key);
    let times = |login: &dyn Fn(&RunningAgent)| {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..LOGINS {
            for (agent, times) in [&silent, &telling].into_iter().zip(&mut times) {
                let began = Instant::now();
                login(agent);
                times.push(began.elapsed());
            }
        }
        times.map(median)
    };
    println!("{LOGINS} logins each, in turn; {LINES} lines of known hosts; medians:");
    tell("connect, bind and sign", times(&|agent| login.whole(agent)));
    tell("connect and sign", times(&|agent| login.sign(&mut agent.client())));
    assert_named(&world);
}

/// A hashed name is tried against the words of the client's command line: it has to have some.
fn be_called_like_ssh() {
    let destination = "me@host0.example";
    if !std::env::args().any(|word| word == destination) {
        let words = ["-p", "22", destination, "uptime"];
        panic!("{}", Command::new(std::env::current_exe().unwrap()).args(words).exec());
    }
}

/// Lost otherwise: a figure for a search that finds nothing.
fn assert_named(world: &World) {
    let log = world.home().join(".local/state/keyfob/log");
    let grep = world.system_program("grep").args(["-rq", "host0.example"]).arg(log);
    grep.output().exits(0);
}

fn tell(what: &str, [without, with]: [Duration; 2]) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let (without, with) = (milliseconds(without), milliseconds(with));
    let more = with - without;
    println!("{what:<24} silent {without:.3} ms, telling {with:.3} ms, {more:+.3} ms");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// An agent with these settings whose user knows these hosts.
fn agent(world: &World, name: &str, settings: &str, known_hosts: &str) -> RunningAgent {
    let settings = world.write(format!("{name}.toml"), settings, 0o600);
    let home = world.make_folder(name);
    world.make_folder(format!("{name}/.ssh"));
    world.write(format!("{name}/.ssh/known_hosts"), known_hosts, 0o600);
    let passwd = world.write(format!("{name}/passwd"), passwd(&home.display().to_string()), 0o600);
    world.agent_with(|run| {
        let run = world.with_home_in_passwd(run);
        run.env("NSS_WRAPPER_PASSWD", passwd).env("KEYFOB_CONFIG", settings)
    })
}

/// The user database in which this is the home.
fn passwd(home: &str) -> String {
    let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    format!("tester:x:{uid}:{gid}:Test:{home}:/bin/sh\n")
}

/// Many hosts, this one among them by a name that is hashed.
fn known_hosts(world: &World, host: &Host) -> String {
    let others = world.key(KeyType::Ed25519, "others").public_line();
    let own = host.key.public_line();
    let mut lines = String::new();
    for number in 0..LINES {
        let key = if number % 4 == 0 { &own } else { &others };
        writeln!(lines, "host{number}.example {key}").unwrap();
    }
    let file = world.write("known-hosts", lines, 0o600);
    world.system_program("ssh-keygen").arg("-H").arg("-f").arg(&file).output().exits(0);
    std::fs::read_to_string(file).unwrap()
}

/// A login, and all it takes.
struct Login {
    bind: Message,
    key: Vec<u8>,
    data: Vec<u8>,
}

impl Login {
    fn new(notary: &Notary, host: &Host, key: &KeyFile) -> Self {
        let bind = notary.bind(host, &SESSION, false).message();
        let data = userauth(&SESSION, "me", "ssh-ed25519", &key.blob(), Some(&host.key.blob()));
        Self { bind, key: key.blob(), data }
    }

    fn whole(&self, agent: &RunningAgent) {
        let mut client = agent.client();
        client.request(&self.bind).succeeds();
        self.sign(&mut client);
    }

    fn sign(&self, client: &mut keyfob_testkit::RawClient) {
        client.sign(&self.key, &self.data, 0).signature();
    }
}
