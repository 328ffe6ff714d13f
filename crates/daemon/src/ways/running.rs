//! The process that asks, ended with everything it started when nobody waits for it any more.

use std::ffi::OsString;
use std::io;

use keyfob_prompt::program;
use keyfob_sys::locked::LockedBytes;
use keyfob_sys::starter::Order;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::message::{Answer, MAX_ANSWER};
use crate::starting::{Programs, Recipes};

/// Asked to end when this is dropped, and killed with all it started when it does not: it may have
/// a terminal to put right.
pub(super) struct Running {
    _helper: program::Running,
    stdout: program::Output,
    /// Held open as long as the answer is waited for: the helper ends with it, also when it is
    /// the kernel that closes it because the daemon is gone.
    stdin: program::Input,
}

impl Running {
    /// Starts it with the agent's own environment, in which `pinentry` finds its language and its
    /// settings, and these variables in the place of what they were.
    pub(super) async fn start(
        programs: &Programs,
        screen: &[(&'static str, OsString)],
    ) -> io::Result<Self> {
        let variables = screen.iter().map(|(name, value)| (*name, Some(value.clone())));
        let order = Order {
            recipe: Recipes::ASK_PERSON,
            words: Vec::new(),
            variables: variables.collect(),
        };
        let mut helper = program::Running::start(programs.starter()?, &order).await?;
        let pipes = helper.stdin.take().zip(helper.stdout.take());
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { _helper: helper, stdout, stdin })
    }

    /// Has it ask, and waits for the answer; an error in words.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<Answer, String> {
        // One that ended instead of listening has no answer either.
        let _ = self.stdin.write_all(request).await;
        // One byte more than may come: it tells an answer that goes on from one that ends.
        let mut bytes = LockedBytes::new(MAX_ANSWER + 1).map_err(|error| error.to_string())?;
        let mut length = 0;
        loop {
            let read = self.stdout.read(&mut bytes[length..]).await;
            let count = read.map_err(|error| format!("cannot be heard: {error}"))?;
            length += count;
            if count == 0 || length == bytes.len() {
                break;
            }
        }
        if length == 0 {
            return Err("ended without an answer".to_owned());
        }
        Answer::decode(&bytes[..length]).map_err(|error| format!("no sensible answer: {error}"))
    }
}
