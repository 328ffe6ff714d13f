//! `keyfob install` and `uninstall` under a real systemd of a user.

use std::fs;
use std::path::Path;

use keyfob_testkit::Output;

use crate::support::{hints, world};
use crate::tree::tree;
use crate::user_manager::UserManager;

const UNITS: [&str; 2] = ["keyfob.socket", "keyfob.service"];

/// What a second run of something says on standard error.
#[track_caller]
fn says_nothing_new(output: &Output) {
    let stderr = output.exits(0).stderr();
    let new = stderr
        .lines()
        .find(|line| !line.starts_with("in place already: ") && !line.starts_with("hint: "));
    assert!(new.is_none(), "{output}");
}

#[test]
fn an_installed_agent_starts_with_the_first_client_and_is_gone_without_a_trace() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    let before = tree(&manager.home());
    let shown = manager.keyfob(&["install", "--dry-run"]);
    shown.exits(0).prints_among_else("would run: systemctl --user enable --now keyfob.socket\n");
    shown.prints_among_else("    SSH_AUTH_SOCK=${XDG_RUNTIME_DIR}/keyfob/agent.sock\n");
    shown.prints_among_else(&format!(
        "    ExecStart={} agent -D\n",
        manager.keyfob_path().display()
    ));
    assert!(tree(&manager.home()) == before, "a dry run changes nothing");
    assert_eq!(manager.state("is-active", "keyfob.socket"), "inactive");

    let installed = manager.keyfob(&["install"]);
    installed.exits(0).reports_among_else("ran: systemctl --user enable --now keyfob.socket\n");
    hints(&installed, "eval \"$(keyfob env)\"");
    assert_eq!(manager.state("is-enabled", "keyfob.socket"), "enabled");
    assert_eq!(manager.state("is-active", "keyfob.socket"), "active");
    let socket = manager.socket().display().to_string();
    assert_eq!(manager.variable("SSH_AUTH_SOCK").as_ref(), Some(&socket));

    let installed_tree = tree(&manager.home());
    says_nothing_new(&manager.keyfob(&["install"]));
    assert!(tree(&manager.home()) == installed_tree, "a second run changes nothing");
    let json = manager.keyfob(&["install", "--json"]).exits(0).stdout();
    assert!(json.contains("\"state\": \"already\""), "{json}");
    assert!(!json.contains("\"state\": \"done\""), "{json}");
    assert_eq!(manager.state("is-active", "keyfob.service"), "inactive", "nobody has asked yet");

    let dry = manager.keyfob(&["uninstall", "--dry-run"]);
    dry.exits(0).prints_among_else("would run: systemctl --user disable --now keyfob.socket\n");
    dry.prints_among_else("/home/.config/environment.d/60-keyfob.conf\n");
    assert!(tree(&manager.home()) == installed_tree, "a dry run removes nothing");
    assert_eq!(manager.state("is-active", "keyfob.socket"), "active");

    goes_without_a_word_too_much(&manager.keyfob(&["uninstall"]));
    assert!(tree(&manager.home()) == before, "uninstalled without a trace");
    assert_eq!(manager.state("is-active", "keyfob.socket"), "inactive");
    assert_eq!(manager.variable("SSH_AUTH_SOCK"), None);
    hints(&manager.keyfob(&["uninstall"]), "nothing of keyfob install is here");
}

#[track_caller]
fn goes_without_a_word_too_much(output: &Output) {
    output.exits(0).reports_among_else("ran: systemctl --user disable --now keyfob.socket\n");
    output.reports_among_else("ran: systemctl --user unset-environment SSH_AUTH_SOCK\n");
    output.reports_among_else("/home/.config/systemd/user/keyfob.service\n");
    assert!(!output.stderr().contains("left as it is"), "{output}");
}

/// What protects the agent, and whether it is there.
fn walls(manager: &UserManager<'_>) -> Vec<String> {
    let told = manager.client(&["keyfob", "status", "--security"]).exits(0).stdout();
    let words = |line: &str| line.split_ascii_whitespace().take(2).collect::<Vec<_>>().join(" ");
    told.lines().map(words).collect()
}

