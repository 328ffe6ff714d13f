//! What `ssh` itself makes of its configuration for one host.
//!
//! `ssh -G` connects to nothing. It does run what `Match exec` says, as every `ssh` to that host.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use keyfob_keys::PublicKey;

use super::asked::answer;
use super::finding::Finding;
use super::place::Place;
use super::ssh_config::CHECK;
use super::ssh_values::{agent_fault, has_public_half, left_out};
use super::turns::Teller;
use crate::ssh_config::expanded;
use crate::voice::doctor as words;
use crate::voice::{shown, shown_path};

/// `ssh` looks up names for some conditions.
const PATIENCE: Duration = Duration::from_secs(6);

/// Asks it about the host that was named, if one was.
pub(super) fn check(place: &Place, tell: &Teller, home: &Path, keys: &[(PublicKey, String)]) {
    let Some(host) = place.host.as_deref() else {
        return;
    };
    let name = shown(host.as_encoded_bytes());
    let Some(program) = place.environment.program("ssh") else {
        tell.found(Finding::warning(CHECK, "there is no ssh to ask").hint(words::NO_SSH));
        return;
    };
    tell.looks_at(&program);
    let mut command = Command::new(program);
    command.arg("-G").arg("--").arg(destination(host));
    match answer(command, PATIENCE) {
        Ok(told) if told.status.success() => {
            let found = of_host(place, &name, &told.stdout, home, keys);
            if found.is_empty() {
                let fact = format!("ssh has nothing in the agent's way for {name}");
                tell.found(Finding::fine(CHECK, fact));
            }
            found.into_iter().for_each(|finding| tell.found(finding));
        }
        Ok(told) => tell.found(refused(&name, &told.stderr)),
        Err(error) => {
            let fact = match error.kind() {
                std::io::ErrorKind::TimedOut => {
                    format!("ssh -G {name} did not end within {} s", PATIENCE.as_secs())
                }
                _ => format!("ssh cannot be run: {}", crate::files::reason(&error)),
            };
            tell.found(Finding::warning(CHECK, fact).hint(words::SSH_HANGS));
        }
    }
}

/// With a port it has to be written as an address.
pub(in crate::commands) fn destination(host: &OsStr) -> std::ffi::OsString {
    let text = host.to_string_lossy();
    let name = text.rsplit('@').next().unwrap_or_default();
    let port = name.rsplit_once(':').is_some_and(|(host, port)| {
        let one = !host.contains(':') || host.ends_with(']');
        one && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    if port { format!("ssh://{text}").into() } else { host.to_owned() }
}

fn of_host(
    place: &Place,
    host: &str,
    text: &str,
    home: &Path,
    keys: &[(PublicKey, String)],
) -> Vec<Finding> {
    let values = |name: &'static str| {
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        pairs.filter(move |(keyword, _)| *keyword == name).map(|(_, value)| value)
    };
    let value = |name| values(name).next();
    let mut found = Vec::new();
    let mut wrong = |fact: String, hint: &str| {
        found.push(Finding::wrong(CHECK, format!("for {host}: {fact}")).hint(hint));
    };
    if let Some(fault) =
        value("identityagent").and_then(|it| agent_fault(place, it.as_bytes(), home))
    {
        wrong(fault, words::IDENTITY_AGENT);
    }
    if matches!(value("pubkeyauthentication"), Some("no" | "false")) {
        wrong("PubkeyAuthentication no: no key is used".to_owned(), words::REMOVE_LINE);
    }
    let list = value("pubkeyacceptedalgorithms").or_else(|| value("pubkeyacceptedkeytypes"));
    if let Some(out) = list.and_then(|list| left_out(list, keys)) {
        wrong(format!("PubkeyAcceptedAlgorithms leaves out {out}"), words::ALGORITHMS);
    }
    if value("identitiesonly") == Some("yes") {
        let paths = values("identityfile").filter_map(|it| expanded(it.as_bytes(), home));
        let paths: Vec<PathBuf> = paths.collect();
        if !paths.iter().any(|path| has_public_half(path)) {
            let names: Vec<String> = paths.iter().map(|path| shown_path(path)).collect();
            let fact =
                format!("IdentitiesOnly yes, and no public half is there of {}", names.join(", "));
            wrong(fact, words::ONLY_FILES);
        }
    }
    if value("forwardagent") == Some("yes") {
        let fact = format!("for {host}: the agent is forwarded, and can be used from there");
        found.push(Finding::note(CHECK, fact).hint(words::FORWARD));
    }
    found
}

/// `PATH: line 3: …` or `PATH line 3: …`.
fn refused(host: &str, stderr: &str) -> Finding {
    let first = stderr.lines().next().unwrap_or_default().trim_end();
    let placed = first.split_once(" line ").and_then(|(path, rest)| {
        let (number, reason) = rest.split_once(": ")?;
        Some((Path::new(path.trim_end_matches(':')), number.parse().ok()?, reason))
    });
    let finding = |reason: &str| {
        let reason = shown(reason.as_bytes());
        let fact = format!("ssh does not take its configuration for {host}: {reason}");
        Finding::wrong(CHECK, fact).hint(words::BAD_CONFIG)
    };
    match placed {
        Some((path, number, reason)) if path.is_absolute() => finding(reason).line(path, number),
        _ => finding(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_told_to_ssh_in_the_way_it_takes() {
        for (host, told) in [
            ("host", "host"),
            ("me@host", "me@host"),
            ("me@host:2222", "ssh://me@host:2222"),
            ("[::1]:2222", "ssh://[::1]:2222"),
            ("::1", "::1"),
        ] {
            assert_eq!(destination(OsStr::new(host)).to_string_lossy(), told);
        }
    }

    #[test]
    fn the_place_of_what_ssh_refuses_is_found() {
        let file = if cfg!(windows) { r"C:\Users\me/.ssh/config" } else { "/home/me/.ssh/config" };
        let stderr = format!("{file}: line 3: Bad configuration option: foo\n");
        let finding = refused("x", &stderr);
        assert_eq!(finding.line, Some(3));
        assert_eq!(finding.file.as_deref(), Some(Path::new(file)));
        let stderr = format!("{file} line 12: unsupported option \"maybe\".\r\n");
        let finding = refused("x", &stderr);
        assert_eq!(finding.line, Some(12));
        assert_eq!(refused("x", "").line, None);
    }
}
