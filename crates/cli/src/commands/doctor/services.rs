//! What services are told: the variables of the user manager, and the files they come from.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use keyfob_config::env::Name;

use super::asked::answer;
use super::finding::Finding;
use super::place::{Place, is_same, text_of};
use super::shells::{CHECK, in_folder, led, set_to};
use super::turns::Teller;
use crate::voice::doctor as words;
use crate::voice::shown;

/// The unit of `keyfob install`.
const SOCKET: &str = "keyfob.socket";

/// How long the user manager may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at all of it.
pub(super) fn check(place: &Place, tell: &Teller) {
    for file in files(place) {
        tell.looks_at(&file);
        of_file(place, tell, &file);
    }
    if cfg!(target_os = "linux") {
        manager(place, tell);
    }
}

fn of_file(place: &Place, tell: &Teller, file: &Path) {
    let text = match text_of(file) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => {
            let fact = format!("not searched: {}", shown(error.to_string().as_bytes()));
            tell.found(Finding::warning(CHECK, fact).at(file).hint(words::UNREAD));
            return;
        }
    };
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        // `NAME DEFAULT=value` is how PAM writes it.
        let line = line.replacen(" DEFAULT=", "=", 1);
        if line.starts_with('#') {
            continue;
        }
        // What keyfob install wrote is right for whoever has a runtime folder, and the others have no
        // service manager.
        if let Some(value) = set_to(&line).filter(|_| !is_of_install(place, file)) {
            tell.found(led(place, &value).line(file, at + 1));
        }
    }
}

fn is_of_install(place: &Place, file: &Path) -> bool {
    place.environment.get(Name::XdgRuntimeDir).is_none()
        && file.file_name().is_some_and(|name| name == "60-keyfob.conf")
}

fn files(place: &Place) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if let Some(config) = place.config_home() {
        files.extend(in_folder(&config.join("environment.d"), "conf"));
    }
    for folder in ["/etc/environment.d", "/run/environment.d", "/usr/lib/environment.d"] {
        files.extend(in_folder(Path::new(folder), "conf"));
    }
    files.push("/etc/environment".into());
    files.extend(place.shell_home().map(|home| home.join(".pam_environment")));
    files
}

/// What the user manager gives to what it starts.
fn manager(place: &Place, tell: &Teller) {
    let Some(program) = place.environment.program("systemctl") else {
        tell.found(Finding::fine(CHECK, "no systemd here"));
        return;
    };
    tell.looks_at(&program);
    let asked = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.arg("--user").args(words);
        answer(command, PATIENCE)
    };
    let variables = match asked(&["show-environment"]) {
        Ok(answer) if answer.status.success() => answer.stdout,
        Ok(_) => {
            tell.found(Finding::fine(CHECK, "no user manager of systemd answers"));
            return;
        }
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            let fact = "the user manager of systemd does not answer";
            tell.found(Finding::warning(CHECK, fact).hint(words::MANAGER));
            return;
        }
        Err(_) => return,
    };
    tell.found(told(place, &variables));
    let state = asked(&["show", "--property=UnitFileState,ActiveState", SOCKET]);
    if let Some(finding) = state.ok().and_then(|state| deaf(&state.stdout)) {
        tell.found(finding);
    }
}

/// The socket is to be listened at, and is not: stopped by hand, or because the agent did not start.
/// What has taken its place meanwhile would lose its own by the next start.
fn deaf(state: &str) -> Option<Finding> {
    let value = |name: &str| state.lines().find_map(|line| line.strip_prefix(name));
    let active =
        value("ActiveState=").filter(|state| !matches!(*state, "active" | "activating"))?;
    (value("UnitFileState=") == Some("enabled")).then(|| {
        let fact = format!(
            "{SOCKET} is enabled, and nobody listens for it: it is {}",
            shown(active.as_bytes())
        );
        Finding::wrong(CHECK, fact).hint(words::LISTEN_AGAIN)
    })
}

fn told(place: &Place, answer: &str) -> Finding {
    let mut values = answer.lines().filter_map(|line| line.split_once('='));
    let value = values.find(|(name, _)| *name == Name::SshAuthSock.as_str()).map(|(_, it)| it);
    // A value with odd letters is written as the shell would: `$'…'`.
    let value = value.map(|value| value.trim_start_matches('$').trim_matches('\''));
    let set = place.environment.auth_sock();
    match (value.map(Path::new), set) {
        (None, None) => Finding::fine(CHECK, "services are told of no agent either"),
        (None, Some(_)) => Finding::note(CHECK, "services started by systemd are told of no agent")
            .hint(words::TELL_SERVICES),
        (Some(value), _) if place.is_own(value) => {
            Finding::fine(CHECK, "services are told of keyfob's own socket")
        }
        (Some(value), Some(set)) if is_same(value, &set) => {
            Finding::fine(CHECK, "services are told of the same socket")
        }
        (Some(value), _) => {
            let shown = crate::voice::shown_path(value);
            let fact = format!("services started by systemd are told of {shown}");
            Finding::warning(CHECK, fact).hint(words::TELL_SERVICES)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;
    use keyfob_config::env::Environment;

    #[test]
    fn a_socket_that_is_enabled_and_not_listened_at_is_told() {
        let told = |active: &str, file: &str| {
            deaf(&format!("ActiveState={active}\nUnitFileState={file}\n")).is_some()
        };
        assert!(told("failed", "enabled") && told("inactive", "enabled"));
        assert!(
            !told("active", "enabled") && !told("inactive", "disabled") && !told("inactive", "")
        );
        assert!(deaf("").is_none());
    }

    /// As systemd 252 writes it.
    #[test]
    fn the_variables_of_the_manager_are_compared_with_ours() {
        let told_to = |set: Option<&str>, answer: &str| {
            let environment = Environment::default();
            let environment = match set {
                Some(set) => environment.with(Name::SshAuthSock, set),
                None => environment,
            };
            told(&Place::new(&environment, None), answer).verdict
        };
        let other = "HOME=/home/me\nSSH_AUTH_SOCK=/b\nSHELL=/bin/sh\n";
        assert_eq!(told_to(None, "HOME=/home/me\n"), Verdict::Fine);
        assert_eq!(told_to(Some("/a"), "HOME=/home/me\n"), Verdict::Note);
        assert_eq!(told_to(Some("/a"), other), Verdict::Warning);
        assert_eq!(told_to(None, other), Verdict::Warning);
        assert_eq!(told_to(Some("/b"), other), Verdict::Fine);
        assert_eq!(told_to(Some("/a b"), "SSH_AUTH_SOCK=$'/a b'\n"), Verdict::Fine);
    }
}