#[test]
fn the_agent_of_the_unit_is_closed_in_and_can_ask() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    let ask = manager.write("ask", "#!/bin/sh\n: >\"$HOME/asked\"\n");
    manager.program("chmod").arg("700").arg(&ask).output().exits(0);
    let variable = format!("SSH_ASKPASS={}", ask.display());
    manager.systemctl(&["set-environment", &variable, "DISPLAY=:7"]).output().exits(0);
    manager.keyfob(&["env"]).exits(0);
    let outside = walls(&manager);
    assert!(outside.len() > 5, "{outside:?}");
    // It holds no key, so nobody is asked.
    manager.keyfob(&["install"]).exits(0).reports_among_else("ended the agent at ");
    let key = manager.home().join("key").display().to_string();
    manager.client(&["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", &key]).exits(0);
    manager.client(&["ssh-add", "-q", "-c", &key]).exits(0);
    assert_eq!(manager.state("is-active", "keyfob.service"), "active");
    assert_eq!(walls(&manager), outside, "the unit takes no wall away");
    fs::remove_file(manager.home().join("key")).unwrap();
    let data = manager.write("data", "data");
    let public = format!("{key}.pub");
    let sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "test", "-f", &public];
    manager.client(&[&sign[..], &[data.to_str().unwrap()]].concat()).exits(0);
    assert!(manager.home().join("asked").exists(), "the program that asks was started");
    assert!(manager.home().join("data.sig").exists());

    // It holds a key that is nowhere else: without an answer it goes on.
    let shown = manager.keyfob(&["uninstall", "--dry-run"]);
    shown.exits(0).prints_among_else("would end keyfob.service (it asks first)\n");
    let kept = manager.keyfob(&["uninstall"]);
    kept.exits(1).reports_among_else("left as it is: keyfob.service (it goes on, with its keys)");
    hints(&kept, "--yes answers it");
    manager.client(&["ssh-add", "-l"]).exits(0).prints_among_else("ED25519");
    assert_eq!(manager.state("is-enabled", "keyfob.socket"), "enabled");
    let gone = manager.keyfob(&["uninstall", "--yes"]);
    gone.exits(0);
    hints(&gone, "the log: ");
    assert_eq!(manager.state("is-active", "keyfob.service"), "inactive");
    assert!(!manager.home().join(".config/systemd").exists(), "{gone}");
}

/// Lost otherwise: `ssh-agent -k`, or `kill $SSH_AGENT_PID` in a start file, ends the user's systemd, and
/// the whole session with it: the kernel names it for the socket it made.
#[test]
fn nobody_is_told_the_number_of_systemd_as_the_agents() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    manager.keyfob(&["env"]).exits(0).prints_among_else("SSH_AGENT_PID=");
    manager.keyfob(&["install"]).exits(0);
    let told = manager.keyfob(&["env"]).exits(0).stdout();
    let socket = manager.socket().display().to_string();
    assert!(told.contains(&socket) && !told.contains("SSH_AGENT_PID"), "{told}");
    let shown = manager.systemctl(&["show", "--property=MainPID", "--value", "keyfob.service"]);
    let agent = shown.output().exits(0).stdout();
    let status = manager.keyfob(&["status", "--json"]).exits(0).stdout();
    assert!(status.contains(&format!("\"pid\": {},", agent.trim())), "{status}{agent}");
    let doctor = manager.client(&["keyfob", "doctor", "--all"]).stdout();
    assert!(doctor.contains(&format!("process {}", agent.trim())), "{doctor}");
    // Nor does that of another agent stay: who ends it would think that this one ended.
    let told = manager.client(&["env", "SSH_AGENT_PID=7", "keyfob", "env", "--shell", "sh"]);
    told.exits(0).prints_among_else("unset SSH_AGENT_PID;\n");
    manager.keyfob(&["uninstall"]).exits(0);
}

/// Lost otherwise: what has taken the agent's place meanwhile loses its own with the next start, and its
/// keys with it.
#[test]
fn a_socket_that_was_stopped_is_told_and_put_in_order() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    manager.keyfob(&["install"]).exits(0);
    manager.systemctl(&["stop", "keyfob.socket"]).output().exits(0);
    let told = manager.client(&["keyfob", "doctor", "--json"]).stdout();
    assert!(told.contains("keyfob.socket is enabled, and nobody listens for it"), "{told}");
    assert!(told.contains("\"keyfob install   puts it in order"), "{told}");
    manager.keyfob(&["install"]).exits(0);
    assert_eq!(manager.state("is-active", "keyfob.socket"), "active");
    let told = manager.client(&["keyfob", "doctor", "--json"]).stdout();
    assert!(!told.contains("nobody listens for it"), "{told}");
    manager.keyfob(&["uninstall"]).exits(0);
    assert_eq!(manager.variable("SSH_AUTH_SOCK"), None);
}

