//! By a thread, for reading waits.

use std::io::{self, Read as _};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use crate::askpass::answer::{Answer, Progress};
use crate::program::Output;

/// How long the output of a program that has ended may be held open by one it has started.
const HELD_OPEN: Duration = Duration::from_secs(2);

/// How often it is looked whether the program has ended.
const LOOKS_EVERY: Duration = Duration::from_millis(50);

impl Answer {
    /// Takes what a program that has ended wrote.
    pub(in crate::askpass) async fn take_rest(&mut self, from: &mut Output) -> io::Result<()> {
        let reading = async {
            loop {
                let count = from.read(self.spare()).await?;
                if self.filled(count) == Progress::Done {
                    return Ok(());
                }
            }
        };
        // What was not read might have been a "no".
        timeout(HELD_OPEN, reading).await.unwrap_or_else(|_| Err(held_open()))
    }

    /// Waits for the answer and the end of the program; `None` when that takes too long.
    pub(in crate::askpass) fn read_and_wait(
        child: &mut Child,
        deadline: Option<Instant>,
    ) -> io::Result<Option<(Self, ExitStatus)>> {
        let Some(mut stdout) = child.stdout.take() else {
            return Ok(Some((Self::new(), child.wait()?)));
        };
        let (teller, told) = channel();
        std::thread::Builder::new().name("askpass".to_owned()).spawn(move || {
            let mut answer = Self::new();
            let outcome = loop {
                match stdout.read(answer.spare()) {
                    Ok(count) if answer.filled(count) == Progress::Done => break Ok(answer),
                    Ok(_) => {}
                    Err(error) => break Err(error),
                }
            };
            // Whoever waits no longer needs no answer.
            let _ = teller.send(outcome);
        })?;
        let mut ended_at = None;
        loop {
            match told.recv_timeout(LOOKS_EVERY) {
                Ok(answer) => {
                    let answer = answer?;
                    return Ok(ended(child, deadline)?.map(|status| (answer, status)));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(held_open()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(None);
            }
            if child.try_wait()?.is_some()
                && ended_at.get_or_insert_with(Instant::now).elapsed() > HELD_OPEN
            {
                return Err(held_open());
            }
        }
    }
}

/// How it ended; `None` when that takes too long.
fn ended(child: &mut Child, deadline: Option<Instant>) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(None);
        }
        std::thread::sleep(LOOKS_EVERY);
    }
}

fn held_open() -> io::Error {
    io::Error::other("it ended, and what it wrote cannot be read to its end")
}
