//! The user's systemd, by way of `systemctl --user`.
//!
//! Asks and tells; what is to be done is decided elsewhere.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use keyfob_config::env::{Environment, Name};
use keyfob_sys::os_text;
use keyfob_sys::user;

use crate::files::reason;

/// The manager that answers.
#[derive(Debug, Clone)]
pub(crate) struct Manager {
    systemctl: PathBuf,
    /// What the programs it starts will find in their environment.
    variables: Vec<u8>,
}

impl Manager {
    /// The one of this session.
    ///
    /// # Errors
    /// Why there is none to reach.
    pub(crate) fn reach(environment: &Environment) -> Result<Self, String> {
        let systemctl = environment.program("systemctl").ok_or("there is no systemctl")?;
        let mut manager = Self { systemctl, variables: Vec::new() };
        manager.variables = manager.run(&["show-environment"])?;
        Ok(manager)
    }

    /// The folder its settings are in: by its own environment, which need not be ours.
    pub(crate) fn settings_home(&self, environment: &Environment) -> Option<PathBuf> {
        let named = self.variable(Name::XdgConfigHome).map(PathBuf::from);
        named
            .filter(|path| path.is_absolute())
            .or_else(|| Some(environment.home().or_else(user::home_directory)?.join(".config")))
    }

    /// Where the socket of the units is: `%t` is its runtime folder.
    pub(crate) fn socket(&self) -> Option<PathBuf> {
        let runtime = self.variable(Name::XdgRuntimeDir)?;
        Some(PathBuf::from(runtime).join("keyfob").join("agent.sock"))
    }

    /// A variable of those it passes on, as it was when it was last asked.
    pub(crate) fn variable(&self, name: Name) -> Option<OsString> {
        let start = format!("{}=", name.as_str());
        let mut lines = self.variables.split(|byte| *byte == b'\n');
        let value = lines.find_map(|line| line.strip_prefix(start.as_bytes()))?;
        // One with signs of a shell is shown in quotes: no folder of a login is called so.
        let plain = !value.is_empty() && !value.starts_with(b"$'");
        plain.then(|| os_text::path(value).into_os_string())
    }

    /// Asks for the variables again.
    pub(crate) fn ask_again(&mut self) {
        self.variables = self.run(&["show-environment"]).unwrap_or_default();
    }

    /// One word on a unit: `is-active`, `is-enabled`.
    pub(crate) fn state(&self, question: &str, unit: &str) -> String {
        let answer = self.call(&[question, unit]).map(|output| output.stdout).unwrap_or_default();
        String::from_utf8_lossy(&answer).trim().to_owned()
    }

    /// A property of a unit; empty where there is none.
    pub(crate) fn property(&self, unit: &str, name: &str) -> String {
        let answer = self.run(&["show", "--value", "-p", name, unit]).unwrap_or_default();
        String::from_utf8_lossy(&answer).trim_end().to_owned()
    }

    /// Tells it something.
    ///
    /// # Errors
    /// The first line of what it says.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, String> {
        let output = self.call(arguments).map_err(|error| reason(&error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("systemctl failed and did not say why");
        Err(first.to_owned())
    }

    fn call<A: AsRef<OsStr>>(&self, arguments: &[A]) -> std::io::Result<Output> {
        let mut command = Command::new(&self.systemctl);
        command.args(["--user", "--no-pager"]).args(arguments).stdin(Stdio::null()).output()
    }
}
