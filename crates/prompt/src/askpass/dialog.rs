//! A running dialog that ends when nobody waits for it any more.

use super::answer::{Answer, Progress};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::os::fd::AsFd;
use std::process::ExitStatus;
use tokio::io::AsyncReadExt;
use tokio::process::Child;
use tokio::runtime::Handle;

/// A dialog in a process group of its own, killed with all its members when dropped.
#[derive(Debug)]
pub(super) struct Dialog {
    /// There until this is dropped.
    child: Option<Child>,
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
    pub(super) fn start(command: std::process::Command) -> io::Result<Self> {
        let mut command = tokio::process::Command::from(command);
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        Ok(Self { child: Some(child) })
    }

    /// Reads the answer and waits for the end.
    pub(super) async fn answer(&mut self) -> io::Result<(Answer, ExitStatus)> {
        let mut answer = Answer::new();
        let child = self.child.as_mut().ok_or(io::ErrorKind::NotFound)?;
        let Some(mut stdout) = child.stdout.take() else {
            return Ok((answer, child.wait().await?));
        };
        loop {
            tokio::select! {
                count = stdout.read(answer.spare()) => {
                    if answer.filled(count?) == Progress::Done {
                        // Closed first: a program that writes on must not wait for us.
                        drop(stdout);
                        return Ok((answer, child.wait().await?));
                    }
                }
                // The end of the program is enough: something it started may hold the pipe for
                // ever. Everything it wrote itself is in the pipe by now, and must not be
                // missed: an unread "no" would be a yes.
                status = child.wait() => {
                    answer.take_rest(stdout.as_fd())?;
                    return Ok((answer, status?));
                }
            }
        }
    }
}

impl Drop for Dialog {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        // As long as the child was not waited for, its number is its own, and so is the group's.
        let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        if let Some(leader) = leader {
            // Gone already is as good as killed.
            let _ = kill_process_group(leader, Signal::KILL);
        }
        // Waited for, or it would stay below the agent as a zombie until another child ends.
        // Without a runtime the whole process is ending.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { child.wait().await });
        }
    }
}
