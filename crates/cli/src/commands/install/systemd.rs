//! At home under systemd: the units, the variable, and the socket that leads to the agent.

mod manager;
mod others;
mod unit;

use std::path::{Path, PathBuf};

use keyfob_config::env::{Environment, Name};
use keyfob_sys::user;

use super::own_file::Kind;
use super::program::Program;
use super::step::{State, Step, What};
use super::work::{Stop, Work, each_once};
use crate::voice::{moving_in as words, shown_path};
use manager::Manager;
pub(crate) use others::Other;
use unit::{SERVICE, SOCKET};

/// Logins without a desktop are not told of the agent by systemd.
pub(in crate::commands) const SHELLS_NEED_A_LINE: bool = true;

/// Where a person's own units are.
const UNITS: &str = "systemd/user";

/// The file in `environment.d`. Files there are read in the order of their names, and the last one
/// counts; those of a person's own are usually called 90 and above.
const VARIABLES: &str = "environment.d/60-keyfob.conf";

/// What is in it; see environment.d(5).
const VARIABLES_TEXT: &str = "\
# Programs that the service manager starts, and desktops, find the agent.
SSH_AUTH_SOCK=${XDG_RUNTIME_DIR}/keyfob/agent.sock
";

/// The files that are written below the folder of the manager's settings.
fn files(settings: &Path) -> [PathBuf; 3] {
    let units = settings.join(UNITS);
    [units.join(SOCKET), units.join(SERVICE), settings.join(VARIABLES)]
}

/// The user's systemd.
pub(crate) struct Home {
    manager: Manager,
}

impl Home {
    /// The one of this session.
    ///
    /// # Errors
    /// Why there is none to reach.
    pub(crate) fn reach(environment: &Environment) -> Result<Self, String> {
        Manager::reach(environment).map(|manager| Self { manager })
    }
}

impl Work {
    /// Makes it start the agent, and tells who else wants to be found.
    pub(super) fn move_in(
        &mut self,
        home: &Home,
        program: &Program,
        environment: &Environment,
    ) -> Result<(), Stop> {
        let manager = &mut home.manager.clone();
        let settings = manager.settings_home(environment).unwrap_or_default();
        let [_, _, variables] = files(&settings);
        // Before anything is set: afterwards the variable is ours.
        let other = others::find(manager, &variables, environment);
        self.under_systemd(manager, program, environment)?;
        if let Some(other) = other {
            self.hint(words::other_agent(&other));
        }
        Ok(())
    }

    /// Undoes that.
    pub(in crate::commands) fn move_out(
        &mut self,
        home: Option<&Home>,
        environment: &Environment,
    ) -> Result<(), Stop> {
        let manager = home.map(|home| &home.manager);
        if let Some(manager) = manager {
            stop(self, manager)?;
        }
        if remove_files(self, manager, environment)
            && let Some(manager) = manager
        {
            self.run(manager, &["daemon-reload"])?;
        }
        Ok(())
    }

    /// Tells it something.
    fn run(&mut self, manager: &Manager, arguments: &[&str]) -> Result<(), Stop> {
        self.call(words::command(arguments), || manager.run(arguments).map(drop))
    }

    fn under_systemd(
        &mut self,
        manager: &mut Manager,
        program: &Program,
        environment: &Environment,
    ) -> Result<(), Stop> {
        let Some(settings) = manager.settings_home(environment) else {
            return Err(self.failed(What::Look, "~".to_owned(), words::NO_HOME));
        };
        let [socket_unit, service_unit, variables] = files(&settings);
        let before = manager.variable(Name::SshAuthSock);
        let changed = match packaged(manager, program, &[&socket_unit, &service_unit]) {
            Some(units) => {
                for unit in units {
                    let step = Step::new(What::Look, State::Already, shown_path(&unit));
                    self.tell(step.because(words::PACKAGED));
                }
                // Where the link to the socket goes: made here, it is remembered.
                self.make_folder(&settings.join(UNITS))?;
                false
            }
            None => self.write_units(&[socket_unit, service_unit], program)?,
        };
        self.write(&variables, VARIABLES_TEXT.as_bytes(), Kind::Lines)?;
        if changed {
            self.run(manager, &["daemon-reload"])?;
        }
        self.enable(manager, changed)?;
        self.lead_there(manager, before.as_deref().map(Path::new))
    }

