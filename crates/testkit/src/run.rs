//! Runs one program in a world: cleared environment, no terminal, a time limit.
//!
//! Every program starts through `setsid`, so that it has no controlling terminal (a prompt would
//! otherwise appear on the developer's own) and so that its whole process group can be killed.
//! Does not interpret what the program says.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use crate::leftovers;
use crate::output::Output;
use crate::terminal::Terminal;

/// No tool under test needs longer, but a loaded machine may.
const USUAL_LIMIT: Duration = Duration::from_secs(20);

/// How long a reader of the streams waits for whoever still holds them.
const STREAM_GRACE: Duration = Duration::from_millis(500);

/// A program about to run.
#[derive(Clone, Debug)]
pub struct Run {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: PathBuf,
    stdin: Vec<u8>,
    limit: Duration,
}

impl Run {
    pub(crate) fn new(program: impl Into<OsString>, folder: PathBuf) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder,
            stdin: Vec::new(),
            limit: USUAL_LIMIT,
        }
    }

    /// Appends an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Appends arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable; a later one of the same name wins.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Gives it these bytes on standard input.
    pub fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Self {
        bytes.as_ref().clone_into(&mut self.stdin);
        self
    }

    /// Starts it in this folder instead of the home.
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Kills it after this time instead of the usual one.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn output(self) -> Output {
        self.start().wait()
    }

    /// Starts it and returns at once.
    #[track_caller]
    pub fn start(self) -> Running {
        let mut command = self.command(&[]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("setsid starts (Debian package util-linux)");
        let mut input = child.stdin.take().expect("stdin is a pipe");
        let bytes = self.stdin.clone();
        // A program that ends without reading its input is no fault of the test.
        let writer = thread::spawn(move || input.write_all(&bytes).unwrap_or(()));
        Running::new(self.to_string(), child, self.limit, Some(writer))
    }

    /// Starts it with a terminal of its own, on which it can ask.
    #[track_caller]
    pub fn on_terminal(self) -> Terminal {
        let (master, slave) = Terminal::pair();
        let mut command = self.command(&["--ctty"]);
        command.stdin(Stdio::from(slave)).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("setsid starts (Debian package util-linux)");
        Terminal::new(master, Running::new(self.to_string(), child, self.limit, None))
    }

    /// The same, and what it writes goes to that terminal too, as when a person runs it: for what
    /// is only shown there, a progress bar.
    #[track_caller]
    pub fn on_whole_terminal(self) -> Terminal {
        let (master, slave) = Terminal::pair();
        let end = || Stdio::from(slave.try_clone().expect("a descriptor of the terminal"));
        let mut command = self.command(&["--ctty"]);
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("setsid starts (Debian package util-linux)");
        drop((command, slave));
        Terminal::new(master, Running::new(self.to_string(), child, self.limit, None))
    }

    /// `setsid` becomes the program by exec, so the child's pid is the program's.
    pub(crate) fn command(&self, setsid_flags: &[&str]) -> Command {
        let mut command = Command::new("/usr/bin/setsid");
        command.args(setsid_flags).arg("--").arg(&self.program).args(&self.arguments);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(&self.folder);
        command
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.program.to_string_lossy())?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", argument.to_string_lossy()))
    }
}

/// A program that was started.
#[derive(Debug)]
pub struct Running {
    command: String,
    child: Child,
    started: Instant,
    limit: Duration,
    stdout: Option<Collector>,
    stderr: Option<Collector>,
    writer: Option<JoinHandle<()>>,
    ended: Option<ExitStatus>,
}

impl Running {
    fn new(
        command: String,
        mut child: Child,
        limit: Duration,
        writer: Option<JoinHandle<()>>,
    ) -> Self {
        let stdout = child.stdout.take().map(Collector::start);
        let stderr = child.stderr.take().map(Collector::start);
        let started = Instant::now();
        leftovers::note_process(Pid::from_child(&child));
        Self { command, child, started, limit, stdout, stderr, writer, ended: None }
    }

    /// Its process id.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.ended_within(Duration::ZERO).is_none()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        // It may have ended by itself just now.
        let _ = rustix::process::kill_process(self.pid(), signal);
    }

    /// Waits for its end, but not longer than this.
    pub fn ended_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        if self.ended.is_none() && !limit.is_zero() {
            wait_for_end(self.pid(), limit);
        }
        if self.ended.is_none() {
            self.ended = self.child.try_wait().expect("it is our child");
            if self.ended.is_some() {
                leftovers::forget_process(self.pid());
            }
        }
        self.ended
    }

    /// Waits for its end and takes what it wrote. At the time limit its group is killed.
    #[track_caller]
    pub fn wait(mut self) -> Output {
        let left = self.limit.saturating_sub(self.started.elapsed()).max(Duration::from_millis(1));
        let status = self.ended_within(left);
        let took = self.started.elapsed();
        if status.is_none() {
            self.kill();
        }
        let (stdout, stdout_held) = self.stdout.take().map(Collector::finish).unwrap_or_default();
        let (stderr, stderr_held) = self.stderr.take().map(Collector::finish).unwrap_or_default();
        let streams_held = stdout_held || stderr_held;
        let command = std::mem::take(&mut self.command);
        Output { command, status, stdout, stderr, took, streams_held }
    }

    /// Kills it and everything it started.
    pub fn kill(&mut self) {
        if self.ended.is_none() {
            let _ = kill_process_group(self.pid(), Signal::KILL);
            let _ = self.child.kill();
            self.ended = self.child.wait().ok();
            leftovers::forget_process(self.pid());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        // The pipe broke with the kill at the latest.
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Waits until a process ended; the pidfd is readable then.
pub(crate) fn wait_for_end(pid: Pid, limit: Duration) -> bool {
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else {
        return true;
    };
    let deadline = Instant::now() + limit;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let wait = Timespec::try_from(left).expect("a test's time limit");
        let mut waiting = [PollFd::new(&handle, PollFlags::IN)];
        match poll(&mut waiting, Some(&wait)) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(_) if left.is_zero() => return false,
            Err(_) => {}
        }
    }
}

/// Reads a stream to its end in a thread of its own.
#[derive(Debug)]
struct Collector {
    thread: JoinHandle<Vec<u8>>,
    stop: std::io::PipeWriter,
}

impl Collector {
    fn start<S: Read + AsFd + Send + 'static>(mut stream: S) -> Self {
        let (stopped, stop) = std::io::pipe().expect("a pipe");
        let thread = thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut chunk = [0; 4096];
            loop {
                let stream_ready = {
                    let mut waiting =
                        [PollFd::new(&stream, PollFlags::IN), PollFd::new(&stopped, PollFlags::IN)];
                    if poll(&mut waiting, None).is_err() {
                        continue;
                    }
                    !waiting[0].revents().is_empty()
                };
                if !stream_ready {
                    return bytes;
                }
                match stream.read(&mut chunk) {
                    Ok(0) | Err(_) => return bytes,
                    Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                }
            }
        });
        Self { thread, stop }
    }

    /// The bytes, and whether somebody still held the stream open.
    fn finish(self) -> (Vec<u8>, bool) {
        let deadline = Instant::now() + STREAM_GRACE;
        while !self.thread.is_finished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
        let held = !self.thread.is_finished();
        drop(self.stop);
        (self.thread.join().expect("the reader does not panic"), held)
    }
}
