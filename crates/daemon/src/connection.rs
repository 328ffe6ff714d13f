//! One client: frames in, answers out, strictly in order.
//!
//! Everything that could make another client wait is an await here: a slow
//! sender, a reader that does not read, a person who thinks.
//!
//! Ten thousand of them may be idle. What happens seldom is boxed where it is awaited, so that they
//! do not each keep room for it.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use keyfob_agent::{
    Answer, Fetched, PendingSign, Question, Record, Reply, Session, SignRefusal, Subject, Wanted,
    Watching,
};
use keyfob_protocol::limits::MAX_FRAME;
use keyfob_protocol::watch::Claimed;
use keyfob_protocol::{FrameBuffer, FrameError, Response, WatchReply};
use keyfob_sys::room;
use keyfob_transport::{ReadHalf, Stream, WriteHalf};
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Instant, timeout, timeout_at};

use crate::driver::Driver;
use crate::freed::Held;
use crate::limits::{FRAME_PATIENCE, ROOM_FOR_A_LARGE_FRAME, SMALL_FRAME};
use crate::peer::Peer;
use crate::requester_id::Who;
use crate::turns::Turn;
use crate::watching::Watcher;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ending {
    /// The client is done.
    #[error("closed by the client")]
    Closed,
    /// Nobody knows where the next frame begins.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A frame was begun and not finished.
    #[error("frame not complete within {} s", FRAME_PATIENCE.as_secs())]
    Slow,
    /// A large frame would take memory that those who are served need.
    #[error("not enough memory for a frame of this size")]
    NoMemory,
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A client's connection and what it has proved.
pub(crate) struct Connection {
    incoming: Incoming,
    writer: WriteHalf,
    session: Session,
    peer: Peer,
    /// There as soon as it looks on.
    watcher: Option<Watcher>,
}

/// The receiving side: what has arrived and is not yet answered.
struct Incoming {
    reader: ReadHalf,
    buffer: FrameBuffer,
    /// Held while more than a small frame is being received. Not while frames
    /// are dealt with: a question for instance has no end.
    share: Option<Share>,
}

/// A large frame's place in memory, and until when the client may keep it:
/// others may be waiting.
struct Share {
    _turn: Turn,
    _memory: Held,
    until: Instant,
}

impl Connection {
    pub(crate) fn new(stream: Stream, session: Session, driver: &Driver) -> Self {
        let lately = driver.lately().clone();
        let peer = Peer::new(stream.credentials(), stream.process(), lately);
        let (reader, writer) = stream.split();
        let incoming = Incoming { reader, buffer: FrameBuffer::new(), share: None };
        Self { incoming, writer, session, peer, watcher: None }
    }

    /// Serves the client until it goes away or sends what cannot be framed.
    pub(crate) async fn serve(&mut self, driver: &Driver) -> Ending {
        let _memory = driver.freed().after(SMALL_FRAME);
        loop {
            match self.answer_waiting(driver).await {
                Ok(()) => {}
                Err(ending) => return ending,
            }
            if let Err(ending) = self.incoming.receive(driver, self.peer.pid()).await {
                return ending;
            }
        }
    }

    /// Answers every complete frame that has arrived.
    async fn answer_waiting(&mut self, driver: &Driver) -> Result<(), Ending> {
        while let Some(body) = self.incoming.buffer.next_frame()? {
            self.peer.begin_request();
            let step = driver.decide(&mut self.session, body, &self.peer).await;
            self.incoming.consume();
            let (incoming, watcher) = (&mut self.incoming, &mut self.watcher);
            let asker = Asker { incoming, watcher, driver, peer: &self.peer };
            let carried_out = driver.carry_out(step, &self.session, &self.peer, asker);
            let response = Box::pin(carried_out).await;
            self.write(&response.encode(), driver).await?;
        }
        Ok(())
    }

    /// A client may read its answers as late as it likes, unless it has sent
    /// much already: that is memory, and nothing counts it meanwhile.
    async fn write(&mut self, answer: &[u8], driver: &Driver) -> Result<(), Ending> {
        let written = self.writer.write_all(answer);
        if self.incoming.buffer.len() <= SMALL_FRAME {
            return Ok(written.await?);
        }
        let written = Box::pin(timeout(driver.patience(), written)).await;
        Ok(written.map_err(|_| Ending::Slow)??)
    }
}

impl Incoming {
    /// Waits for more bytes. An idle client may wait for ever; one that has
    /// begun a frame may not: it holds memory.
    async fn receive(&mut self, driver: &Driver, process: Option<u32>) -> Result<(), Ending> {
        if self.buffer.is_empty() {
            return self.read().await;
        }
        if self.buffer.len() > SMALL_FRAME && self.share.is_none() {
            // Without a limit: what has arrived is no more than a small frame, and those before
            // us have one.
            let turn = Box::pin(driver.large_frames().next(process)).await;
            let until = Instant::now() + driver.patience();
            let memory = driver.freed().after(MAX_FRAME);
            self.share = turn.map(|turn| Share { _turn: turn, _memory: memory, until });
        }
        if self.share.is_some() && !room::is_left(ROOM_FOR_A_LARGE_FRAME) {
            return Err(Ending::NoMemory);
        }
        let pause = Instant::now() + driver.patience();
        let deadline = self.share.as_ref().map_or(pause, |share| share.until.min(pause));
        Box::pin(timeout_at(deadline, self.read())).await.map_err(|_| Ending::Slow)?
    }

    /// Wipes the frame that was dealt with and gives its share back. A large
    /// frame that has begun behind it queues for its own.
    fn consume(&mut self) {
        self.buffer.consume();
        self.share = None;
    }

    /// While nothing comes an empty buffer holds no memory.
    async fn read(&mut self) -> Result<(), Ending> {
        let Self { reader, buffer, .. } = self;
        let read = poll_fn(|context| {
            let mut room = ReadBuf::new(buffer.spare());
            let Poll::Ready(done) = Pin::new(&mut *reader).poll_read(context, &mut room) else {
                buffer.rest();
                return Poll::Pending;
            };
            let count = room.filled().len();
            Poll::Ready(done.map(|()| count))
        });
        match read.await? {
            0 => Err(Ending::Closed),
            count => {
                self.buffer.filled(count);
                Ok(())
            }
        }
    }

    /// Returns when there is something to deal with: a request, or the end of them.
    async fn more(&mut self) {
        if self.buffer.is_empty() {
            // What went wrong is seen again by who reads next.
            let _ = self.read().await;
        }
    }

    /// Returns when the client has gone. Requests it sends meanwhile are kept
    /// for later, as far as the buffer goes; after that its going away is only
    /// noticed when the question is answered.
    async fn gone(&mut self) {
        loop {
            if self.buffer.spare().is_empty() {
                return std::future::pending().await;
            }
            if self.read().await.is_err() {
                return;
            }
        }
    }
}

/// Puts a question to a person on behalf of this client, and drops it when the
/// client goes away (U4).
pub(crate) struct Asker<'a> {
    incoming: &'a mut Incoming,
    watcher: &'a mut Option<Watcher>,
    driver: &'a Driver,
    peer: &'a Peer,
}

