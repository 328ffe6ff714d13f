//! Start files of shells, and what services are told.

use std::fs;
use std::time::Duration;

use super::{Found, doctor, doctor_with, own_agent};
use crate::support::{skipped, world};

#[test]
fn lines_that_start_another_agent_are_found_in_every_start_file() {
    let world = world();
    world.make_folder(".config/fish/conf.d");
    world.make_folder("zsh");
    // That of the system is meant, not ours by that name.
    fs::remove_file(world.folder().join("bin/ssh-agent")).unwrap();
    let run = || doctor(&world).env("ZDOTDIR", world.path("zsh"));
    for (file, text, line, part) in [
        (".profile", "\n\nif true; then\n  eval `keychain --eval id`\nfi\n", 4, "starts keychain"),
        (".bashrc", "# ssh-agent\neval \"$(ssh-agent -s)\"\n", 2, "starts ssh-agent"),
        (".bash_profile", "gpg-connect-agent /bye\n", 1, "starts gpg-connect-agent"),
        (".zshrc", "x=1\nplugins=(git ssh-agent)\n", 2, "starts ssh-agent"),
        ("zsh/.zprofile", "exec gpg-agent --daemon zsh\n", 1, "starts gpg-agent"),
        (".config/fish/config.fish", "\nssh-agent -c | source\n", 2, "starts ssh-agent"),
        (".config/fish/conf.d/a.fish", "set -gx SSH_AUTH_SOCK /x/y\n", 1, "is set to /x/y"),
        (".zprofile", "export SSH_AUTH_SOCK=~/.agent # here\n", 1, "is set to ~/.agent"),
        (".pam_environment", "SSH_AUTH_SOCK DEFAULT=/p\n", 1, "is set to /p"),
    ] {
        let path = world.write(file, text, 0o644);
        let found = Found::by(run(), 2);
        found.has_at("variables", "warning", part, &path, Some(line));
        fs::remove_file(&path).unwrap();
        let found = Found::by(run(), 2);
        found.lacks("variables", "warning", part);
    }
}

#[test]
fn the_program_by_the_name_of_ssh_agent_is_no_other_agent() {
    let world = world();
    let path = world.write(".bashrc", "eval $(ssh-agent)\n", 0o644);
    let found = Found::by(doctor(&world), 2);
    found.has_at("variables", "note", "which is keyfob by that name", &path, Some(1));
}

#[test]
fn what_leads_to_keyfob_is_fine() {
    let world = world();
    let agent = own_agent(&world);
    world.make_folder(".config/environment.d");
    let good = "SSH_AUTH_SOCK=${XDG_RUNTIME_DIR}/keyfob/agent.sock\n";
    let path = world.write(".config/environment.d/ssh.conf", good, 0o644);
    let found = Found::by(doctor_with(&world, &agent), 0);
    let told = found.has("variables", "ok", "set to keyfob's own socket");
    assert_eq!(told["line"], 1);
    world.write(".config/environment.d/ssh.conf", "A=1\nSSH_AUTH_SOCK=/elsewhere\n", 0o644);
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has_at("variables", "warning", "is set to /elsewhere", &path, Some(2));
}

/// A real user manager, in a runtime folder of its own.
#[test]
fn what_the_user_manager_tells_services_is_compared() {
    let world = world();
    let run = world.make_folder("run");
    fs::create_dir_all(run.join("systemd")).unwrap();
    let manager = world
        .system_program("env")
        .arg("/usr/lib/systemd/systemd")
        .arg("--user")
        .env("XDG_RUNTIME_DIR", &run)
        .env("SSH_AUTH_SOCK", "/from/elsewhere")
        .limit(Duration::from_secs(60));
    let mut manager = world.with_home_in_passwd(manager).start();
    let socket = run.join("systemd/private");
    let is_there = || {
        let ask = world.system_program("systemctl").args(["--user", "show-environment"]);
        socket.exists() && ask.env("XDG_RUNTIME_DIR", &run).output().code() == Some(0)
    };
    let mut waited = 0;
    while !is_there() && manager.is_alive() && waited < 100 {
        std::thread::sleep(Duration::from_millis(50));
        waited += 1;
    }
    if !is_there() {
        manager.kill();
        skipped(&format!("no user manager of systemd can be started here\n{}", manager.wait()));
        return;
    }
    let agent = own_agent(&world);
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has("variables", "warning", "services started by systemd are told of /from/elsewhere");
    let set = format!("SSH_AUTH_SOCK={}", agent.socket().display());
    let tell = world.system_program("systemctl").args(["--user", "set-environment"]).arg(set);
    tell.env("XDG_RUNTIME_DIR", &run).output().exits(0);
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has("variables", "ok", "services are told of keyfob's own socket");
    let unset = world.system_program("systemctl").args(["--user", "unset-environment"]);
    unset.arg("SSH_AUTH_SOCK").env("XDG_RUNTIME_DIR", &run).output().exits(0);
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has("variables", "note", "told of no agent");
    manager.kill();
}
