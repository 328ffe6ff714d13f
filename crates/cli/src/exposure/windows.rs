//! An owner and an access list.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use keyfob_sys::windows::access::{ANY, Access, Others};
use keyfob_sys::windows::account::Account;

use crate::voice::{quoted, shown};

/// Who else may do something with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exposure {
    others: Others,
}

impl Exposure {
    /// Of an open file; none where it is closed to all others.
    pub(crate) fn of(file: &File) -> io::Result<Option<Self>> {
        Ok(Self::to(Access::of(file)?.others(ANY)))
    }

    /// To these; none where they are nobody.
    pub(crate) fn to(others: Others) -> Option<Self> {
        (!others.is_nobody()).then_some(Self { others })
    }

    /// As `others may read it` is followed by it.
    pub(crate) fn by_whom(&self) -> String {
        let owner = self.others.owner.iter().map(|owner| format!("its owner {}", name(owner)));
        owner.chain(self.others.allowed.iter().map(name)).collect::<Vec<_>>().join(", ")
    }

    /// As OpenSSH begins its sentence about a file.
    pub(crate) fn permissions(&self) -> String {
        "Permissions".to_owned()
    }

    /// The command that closes it. A file of somebody else's has to be taken first.
    pub(crate) fn remedy(&self, path: &Path) -> String {
        let (path, is_folder) = (quoted(path), path.is_dir());
        if self.others.owner.is_some() {
            return format!("takeown /F {path}");
        }
        // By numbers: the names of groups are in the language of the system.
        let own = Account::own().map_or_else(|_| "%USERNAME%".to_owned(), |own| format!("*{own}"));
        // In a folder for what is in it too. The brackets are words of PowerShell's own.
        let all = |who: &str| match is_folder {
            true => format!("\"{who}:(OI)(CI)F\""),
            false => format!("{who}:F"),
        };
        let (own, system) = (all(&own), all("*S-1-5-18"));
        let mut line = format!("icacls {path} /inheritance:r /grant:r {own} {system}");
        for account in &self.others.allowed {
            line.push_str(&format!(" /remove:g *{account}"));
        }
        line
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "others may read it ({})", self.by_whom())
    }
}

/// The name with which people know an account, or its number.
fn name(account: &Account) -> String {
    account.name().map_or_else(|| account.to_string(), |name| shown(name.as_bytes()))
}