impl Asker<'_> {
    pub(crate) async fn ask(&mut self, question: &Question, subject: Subject, who: Who) -> Answer {
        tokio::select! {
            answer = self.driver.confirm(question, subject, who, self.peer) => answer,
            () = self.incoming.gone() => Answer::ClientGone,
        }
    }

    /// Shows what goes on, or takes an answer of somebody who looks on.
    pub(crate) async fn watch(&mut self, wish: Watching) -> Reply {
        if self.watcher.is_none() {
            *self.watcher = self.driver.watching().attach(self.peer);
        }
        let Some(watcher) = self.watcher else { return Reply::abandoned() };
        let reply = match wish {
            Watching::Next(seen) => {
                tokio::select! {
                    () = watcher.news(seen) => {}
                    // What it sends meanwhile is answered next.
                    () = self.incoming.more() => {}
                }
                WatchReply::State(self.driver.watched(watcher))
            }
            Watching::Claim(passphrase) => {
                let claimed = tokio::select! {
                    claimed = self.driver.claim(watcher, passphrase, self.peer) => claimed,
                    () = self.incoming.gone() => Claimed::Denied,
                };
                let record = Record::Claimed { refused: why_refused(&claimed) };
                let reply = WatchReply::Claimed(claimed);
                return Reply::with(Response::Watch(Box::new(reply)), record);
            }
            Watching::Answer(id, choice) => {
                WatchReply::Answered(self.driver.answer_of(watcher, id, choice, self.peer))
            }
        };
        Reply::with(Response::Watch(Box::new(reply)), Record::Watched)
    }

    /// Fetches what a signature needs from the key store, which may be a question too.
    pub(crate) async fn fetch(&mut self, wanted: Wanted, pending: &PendingSign) -> Fetched {
        tokio::select! {
            fetched = self.driver.fetch(wanted, pending, self.peer) => fetched,
            () = self.incoming.gone() => Fetched::Refused(SignRefusal::ClientGone),
        }
    }
}

