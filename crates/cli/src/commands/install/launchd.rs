//! At home on macOS: launchd holds the agent's socket and starts the agent with its first client, and
//! tells every program of the login where that is.
//!
//! Not by a socket that launchd names itself and puts into the variable (`SecureSocketWithKey`): it is
//! elsewhere after each login, so that `keyfob` without the variable, and settings of `ssh`, could not
//! name it, and the system's own agent claims the variable in the same way. A job that sets the variable
//! at each login comes after that one.

mod control;

use std::path::{Path, PathBuf};

use keyfob_config::env::{Environment, Name};
use keyfob_sys::user;

use super::own_file::Kind;
use super::plist;
use super::program::Program;
use super::step::{State, Step, What};
use super::work::{Stop, Work, each_once};
use crate::finding;
use crate::voice::{moving_in as words, shown_path};
use control::Control;

/// Logins over the network are not told by launchd.
pub(in crate::commands) const SHELLS_NEED_A_LINE: bool = true;

/// Where a person's own jobs are, below the home.
const JOBS: &str = "Library/LaunchAgents";

/// A name in the file system's, which is a path of a socket, has so many bytes with its end.
const LONGEST: usize = 104;

/// The login session of launchd.
pub(crate) struct Home {
    control: Control,
}

impl Home {
    /// The one of this user.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn reach(_environment: &Environment) -> Result<Self, String> {
        Control::reach(user::effective_uid()).map(|control| Self { control })
    }
}

impl Work {
    /// Makes it start the agent, and tell of it.
    pub(super) fn move_in(
        &mut self,
        home: &Home,
        program: &Program,
        environment: &Environment,
    ) -> Result<(), Stop> {
        let control = &home.control;
        let (Some(files), Ok(socket)) = (files(environment), finding::own_socket(environment))
        else {
            return Err(self.failed(What::Look, "~".to_owned(), words::NO_HOME));
        };
        let texts = match (program.path.to_str(), socket.to_str()) {
            (Some(program), Some(socket)) if socket.len() < LONGEST => {
                [plist::agent(program, socket), plist::environment(socket)]
            }
            _ => return Err(self.failed(What::Write, shown_path(&socket), words::NO_PLACE)),
        };
        if let Some(folder) = socket.parent() {
            self.make_folder(folder)?;
        }
        for ((path, label), text) in files.iter().zip(plist::LABELS).zip(texts) {
            let changed = self.write(path, text.as_bytes(), Kind::Xml)?;
            let is_loaded = control.has(label);
            if is_loaded && !changed {
                self.tell(Step::new(What::Run, State::Already, label.to_owned()));
                continue;
            }
            if is_loaded {
                self.may_boot_out(control, label, &socket)?;
                let arguments = control.boot_out(label);
                self.run(control, &arguments)?;
            } else if label == plist::AGENT {
                self.make_way(&socket)?;
            }
            let arguments = control.bootstrap(path);
            self.run(control, &arguments)?;
        }
        Ok(())
    }

    /// Undoes that.
    pub(in crate::commands) fn move_out(
        &mut self,
        home: Option<&Home>,
        environment: &Environment,
    ) -> Result<(), Stop> {
        if let Some(Home { control }) = home {
            self.unload(control, environment)?;
        }
        let mut all = self.record.files.clone();
        all.extend(files(environment).into_iter().flatten());
        for path in each_once(all) {
            self.remove(&path);
        }
        Ok(())
    }

    fn unload(&mut self, control: &Control, environment: &Environment) -> Result<(), Stop> {
        let socket = finding::own_socket(environment).ok();
        for label in plist::LABELS.into_iter().filter(|label| control.has(label)) {
            if let Some(socket) = &socket {
                self.may_boot_out(control, label, socket)?;
            }
            let arguments = control.boot_out(label);
            self.run(control, &arguments)?;
        }
        let name = Name::SshAuthSock.as_str();
        if socket.is_some() && control.variable(name).map(PathBuf::from) == socket {
            self.run(control, &["unsetenv".to_owned(), name.to_owned()])?;
            self.hint(words::NEXT_LOGIN.to_owned());
        }
        Ok(())
    }

    /// The agent ends with its job.
    fn may_boot_out(&mut self, control: &Control, label: &str, socket: &Path) -> Result<(), Stop> {
        // Else a connection to the socket would start an agent.
        if label == plist::AGENT && control.runs(label) {
            self.may_stop(Some(socket), label)?;
        }
        Ok(())
    }

    /// Tells launchd something.
    fn run(&mut self, control: &Control, arguments: &[String]) -> Result<(), Stop> {
        self.call(words::command(arguments), || control.run(arguments).map(drop))
    }
}

/// The jobs.
fn files(environment: &Environment) -> Option<[PathBuf; 2]> {
    let home = environment.home().or_else(user::home_directory)?;
    Some(plist::LABELS.map(|label| home.join(JOBS).join(format!("{label}.plist"))))
}
