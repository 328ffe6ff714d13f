//! What another program says, if it says it soon.

#[cfg_attr(unix, path = "asked/unix.rs")]
#[cfg_attr(windows, path = "asked/windows.rs")]
mod system;

use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Bytes of an answer that are read.
const LARGEST: u64 = 1 << 20;

/// Between two looks at whether it has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// What came of it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: ExitStatus,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Runs it to its end; after this time it is ended, and what it started with it.
///
/// # Errors
/// The system's; [`io::ErrorKind::TimedOut`].
pub(super) fn answer(mut command: Command, patience: Duration) -> io::Result<Answer> {
    let deadline = Instant::now() + patience;
    let pipes = [Stdio::piped(), Stdio::piped()];
    let [stdout, stderr] = pipes;
    command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
    system::apart(&mut command);
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().map(reader);
    let stderr = child.stderr.take().map(reader);
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() >= deadline => {
                system::end(&mut child);
                return Err(io::ErrorKind::TimedOut.into());
            }
            None => thread::sleep(PAUSE),
        }
    };
    // What it has started may hold the pipes for longer than it lives.
    let text = |reader: Option<JoinHandle<Vec<u8>>>| -> io::Result<String> {
        let Some(reader) = reader else { return Ok(String::new()) };
        while !reader.is_finished() {
            if Instant::now() >= deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
            thread::sleep(PAUSE);
        }
        Ok(String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned())
    };
    Ok(Answer { status, stdout: text(stdout)?, stderr: text(stderr)? })
}

fn reader(pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // Of what breaks off, what has come.
        let _ = pipe.take(LARGEST).read_to_end(&mut bytes);
        bytes
    })
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_streams_and_the_end_are_told() {
        let answer = answer(shell("echo a; echo b >&2; exit 3"), Duration::from_secs(20)).unwrap();
        assert_eq!(answer.status.code(), Some(3));
        assert_eq!((answer.stdout.as_str(), answer.stderr.as_str()), ("a\n", "b\n"));
    }

    #[test]
    fn who_does_not_end_is_ended_with_what_it_started() {
        let begun = Instant::now();
        for script in ["sleep 60", "sleep 60 & sleep 60", "sleep 60 & exit 0"] {
            let answer = answer(shell(script), Duration::from_millis(200));
            assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::TimedOut, "{script}");
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}
