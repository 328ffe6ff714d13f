//! The agent that is abused, and what it is held to.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use keyfob_testkit::harness::skip;
use keyfob_testkit::wire::number;
use keyfob_testkit::{KeyFile, KeyType, Message, RawClient, RunningAgent, Signature, World};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, setrlimit};

use crate::memory;

/// No one who behaves waits longer, whatever others do. In fact it is milliseconds; but the machine may
/// stand still for seconds. Who waits for somebody slow waits a minute at least: so long a frame may take.
const PROMPT: Duration = Duration::from_secs(20);
/// How long an agent may take to let go of memory.
const CALMS_WITHIN: Duration = Duration::from_secs(30);

/// The socket of an agent that somebody else started.
pub(crate) fn named() -> Option<PathBuf> {
    std::env::var_os("KEYFOB_ABUSE_SOCKET").map(PathBuf::from)
}

/// Whether to take longer.
pub(crate) fn is_soak() -> bool {
    std::env::var_os("KEYFOB_SOAK").is_some_and(|value| value != OsStr::new("0"))
}

/// An agent with one key that was used a little.
pub(crate) struct Target<'w> {
    world: &'w World,
    socket: PathBuf,
    started: Option<RunningAgent>,
    process: Option<Pid>,
    key: KeyFile,
    /// Keys besides that one.
    others: usize,
    /// Memory before the abuse, in KiB.
    calm: Option<u64>,
}

impl<'w> Target<'w> {
    /// The named agent, or a new one.
    #[track_caller]
    pub(crate) fn new(world: &'w World) -> Self {
        match named() {
            Some(socket) => Self::at(world, socket, None),
            None => Self::started(world, world.agent()),
        }
    }

    /// A new agent that is started by `sh` after these words.
    #[track_caller]
    pub(crate) fn after(world: &'w World, words: &str) -> Self {
        needs_its_start();
        let socket = world.unused("agent");
        let script = format!("{words}; exec ssh-agent -D -a \"$1\"");
        let run = world.program("sh").args(["-c", &script, "sh"]).arg(&socket);
        let run = run.limit(Duration::from_secs(120));
        Self::started(world, RunningAgent::listening(world, run, socket))
    }

    /// A new agent at this socket.
    #[track_caller]
    pub(crate) fn listening_at(world: &'w World, socket: PathBuf) -> Self {
        let run = world.ssh_agent().args(["-D", "-a"]).arg(&socket);
        let run = run.limit(Duration::from_secs(120));
        Self::started(world, RunningAgent::listening(world, run, socket))
    }

    #[track_caller]
    fn started(world: &'w World, agent: RunningAgent) -> Self {
        Self::at(world, agent.socket().to_owned(), Some(agent))
    }

    #[track_caller]
    fn at(world: &'w World, socket: PathBuf, started: Option<RunningAgent>) -> Self {
        let key = world.key(KeyType::Ed25519, "abused");
        let process = process_behind(&socket);
        let mut target = Self { world, socket, started, process, key, others: 0, calm: None };
        target.has_its_key();
        target.is_used();
        target.is_calm_now();
        target
    }

    /// Adds its key, alone.
    #[track_caller]
    pub(crate) fn has_its_key(&self) {
        let mut client = self.client();
        client.request(&Message::new(number::REMOVE_ALL)).succeeds();
        client.add(&self.key, "abused").succeeds();
    }

    /// Each path through it is gone once, so that what is allocated once is there; the log has lines
    /// that wait.
    fn is_used(&self) {
        let unknown = Message::new(99).frame().repeat(100);
        let mut client = self.client();
        for _ in 0..40 {
            client.send(&unknown);
            (0..100).for_each(|_| client.reply().expect("an answer").fails());
            (0..20).for_each(|_| client.add(&self.key, "abused").succeeds());
        }
        let mut clients: Vec<RawClient> = (0..64).map(|_| self.client()).collect();
        for client in &mut clients {
            client.list();
            client.sign(&self.key.blob(), b"data", 0).signature();
        }
        for client in clients.iter_mut().take(8) {
            client.request(&Message::new(99).raw(vec![0; 256 * 1024 - 1])).fails();
        }
    }

