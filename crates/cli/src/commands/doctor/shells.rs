//! Lines of shells' start files that start another agent, or lead programs to one.
//!
//! The files are searched, not run: what a line does under which condition is for its owner to say.

use std::path::{Path, PathBuf};

use keyfob_config::env::Name;

use super::finding::Finding;
use super::place::{Place, entries, text_of};
use super::turns::Teller;
use crate::voice::doctor as words;
use crate::voice::shown;

pub(super) const CHECK: &str = "variables";

/// In the home.
const USUAL: [&str; 17] = [
    ".profile",
    ".bash_profile",
    ".bash_login",
    ".bashrc",
    ".bash_aliases",
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".zlogin",
    ".kshrc",
    ".login",
    ".cshrc",
    ".tcshrc",
    ".xprofile",
    ".xsessionrc",
    ".xsession",
    ".xinitrc",
];

/// Everybody's.
const OF_SYSTEM: [&str; 8] = [
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/zsh/zshenv",
    "/etc/zsh/zprofile",
    "/etc/zsh/zshrc",
    "/etc/zshrc",
    "/etc/fish/config.fish",
];

/// Programs that serve, or start something that serves, in the place of keyfob.
const AGENTS: [&str; 7] = [
    "ssh-agent",
    "keychain",
    "gpg-agent",
    "gpg-connect-agent",
    "gnome-keyring-daemon",
    "funtoo-keychain",
    "envoy",
];

/// Programs that look for others, and start none.
const SEEKERS: [&str; 6] = ["pgrep", "pkill", "killall", "pidof", "grep", "ps"];

