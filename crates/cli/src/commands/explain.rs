//! Tells which keys a host would be offered, in which order, and why.
//!
//! The host's keys are looked up in known hosts files, as `ssh` does; the agent is asked what it
//! would do with them. Nothing goes over the network.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use base64ct::{Base64Unpadded, Encoding as _};
use keyfob_config::env::Environment;
use keyfob_protocol::hosts::{
    self as told, Explained, HostsReply, HostsRequest, Offer, Offered, Subject, Why,
};
use keyfob_protocol::limits::MAX_EXPLAINED_HOSTS;
use keyfob_sys::os_text::OsStrExt as _;
use serde::Serialize;
use zeroize::Zeroizing;

use super::hosts::{all_there, broken, files, fingerprint, not_served};
use crate::exit::Exit;
use crate::json;
use crate::known_hosts::{self, Names};
use crate::voice::{Voice, offering as words, shown};
use crate::{finding, output};

/// Which host.
#[derive(Debug, Clone)]
pub(crate) struct Explain {
    /// `[USER@]HOST[:PORT]`.
    pub(crate) host: OsString,
    /// As JSON.
    pub(crate) json: bool,
    /// Where its key is looked up; the usual files otherwise.
    pub(crate) known_hosts: Vec<PathBuf>,
}

/// What was asked, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    user: Vec<u8>,
    /// As known hosts files write it.
    name: String,
}

#[derive(Serialize)]
struct Document {
    host: String,
    user: Option<String>,
    host_keys: Vec<String>,
    names: Vec<String>,
    offer: &'static str,
    rules: Vec<Rule>,
    forwarded: Option<Forwarded>,
    keys: Vec<Key>,
    not_offered: u32,
}

#[derive(Serialize)]
struct Rule {
    rule: u32,
    #[serde(rename = "match")]
    matches: String,
    /// Otherwise it counts for some accounts only.
    sure: bool,
    names_keys: bool,
    confirm: bool,
    /// In seconds.
    lifetime: Option<u32>,
}

#[derive(Serialize)]
struct Forwarded {
    word: &'static str,
    rule: u32,
}

#[derive(Serialize)]
struct Key {
    fingerprint: String,
    #[serde(rename = "type")]
    algorithm: String,
    comment: String,
    why: &'static str,
    rule: Option<u32>,
    user: Option<String>,
    last_used: Option<u64>,
}

impl Explain {
    /// Tells it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let asked = Asked::of(self.host.as_bytes());
        if asked.name.is_empty() {
            output::fact(format!("\"{}\" names no host", shown(self.host.as_bytes())));
            output::hint("write [USER@]HOST[:PORT], by the name that known hosts files have");
            return Exit::Failure;
        }
        if let Err(exit) = all_there(&self.known_hosts) {
            return exit;
        }
        let files = files(&self.known_hosts);
        // What `keyfob hosts` shows of a host without a name.
        let print = as_print(&asked.name);
        let keys = print.map_or_else(|| host_keys(&asked.name, &files), |print| vec![print]);
        let mut names = names(&asked.name, &keys, &files);
        let mut called = asked.name.clone();
        if print.is_some() {
            names.remove(0);
            called = names.first().map_or("a host without a name", String::as_str).to_owned();
        }
        let subject = Subject {
            user: asked.user.clone(),
            names: names.iter().map(|name| name.clone().into_bytes()).collect(),
            keys: keys.clone(),
        };
        let mut connection = match finding::connect(environment, Voice::Keyfob) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        let explained = match connection.hosts(HostsRequest::Explain(subject)) {
            Ok(Some(HostsReply::Explained(explained))) => explained,
            Ok(_) => return not_served(),
            Err(error) => return broken(&error),
        };
        let keys: Vec<String> = keys.iter().map(fingerprint).collect();
        if self.json {
            output::data(&document(&asked, keys, &names, &explained));
        } else {
            words::explained(&called, &keys, &explained);
        }
        Exit::Success
    }
}

/// What the usual known hosts files say of a host; none where no host is named. Tells nothing.
pub(super) fn subject(host: &OsStr) -> Option<Subject> {
    let asked = Asked::of(host.as_bytes());
    if asked.name.is_empty() {
        return None;
    }
    let files = files(&[]);
    let keys = own_keys(&known_hosts::look_up(asked.name.as_bytes(), &files));
    let names = names(&asked.name, &keys, &files);
    let names = names.into_iter().map(String::into_bytes).collect();
    Some(Subject { user: asked.user, names, keys })
}

