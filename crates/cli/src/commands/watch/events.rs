//! What happens: keys, replies of the agent, its going away.
//!
//! One thread reads keys, one reads what the agent says; both wait without looking again and again.

#[cfg_attr(unix, path = "events/unix.rs")]
#[cfg_attr(windows, path = "events/windows.rs")]
mod system;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crossterm::event::{Event as Input, KeyEvent, KeyEventKind};
use keyfob_protocol::{Extension, Reply, Request, WatchReply, WatchRequest};
use keyfob_sys::signals::Held;
use keyfob_transport::client::{self, Client};
use zeroize::Zeroizing;

pub(super) use system::Woken;
use system::{Queue, Teller};

/// How long an agent that is gone is left alone before it is tried again.
const TRIES_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Something that happened.
pub(super) enum Event {
    /// A key.
    Key(KeyEvent),
    /// Text that was not typed.
    Pasted(Zeroizing<String>),
    /// The terminal has another size.
    Resized,
    /// No key comes any more.
    Ended,
    /// Something of the agent.
    Agent(Agent),
}

/// What the agent does.
pub(super) enum Agent {
    /// There is another one; this leads to it.
    Here(client::Sender),
    /// It has replied.
    Replied(WatchReply),
    /// It does not answer, because of this.
    Gone(String),
}

/// Everything that happens, in its order.
pub(super) struct Events {
    queue: Queue,
    agent: Option<client::Sender>,
}

impl Events {
    /// Begins to listen, to the terminal and over this connection to the agent at this path.
    ///
    /// # Errors
    /// The system has no more threads or pipes.
    pub(super) fn begin(client: Client, path: PathBuf) -> io::Result<Self> {
        let (queue, agent) = system::queue()?;
        let keys = agent.another()?;
        let (sender, receiver) = client.split();
        thread("keys", move || read_keys(&keys))?;
        thread("agent", move || talk(receiver, &path, &agent))?;
        Ok(Self { queue, agent: Some(sender) })
    }

    /// Waits for a signal or for something to happen, no longer than this, and says what has.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn wait(&mut self, held: &Held, limit: Duration) -> io::Result<(Woken, Vec<Event>)> {
        self.queue.wait(held, limit)
    }

    /// Speaks to the agent over this from now on.
    pub(super) fn use_sender(&mut self, sender: client::Sender) {
        self.agent = Some(sender);
    }

    /// Asks the agent for something. That it is gone is an event of its own.
    pub(super) fn send(&mut self, request: WatchRequest<'_>) {
        let frame = Request::Extension(Extension::Watch(request)).encode();
        if let (Some(agent), Ok(frame)) = (&self.agent, frame)
            && agent.send(&frame).is_err()
        {
            self.agent = None;
        }
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

fn read_keys(teller: &Teller) {
    loop {
        let event = match crossterm::event::read() {
            Ok(Input::Key(key)) if key.kind != KeyEventKind::Release => Event::Key(key),
            Ok(Input::Paste(text)) => Event::Pasted(Zeroizing::new(text)),
            Ok(Input::Resize(..)) => Event::Resized,
            Ok(_) => continue,
            Err(_) => {
                teller.tell(Event::Ended);
                return;
            }
        };
        if !teller.tell(event) {
            return;
        }
    }
}

fn talk(mut receiver: client::Receiver, path: &Path, teller: &Teller) {
    loop {
        let why = listen(receiver, teller);
        if !teller.tell(Event::Agent(Agent::Gone(why))) {
            return;
        }
        let client = loop {
            // There is nothing to wait for: a socket that is not there tells of nothing.
            std::thread::sleep(TRIES_AGAIN_AFTER);
            if let Ok(client) = Client::connect(path) {
                break client;
            }
        };
        let sender;
        (sender, receiver) = client.split();
        if !teller.tell(Event::Agent(Agent::Here(sender))) {
            return;
        }
    }
}

/// Passes replies on until there are no more, and says why.
fn listen(mut receiver: client::Receiver, teller: &Teller) -> String {
    loop {
        let reply = match receiver.receive().map(|body| Reply::decode(&body)) {
            Ok(Ok(Reply::Watch(reply))) => *reply,
            Ok(Ok(_)) => return "it lets nobody look on here".to_owned(),
            Ok(Err(error)) => return format!("its answer makes no sense: {error}"),
            Err(error) => return error.to_string(),
        };
        if !teller.tell(Event::Agent(Agent::Replied(reply))) {
            return String::new();
        }
    }
}
