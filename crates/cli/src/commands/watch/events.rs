//! What happens: keys, replies of the agent, its going away.
//!
//! One thread reads keys, one reads what the agent says; both wait without looking again and again.
//! The one that draws is told by a byte in a pipe, because it waits for signals too.

use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crossterm::event::{Event as Input, KeyEvent, KeyEventKind};
use keyfob_protocol::{Extension, Reply, Request, WatchReply, WatchRequest};
use keyfob_transport::client::{self, Client};
use zeroize::Zeroizing;

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
    queue: Receiver<Event>,
    bell: PipeReader,
    agent: Option<client::Sender>,
}

/// Where events come from.
struct Teller {
    queue: Sender<Event>,
    bell: PipeWriter,
}

impl Events {
    /// Begins to listen, to the terminal and over this connection to the agent at this path.
    ///
    /// # Errors
    /// The system has no more threads or pipes.
    pub(super) fn begin(client: Client, path: PathBuf) -> io::Result<Self> {
        let (queue, events) = channel();
        let (bell, ring) = io::pipe()?;
        let keys = Teller { queue: queue.clone(), bell: ring.try_clone()? };
        let agent = Teller { queue, bell: ring };
        let (sender, receiver) = client.split();
        thread("keys", move || read_keys(&keys))?;
        thread("agent", move || talk(receiver, &path, &agent))?;
        Ok(Self { queue: events, bell, agent: Some(sender) })
    }

    /// Readable when something has happened.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// What has happened since.
    pub(super) fn take(&mut self) -> Vec<Event> {
        // One byte for each event; there is one at least, and one that is left over rings again.
        let mut bytes = [0; 64];
        let rung = self.bell.read(&mut bytes).unwrap_or(0);
        self.queue.try_iter().take(rung).collect()
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

impl Teller {
    /// `false` when nobody listens any more.
    fn tell(&self, event: Event) -> bool {
        self.queue.send(event).is_ok() && (&self.bell).write_all(&[0]).is_ok()
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
