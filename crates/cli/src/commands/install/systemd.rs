//! At home under systemd: the units, the variable, and the socket that leads to the agent.

use std::path::{Path, PathBuf};

use keyfob_config::env::{Environment, Name};

use super::manager::Manager;
use super::program::Program;
use super::step::{State, Step, What};
use super::unit::{self, SERVICE, SOCKET};
use super::work::{Stop, Work};
use crate::voice::{moving_in as words, shown_path};

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
pub(in crate::commands) fn files(settings: &Path) -> [PathBuf; 3] {
    let units = settings.join(UNITS);
    [units.join(SOCKET), units.join(SERVICE), settings.join(VARIABLES)]
}

impl Work {
    /// Makes the service manager start the agent.
    pub(super) fn under_systemd(
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
        self.write(&variables, VARIABLES_TEXT.as_bytes())?;
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
            changed |= self.write(path, text.as_bytes())?;
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