    fn write_units(&mut self, paths: &[PathBuf; 2], program: &Program) -> Result<bool, Stop> {
        let texts = match unit::texts(&program.path) {
            Ok(texts) => texts,
            Err(error) => {
                let subject = shown_path(&program.path);
                return Err(self.failed(What::Write, subject, error.to_string()));
            }
        };
        let mut changed = false;
        for (path, (_, text)) in paths.iter().zip(texts) {
            changed |= self.write(path, text.as_bytes(), Kind::Lines)?;
        }
        Ok(changed)
    }

    fn enable(&mut self, manager: &mut Manager, changed: bool) -> Result<(), Stop> {
        let active = manager.state("is-active", SOCKET) == "active";
        if active && manager.state("is-enabled", SOCKET) == "enabled" {
            self.tell(Step::new(What::Run, State::Already, SOCKET.to_owned()));
            if changed && manager.state("is-active", SERVICE) == "active" {
                self.hint(words::next_start());
            }
            return Ok(());
        }
        if let (false, Some(socket)) = (active, manager.socket()) {
            self.make_way(&socket)?;
        }
        self.run(manager, &["enable", "--now", SOCKET])?;
        manager.ask_again();
        Ok(())
    }

    /// The variable of what the manager starts from now on. The socket's unit sets it too, when it
    /// is started.
    fn lead_there(&mut self, manager: &Manager, before: Option<&Path>) -> Result<(), Stop> {
        let Some(socket) = manager.socket() else { return Ok(()) };
        let assignment = words::assignment(Name::SshAuthSock, &socket);
        let now = manager.variable(Name::SshAuthSock);
        if before == Some(&socket) && now.as_deref() == Some(socket.as_os_str()) {
            self.tell(Step::new(What::Run, State::Already, assignment));
            return Ok(());
        }
        self.run(manager, &["set-environment", &assignment])
    }
}

/// The units of a package, if they start this very program and the person has none of their own.
fn packaged(manager: &Manager, program: &Program, own: &[&PathBuf; 2]) -> Option<[PathBuf; 2]> {
    if own.iter().any(|path| path.symlink_metadata().is_ok()) {
        return None;
    }
    let place = |unit| PathBuf::from(manager.property(unit, "FragmentPath"));
    let units = [place(SOCKET), place(SERVICE)];
    let there = units.iter().all(|path| path.is_absolute() && path.exists());
    let starts = unit::program_of(&manager.property(SERVICE, "ExecStart"));
    (there && starts.is_some_and(|path| program.is(&path))).then_some(units)
}

/// Ends the socket and the agent behind it.
fn stop(work: &mut Work, manager: &Manager) -> Result<(), Stop> {
    let is = |question, unit, word| manager.state(question, unit) == word;
    if is("is-active", SERVICE, "active") {
        // Only now: a connection to the socket would start an agent.
        work.may_stop(manager.socket().as_deref(), SERVICE)?;
    }
    if is("is-enabled", SOCKET, "enabled") || is("is-active", SOCKET, "active") {
        work.run(manager, &["disable", "--now", SOCKET])?;
    }
    // It goes with its socket, unless its socket was gone already.
    if is("is-active", SERVICE, "active") && !work.is_dry() {
        work.run(manager, &["stop", SERVICE])?;
    }
    let leads = manager.variable(Name::SshAuthSock).map(PathBuf::from);
    if leads.is_some() && leads == manager.socket() {
        work.run(manager, &["unset-environment", Name::SshAuthSock.as_str()])?;
    }
    Ok(())
}

/// Removes the files. Whether systemd has read one of them: of the variables too it keeps what a file has
/// said, whatever it is told later, until it reads them anew.
fn remove_files(work: &mut Work, manager: Option<&Manager>, environment: &Environment) -> bool {
    let home = environment.home().or_else(user::home_directory);
    let settings = manager
        .and_then(|manager| manager.settings_home(environment))
        .or_else(|| Some(home?.join(".config")));
    let mut files = work.record.files.clone();
    files.extend(settings.iter().flat_map(|settings| self::files(settings)));
    let read = [SOCKET, SERVICE, VARIABLES].map(|name| Path::new(name).file_name());
    let mut removed = false;
    for path in each_once(files) {
        removed |= work.remove(&path) && read.contains(&path.file_name());
    }
    removed
}