    /// Says that it holds so many other keys now, and takes this for what it should be.
    #[track_caller]
    pub(crate) fn holds_others(&mut self, count: usize) {
        self.others = count;
        self.is_calm_now();
    }

    fn is_calm_now(&mut self) {
        sleep(Duration::from_millis(100));
        self.calm = self.memory();
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// A new connection.
    #[track_caller]
    pub(crate) fn client(&self) -> RawClient {
        RawClient::connect(&self.socket)
    }

    /// So many new connections.
    #[track_caller]
    pub(crate) fn clients(&self, count: usize) -> Vec<RawClient> {
        (0..count).map(|_| self.client()).collect()
    }

    /// Its process; skips the trial where that is not known.
    pub(crate) fn process(&self) -> Pid {
        self.process.unwrap_or_else(|| skip("the agent's process is not known"))
    }

    /// A request that signs.
    pub(crate) fn sign_request(&self) -> Message {
        let head = Message::new(number::SIGN_REQUEST).string(self.key.blob());
        head.string(b"the data").number(0)
    }

    /// Its memory in KiB, as far as we may know it.
    pub(crate) fn memory(&self) -> Option<u64> {
        self.process.and_then(memory::of)
    }

    /// By how many KiB its memory has grown since the abuse began.
    pub(crate) fn growth(&self) -> u64 {
        match (self.memory(), self.calm) {
            (Some(now), Some(before)) => now.saturating_sub(before),
            _ => skip("the agent's memory is not known"),
        }
    }

    /// Asserts that somebody else is served soon.
    #[track_caller]
    pub(crate) fn serves_others(&self) {
        let started = Instant::now();
        let mut client = self.client();
        assert_eq!(client.list().len(), 1 + self.others);
        client.request(&self.sign_request()).signature();
        let took = started.elapsed();
        // OpenSSH's agent does one thing after the other.
        let promised = named().is_some() || self.world.is_keyfob();
        assert!(took < PROMPT || !promised, "served only after {took:?}");
    }

    /// Asserts that it is alive, has its keys and signs, and that its memory is as before.
    #[track_caller]
    pub(crate) fn is_whole(&mut self) {
        self.is_alive_and_has_its_keys();
        self.is_as_small_as_before();
    }

    /// Asserts all but that.
    #[track_caller]
    pub(crate) fn is_alive_and_has_its_keys(&mut self) {
        if let Some(agent) = &mut self.started {
            assert!(agent.is_alive(), "it ended");
        }
        self.serves_others();
        let mut client = self.client();
        assert!(client.comments().contains(&"abused".to_owned()), "its key is lost");
        let blob = self.key.blob();
        Signature::proved_by_ssh_keygen(self.world, &mut client, &self.key, &blob, 0);
    }

    #[track_caller]
    fn is_as_small_as_before(&self) {
        let Some(before) = self.calm else { return };
        let allowed = memory::allowed(before);
        let deadline = Instant::now() + CALMS_WITHIN;
        loop {
            let Some(now) = self.memory() else { return };
            if now <= allowed {
                return;
            }
            assert!(Instant::now() < deadline, "{now} KiB of memory, before it were {before}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Tells what was reached, for who publishes it.
    pub(crate) fn note(&self, text: &str) {
        note(self.world, text);
    }
}

/// The same where there is no target. Straight to the stream: the harness keeps nothing back.
pub(crate) fn note(world: &World, text: &str) {
    let who = match (named(), world.is_keyfob()) {
        (Some(_), _) => "agent",
        (None, true) => "keyfob",
        (None, false) => "openssh",
    };
    let _ = writeln!(std::io::stderr(), "{who}: {text}");
}

/// The process that listens: a stranger's too.
fn process_behind(socket: &Path) -> Option<Pid> {
    let stream = UnixStream::connect(socket).ok()?;
    rustix::net::sockopt::socket_peercred(&stream).ok().map(|peer| peer.pid)
}

/// Skips the trial where the agent is somebody else's.
pub(crate) fn needs_its_start() {
    if named().is_some() {
        skip("needs to start the agent itself");
    }
}

/// Held by a case that needs thousands of descriptors, or much of the machine.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Raises this process's limit of descriptors and says what it is.
pub(crate) fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let current =
        if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    current.and_then(|current| usize::try_from(current).ok()).unwrap_or(usize::MAX)
}
