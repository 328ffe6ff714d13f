//! What a signature is for and which way its request came, in words: for the question and for the
//! log. Every text from outside is escaped and cut.

use std::fmt::{self, Write as _};
use std::path::Path;

use keyfob_agent::{Aim, Destination, ProvedHost};
use keyfob_keys::HashKind;
use keyfob_sys::os_text::OsStrExt as _;

use crate::limits::{MAX_SHOWN_HOSTS, MAX_SHOWN_PROGRAM};
use crate::requester::Requester;
use crate::wording::{shown, shown_within};

/// Names of one host that are shown.
const NAMES: usize = 2;

/// The namespace of git's signatures.
const GIT: &[u8] = b"git";

/// What is told of one request.
#[derive(Clone, Copy)]
pub(crate) struct Purpose<'a> {
    pub(crate) destination: &'a Destination,
    pub(crate) requester: &'a Requester,
    pub(crate) hash: HashKind,
}

/// Whether the words name a repository, which has to be looked for on disk.
pub(crate) fn names_repository(destination: &Destination) -> bool {
    matches!(&destination.aim, Aim::Signature { namespace } if **namespace == *GIT)
        && !destination.remote
}

/// Looks for the repository that the words name, if they name one, where nobody else waits: whoever
/// asks may stand in a folder whose file system answers late, or never. Call it before the words are
/// made on a thread that serves others.
pub(crate) fn find_repository(destination: &Destination, requester: &Requester) {
    if names_repository(destination) {
        tokio::task::block_in_place(|| drop(requester.repository().map(Path::to_owned)));
    }
}

impl Purpose<'_> {
    /// Sentences for a question, one on each line.
    pub(crate) fn sentences(&self) -> String {
        let mut text = match self.destination.aim {
            Aim::Unknown => "Purpose unknown.".to_owned(),
            _ => format!("To {}.", Aimed(self)),
        };
        if self.is_unproved() {
            text.push_str("\nThe destination is not proved.");
        }
        if self.destination.remote {
            text.push_str("\nThe request comes over a forwarded connection");
            self.put_hops(&mut text);
            text.push('.');
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "\nAsked by {}.", self.requester);
        if let Some(relay) = self.relay() {
            let _ = write!(text, "\n{relay}");
        }
        text
    }

    /// A login that may be good anywhere.
    fn is_unproved(&self) -> bool {
        matches!(&self.destination.aim, Aim::Login(login) if login.host.is_none())
    }

    /// Where the process that is seen asks for another (I3).
    fn relay(&self) -> Option<&'static str> {
        if self.requester.is_shared() {
            return Some("That ssh shares its connection with others (ControlMaster).");
        }
        let logs_in = matches!(self.destination.aim, Aim::Login(_)) && !self.destination.remote;
        (self.requester.is_ssh() && !logs_in)
            .then_some("That program only passes on what another machine asks for.")
    }

    /// Which way the request came, where it comes from beyond this machine.
    pub(crate) fn way(&self) -> String {
        if self.destination.via.is_empty() {
            return "over a connection whose way is not proved".to_owned();
        }
        let mut text = "over a forwarded connection".to_owned();
        self.put_hops(&mut text);
        text
    }

    fn put_hops(&self, text: &mut String) {
        for (index, host) in self.destination.via.iter().enumerate() {
            text.push_str(match index {
                0 => ", from ",
                MAX_SHOWN_HOSTS => ", and others",
                _ => ", then ",
            });
            if index == MAX_SHOWN_HOSTS {
                return;
            }
            // Writing to a String cannot fail.
            let _ = write!(text, "{}", Named { host, hash: self.hash });
        }
    }
}

/// For the log, without a full stop.
impl fmt::Display for Purpose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Aimed(self).fmt(f)?;
        if self.is_unproved() {
            f.write_str(", destination not proved")?;
        }
        if self.destination.remote {
            let mut hops = String::from(", forwarded");
            self.put_hops(&mut hops);
            f.write_str(&hops)?;
        }
        if self.requester.is_shared() {
            f.write_str(", over a shared connection")?;
        }
        Ok(())
    }
}

/// What for.
struct Aimed<'a>(&'a Purpose<'a>);

impl fmt::Display for Aimed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Purpose { destination, requester, hash } = *self.0;
        match &destination.aim {
            Aim::Login(login) => {
                write!(f, "log in as {}", shown_within(&login.user, 2 * MAX_SHOWN_PROGRAM))?;
                match &login.host {
                    Some(host) => write!(f, " at {}", Named { host, hash }),
                    None => Ok(()),
                }
            }
            Aim::Signature { .. } if names_repository(destination) => {
                f.write_str("sign for git")?;
                match requester.repository() {
                    Some(path) => {
                        write!(f, ", in the repository {}", shown(path.as_os_str().as_bytes()))
                    }
                    None => Ok(()),
                }
            }
            Aim::Signature { namespace } => write!(f, "sign for {}", shown(namespace)),
            _ => f.write_str("sign for a purpose that is unknown"),
        }
    }
}

/// A host by its names and its key.
struct Named<'a> {
    host: &'a ProvedHost,
    hash: HashKind,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.host.names.iter().take(NAMES);
        let names: Vec<_> =
            names.map(|name| shown_within(name.as_bytes(), 2 * MAX_SHOWN_PROGRAM)).collect();
        let key = self.host.key.plain().fingerprint(self.hash);
        match names.is_empty() {
            true => write!(f, "an unknown host (host key {key})"),
            false => write!(f, "{} (host key {key})", names.join(", ")),
        }
    }
}
