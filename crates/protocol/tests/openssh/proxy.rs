//! A socket that hands everything on to an agent and keeps a copy of both directions.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// What went over one connection.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) requests: Vec<u8>,
    pub(crate) replies: Vec<u8>,
}

/// Runs until [`Proxy::stop`].
pub(crate) struct Proxy {
    path: PathBuf,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Exchange>>,
}

impl Proxy {
    /// Listens at `path`, in front of the agent at `agent`.
    pub(crate) fn start(path: &Path, agent: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let (agent, end) = (agent.to_owned(), Arc::clone(&ended));
        let thread = thread::spawn(move || serve(&listener, &agent, &end));
        Self { path: path.to_owned(), ended, thread }
    }

    /// Waits until all clients are gone and gives what was said, connection by connection.
    pub(crate) fn stop(self) -> Vec<Exchange> {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes `accept`, which then sees the flag.
        drop(UnixStream::connect(&self.path).unwrap());
        self.thread.join().unwrap()
    }
}

fn serve(listener: &UnixListener, agent: &Path, ended: &AtomicBool) -> Vec<Exchange> {
    let mut connections = Vec::new();
    loop {
        let (client, _) = listener.accept().unwrap();
        if ended.load(Ordering::SeqCst) {
            break;
        }
        let agent = UnixStream::connect(agent).unwrap();
        let (from, to) = (client.try_clone().unwrap(), agent.try_clone().unwrap());
        let requests = thread::spawn(move || copy(from, to));
        let replies = thread::spawn(move || copy(agent, client));
        connections.push((requests, replies));
    }
    connections
        .into_iter()
        .map(|(requests, replies)| Exchange {
            requests: requests.join().unwrap(),
            replies: replies.join().unwrap(),
        })
        .collect()
}

fn copy(mut from: UnixStream, mut to: UnixStream) -> Vec<u8> {
    let mut copied = Vec::new();
    let mut chunk = [0; 4096];
    // An error is an end too: clients go without a goodbye.
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        copied.extend_from_slice(&chunk[..count]);
        if to.write_all(&chunk[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    copied
}
