//! Makes keyfob at home on this machine: the service manager starts the agent for the first program
//! that asks, or Windows at each logon, and every program finds it.
//!
//! Where nothing of the kind is to be had a line in the start file of the shell does it, which is shown,
//! and written only when that is said. What was put where is remembered for [`super::uninstall`]. Keys,
//! the key store and the settings are not touched.

#[cfg_attr(windows, path = "install/logon.rs")]
#[cfg_attr(target_os = "macos", path = "install/launchd.rs")]
#[cfg_attr(not(any(windows, target_os = "macos")), path = "install/systemd.rs")]
mod home;
mod links;
#[cfg(not(windows))]
mod own_file;
#[cfg(any(target_os = "macos", all(test, unix)))]
mod plist;
mod program;
mod record;
mod running;
#[cfg(not(windows))]
mod stamp;
mod start_file;
mod step;
mod work;

use std::path::PathBuf;

use keyfob_config::env::Environment;

use crate::exit::Exit;
use crate::voice::{moving_in as words, shown_path};

use program::Program;

pub(crate) use home::Home;
#[cfg(not(any(windows, target_os = "macos")))]
pub(crate) use home::Other;
pub(in crate::commands) use home::SHELLS_NEED_A_LINE;
pub(in crate::commands) use links::paths as link_paths;
pub(in crate::commands) use record::Record;
pub(crate) use running::Holds;
pub(crate) use start_file::StartShell;
pub(in crate::commands) use start_file::{all as start_files, has_line};
pub(crate) use step::{State, Step, What};
pub(in crate::commands) use work::each_once;
pub(crate) use work::{Closed, Manner, Stop, Work};

/// What is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Install {
    /// A folder for links by the names of OpenSSH's programs.
    pub(crate) drop_in: Option<PathBuf>,
    /// Whether a start file gets a line, of the login shell where none is named.
    pub(crate) shell: Option<Option<StartShell>>,
    /// How.
    pub(crate) manner: Manner,
}

impl Install {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let closed = self.carry_out(environment);
        closed.tell(self.manner);
        closed.exit
    }

    /// Does it, step by step, and says what was done.
    pub(crate) fn carry_out(&self, environment: &Environment) -> Closed {
        let mut work = Work::new(self.manner, environment);
        let result = self.install(&mut work, environment);
        work.close(result)
    }

    fn install(&self, work: &mut Work, environment: &Environment) -> Result<(), Stop> {
        let program = Program::running(environment)
            .map_err(|error| work.failed(What::Look, "keyfob".to_owned(), error.to_string()))?;
        let home = Home::reach(environment);
        if let Ok(home) = &home {
            work.move_in(home, &program, environment)?;
            if work.is_dry() {
                work.hint(words::dry_run(&shown_path(&program.path)));
            }
        }
        if let Some(folder) = &self.drop_in {
            work.link(folder, &program, environment)?;
        }
        if SHELLS_NEED_A_LINE {
            return self.lead_shells(work, home.err(), &program, environment);
        }
        if self.shell.is_some() {
            let left = Step::new(What::StartFile, State::Left, words::START_FILE.to_owned());
            work.tell(left.because(words::NO_LINE_NEEDED));
        }
        Ok(())
    }

    /// The line for shells: written, or shown. `nobody` is why no service manager starts the agent.
    fn lead_shells(
        &self,
        work: &mut Work,
        nobody: Option<String>,
        program: &Program,
        environment: &Environment,
    ) -> Result<(), Stop> {
        let named = self.shell.flatten();
        let shell = named.unwrap_or_else(|| StartShell::of_login(environment));
        let Some(file) = shell.file(environment) else {
            return Err(work.failed(What::Look, "~".to_owned(), words::NO_HOME));
        };
        let line = shell.line(program);
        match nobody {
            _ if self.shell.is_some() => work.add_line(&file, &line),
            None => {
                work.hint(words::this_shell(&line));
                Ok(())
            }
            Some(why) => {
                work.hint(words::line_for(&line, &file));
                let step = Step::new(What::Look, State::Left, words::MANAGER.to_owned());
                work.tell(step.because(why));
                // Links were asked for and are made; else nothing was.
                if self.drop_in.is_some() { Ok(()) } else { Err(Stop) }
            }
        }
    }
}