/// What a line does.
#[derive(Debug, PartialEq, Eq)]
enum Does {
    /// Starts this agent.
    Starts(&'static str),
    /// Leads programs to this socket.
    Leads(String),
    /// Asks keyfob.
    Keyfob,
}

/// Searches all of them.
pub(super) fn check(place: &Place, tell: &Teller) {
    let drop_in = is_drop_in(place);
    let mut searched = 0;
    for file in files(place) {
        tell.looks_at(&file);
        match text_of(&file) {
            Ok(None) => {}
            Ok(Some(text)) => {
                searched += 1;
                of_file(place, tell, &file, &text, drop_in);
            }
            Err(error) => {
                let fact = format!("not searched: {}", shown(error.to_string().as_bytes()));
                tell.found(Finding::warning(CHECK, fact).at(&file).hint(words::UNREAD));
            }
        }
    }
    let files = if searched == 1 { "file" } else { "files" };
    tell.found(Finding::fine(CHECK, format!("{searched} start {files} searched")));
}

fn of_file(place: &Place, tell: &Teller, file: &Path, text: &str, drop_in: bool) {
    for (at, line) in text.lines().enumerate() {
        let finding = match does(line) {
            None => continue,
            Some(Does::Keyfob) => Finding::fine(CHECK, "leads to keyfob's agent"),
            Some(Does::Starts("ssh-agent")) if drop_in => {
                Finding::note(CHECK, "starts ssh-agent, which is keyfob by that name")
                    .hint(words::ONE_AGENT)
            }
            Some(Does::Starts(agent)) => {
                Finding::warning(CHECK, format!("starts {agent}")).hint(words::STARTS)
            }
            Some(Does::Leads(value)) => led(place, &value),
        };
        tell.found(finding.line(file, at + 1));
    }
}

/// About a value that is given to the variable.
pub(super) fn led(place: &Place, value: &str) -> Finding {
    let expanded = place.expanded(value);
    let path = Path::new(&expanded);
    let shown_value = shown(value.as_bytes());
    if place.is_own(path) {
        Finding::fine(CHECK, "SSH_AUTH_SOCK is set to keyfob's own socket")
    } else if place.environment.auth_sock().is_some_and(|set| super::place::is_same(&set, path)) {
        Finding::note(CHECK, format!("SSH_AUTH_SOCK is set to {shown_value}, as it is now"))
    } else {
        let fact = format!("SSH_AUTH_SOCK is set to {shown_value}");
        Finding::warning(CHECK, fact).hint(words::LEADS)
    }
}

fn does(line: &str) -> Option<Does> {
    let line = without_comment(line);
    if let Some(value) = set_to(line) {
        let is_ours = value.contains("keyfob") && value.contains("$(");
        return Some(if is_ours { Does::Keyfob } else { Does::Leads(value) });
    }
    let words: Vec<&str> = line.split(|it: char| !is_of_word(it)).collect();
    let names: Vec<&str> =
        words.iter().map(|word| word.rsplit('/').next().unwrap_or(word)).collect();
    if names.windows(2).any(|pair| pair == ["keyfob", "env"]) {
        return Some(Does::Keyfob);
    }
    let mut sought = false;
    for name in names {
        sought |= SEEKERS.contains(&name);
        if let Some(agent) = AGENTS.iter().find(|agent| **agent == name) {
            // The first behind one that seeks is what it seeks.
            if !std::mem::take(&mut sought) {
                return Some(Does::Starts(agent));
            }
        }
    }
    None
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-_./~+@".contains(letter)
}

/// A number sign begins a comment at the beginning of a word.
fn without_comment(line: &str) -> &str {
    let begins = |at: &usize| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    let end = line.match_indices('#').map(|(at, _)| at).find(begins);
    line.get(..end.unwrap_or(line.len())).unwrap_or_default().trim()
}

/// The value the variable gets in this line, in the words of any shell.
pub(super) fn set_to(line: &str) -> Option<String> {
    let name = Name::SshAuthSock.as_str();
    let (before, after) = line.split_once(name)?;
    if before.ends_with(|last: char| last.is_alphanumeric() || "_$\"'{/".contains(last)) {
        return None;
    }
    let value = match after.strip_prefix('=') {
        Some(value) => value,
        // `set -gx NAME VALUE`, `setenv NAME VALUE`.
        None => {
            let command = before.split_whitespace().next()?;
            let erases = before.split_whitespace().any(|word| matches!(word, "-e" | "--erase"));
            if !matches!(command, "set" | "setenv") || erases || !after.starts_with(' ') {
                return None;
            }
            after.trim_start()
        }
    };
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    let end = match quote {
        Some(quote) => value[1..].find(quote).map(|at| at + 2),
        None if value.starts_with("$(") => value.rfind(')').map(|at| at + 1),
        None => value.find([' ', ';', '&', '|', '\t']),
    };
    let value = value.get(..end.unwrap_or(value.len())).unwrap_or(value).trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

fn files(place: &Place) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if let Some(home) = place.shell_home() {
        files.extend(USUAL.map(|name| home.join(name)));
        if let Some(folder) = place.environment.get(Name::Zdotdir).map(Path::new) {
            let names = [".zshenv", ".zprofile", ".zshrc", ".zlogin"];
            files.extend(names.map(|name| folder.join(name)));
        }
    }
    if let Some(config) = place.config_home() {
        files.push(config.join("fish/config.fish"));
        files.extend(in_folder(&config.join("fish/conf.d"), "fish"));
    }
    files.extend(OF_SYSTEM.map(PathBuf::from));
    files.extend(in_folder(Path::new("/etc/profile.d"), "sh"));
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    files
}

/// Those with this ending.
pub(super) fn in_folder(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = entries(folder).unwrap_or_default();
    found.retain(|path| path.extension().is_some_and(|it| it == ending));
    found
}

/// Whether `ssh-agent` means this program.
fn is_drop_in(place: &Place) -> bool {
    let called = place.environment.program("ssh-agent");
    let ours = std::env::current_exe().ok();
    called.zip(ours).is_some_and(|(called, ours)| super::place::is_same(&called, &ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_starts_an_agent_is_known_in_every_shell() {
        for (line, agent) in [
            ("eval \"$(ssh-agent -s)\"", "ssh-agent"),
            ("eval `/usr/bin/ssh-agent -c`", "ssh-agent"),
            ("pgrep -u me ssh-agent >/dev/null || ssh-agent > ~/.agent", "ssh-agent"),
            ("plugins=(git ssh-agent)", "ssh-agent"),
            ("  eval $(keychain --eval id_rsa) # keys", "keychain"),
            ("gpg-connect-agent updatestartuptty /bye", "gpg-connect-agent"),
            ("exec ssh-agent startx", "ssh-agent"),
        ] {
            assert_eq!(does(line), Some(Does::Starts(agent)), "{line}");
        }
    }

    #[test]
    fn a_line_that_only_speaks_of_one_is_not() {
        for line in [
            "# eval $(ssh-agent)",
            "pgrep ssh-agent",
            "alias ll='ls -l'",
            "export my-ssh-agent-count=1",
            "if [ -z \"$SSH_AUTH_SOCK\" ]; then",
            "export SSH_AUTH_SOCK",
            "unset SSH_AUTH_SOCK",
            "set -e SSH_AUTH_SOCK",
            "",
        ] {
            assert_eq!(does(line), None, "{line}");
        }
    }

    #[test]
    fn the_value_of_the_variable_is_found_in_every_shell() {
        for (line, value) in [
            ("export SSH_AUTH_SOCK=/a/b", "/a/b"),
            ("SSH_AUTH_SOCK='/a b'; export SSH_AUTH_SOCK", "/a b"),
            ("set -gx SSH_AUTH_SOCK /a/b", "/a/b"),
            ("setenv SSH_AUTH_SOCK \"$HOME/x\"", "$HOME/x"),
            (
                "export SSH_AUTH_SOCK=$(gpgconf --list-dirs agent-ssh-socket)",
                "$(gpgconf --list-dirs agent-ssh-socket)",
            ),
        ] {
            assert_eq!(does(line), Some(Does::Leads(value.to_owned())), "{line}");
        }
    }

    #[test]
    fn keyfobs_own_line_is_known() {
        for line in ["eval \"$(keyfob env)\"", "keyfob env | source", "eval $(~/bin/keyfob env)"] {
            assert_eq!(does(line), Some(Does::Keyfob), "{line}");
        }
    }
}
