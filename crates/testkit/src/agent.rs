//! A running agent: in the foreground at a known socket, killed when the test lets go of it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::client::RawClient;
use crate::key_file::KeyFile;
use crate::output::Output;
use crate::run::{Run, Running};
use crate::wire::{Message, number};
use crate::world::World;

/// How long an agent may take to listen.
const START_LIMIT: Duration = Duration::from_secs(10);

/// An agent that listens.
#[derive(Debug)]
pub struct RunningAgent {
    running: Option<Running>,
    socket: PathBuf,
    ssh_add: Run,
}

impl RunningAgent {
    #[track_caller]
    pub(crate) fn start(world: &World, change: impl FnOnce(Run) -> Run) -> Self {
        let socket = world.unused("agent");
        let run =
            world.ssh_agent().arg("-D").arg("-a").arg(&socket).limit(Duration::from_secs(120));
        Self::listening(world, change(run), socket)
    }

    /// Starts this and waits until it answers at this socket.
    #[track_caller]
    pub fn listening(world: &World, run: Run, socket: PathBuf) -> Self {
        let mut running = run.start();
        if !listens_soon(&socket, &mut running) {
            running.signal(Signal::KILL);
            panic!("the agent does not listen at {}\n{}", socket.display(), running.wait());
        }
        let ssh_add = world.ssh_add().env("SSH_AUTH_SOCK", &socket);
        Self { running: Some(running), socket, ssh_add }
    }

    /// Where it listens.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Its process id.
    pub fn pid(&self) -> Pid {
        self.process().pid()
    }

    /// `ssh-add`, told of this agent.
    pub fn ssh_add(&self) -> Run {
        self.ssh_add.clone()
    }

    /// A new connection.
    #[track_caller]
    pub fn client(&self) -> RawClient {
        RawClient::connect(&self.socket)
    }

    /// Adds a key and nothing else: certificates beside it stay away.
    #[track_caller]
    pub fn add(&self, key: &KeyFile) {
        self.ssh_add().args(["-q", "-k"]).arg(key.path()).output().exits(0);
    }

    /// What a new connection is shown: key blobs and comments in the agent's order.
    #[track_caller]
    pub fn list(&self) -> Vec<(Vec<u8>, String)> {
        self.client().list()
    }

    /// The comments of what a new connection is shown.
    #[track_caller]
    pub fn comments(&self) -> Vec<String> {
        self.client().comments()
    }

    /// Locks it, asserting that it agrees.
    #[track_caller]
    pub fn lock(&self, passphrase: &str) {
        self.client().request(&Message::new(number::LOCK).string(passphrase)).succeeds();
    }

    /// Whether the process still runs.
    pub fn is_alive(&mut self) -> bool {
        self.running.as_mut().is_some_and(Running::is_alive)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process().signal(signal);
    }

    /// Waits for its end.
    pub fn ended_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        self.running.as_mut().and_then(|running| running.ended_within(limit))
    }

    /// Sends it a signal and waits until it ended.
    #[track_caller]
    pub fn stop(mut self, signal: Signal) -> Output {
        self.signal(signal);
        let mut running = self.running.take().expect("taken only by who consumes");
        if running.ended_within(Duration::from_secs(5)).is_none() {
            running.kill();
            panic!("the agent outlived {signal:?}\n{}", running.wait());
        }
        running.wait()
    }

    pub(crate) fn into_running(mut self) -> Running {
        self.running.take().expect("taken only by who consumes")
    }

    fn process(&self) -> &Running {
        self.running.as_ref().expect("taken only by who consumes")
    }
}

/// What `ssh-agent` tells the shell that started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// `SSH_AUTH_SOCK`, as the shell would see it.
    pub socket: PathBuf,
    /// `SSH_AGENT_PID`.
    pub pid: Pid,
}

impl Announcement {
    /// Reads the Bourne or csh lines of a daemon.
    #[track_caller]
    pub fn parse(output: &Output) -> Self {
        let text = output.stdout();
        let value = |name: &str| {
            let behind = text.split(name).nth(1)?;
            Some(behind[1..].split(';').next()?.to_owned())
        };
        let socket = value("SSH_AUTH_SOCK").map(PathBuf::from);
        let pid = value("SSH_AGENT_PID").and_then(|pid| Pid::from_raw(pid.parse().ok()?));
        match (socket, pid) {
            (Some(socket), Some(pid)) => Self { socket, pid },
            _ => panic!("no agent announced\n{output}"),
        }
    }
}

fn listens_soon(socket: &Path, running: &mut Running) -> bool {
    let deadline = Instant::now() + START_LIMIT;
    while Instant::now() < deadline {
        if UnixStream::connect(socket).is_ok_and(|stream| answers(&stream)) {
            return true;
        }
        if !running.is_alive() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    false
}

/// A connection alone proves only that the socket is open: the agent may not yet have come to
/// installing its signal handlers.
fn answers(mut stream: &UnixStream) -> bool {
    let request = Message::new(number::REQUEST_IDENTITIES).frame();
    let limit = stream.set_read_timeout(Some(START_LIMIT));
    limit.and_then(|()| stream.write_all(&request)).and_then(|()| stream.read(&mut [0; 9])).is_ok()
}