/// The host's keys in these files; tells what is wrong with them.
fn host_keys(name: &str, files: &[PathBuf]) -> Vec<[u8; 32]> {
    let found = known_hosts::look_up(name.as_bytes(), files);
    found.complaints.iter().for_each(|complaint| output::fact(shown(complaint.as_bytes())));
    own_keys(&found)
}

fn own_keys(found: &known_hosts::Found) -> Vec<[u8; 32]> {
    let own = found.keys.iter().filter(|host| !host.is_authority);
    let mut keys: Vec<_> = own.map(|host| known_hosts::print(&host.key)).collect();
    keys.dedup();
    keys.truncate(MAX_EXPLAINED_HOSTS);
    keys
}

impl Asked {
    fn of(text: &[u8]) -> Self {
        let (user, host) = match text.iter().rposition(|byte| *byte == b'@') {
            Some(at) => (text.get(..at), text.get(at + 1..).unwrap_or_default()),
            None => (None, text),
        };
        let name = String::from_utf8_lossy(host).into_owned();
        Self { user: user.unwrap_or_default().to_vec(), name: known_hosts::as_written(&name) }
    }
}

/// A fingerprint as it is shown.
fn as_print(text: &str) -> Option<[u8; 32]> {
    let mut print = [0; 32];
    let digits = text.strip_prefix("SHA256:")?;
    let decoded = Base64Unpadded::decode(digits, &mut print).ok()?;
    (decoded.len() == 32).then_some(print)
}

/// What the agent would know the host by, and what the person called it.
fn names(asked: &str, keys: &[[u8; 32]], files: &[PathBuf]) -> Vec<String> {
    let mut names = vec![asked.to_owned()];
    let known = Names::read(files);
    for name in keys.iter().flat_map(|key| known.of(key, &names)).collect::<Vec<_>>() {
        if !names.contains(&name) && names.len() < MAX_EXPLAINED_HOSTS {
            names.push(name);
        }
    }
    names
}

fn document(
    asked: &Asked,
    host_keys: Vec<String>,
    names: &[String],
    told: &Explained,
) -> Zeroizing<Vec<u8>> {
    let document = Document {
        host: shown(asked.name.as_bytes()),
        user: (!asked.user.is_empty()).then(|| shown(&asked.user)),
        host_keys,
        names: names.iter().map(|name| shown(name.as_bytes())).collect(),
        offer: match told.offer {
            Offer::KnownFirst => "known-first",
            Offer::KnownOnly => "known-only",
            Offer::All => "all",
        },
        rules: told.rules.iter().map(rule).collect(),
        forwarded: told.forwarded.map(|(word, rule)| Forwarded { word: words::word(word), rule }),
        keys: told.keys.iter().map(key).collect(),
        not_offered: told.hidden,
    };
    json::document(&document)
}

fn rule(told: &told::Rule) -> Rule {
    Rule {
        rule: told.number,
        matches: shown(&told.matches),
        sure: told.sure,
        names_keys: told.names_keys,
        confirm: told.confirm,
        lifetime: told.lifetime,
    }
}

fn key(offered: &Offered) -> Key {
    let (why, rule, user, last_used) = match &offered.why {
        Why::Rule(rule) => ("rule", Some(*rule), None, None),
        Why::Remembered { user, used } => ("remembered", None, Some(shown(user)), Some(*used)),
        Why::Used(used) => ("last-use", None, None, Some(*used)),
        _ => ("order-of-adding", None, None, None),
    };
    Key {
        fingerprint: fingerprint(&offered.key),
        algorithm: shown(&offered.algorithm),
        comment: shown(&offered.comment),
        why,
        rule,
        user,
        last_used,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_written_as_known_hosts_files_write_it() {
        for (typed, user, name) in [
            ("host", "", "host"),
            ("host:22", "", "host"),
            ("host:2222", "", "[host]:2222"),
            ("[host]:2222", "", "[host]:2222"),
            ("[host]", "", "host"),
            ("::1", "", "::1"),
            ("[::1]:2222", "", "[::1]:2222"),
            ("me@corp@host", "me@corp", "host"),
        ] {
            let expected = Asked { user: user.as_bytes().to_vec(), name: name.to_owned() };
            assert_eq!(Asked::of(typed.as_bytes()), expected, "{typed}");
        }
    }
}
