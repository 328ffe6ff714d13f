//! Tells which key each host took, and has the agent forget it.
//!
//! The agent knows hosts by their keys; what they are called is looked up here.

use std::ffi::OsString;
use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keys::Fingerprint;
use keyfob_protocol::hosts::{HostsReply, HostsRequest, Print, Remembered};
use keyfob_protocol::pattern;
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::user;
use serde::Serialize;

use crate::connection::Connection;
use crate::destination::Destinations;
use crate::exit::Exit;
use crate::json;
use crate::known_hosts::{Names, as_written};
use crate::voice::{Voice, leading, offering as words, shown, shown_path};
use crate::{files, finding, key_store, output};

/// Where an agent does not serve what is asked.
pub(super) fn own_socket() -> String {
    leading::line("leads to keyfob's own socket, if this is a profile's or another agent's")
}

/// What is told.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    /// As JSON.
    pub(crate) json: bool,
    /// Where names are looked up; the usual files otherwise.
    pub(crate) known_hosts: Vec<PathBuf>,
}

/// What is forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Forget {
    /// Names, patterns of them, or fingerprints of host keys.
    pub(crate) hosts: Vec<OsString>,
    /// Everything.
    pub(crate) all: bool,
    /// Without a question.
    pub(crate) yes: bool,
    /// Where names are looked up; the usual files otherwise.
    pub(crate) known_hosts: Vec<PathBuf>,
}

/// One line of the list.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// Its names; none where no known hosts file says them.
    pub(crate) hosts: Vec<String>,
    pub(crate) host_key: String,
    pub(crate) user: String,
    pub(crate) fingerprint: String,
    /// None when the agent does not have the key.
    pub(crate) comment: Option<String>,
    /// Seconds since 1970.
    pub(crate) last_used: u64,
}

#[derive(Serialize)]
struct Document<'a> {
    total: u32,
    hosts: &'a [Line],
}

impl Hosts {
    /// Tells it, the last used first.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        if let Err(exit) = all_there(&self.known_hosts) {
            return exit;
        }
        let (total, remembered) = match remembered(environment) {
            Ok((_, total, remembered)) => (total, remembered),
            Err(exit) => return exit,
        };
        let names = names(&self.known_hosts);
        let lines: Vec<Line> = remembered.iter().map(|one| line(one, &names)).collect();
        if self.json {
            let document = Document { total, hosts: &lines };
            output::data(&json::document(&document));
        } else {
            words::remembered(total, &lines);
        }
        Exit::Success
    }
}

impl Forget {
    /// Has it forgotten.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        self.forget(environment).err().unwrap_or(Exit::Success)
    }

    fn forget(&self, environment: &Environment) -> Result<(), Exit> {
        all_there(&self.known_hosts)?;
        let (mut connection, total, remembered) = remembered(environment)?;
        let request = if self.all {
            if total == 0 {
                words::forgotten(0);
                return Ok(());
            }
            key_store::confirm(self.yes, &words::forget_question(total))?;
            HostsRequest::ForgetAll
        } else {
            HostsRequest::Forget(self.meant(&remembered)?)
        };
        match connection.hosts(request) {
            Ok(Some(HostsReply::Forgotten(count))) => {
                words::forgotten(count);
                Ok(())
            }
            Ok(_) => Err(not_served()),
            Err(error) => Err(broken(&error)),
        }
    }

    /// The host keys that are meant; each word has to mean one.
    fn meant(&self, remembered: &[Remembered]) -> Result<Vec<Print>, Exit> {
        let names = names(&self.known_hosts);
        let mut meant = Vec::new();
        for word in &self.hosts {
            let word = word.as_bytes();
            // A fingerprint has a colon too, and no port behind it.
            let name = as_written(&String::from_utf8_lossy(word));
            let lower = name.to_ascii_lowercase();
            let candidates = [name];
            let is_meant = |one: &&Remembered| {
                fingerprint(&one.host).as_bytes() == word
                    || names.of(&one.host, &candidates).iter().any(|name| {
                        pattern::matches(lower.as_bytes(), name.to_ascii_lowercase().as_bytes())
                    })
            };
            let before = meant.len();
            meant.extend(remembered.iter().filter(is_meant).map(|one| one.host));
            if meant.len() == before {
                words::nothing_remembered(word);
                return Err(Exit::Failure);
            }
        }
        meant.sort_unstable();
        meant.dedup();
        Ok(meant)
    }
}

fn remembered(environment: &Environment) -> Result<(Connection, u32, Vec<Remembered>), Exit> {
    let mut connection = finding::connect(environment, Voice::Keyfob)?;
    match connection.hosts(HostsRequest::List) {
        Ok(Some(HostsReply::Remembered { total, hosts })) => Ok((connection, total, hosts)),
        Ok(_) => Err(not_served()),
        Err(error) => Err(broken(&error)),
    }
}

pub(super) fn not_served() -> Exit {
    output::fact("this agent does not tell what it offers to hosts");
    output::hint(own_socket());
    Exit::Failure
}

pub(super) fn broken(error: &crate::connection::Error) -> Exit {
    output::fact(error.to_string());
    Exit::Failure
}

/// The files names are looked up in.
/// Refuses a known hosts file that was named and is not there: the usual ones need not be.
pub(super) fn all_there(named: &[PathBuf]) -> Result<(), Exit> {
    for file in named {
        if let Err(error) = std::fs::metadata(file) {
            output::fact(format!("{}: {}", shown_path(file), files::reason(&error)));
            return Err(Exit::Failure);
        }
    }
    Ok(())
}

pub(super) fn files(named: &[PathBuf]) -> Vec<PathBuf> {
    let home = user::home_directory();
    Destinations::new(named, home.as_deref()).files().to_vec()
}

fn names(known_hosts: &[PathBuf]) -> Names {
    Names::read(&files(known_hosts))
}

pub(crate) fn fingerprint(print: &Print) -> String {
    Fingerprint::Sha256(*print).to_string()
}

fn line(one: &Remembered, names: &Names) -> Line {
    Line {
        hosts: names.of(&one.host, &[]).iter().map(|name| shown(name.as_bytes())).collect(),
        host_key: fingerprint(&one.host),
        user: shown(&one.user),
        fingerprint: fingerprint(&one.key),
        comment: one.comment.as_deref().map(shown),
        last_used: one.used,
    }
}