#[test]
fn the_next_login_finds_the_agent() {
    let world = world();
    let Some(mut manager) = UserManager::start(&world, "bin") else { return };
    manager.keyfob(&["install"]).exits(0);
    manager.logout();
    if !manager.login() {
        return;
    }
    let socket = manager.socket().display().to_string();
    assert_eq!(manager.variable("SSH_AUTH_SOCK").as_ref(), Some(&socket));
    manager.client(&["ssh-add", "-l"]).exits(1).prints("The agent has no identities.\n");
    // Even without the socket's unit, by the file alone.
    let generator =
        "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";
    let set = manager.program(generator).output();
    set.exits(0).prints_among_else(&format!("SSH_AUTH_SOCK={socket}\n"));
}

#[test]
fn a_program_with_an_odd_path_is_started() {
    let world = world();
    let odd = "a b/100%h/$HOME/${X};#&é";
    let Some(manager) = UserManager::start(&world, odd) else { return };
    manager.keyfob(&["install"]).exits(0);
    let folder = manager.home().join(".config/systemd/user");
    for unit in UNITS {
        let verify = manager.program("systemd-analyze").args(["--user", "--man=no", "verify"]);
        verify.arg(folder.join(unit)).output().exits(0).reports("");
    }
    manager.client(&["ssh-add", "-l"]).exits(1).prints("The agent has no identities.\n");
    says_nothing_new(&manager.keyfob(&["install"]));
}

#[test]
fn a_program_systemd_cannot_start_is_not_installed() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "it's") else { return };
    let before = tree(&manager.home());
    let refused = manager.keyfob(&["install"]);
    refused.exits(1).reports_among_else("systemd starts no program with a quote");
    assert!(tree(&manager.home()) == before);
    assert_eq!(manager.state("is-active", "keyfob.socket"), "inactive");
}

#[test]
fn files_of_others_are_not_overwritten_and_changed_ones_not_removed() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    let mine = "[Socket]\nListenStream=%t/mine\n";
    let unit = manager.write(".config/systemd/user/keyfob.socket", mine);
    let kept = unit.with_file_name("keyfob.socket.before-keyfob");
    let refused = manager.keyfob(&["install"]);
    refused.exits(1).reports_among_else("there is no terminal to ask");
    assert_eq!(fs::read_to_string(&unit).unwrap(), mine);
    assert!(!kept.exists());
    manager.keyfob(&["install", "--yes"]).exits(0).reports_among_else("before-keyfob\n");
    assert_eq!(fs::read_to_string(&kept).unwrap(), mine);
    assert!(fs::read_to_string(&unit).unwrap().contains("agent.sock"));

    let service = unit.with_file_name("keyfob.service");
    let changed = fs::read_to_string(&service).unwrap() + "Nice=5\n";
    fs::write(&service, &changed).unwrap();
    let asked = manager.keyfob(&["install"]);
    asked.exits(1).reports_among_else("there is no terminal to ask");
    assert_eq!(fs::read_to_string(&service).unwrap(), changed);
    let gone = manager.keyfob(&["uninstall"]);
    gone.exits(0)
        .reports_among_else("keyfob.service (it was changed since keyfob install wrote it)\n");
    assert_eq!(fs::read_to_string(&service).unwrap(), changed);
    assert!(kept.exists() && !unit.exists(), "{gone}");
}

#[test]
fn an_older_version_and_another_place_are_renewed_without_a_question() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    manager.keyfob(&["install"]).exits(0);
    let moved = manager.home().join("elsewhere");
    manager.make_folder(&moved);
    manager.program("mv").arg(manager.keyfob_path()).arg(&moved).output().exits(0);
    let keyfob = moved.join("keyfob");
    let renewed = manager.program(&keyfob).arg("install").output();
    renewed.exits(0).reports_among_else("in the place of one that keyfob wrote before");
    manager.client(&["ssh-add", "-l"]).exits(1).prints("The agent has no identities.\n");
    let started = manager.systemctl(&["show", "-p", "ExecStart", "keyfob.service"]).output();
    started.exits(0).prints_among_else(&keyfob.display().to_string());
}

