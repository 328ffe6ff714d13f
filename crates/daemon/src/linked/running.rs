//! One helper at work, that ends when nobody waits for it any more.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use keyfob_sys::locked::LockedBytes;
use keyfob_sys::process;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::runtime::Handle;

use super::COMMAND;
use super::error::Problem;
use super::limits::MAX_ANSWER;

/// A helper, killed when this is dropped.
pub(super) struct Running {
    /// There until this is dropped.
    child: Option<Child>,
    stdout: ChildStdout,
    /// Held open as long as the answer is waited for: the helper ends with it, also when it is
    /// the kernel that closes it because the daemon is gone.
    stdin: ChildStdin,
}

/// What it said, and how it ended.
pub(super) struct Said {
    bytes: LockedBytes,
    length: usize,
    pub(super) status: ExitStatus,
}

impl Said {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Running {
    /// Starts it with nothing but two pipes: no environment, in which it might find where
    /// things are, no folder but the root, no stream into a log. (A message of a parser that
    /// stumbled could quote what it read.)
    pub(super) fn start(program: &Path) -> io::Result<Self> {
        // Whoever started us may have left descriptors open to us. Where this cannot be done,
        // the helper still reads no other than that of its file.
        let _ = process::close_others_on_exec();
        let mut child = Command::new(program)
            // What `ps` shows, and not one of the names that make the binary another program.
            .arg0("keyfob")
            .arg(COMMAND)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { child: Some(child), stdout, stdin })
    }

    /// Asks, listens to the end, and waits until the helper is gone.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<Said, Problem> {
        // One that ended instead of listening is better known by how it ended.
        let _ = self.stdin.write_all(request).await;
        // One byte more than may come: it tells an answer that goes on from one that ends.
        let mut bytes = LockedBytes::new(MAX_ANSWER + 1)
            .map_err(|error| Problem::Unheard(io::Error::other(error)))?;
        let mut length = 0;
        loop {
            let count = self.stdout.read(&mut bytes[length..]).await.map_err(Problem::Unheard)?;
            length += count;
            if count == 0 || length == bytes.len() {
                break;
            }
        }
        let child = self.child.as_mut().ok_or_else(gone)?;
        if length == bytes.len() {
            // It may be writing on, for ever. What fills the buffer is refused as too large.
            child.start_kill().map_err(Problem::Unheard)?;
        }
        let status = child.wait().await.map_err(Problem::Unheard)?;
        Ok(Said { bytes, length, status })
    }
}

fn gone() -> Problem {
    Problem::Unheard(io::ErrorKind::NotFound.into())
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        if child.id().is_none() {
            return; // waited for already
        }
        // Gone already is as good as killed.
        let _ = child.start_kill();
        // Waited for, or it would stay below the agent as a zombie until another child ends.
        // Without a runtime the whole process is ending.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { child.wait().await });
        }
    }
}
