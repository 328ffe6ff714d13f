//! What a finished program left: exit code, both streams, and how long it took.
//!
//! The assertions name the whole command and both streams when they fail, because a failed
//! compliance case is read by someone who was not there.

use std::fmt;
use std::process::ExitStatus;
use std::time::Duration;

/// The result of one run.
#[derive(Clone, Debug)]
pub struct Output {
    /// The command as typed, for messages.
    pub command: String,
    /// How it ended; `None` when it was killed at its time limit.
    pub status: Option<ExitStatus>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// From start to end.
    pub took: Duration,
    /// Someone still held stdout or stderr open when the program itself had ended: a background
    /// process that did not let go of them, for which every `$(…)` of a shell would wait.
    pub streams_held: bool,
}

impl Output {
    /// The exit code, if it ended by itself and not by a signal.
    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// Standard output as text.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text, with the `\r\n` that OpenSSH's log lines end in made `\n`.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).replace("\r\n", "\n")
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert!(self.code() == Some(code), "wanted exit code {code}\n{self}");
        self
    }

    /// Asserts the whole of standard output.
    #[track_caller]
    pub fn prints(&self, text: &str) -> &Self {
        assert!(self.stdout() == text, "wanted on stdout {text:?}\n{self}");
        self
    }

    /// Asserts the whole of standard error, hints apart: keyfob may say below OpenSSH's text what
    /// can be done about it, in lines that begin `hint: ` and that OpenSSH never prints.
    #[track_caller]
    pub fn reports(&self, text: &str) -> &Self {
        let stderr = self.stderr();
        let said: String =
            stderr.split_inclusive('\n').filter(|line| !line.starts_with("hint: ")).collect();
        assert!(said == text, "wanted on stderr {text:?}\n{self}");
        self
    }

    /// Asserts a part of standard error.
    #[track_caller]
    pub fn reports_among_else(&self, text: &str) -> &Self {
        assert!(self.stderr().contains(text), "wanted on stderr, among else, {text:?}\n{self}");
        self
    }

    /// Asserts a part of standard output.
    #[track_caller]
    pub fn prints_among_else(&self, text: &str) -> &Self {
        assert!(self.stdout().contains(text), "wanted on stdout, among else, {text:?}\n{self}");
        self
    }

    /// Asserts that it ended before this time was over.
    #[track_caller]
    pub fn takes_less_than(&self, limit: Duration) -> &Self {
        assert!(self.took < limit, "took {:?}, wanted less than {limit:?}\n{self}", self.took);
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "    ran    {}", self.command)?;
        match self.status {
            Some(status) => writeln!(f, "    ended  {status} after {:?}", self.took)?,
            None => writeln!(f, "    killed at its time limit after {:?}", self.took)?,
        }
        writeln!(f, "    stdout {:?}", self.stdout())?;
        write!(f, "    stderr {:?}", self.stderr())
    }
}
