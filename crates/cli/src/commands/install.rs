//! Makes keyfob at home on this machine: the service manager starts the agent for the first program
//! that asks, and every program finds it.
//!
//! Where there is no such manager a line in the start file of the shell does it, which is shown, and
//! written only when that is said. What was put where is remembered for [`super::uninstall`]. Keys,
//! the key store and the settings are not touched.

mod links;
mod manager;
mod others;
mod own_file;
mod program;
mod record;
mod running;
mod stamp;
mod start_file;
mod step;
mod systemd;
mod unit;
mod work;

use std::path::PathBuf;

use keyfob_config::env::Environment;

use crate::exit::Exit;
use crate::output;
use crate::voice::{moving_in as words, shown_path};

use program::Program;

pub(in crate::commands) use links::NAMES;
pub(crate) use manager::Manager;
pub(crate) use others::Other;
pub(in crate::commands) use record::Record;
pub(crate) use running::Holds;
pub(in crate::commands) use running::holds;
pub(crate) use start_file::StartShell;
pub(in crate::commands) use start_file::all as start_files;
pub(crate) use step::{State, Step, What};
pub(in crate::commands) use systemd::files as systemd_files;
pub(in crate::commands) use unit::{SERVICE, SOCKET};
pub(crate) use work::{Closed, Manner, Stop, Work};

/// What is not there yet on Windows says so.
pub(in crate::commands) fn not_here(command: &str) -> Option<Exit> {
    if cfg!(not(windows)) {
        return None;
    }
    output::fact(format!("`keyfob {command}` is not there yet on Windows"));
    output::hint("keyfob agent   starts the agent; programs of OpenSSH find it at its pipe");
    Some(Exit::Failure)
}

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
        if let Some(refused) = not_here("install") {
            return refused;
        }
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
        let manager = Manager::reach(environment);
        if let Ok(manager) = &manager {
            self.with_manager(work, &mut manager.clone(), &program, environment)?;
        }
        if let Some(folder) = &self.drop_in {
            work.link(folder, &program, environment)?;
        }
        let named = self.shell.flatten();
        let shell = named.unwrap_or_else(|| StartShell::of_login(environment));
        let Some(file) = shell.file(environment) else {
            return Err(work.failed(What::Look, "~".to_owned(), words::NO_HOME));
        };
        let line = shell.line(&program);
        match manager {
            _ if self.shell.is_some() => work.add_line(&file, &line),
            Ok(_) => {
                work.hint(words::this_shell(&line));
                Ok(())
            }
            Err(why) => {
                work.hint(words::line_for(&line, &file));
                let step = Step::new(What::Look, State::Left, words::MANAGER.to_owned());
                work.tell(step.because(why));
                // Links were asked for and are made; else nothing was.
                if self.drop_in.is_some() { Ok(()) } else { Err(Stop) }
            }
        }
    }

    fn with_manager(
        &self,
        work: &mut Work,
        manager: &mut Manager,
        program: &Program,
        environment: &Environment,
    ) -> Result<(), Stop> {
        let settings = manager.settings_home(environment).unwrap_or_default();
        let [_, _, variables] = systemd_files(&settings);
        // Before anything is set: afterwards the variable is ours.
        let other = others::find(manager, &variables, environment);
        work.under_systemd(manager, program, environment)?;
        if let Some(other) = other {
            work.hint(words::other_agent(&other));
        }
        if work.is_dry() {
            work.hint(words::dry_run(&shown_path(&program.path)));
        }
        Ok(())
    }
}
