//! Lines of `ssh`'s configuration that keep it from the agent or from its keys.
//!
//! Which conditions hold is known for one connection only: for a host that is named `ssh` itself is
//! asked (`ssh_host`). A line that one before has decided for every connection is passed over.

use std::collections::BTreeSet;
use std::path::Path;

use keyfob_keys::PublicKey;

use super::finding::Finding;
use super::place::Place;
use super::ssh_host;
use super::ssh_values::{adds_keys, agent_fault, has_public_half, keys, left_out};
use super::turns::Teller;
use crate::commands::add::sources::usual_files;
use crate::ssh_config::{Configuration, Line, expanded};
use crate::voice::doctor as words;
use crate::voice::{shown, shown_path};

pub(super) const CHECK: &str = "ssh-config";

/// What a line is judged with.
struct Judge<'a> {
    place: &'a Place,
    home: &'a Path,
    lines: &'a [Line],
    keys: Vec<(PublicKey, String)>,
}

/// Reads the user's and the system's.
pub(super) fn check(place: &Place, tell: &Teller) {
    let Some(home) = place.home.as_deref() else {
        return;
    };
    tell.looks_at(&home.join(".ssh/config"));
    let user = Configuration::of_user(home);
    tell.looks_at(Path::new(crate::ssh_config::OF_SYSTEM));
    let system = Configuration::of_system(home);
    for (path, error) in user.unread.iter().chain(&system.unread) {
        let fact = format!("cannot be read: {}", shown(error.to_string().as_bytes()));
        tell.found(Finding::wrong(CHECK, fact).at(path).hint(words::UNREAD_CONFIG));
    }
    // ssh takes the first value of each setting, and the user's file comes first.
    let lines = [renumbered(user.lines, 0), renumbered(system.lines, 1)].concat();
    tell.looks_at(&home.join(".ssh"));
    let judge = Judge { place, home, lines: &lines, keys: keys(place, home) };
    let mut decided = BTreeSet::new();
    let mut faults = 0;
    for line in &lines {
        if decided.contains(&line.keyword) {
            continue;
        }
        if line.block.condition.is_none() && line.keyword != "identityfile" {
            decided.insert(line.keyword.clone());
        }
        for finding in judge.findings(line) {
            faults += 1;
            tell.found(finding);
        }
    }
    if faults == 0 {
        let fact = format!("{} settings of ssh, none in the agent's way", lines.len());
        tell.found(Finding::fine(CHECK, fact));
    }
    ssh_host::check(place, tell, home, &judge.keys);
}

/// Blocks of two configurations apart.
fn renumbered(mut lines: Vec<Line>, file: usize) -> Vec<Line> {
    lines.iter_mut().for_each(|line| line.block.number = line.block.number * 2 + file);
    lines
}

impl Judge<'_> {
    fn findings(&self, line: &Line) -> Vec<Finding> {
        let first = line.values.first().map(Vec::as_slice).unwrap_or_default();
        let one = match line.keyword.as_str() {
            "identityagent" => self.agent(line, first),
            "identitiesonly" if is_yes(first) => return self.only_files(line),
            "addkeystoagent" if !adds_keys(&line.values) => {
                let fact = format!(
                    "AddKeysToAgent {}: ssh takes no such value and ends",
                    shown(&line.values.join(&b' '))
                );
                Some(Finding::wrong(CHECK, fact).hint(words::ADD_KEYS))
            }
            "pkcs11provider" if !first.eq_ignore_ascii_case(b"none") => {
                let fact = format!(
                    "PKCS11Provider {}: ssh loads a library by itself, past the agent",
                    shown(first)
                );
                Some(Finding::warning(CHECK, fact).hint(words::PKCS11))
            }
            "forwardagent" if is_yes(first) && line.block.condition.is_none() => {
                let fact = "ForwardAgent yes for every host: each can use your keys";
                Some(Finding::warning(CHECK, fact).hint(words::FORWARD))
            }
            "pubkeyauthentication" if is_no(first) => {
                let fact = format!("PubkeyAuthentication no{}: no key is used", within(line));
                Some(graded(line, fact).hint(words::REMOVE_LINE))
            }
            "pubkeyacceptedalgorithms" | "pubkeyacceptedkeytypes" => self.algorithms(line, first),
            _ => None,
        };
        one.map(|finding| finding.line(&line.file, line.number)).into_iter().collect()
    }

    fn agent(&self, line: &Line, value: &[u8]) -> Option<Finding> {
        let fault = agent_fault(self.place, value, self.home)?;
        Some(graded(line, format!("{fault}{}", within(line))).hint(words::IDENTITY_AGENT))
    }

    fn algorithms(&self, line: &Line, value: &[u8]) -> Option<Finding> {
        let out = left_out(&String::from_utf8_lossy(value), &self.keys)?;
        let fact = format!("PubkeyAcceptedAlgorithms{} leaves out {out}", within(line));
        Some(graded(line, fact).hint(words::ALGORITHMS))
    }

    /// With `IdentitiesOnly` keys of the agent count by the files that name them.
    fn only_files(&self, line: &Line) -> Vec<Finding> {
        let counts = |other: &&Line| {
            let here = other.block.number == line.block.number;
            other.keyword == "identityfile" && (here || other.block.condition.is_none())
        };
        let named: Vec<&Line> = self.lines.iter().filter(counts).collect();
        if named.is_empty() {
            let usual = usual_files(self.home).len();
            let left = match usual {
                0 => "and there is no usual key file: no key is offered".to_owned(),
                _ => "so the agent's other keys are left out".to_owned(),
            };
            let fact =
                format!("IdentitiesOnly yes{} without an IdentityFile, {left}", within(line));
            let finding =
                if usual == 0 { graded(line, fact) } else { Finding::warning(CHECK, fact) };
            return vec![finding.hint(words::ONLY_FILES).line(&line.file, line.number)];
        }
        let missing = named.into_iter().filter_map(|named| {
            let path = expanded(named.values.first()?, self.home)?;
            let is_none = path.ends_with("none");
            (!is_none && !has_public_half(&path)).then(|| {
                let fact = format!(
                    "the public half of {} is missing: with IdentitiesOnly ssh does not find \
                     the key in the agent",
                    shown_path(&path)
                );
                let hint = words::public_half(&path);
                Finding::warning(CHECK, fact).hint(hint).line(&named.file, named.number)
            })
        });
        missing.collect()
    }
}

/// For every connection, or for some.
fn graded(line: &Line, fact: String) -> Finding {
    match line.block.condition {
        None => Finding::wrong(CHECK, fact),
        Some(_) => Finding::warning(CHECK, fact),
    }
}

fn within(line: &Line) -> String {
    line.block.condition.as_ref().map(|it| format!(" (under {it})")).unwrap_or_default()
}

fn is_yes(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"yes") || value.eq_ignore_ascii_case(b"true")
}

fn is_no(value: &[u8]) -> bool {
    value.eq_ignore_ascii_case(b"no") || value.eq_ignore_ascii_case(b"false")
}
