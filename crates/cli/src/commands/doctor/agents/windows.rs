//! Whoever has a pipe at which programs look for an agent: OpenSSH's, or PuTTY's.

use std::path::{Path, PathBuf};

use keyfob_config::directories::OPENSSH_PIPE;
use keyfob_transport::pageant;
use keyfob_transport::pipe::Owner;

use super::super::finding::Finding;
use super::super::place::Place;
use super::super::turns::Teller;
use super::CHECK;
use crate::finding;
use crate::voice::doctor as words;
use crate::voice::shown_path;

/// What makes gpg-agent serve SSH keys, each to other programs.
pub(super) const OF_GPG: &[&str] =
    &["enable-ssh-support", "enable-win32-openssh-support", "enable-putty-support"];

pub(super) fn look(_place: &Place, tell: &Teller) {
    let openssh = another(Path::new(OPENSSH_PIPE));
    let putty = pageant::pipe().ok().and_then(|path| another(&path));
    if openssh.is_none() && putty.is_none() {
        tell.found(Finding::fine(CHECK, "no other agent has a pipe that programs look at"));
    }
    if let Some(who) = openssh {
        let fact = format!("{who} has the pipe at which OpenSSH's programs look");
        tell.found(Finding::note(CHECK, fact).hint(words::OPENSSH_PIPE));
    }
    if let Some(who) = putty {
        let fact = format!("{who} has the pipe at which PuTTY's programs look");
        tell.found(Finding::note(CHECK, fact).hint(words::PUTTY_PIPE));
    }
}

/// Where gpg's settings are: beside keyfob's, in the account's roaming folder.
pub(super) fn gpg_home(place: &Place) -> Option<PathBuf> {
    let ours = &place.directories.as_ref()?.settings;
    Some(ours.ancestors().nth(2)?.join("gnupg"))
}

/// Who has this pipe, if it is no keyfob.
pub(in super::super) fn another(pipe: &Path) -> Option<String> {
    Some(match finding::foreign(pipe)? {
        Some(Owner { pid, program: Some(program) }) => {
            format!("process {pid} ({})", shown_path(&program))
        }
        Some(Owner { pid, program: None }) => format!("process {pid}"),
        None => "another agent".to_owned(),
    })
}
