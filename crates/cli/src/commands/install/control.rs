//! launchd, by way of `launchctl`.
//!
//! Asks and tells; what is to be done is decided elsewhere.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use keyfob_sys::os_text;

use crate::files::reason;
use crate::voice::shown;

/// By its place: a program of this name somewhere in `PATH` could be anybody's.
const LAUNCHCTL: &str = "/bin/launchctl";

/// The login session of a user.
pub(super) struct Control {
    domain: String,
}

impl Control {
    /// The one of this user.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn reach(uid: u32) -> Result<Self, String> {
        let control = Self { domain: format!("gui/{uid}") };
        match control.run(&["print".to_owned(), control.domain.clone()]) {
            Ok(_) => Ok(control),
            Err(_) => Err("this user is not logged in at the screen".to_owned()),
        }
    }

    /// Whether it has this job.
    pub(super) fn has(&self, label: &str) -> bool {
        self.run(&["print".to_owned(), self.target(label)]).is_ok()
    }

    /// Whether the program of this job runs.
    pub(super) fn runs(&self, label: &str) -> bool {
        let told = self.run(&["print".to_owned(), self.target(label)]).unwrap_or_default();
        String::from_utf8_lossy(&told).lines().any(|line| line.trim().starts_with("pid = "))
    }

    /// The words that take a job in.
    pub(super) fn bootstrap(&self, file: &Path) -> [String; 3] {
        ["bootstrap".to_owned(), self.domain.clone(), file.to_string_lossy().into_owned()]
    }

    /// The words that end a job.
    pub(super) fn boot_out(&self, label: &str) -> [String; 2] {
        ["bootout".to_owned(), self.target(label)]
    }

    /// A variable of what is started from now on.
    pub(super) fn variable(&self, name: &str) -> Option<OsString> {
        let told = self.run(&["getenv".to_owned(), name.to_owned()]).ok()?;
        let value = told.strip_suffix(b"\n").unwrap_or(&told);
        (!value.is_empty()).then(|| os_text::path(value).into_os_string())
    }

    /// Tells it something.
    ///
    /// # Errors
    /// The first line of what it says.
    pub(super) fn run(&self, arguments: &[String]) -> Result<Vec<u8>, String> {
        let output = call(arguments).map_err(|error| reason(&error))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let first = output.stderr.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Err(match first {
            b"" => "launchctl failed and did not say why".to_owned(),
            first => shown(first),
        })
    }

    fn target(&self, label: &str) -> String {
        format!("{}/{label}", self.domain)
    }
}

fn call(arguments: &[String]) -> std::io::Result<Output> {
    Command::new(LAUNCHCTL).args(arguments).stdin(Stdio::null()).output()
}
