//! Words of `keyfob doctor`: headings, hints, and the line at the end.
//!
//! A fact is put together where it is found, from what was found.

#[cfg_attr(unix, path = "doctor/unix.rs")]
#[cfg_attr(windows, path = "doctor/windows.rs")]
mod system;

use std::path::Path;
use std::time::Duration;

use super::quoted;
use crate::commands::doctor::finding::Verdict;
use crate::files;

pub(crate) use system::*;

pub(crate) const SOCKET: &str = "The agent that ssh asks";
pub(crate) const VARIABLES: &str = "Start files and services";
pub(crate) const AGENTS: &str = "Other agents";
pub(crate) const AGENT: &str = "keyfob's agent";
pub(crate) const SSH: &str = "The configuration of ssh";
pub(crate) const PERMISSIONS: &str = "Permissions";
pub(crate) const KEYS: &str = "Key files";
pub(crate) const STORE: &str = "Key store, settings and log";

pub(crate) const RELATIVE: &str = "it leads elsewhere from every folder: name it from the root";

pub(crate) const UNREAD: &str = "see that it is a file (or folder) you can read";
pub(crate) const STARTS: &str =
    "take the line out: of two agents the last one started is the one that is asked";
pub(crate) const ONE_AGENT: &str = "eval \"$(keyfob env)\" uses the agent that runs already";
pub(crate) const LEADS: &str = "take the line out, or put eval \"$(keyfob env)\" behind it";

pub(crate) const MEASURES: &str =
    "keyfob status --security   lists all; SECURITY.md says what each does";
pub(crate) const FEWER: &str = "name the keys of hosts in [[host]] of the settings; keyfob explain HOST shows what comes of it";
pub(crate) const FEWER_BY_SSH: &str = "IdentitiesOnly yes with an IdentityFile for each host, or keyfob's agent, which knows what a host took";

pub(crate) const UNREAD_CONFIG: &str = "ssh needs it as a file that you can read";
pub(crate) const IDENTITY_AGENT: &str = "take the line out, or write IdentityAgent SSH_AUTH_SOCK";
pub(crate) const REMOVE_LINE: &str = "take the line out";
pub(crate) const ADD_KEYS: &str = "write yes, no, ask, confirm or a time like 1h";
pub(crate) const PKCS11: &str =
    "keyfob loads no library: keys on such tokens are used by ssh alone";
pub(crate) const FORWARD: &str = "forward to hosts you trust only, or use ProxyJump; [[host]] in the settings can forbid forwarded use";
pub(crate) const ALGORITHMS: &str = "put a + in front of the list to add to what ssh takes anyway";
pub(crate) const ONLY_FILES: &str =
    "IdentityFile FILE.pub names a key of the agent: its public half is enough";
pub(crate) const NO_SSH: &str = "Debian has it in the package openssh-client";
pub(crate) const SSH_HANGS: &str = "a Match exec may wait for something";
pub(crate) const BAD_CONFIG: &str = "ssh ends at this line for every host it holds for";

pub(crate) const SSH_OPEN: &str = "keys and hosts can be put there by others";
pub(crate) const SSH_SEEN: &str = "the names of your keys and files are seen";
pub(crate) const CONFIG_OPEN: &str = "ssh refuses such a configuration";
pub(crate) const KNOWN_HOSTS_OPEN: &str = "others choose which hosts are believed";
pub(crate) const AUTHORIZED_OPEN: &str = "sshd takes no such file (StrictModes)";
pub(crate) const STORE_OPEN: &str = "the key store is nobody else's";
pub(crate) const STATE_OPEN: &str = "what keyfob remembers of the key store is there";
pub(crate) const LOG_OPEN: &str = "it says where you log in";
pub(crate) const SETTINGS_OPEN: &str = "others choose what the agent allows";
pub(crate) const PROGRAM_OPEN: &str = "who may change it chooses what runs with your keys";

pub(crate) const TOO_MANY: &str = "keyfob inspect FILE...   looks at the others";
pub(crate) const NO_KEY: &str = "move it elsewhere if it is no key of yours";
pub(crate) const BROKEN_KEY: &str =
    "compare it with a backup; keyfob inspect tells what is left of it";
pub(crate) const INSPECT: &str = "keyfob inspect   tells everything about the file";

pub(crate) const MEND_STORE: &str =
    "keyfob check   tells more; keyfob restore FILE puts a backup in its place";
pub(crate) const ACCOUNT: &str = "keyfob account remove   takes that back";
pub(crate) const ACCOUNT_AGAIN: &str =
    "keyfob account add   makes it anew; keyfob account remove   ends it";
pub(crate) const ASIDE: &str = "keyfob status   ends that";
pub(crate) const NO_SLOT: &str = "keyfob restore FILE   puts a backup in its place";
pub(crate) const MEND_SETTINGS: &str = "keyfob config check   says what is wrong with the file";
pub(crate) const LOG_TROUBLE: &str =
    "see that there is room on the disk, and that the folder is yours";
pub(crate) const LOG_DAMAGE: &str =
    "keyfob log verify   proves the rest; what was there is in no other place";
pub(crate) const READABLE: &str = "see that the folder is yours";

pub(crate) const BROKEN_OFF: &str = "this check broke off: what is above is all it found";
pub(crate) const TOO_SLOW: &str =
    "a disk or a network that does not answer? Look at what is named here";

/// A check that was not even begun.
pub(crate) fn not_begun(error: &std::io::Error) -> String {
    format!("this check could not be begun: {}", files::reason(error))
}

/// A check that was given up.
pub(crate) fn too_slow(patience: Duration) -> String {
    format!("not looked at to the end within {} s", patience.as_secs_f32())
}

/// How a missing public half is made.
pub(crate) fn public_half(path: &Path) -> String {
    let path = quoted(path);
    format!("keyfob public {path} > {path}.pub, where the private one is")
}

/// What there is of each.
pub(crate) fn summary(shown: bool, count: impl Fn(Verdict) -> usize) -> String {
    let of = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let parts = [
        of(count(Verdict::Wrong), "thing is wrong", "things are wrong"),
        of(count(Verdict::Warning), "warning", "warnings"),
        of(count(Verdict::Note), "note", "notes"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let fine = match count(Verdict::Fine) {
        1 => "1 check found nothing amiss".to_owned(),
        fine => format!("{fine} checks found nothing amiss"),
    };
    let all = match (count(Verdict::Wrong), parts.is_empty()) {
        (_, true) => "All is as it should be".to_owned(),
        (0, false) => format!("Nothing is wrong; {}", parts.join(", ")),
        _ => parts.join(", "),
    };
    let shown = if shown { "" } else { " (--all shows them)" };
    format!("{all}; {fine}{shown}.")
}