/// For the log, which is told who it was anyway.
fn why_refused(claimed: &Claimed) -> Option<&'static str> {
    match claimed {
        Claimed::Granted => None,
        Claimed::WrongPassphrase => Some("wrong passphrase"),
        Claimed::Denied => Some("denied"),
        _ => Some("it cannot be proved"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use keyfob_keys::wire::Put as _;
    use keyfob_prompt::Surroundings;
    use keyfob_protocol::number;
    use tokio::io::AsyncReadExt as _;
    use tokio::task::JoinHandle;
    use tokio::time::sleep;

    use super::*;
    use crate::limits::LARGE_FRAMES;
    use crate::meeting::{Client, meet};

    const SOON: Duration = Duration::from_secs(10);
    const IMPATIENT: Duration = Duration::from_millis(300);

    fn driver() -> Arc<Driver> {
        Arc::new(Driver::with_patience(&Surroundings::default(), IMPATIENT))
    }

    /// A client, and the task that serves it.
    async fn connected(driver: &Arc<Driver>) -> (Client, JoinHandle<Ending>) {
        let (client, stream) = meet().await;
        let driver = Arc::clone(driver);
        let serving = tokio::spawn(async move {
            Connection::new(stream, Session::new(), &driver).serve(&driver).await
        });
        (client, serving)
    }

    async fn until(what: impl Fn() -> bool) {
        timeout(SOON, async {
            while !what() {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("it never happened");
    }

    fn frame(body: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        frame.put_string(body);
        frame
    }

    const LIST: &[u8] = &[0, 0, 0, 1, number::REQUEST_IDENTITIES];

    /// Lost otherwise: ten thousand idle connections cost tens of megabytes.
    #[tokio::test]
    async fn an_idle_connection_is_small() {
        let driver = driver();
        let (_client, stream) = meet().await;
        let mut connection = Connection::new(stream, Session::new(), &driver);
        let size = size_of_val(&connection) + size_of_val(&connection.serve(&driver));
        assert!(size < 800, "{size} bytes");
    }

    /// Lost otherwise: a few clients that send a byte a minute keep every large key and
    /// certificate out of the agent for good.
    #[tokio::test]
    async fn a_large_frame_that_trickles_in_does_not_keep_its_share() {
        let driver = driver();
        let (mut client, serving) = connected(&driver).await;
        client.write_all(&100_000_u32.to_be_bytes()).await.unwrap();
        client.write_all(&[255; 5000]).await.unwrap();
        until(|| driver.large_frames().left() < LARGE_FRAMES).await;
        let trickle = async {
            while client.write_all(&[255]).await.is_ok() {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(SOON, trickle).await.expect("it is served for ever");
        assert!(matches!(serving.await.unwrap(), Ending::Slow));
        assert_eq!(driver.large_frames().left(), LARGE_FRAMES);
    }

    /// Lost otherwise: the same by clients that do not read their answers.
    #[tokio::test]
    #[cfg_attr(windows, ignore = "the pipes of Wine keep whatever they are given")]
    async fn who_does_not_read_the_answers_does_not_keep_a_share() {
        let driver = driver();
        let (mut client, serving) = connected(&driver).await;
        let large = frame(&[255; 10_000]);
        client.write_all(&large[..5000]).await.unwrap();
        until(|| driver.large_frames().left() < LARGE_FRAMES).await;
        // More answers than any system keeps for a client, which it notices at the latest when it is
        // hung up on.
        let _ = client.write_all(&[&large[5000..], &LIST.repeat(30_000)].concat()).await;
        until(|| driver.large_frames().left() == LARGE_FRAMES).await;
        assert!(matches!(timeout(SOON, serving).await.unwrap().unwrap(), Ending::Slow));
        drop(client);
    }

    /// Lost otherwise: the same by clients that finish one large frame a minute and begin the next.
    #[tokio::test]
    async fn who_sends_large_frames_without_end_queues_for_each() {
        let patience = Duration::from_secs(3);
        let driver = Arc::new(Driver::with_patience(&Surroundings::default(), patience));
        let mut greedy = Vec::new();
        let large = frame(&[255; 10_000]);
        while driver.large_frames().left() > 0 {
            let (mut client, serving) = connected(&driver).await;
            let before = driver.large_frames().left();
            client.write_all(&large[..5000]).await.unwrap();
            until(|| driver.large_frames().left() < before).await;
            greedy.push((client, serving));
        }
        let (mut other, _other) = connected(&driver).await;
        other.write_all(&large[..5000]).await.unwrap();
        sleep(Duration::from_millis(20)).await;
        for (client, _) in &mut greedy {
            client.write_all(&[&large[5000..], &large[..5000]].concat()).await.unwrap();
        }
        other.write_all(&large[5000..]).await.unwrap();
        let mut answer = [0; 5];
        timeout(SOON, other.read_exact(&mut answer)).await.unwrap().expect("it was given up on");
        assert_eq!(answer[4], number::FAILURE);
    }

    /// A session bind whose signature does not verify, by the costliest host key there is.
    fn costly_bind() -> Vec<u8> {
        let mut modulus = vec![0xaf; 2048];
        modulus[2047] |= 1;
        let (mut host_key, mut signature) = (Vec::new(), Vec::new());
        host_key.put_string(b"ssh-rsa");
        host_key.put_mpint(&[1, 0, 0, 0, 0, 0, 0, 1]);
        host_key.put_mpint(&modulus);
        signature.put_string(b"rsa-sha2-512");
        signature.put_string(&[7; 2048]);
        let mut body = vec![number::EXTENSION];
        body.put_string(b"session-bind@openssh.com");
        body.put_string(&host_key);
        body.put_string(b"session");
        body.put_string(&signature);
        body.put_bool(true);
        frame(&body)
    }

    /// Lost otherwise: a server behind a forwarded agent stops everybody with a few host keys.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn checking_host_keys_does_not_hold_up_others() {
        const BINDS: usize = 30;
        let driver = driver();
        let (mut hostile, _first) = connected(&driver).await;
        let (mut other, _second) = connected(&driver).await;
        hostile.write_all(&costly_bind().repeat(BINDS)).await.unwrap();
        sleep(Duration::from_millis(20)).await;
        other.write_all(LIST).await.unwrap();
        timeout(SOON, other.read_exact(&mut [0; 9])).await.unwrap().unwrap();
        let mut answers = [0; 5 * BINDS];
        let answered = hostile.try_read(&mut answers).unwrap_or(0);
        assert!(answered < answers.len(), "it had to wait for all of them");
    }

    /// Lost otherwise: guesses in parallel cost no time.
    #[tokio::test(flavor = "multi_thread")]
    async fn unlock_attempts_are_answered_one_after_the_other() {
        let driver = driver();
        let (mut first, _first) = connected(&driver).await;
        let (mut second, _second) = connected(&driver).await;
        first.write_all(&passphrase(number::LOCK, b"right")).await.unwrap();
        let mut answer = [0; 5];
        timeout(SOON, first.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(answer[4], number::SUCCESS);
        first.write_all(&passphrase(number::UNLOCK, b"wrong")).await.unwrap();
        sleep(Duration::from_millis(50)).await;
        second.write_all(&passphrase(number::UNLOCK, b"right")).await.unwrap();
        timeout(SOON, second.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(answer[4], number::SUCCESS);
        assert_eq!(first.try_read(&mut answer).unwrap(), 5, "the guess before it was answered");
        assert_eq!(answer[4], number::FAILURE);
    }

    fn passphrase(number: u8, passphrase: &[u8]) -> Vec<u8> {
        let mut body = vec![number];
        body.put_string(passphrase);
        frame(&body)
    }

    /// The program that asks is a script of `sh`.
    #[cfg(unix)]
    mod questions {
        use std::os::unix::fs::PermissionsExt as _;
        use std::path::Path;

        use keyfob_keys::PrivateKey;
        use keyfob_protocol::{AddIdentity, Constraints, Request, SignRequest};

        use super::*;

        /// Lost otherwise: questions nobody answers keep a share each for as long.
        #[tokio::test(flavor = "multi_thread")]
        async fn a_question_keeps_no_share() {
            let folder = tempfile::tempdir().unwrap();
            let driver = Arc::new(Driver::with_patience(&asking(folder.path()), IMPATIENT));
            let (mut client, _serving) = connected(&driver).await;
            client.write_all(&add_to_confirm()).await.unwrap();
            client.read_exact(&mut [0; 5]).await.unwrap();
            let data = vec![7; 10_000];
            let key = key();
            let sign = SignRequest { key: key.public().blob(), data: &data, flags: 0 };
            let request = Request::Sign(sign).encode().unwrap();
            client.write_all(&request[..5000]).await.unwrap();
            until(|| driver.large_frames().left() < LARGE_FRAMES).await;
            client.write_all(&request[5000..]).await.unwrap();
            client.write_all(&LIST.repeat(2000)).await.unwrap();
            until(|| folder.path().join("asked").exists()).await;
            until(|| driver.large_frames().left() == LARGE_FRAMES).await;
        }

        fn key() -> PrivateKey {
            PrivateKey::ed25519_from_seed(&[1; 32])
        }

        fn add_to_confirm() -> Vec<u8> {
            let constraints = Constraints { confirm: true, ..Constraints::default() };
            let add = AddIdentity { key: key(), comment: b"key".to_vec(), constraints };
            Request::Add(Box::new(add)).encode().unwrap().to_vec()
        }

        /// A desktop whose asking program says that it asks, and waits.
        fn asking(folder: &Path) -> Surroundings {
            let program = folder.join("askpass");
            let asked = folder.join("asked");
            let script = format!("#!/bin/sh\ntouch '{}'\nexec sleep 60\n", asked.display());
            std::fs::write(&program, script).unwrap();
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
            Surroundings {
                askpass: Some(program.into()),
                require: Some("force".into()),
                ..Surroundings::default()
            }
        }
    }
}
