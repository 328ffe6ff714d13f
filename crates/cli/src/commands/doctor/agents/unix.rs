//! Those that run, by their names, and the units of systemd that will start one.

use std::path::{Path, PathBuf};

use keyfob_config::Directories;

use super::super::finding::Finding;
use super::super::listener::{Kind, Listener};
use super::super::place::{Place, entries, is_same};
use super::super::processes::{self, Process};
use super::super::turns::Teller;
use super::CHECK;
use crate::voice::doctor as words;
use crate::voice::shown_path;

/// What makes gpg-agent serve SSH keys.
pub(super) const OF_GPG: &[&str] = &["enable-ssh-support"];

/// As the kernel calls them: it cuts names at fifteen letters.
const NAMES: [&str; 5] =
    ["ssh-agent", "gpg-agent", "gnome-keyring-d", "gcr-ssh-agent", "ssh-agent-filter"];

/// Units that serve, or listen for who will.
const UNITS: [&str; 7] = [
    "ssh-agent.service",
    "ssh-agent.socket",
    "gpg-agent-ssh.socket",
    "gcr-ssh-agent.service",
    "gcr-ssh-agent.socket",
    "gnome-keyring-daemon.service",
    "gnome-keyring-daemon.socket",
];

/// What gpg-agent's socket for SSH is called.
const GPG_SOCKET: &str = "S.gpg-agent.ssh";

pub(super) fn look(place: &Place, tell: &Teller) {
    let running = processes::called(&NAMES, place.uid);
    let mut others = 0;
    for process in &running {
        if let Some(finding) = of_process(place, process) {
            others += 1;
            tell.found(finding);
        }
    }
    for path in other_places(place) {
        if let Ok(agent) = place.meet(&path)
            && agent.kind == Kind::Keyfob
        {
            others += 1;
            tell.found(second(&agent));
        }
    }
    if others == 0 {
        tell.found(Finding::fine(CHECK, "no other agent of yours runs"));
    }
    units(place, tell);
}

/// Where keyfob's agent is for those who see a runtime folder and this process does not, and the other
/// way round: `su`, a server without PAM.
fn other_places(place: &Place) -> Vec<PathBuf> {
    let host = keyfob_sys::user::host_name();
    let without = place.directories.clone().map(|all| Directories { runtime: None, ..all });
    let without = without.map(|all| all.agent_socket(&host));
    let with = PathBuf::from(format!("/run/user/{}/keyfob/agent.sock", place.uid));
    let known = [place.own.clone(), place.environment.auth_sock()];
    let is_known = |path: &PathBuf| known.iter().flatten().any(|known| is_same(known, path));
    without.into_iter().chain([with]).filter(|path| !is_known(path)).collect()
}

fn second(agent: &Listener) -> Finding {
    let process = agent.pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
    let path = shown_path(&agent.path);
    let fact = format!("a second agent of keyfob's answers at {path}{process}");
    let hint = format!(
        "logins whose XDG_RUNTIME_DIR is not this one's lead there: SSH_AUTH_SOCK={path} keyfob list   tells its keys"
    );
    Finding::warning(CHECK, fact).hint(hint)
}

/// Where gpg's settings are.
pub(super) fn gpg_home(place: &Place) -> Option<PathBuf> {
    Some(place.shell_home()?.join(".gnupg"))
}

fn of_process(place: &Place, process: &Process) -> Option<Finding> {
    let sockets = sockets(process);
    let name = if process.name.starts_with("gnome-keyring") {
        "gnome-keyring-daemon"
    } else {
        process.name.as_str()
    };
    // It has other sockets, for other purposes.
    let sockets: Vec<PathBuf> = match name {
        "gpg-agent" => {
            let serves = sockets.into_iter().filter(|path| path.ends_with(GPG_SOCKET));
            let serves: Vec<PathBuf> = serves.collect();
            let said = process.words.iter().any(|word| word == b"--enable-ssh-support");
            if serves.is_empty() && !said {
                return None;
            }
            serves
        }
        "gnome-keyring-daemon" => {
            sockets.into_iter().filter(|path| path.to_string_lossy().contains("ssh")).collect()
        }
        _ => sockets,
    };
    // keyfob by that name.
    let kind = |path: &PathBuf| place.meet(path).ok().map(|agent| agent.kind);
    if sockets.first().and_then(kind) == Some(Kind::Keyfob) {
        return None;
    }
    let pid = process.pid;
    let at = match &sockets[..] {
        [] => String::new(),
        [first, ..] => format!(", at {}", shown_path(first)),
    };
    let fact = format!("{name} runs (process {pid}){at}");
    let set = place.environment.auth_sock();
    // One with rights of its own shows nothing it has open; the socket tells who listens there.
    let hidden = || place.meet(set.as_deref()?).ok().filter(|agent| agent.pid == Some(pid));
    let hidden = if sockets.is_empty() { hidden() } else { None };
    if hidden.as_ref().is_some_and(|agent| agent.kind == Kind::Keyfob) {
        return None;
    }
    let is_named = |set: &Path| sockets.iter().any(|path| is_same(path, set));
    let is_asked = hidden.is_some() || set.as_deref().is_some_and(is_named);
    Some(match is_asked {
        true => Finding::warning(CHECK, format!("{fact}: ssh asks it")).hint(words::END_IT),
        false => Finding::note(CHECK, fact).hint(words::HARMLESS),
    })
}

/// What it has open, or what it was told to open.
fn sockets(process: &Process) -> Vec<PathBuf> {
    let open = processes::sockets(process.pid);
    if !open.is_empty() {
        return open;
    }
    let words = &process.words;
    let at = words.iter().position(|word| word == b"-a");
    let named = at.and_then(|at| words.get(at + 1));
    named.map(|word| keyfob_sys::os_text::path(word)).into_iter().collect()
}

fn units(place: &Place, tell: &Teller) {
    if let Some(config) = place.config_home() {
        for (path, unit) in enabled(&config.join("systemd/user")) {
            let fact = format!("{unit} is enabled: it starts when you log in");
            let hint = format!("systemctl --user disable --now {unit}");
            tell.found(Finding::warning(CHECK, fact).at(&path).hint(hint));
        }
    }
    let own = place.config_home().map(|config| config.join("systemd/user"));
    // By a link to nowhere.
    let is_masked = |unit: &str| {
        let link = own.as_ref().and_then(|own| std::fs::read_link(own.join(unit)).ok());
        link.is_some_and(|target| target == Path::new("/dev/null"))
    };
    for folder in ["/etc/systemd/user", "/usr/lib/systemd/user"] {
        for (path, unit) in enabled(Path::new(folder)) {
            if is_masked(&unit) {
                continue;
            }
            let fact = format!("{unit} is enabled for everybody");
            let hint = format!("systemctl --user mask --now {unit}   if it comes first");
            tell.found(Finding::note(CHECK, fact).at(&path).hint(hint));
        }
    }
}

/// What is wanted by something: links in folders called so.
fn enabled(folder: &Path) -> Vec<(PathBuf, String)> {
    let is_list = |path: &PathBuf| path.extension().is_some_and(|it| it == "wants");
    let lists = entries(folder).unwrap_or_default().into_iter().filter(is_list);
    let units = lists.flat_map(|list| entries(&list).unwrap_or_default());
    let named = units.filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        UNITS.contains(&name.as_str()).then_some((path, name))
    });
    named.collect()
}
