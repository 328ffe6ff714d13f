//! The agent's helper at Pageant's window: whoever may send a program messages can have its thread run
//! code of theirs (`SetWindowsHookEx`), so the window is in a process that holds no key. It passes on
//! requests, as any program of the account can, and ends with the agent.
//!
//! Not a command for people, so it is in no table: no help, no manual page, no completion.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader};
use std::os::windows::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use keyfob_sys::hardening;
use keyfob_sys::windows::job::Job;
use keyfob_transport::pageant;

use crate::exit::Exit;
use crate::{files, output};

/// The word that makes the program this helper.
const COMMAND: &str = "pageant-window";

/// What it says when the window is there; anything else is why there is none.
const READY: &str = "ready";

/// `DETACHED_PROCESS`: it outlives the console the agent may have.
const DETACHED: u32 = 0x0000_0008;

/// Whether the agent has started us for it.
pub(crate) fn is_meant(arguments: &[OsString]) -> bool {
    matches!(arguments, [_, command, _] if command == OsStr::new(COMMAND))
}

/// Serves the window, for the agent at the place that is named.
pub(crate) fn run(arguments: &[OsString]) -> Exit {
    let [_, _, agent] = arguments else { return Exit::Failure };
    if output::stdout_is_terminal() {
        output::fact(format!(
            "{COMMAND} is how PuTTY's older programs reach the agent, which starts it"
        ));
        return Exit::Failure;
    }
    let _ = hardening::protect_process();
    match pageant::serve_window(Path::new(agent), || say(READY)) {
        Ok(()) => Exit::Success,
        Err(error) => {
            say(&files::reason(&error).to_lowercase());
            Exit::Failure
        }
    }
}

fn say(line: &str) {
    let _ = output::unbuffered(format!("{line}\n").as_bytes());
}

/// Starts the helper, which ends with this process. The agent does not wait for it; that there is no
/// window, or none any more, is told in the log.
///
/// # Errors
/// Why there is no helper.
pub(crate) fn start(agent: &Path) -> io::Result<()> {
    let job = Job::new()?;
    let mut helper = Command::new(std::env::current_exe()?)
        .arg(COMMAND)
        .arg(agent)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .creation_flags(DETACHED)
        .spawn()?;
    if let Err(error) = job.take(&helper) {
        let _ = helper.kill();
        return Err(error);
    }
    thread::Builder::new().name("pageant".to_owned()).spawn(move || {
        let mut said = String::new();
        let output = helper.stdout.take().map(BufReader::new);
        let _ = output.map(|mut output| output.read_line(&mut said));
        let is_there = said.trim_end() == READY;
        if !is_there {
            let why = said.trim_end();
            tracing::warn!(why, "no window for PuTTY's older programs");
        }
        let ended = helper.wait();
        // With the last handle of the job the helper would end.
        drop(job);
        if is_there {
            tracing::warn!(?ended, "Pageant's window is gone");
        }
    })?;
    Ok(())
}
