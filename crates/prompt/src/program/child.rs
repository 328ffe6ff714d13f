//! A child of this process.

use std::io;
use std::process::ExitStatus;

use keyfob_sys::starter::{Order, Starter};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Where a program reads.
pub type Input = ChildStdin;
/// Where a program writes.
pub type Output = ChildStdout;

/// A program that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it reads, if it does.
    pub stdin: Option<Input>,
    /// Where it writes.
    pub stdout: Option<Output>,
    child: Child,
}

impl Running {
    /// Starts it.
    ///
    /// # Errors
    /// That it could not be started.
    // Elsewhere somebody else starts it, which takes a while.
    #[allow(clippy::unused_async, reason = "the same for all systems")]
    pub async fn start(starter: &Starter, order: &Order) -> io::Result<Self> {
        let mut command = Command::from(starter.command(order)?);
        let mut child = command.kill_on_drop(true).spawn()?;
        Ok(Self { stdin: child.stdin.take(), stdout: child.stdout.take(), child })
    }

    /// Waits for its end. May be called again.
    ///
    /// # Errors
    /// The system's refusal.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends it.
    pub fn kill(&mut self) {
        // One that has ended needs no ending.
        let _ = self.child.start_kill();
    }
}
