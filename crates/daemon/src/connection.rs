//! One client: frames in, answers out, strictly in order.
//!
//! Everything that could make another client wait is an await here: a slow
//! sender, a reader that does not read, a person who thinks.

use std::io;

use keyfob_agent::{Answer, Question, Session};
use keyfob_protocol::{FrameBuffer, FrameError};
use keyfob_transport::budget::Share;
use keyfob_transport::{ReadHalf, Stream, WriteHalf};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use crate::driver::Driver;
use crate::limits::{FRAME_PATIENCE, SMALL_FRAME};
use crate::peer::Peer;

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
}

/// The receiving side: what has arrived and is not yet answered.
struct Incoming {
    reader: ReadHalf,
    buffer: FrameBuffer,
    /// Held while more than a small frame is buffered.
    share: Option<Share>,
}

impl Connection {
    pub(crate) fn new(stream: Stream) -> Self {
        let peer = Peer::new(stream.credentials());
        let (reader, writer) = stream.split();
        let incoming = Incoming { reader, buffer: FrameBuffer::new(), share: None };
        Self { incoming, writer, session: Session::new(), peer }
    }

    /// Serves the client until it goes away or sends what cannot be framed.
    pub(crate) async fn serve(mut self, driver: &Driver) -> Ending {
        loop {
            match self.answer_waiting(driver).await {
                Ok(()) => {}
                Err(ending) => return ending,
            }
            if let Err(ending) = self.incoming.receive(driver).await {
                return ending;
            }
        }
    }

    /// Answers every complete frame that has arrived.
    async fn answer_waiting(&mut self, driver: &Driver) -> Result<(), Ending> {
        while let Some(body) = self.incoming.buffer.next_frame()? {
            let step = driver.decide(&mut self.session, body).await;
            self.incoming.buffer.consume();
            let asker = Asker { incoming: &mut self.incoming, driver, peer: &self.peer };
            let response = driver.carry_out(step, &self.session, &self.peer, asker).await;
            self.writer.write_all(&response.encode()).await?;
        }
        Ok(())
    }
}

impl Incoming {
    /// Waits for more bytes. An idle client may wait for ever; one that has
    /// begun a frame may not: it holds memory.
    async fn receive(&mut self, driver: &Driver) -> Result<(), Ending> {
        if self.buffer.is_empty() {
            self.share = None;
            return self.read().await;
        }
        let deadline = Instant::now() + FRAME_PATIENCE;
        if self.buffer.len() > SMALL_FRAME && self.share.is_none() {
            let share = driver.budget().take(keyfob_protocol::limits::MAX_FRAME);
            let share = timeout_at(deadline, share).await.map_err(|_| Ending::Slow)?;
            self.share = share.ok();
        }
        timeout_at(deadline, self.read()).await.map_err(|_| Ending::Slow)?
    }

    async fn read(&mut self) -> Result<(), Ending> {
        match self.reader.read(self.buffer.spare()).await? {
            0 => Err(Ending::Closed),
            count => {
                self.buffer.filled(count);
                Ok(())
            }
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
    driver: &'a Driver,
    peer: &'a Peer,
}

impl Asker<'_> {
    pub(crate) async fn ask(self, question: &Question) -> Answer {
        tokio::select! {
            answer = self.driver.question(question, self.peer) => answer,
            () = self.incoming.gone() => Answer::ClientGone,
        }
    }
}
