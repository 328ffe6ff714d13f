//! Which programs a trial runs: OpenSSH's installed ones or ours.
//!
//! Finds them; does not build them and does not start them.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The two that every case is run against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Implementation {
    /// The installed `ssh-agent`, `ssh-add` and `ssh-keygen`.
    OpenSsh,
    /// The binary `keyfob` under these names.
    Keyfob,
}

/// The OpenSSH release whose behaviour keyfob claims.
const CLAIMED: Version = Version { major: 10, minor: 5 };

impl Implementation {
    /// Both, the original first.
    pub const BOTH: [Self; 2] = [Self::OpenSsh, Self::Keyfob];

    /// The prefix of its trials.
    pub fn label(self) -> &'static str {
        match self {
            Self::OpenSsh => "openssh",
            Self::Keyfob => "keyfob",
        }
    }

    /// The OpenSSH release it behaves as.
    ///
    /// # Errors
    /// When OpenSSH's client programs are not installed.
    pub fn version(self) -> Result<Version, String> {
        match self {
            Self::OpenSsh => installed_openssh().clone(),
            Self::Keyfob => Ok(CLAIMED),
        }
    }
}

/// The program that is to be run in the place of OpenSSH's `ssh-agent`, by `KEYFOB_AGENT`: it takes
/// `-D -a SOCKET`, listens there and ends with its process.
pub fn another_agent() -> Option<PathBuf> {
    env::var_os("KEYFOB_AGENT").map(PathBuf::from)
}

/// The path of our binary: `KEYFOB_BIN`, else the one beside this test's profile folder.
///
/// # Errors
/// A text for the person who forgot to build it.
pub fn keyfob_binary() -> Result<PathBuf, String> {
    let path = match env::var_os("KEYFOB_BIN") {
        Some(named) => PathBuf::from(named),
        None => beside_this_test()?,
    };
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!(
            "keyfob is not built: {} does not exist (run `cargo build -p keyfob`, or name it in KEYFOB_BIN)",
            path.display()
        ))
    }
}

/// `target/<profile>/deps/<test>` becomes `target/<profile>/keyfob`.
fn beside_this_test() -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| format!("this test has no path: {error}"))?;
    own.parent()
        .and_then(Path::parent)
        .map(|profile| profile.join("keyfob"))
        .ok_or_else(|| format!("{} is in no profile folder", own.display()))
}

fn installed_openssh() -> &'static Result<Version, String> {
    static FOUND: OnceLock<Result<Version, String>> = OnceLock::new();
    FOUND.get_or_init(|| {
        for tool in ["ssh-agent", "ssh-add", "ssh-keygen"] {
            if !Path::new("/usr/bin").join(tool).exists() {
                return Err(format!("{tool} is not installed (Debian package openssh-client)"));
            }
        }
        let output =
            Command::new("/usr/bin/ssh").arg("-V").output().map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let number = text.strip_prefix("OpenSSH_").unwrap_or(&text);
        let end = number.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(number.len());
        Version::parse(&number[..end]).ok_or_else(|| format!("`ssh -V` says {text:?}"))
    })
}

/// An OpenSSH release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The number before the dot.
    pub major: u16,
    /// The number behind it.
    pub minor: u16,
}

impl Version {
    /// Reads `9.2`.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn release_ten_comes_after_release_nine() {
        assert!(Version::parse("10.1") > Version::parse("9.9"));
    }

    #[test]
    fn a_text_without_a_dot_is_no_release() {
        assert_eq!(Version::parse("9"), None);
    }
}