/// The units of a package in a folder of the system, which is one of this test's own.
fn bring_units(manager: &UserManager<'_>, program: &Path) {
    let folder = "/usr/local/lib/systemd/user";
    let script = format!(
        "mkdir -p {folder} && mount -t tmpfs -o mode=755 tmpfs {folder} && cat >{folder}/keyfob.service"
    );
    let packaging = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd");
    let service = fs::read_to_string(packaging.join("keyfob.service")).unwrap();
    let service = service.replace("/usr/bin/keyfob agent", &format!("{} agent", program.display()));
    manager.inside().args(["sh", "-c", &script]).stdin(service).output().exits(0);
    let socket = fs::read_to_string(packaging.join("keyfob.socket")).unwrap();
    let script = format!("cat >{folder}/keyfob.socket");
    manager.inside().args(["sh", "-c", &script]).stdin(socket).output().exits(0);
    manager.systemctl(&["daemon-reload"]).output().exits(0);
}

#[test]
fn the_units_of_a_package_are_used_where_they_start_this_program() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    let before = tree(&manager.home());
    bring_units(&manager, &manager.keyfob_path());
    let installed = manager.keyfob(&["install"]);
    installed.exits(0).reports_among_else("the unit of a package starts this very program");
    assert!(!manager.home().join(".config/systemd/user/keyfob.service").exists());
    manager.client(&["ssh-add", "-l"]).exits(1).prints("The agent has no identities.\n");
    says_nothing_new(&manager.keyfob(&["install"]));
    manager.keyfob(&["uninstall"]).exits(0);
    assert_eq!(manager.state("is-enabled", "keyfob.socket"), "disabled");
    let after = tree(&manager.home());
    let config = |path: &&std::path::PathBuf| !path.starts_with(manager.home().join(".local"));
    assert!(before.keys().filter(config).eq(after.keys().filter(config)), "{after:?}");

    bring_units(&manager, Path::new("/usr/bin/true"));
    manager.keyfob(&["install"]).exits(0);
    assert!(manager.home().join(".config/systemd/user/keyfob.service").exists());
}

#[test]
fn an_agent_with_keys_is_not_cut_off() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    manager.keyfob(&["env"]).exits(0);
    let key = manager.home().join("key").display().to_string();
    manager.client(&["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", &key]).exits(0);
    manager.client(&["ssh-add", "-q", &key]).exits(0);
    let refused = manager.keyfob(&["install"]);
    refused.exits(1).reports_among_else("holds a key that is in no key store");
    manager.client(&["ssh-add", "-l"]).exits(0);
    assert_eq!(manager.state("is-active", "keyfob.socket"), "inactive");
    let installed = manager.keyfob(&["install", "--yes"]);
    installed.exits(0).reports_among_else("ended the agent at ");
    manager.client(&["ssh-add", "-l"]).exits(1).prints("The agent has no identities.\n");
    assert_eq!(manager.state("is-active", "keyfob.service"), "active");
}

#[test]
fn another_agent_that_wants_the_variable_is_named_and_left_alone() {
    let world = world();
    let Some(manager) = UserManager::start(&world, "bin") else { return };
    // A machine with GNOME's starts it for everybody.
    let gnomes = ["gcr-ssh-agent.socket", "gcr-ssh-agent.service"];
    manager.systemctl(&["mask"]).args(gnomes).output().exits(0);
    manager.systemctl(&["stop"]).args(gnomes).output();
    let file = manager.write(".config/environment.d/90-other.conf", "SSH_AUTH_SOCK=/other\n");
    let told = manager.keyfob(&["install"]);
    hints(told.exits(0), "90-other.conf sets SSH_AUTH_SOCK too");
    assert_eq!(fs::read_to_string(&file).unwrap(), "SSH_AUTH_SOCK=/other\n");
    fs::remove_file(&file).unwrap();
    manager.write(".gnupg/gpg-agent.conf", "enable-ssh-support\n");
    hints(&manager.keyfob(&["install"]), "gpg-agent is told to be an SSH agent");
    manager.systemctl(&["unmask"]).args(gnomes).output().exits(0);
    manager
        .write(".config/systemd/user/gcr-ssh-agent.socket", "[Socket]\nListenStream=%t/another\n");
    manager.write(
        ".config/systemd/user/gcr-ssh-agent.service",
        "[Service]\nExecStart=/usr/bin/true\n",
    );
    manager.systemctl(&["daemon-reload"]).output().exits(0);
    manager.systemctl(&["start", "gcr-ssh-agent.socket"]).output().exits(0);
    hints(&manager.keyfob(&["install"]), "systemctl --user disable --now gcr-ssh-agent.socket");
    assert_eq!(manager.state("is-active", "gcr-ssh-agent.socket"), "active");
    manager.keyfob(&["uninstall"]).exits(0);
    assert!(manager.home().join(".config/environment.d").exists(), "it was there before");
}
