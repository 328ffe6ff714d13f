//! Shows the log, and goes on with what is written.

mod ends;
mod filter;
mod line;
pub(crate) mod moment;
mod reading;
mod verifying;

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;

use keyfob_config::Directories;
use keyfob_config::env::Environment;
use keyfob_sys::user;

use crate::exit::Exit;
use crate::output;
use crate::voice::logging as words;

pub(crate) use filter::Filter;
pub(crate) use line::{Host, Key, LogLine, Process, Purpose};
use reading::{Reading, Watch};
pub(crate) use verifying::LogVerify;

/// What is shown.
#[derive(Debug)]
pub(crate) struct Log {
    /// As the lines are written.
    pub(crate) json: bool,
    /// Which of them.
    pub(crate) filter: Filter,
    /// And those that come.
    pub(crate) follow: bool,
    /// The last so many; 0 is all.
    pub(crate) last: usize,
}

/// The folder of the log.
fn place(environment: &Environment) -> Result<PathBuf, Exit> {
    let directories = Directories::new(environment, user::effective_uid());
    directories.map(|directories| directories.log()).map_err(|error| {
        output::fact(error.to_string());
        Exit::Failure
    })
}

impl Log {
    /// Shows it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let root = match place(environment) {
            Ok(root) => root,
            Err(exit) => return exit,
        };
        self.show(root.clone()).unwrap_or_else(|error| {
            words::unreadable(&root, &error);
            Exit::Failure
        })
    }

    fn show(&self, root: PathBuf) -> io::Result<Exit> {
        // Before the first look: what is written in between is not missed.
        let mut watch = self.follow.then(|| Watch::new(&root)).transpose()?;
        let mut reading = Reading::new(root);
        let (mut found, mut left) = (VecDeque::new(), 0);
        let unread = reading.lines(&mut |line| {
            if !self.filter.takes(&line) {
                return;
            }
            found.push_back(line);
            if self.last > 0 && found.len() > self.last {
                found.pop_front();
                left += 1;
            }
        })?;
        if left > 0 {
            words::more_before(left);
        }
        if found.is_empty() && !self.follow {
            words::nothing(reading.is_empty());
        }
        found.iter().for_each(|line| self.tell(line));
        words::not_lines(unread);
        while let Some(watch) = &mut watch {
            watch.wait()?;
            let unread = reading.lines(&mut |line| {
                if self.filter.takes(&line) {
                    self.tell(&line);
                }
            })?;
            words::not_lines(unread);
            if output::data_lost() {
                break;
            }
        }
        Ok(Exit::Success)
    }

    fn tell(&self, line: &LogLine) {
        match self.json {
            true => output::data_line(&line.written),
            false => words::line(line),
        }
    }
}
