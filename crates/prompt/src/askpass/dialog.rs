//! A running dialog that ends, with everything it started, when nobody waits for it any more.

use super::answer::{Answer, Progress};
use crate::program::Running;
use keyfob_sys::starter::{Order, Starter};
use std::io;
use std::process::ExitStatus;
use tokio::io::AsyncReadExt;

/// A dialog in a process group of its own, killed with all its members when dropped.
#[derive(Debug)]
pub(super) struct Dialog {
    running: Running,
}

/// Something that is shown until this is dropped.
#[derive(Debug)]
pub struct Notice {
    _dialog: Dialog,
}

impl Notice {
    pub(super) fn new(dialog: Dialog) -> Self {
        Self { _dialog: dialog }
    }
}

impl Dialog {
    pub(super) async fn start(starter: &Starter, order: &Order) -> io::Result<Self> {
        Ok(Self { running: Running::start(starter, order).await? })
    }

    /// Reads the answer and waits for the end.
    pub(super) async fn answer(&mut self) -> io::Result<(Answer, ExitStatus)> {
        let mut answer = Answer::new();
        let running = &mut self.running;
        let Some(mut stdout) = running.stdout.take() else {
            return Ok((answer, running.wait().await?));
        };
        loop {
            tokio::select! {
                count = stdout.read(answer.spare()) => {
                    if answer.filled(count?) == Progress::Done {
                        // Closed first: a program that writes on must not wait for us.
                        drop(stdout);
                        return Ok((answer, running.wait().await?));
                    }
                }
                // The end of the program is enough: something it started may hold the pipe for
                // ever. Everything it wrote itself is in the pipe by now, and must not be
                // missed: an unread "no" would be a yes.
                status = running.wait() => {
                    answer.take_rest(&mut stdout).await?;
                    return Ok((answer, status?));
                }
            }
        }
    }
}
