//! `keyfob install` and `uninstall` where no systemd of a user answers: the line in a start file, and
//! links by the names of OpenSSH's programs. Under systemd: `install_systemd.rs`.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use keyfob_testkit::World;

use crate::support::{hints, keyfob, skipped, world};
use crate::tree::tree;

const LINE: &str = "eval \"$(keyfob env)\"";

#[test]
fn without_systemd_the_line_is_shown_and_nothing_written() {
    let world = world();
    keyfob(&world);
    let before = tree(&world.home());
    let output = keyfob(&world).env("SHELL", "/bin/bash").arg("install").output();
    output.exits(1).prints("").reports_among_else("left as it is: systemd of this user (");
    hints(&output, &format!("{LINE}   at the end of {} does it", world.path(".bashrc").display()));
    assert!(tree(&world.home()) == before);
}

#[test]
fn the_line_is_added_once_and_taken_out_to_the_last_byte() {
    for old in [&b"alias a=b\n"[..], b"", b"no end of line", b"# caf\xe9\n\n\n"] {
        let world = world();
        let file = world.write(".bashrc", old, 0o644);
        keyfob(&world);
        let before = tree(&world.home());
        let shell = "--shell=bash";
        keyfob(&world).args(["install", shell, "--dry-run"]).output().exits(0);
        assert!(tree(&world.home()) == before, "a dry run changes nothing");
        let added = keyfob(&world).args(["install", shell]).output();
        added.exits(0).reports_among_else("added a line to ");
        let text = fs::read(&file).unwrap();
        assert!(text.starts_with(old));
        assert_eq!(text.windows(LINE.len()).filter(|part| *part == LINE.as_bytes()).count(), 1);
        let again = keyfob(&world).args(["install", shell]).output();
        again.exits(0).reports_among_else("in place already: ");
        assert_eq!(fs::read(&file).unwrap(), text);
        keyfob(&world).arg("uninstall").output().exits(0).reports_among_else("took a line out of ");
        assert!(tree(&world.home()) == before, "{:?}", fs::read(&file).unwrap().escape_ascii());
    }
}

#[test]
fn a_start_file_that_was_not_there_goes_again() {
    let world = world();
    keyfob(&world);
    let before = tree(&world.home());
    keyfob(&world).args(["install", "--shell=fish"]).output().exits(0);
    let file = world.path(".config/fish/config.fish");
    assert!(fs::read_to_string(&file).unwrap().contains("\nkeyfob env | source\n"));
    keyfob(&world).arg("uninstall").output().exits(0);
    assert!(tree(&world.home()) == before);
    // What was written into it since then stays.
    keyfob(&world).args(["install", "--shell=fish"]).output().exits(0);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text + "set -g mine 1\n").unwrap();
    keyfob(&world).arg("uninstall").output().exits(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "set -g mine 1\n");
}

#[test]
fn a_start_file_elsewhere_stays_behind_its_link() {
    let world = world();
    let real = world.write("dotfiles-bashrc", "one\n", 0o600);
    symlink("dotfiles-bashrc", world.path(".bashrc")).unwrap();
    keyfob(&world).args(["install", "--shell=bash"]).output().exits(0);
    assert_eq!(fs::read_link(world.path(".bashrc")).unwrap(), Path::new("dotfiles-bashrc"));
    assert!(fs::read_to_string(&real).unwrap().contains(LINE));
    keyfob(&world).arg("uninstall").output().exits(0);
    assert_eq!(fs::read_to_string(&real).unwrap(), "one\n");
    assert!(world.path(".bashrc").is_symlink());
}

#[test]
fn a_line_that_was_changed_stays_and_is_named() {
    let world = world();
    keyfob(&world).args(["install", "--shell=sh"]).output().exits(0);
    let file = world.path(".profile");
    let changed =
        fs::read_to_string(&file).unwrap().replace(LINE, "eval \"$(keyfob env)\" && date");
    fs::write(&file, &changed).unwrap();
    let output = keyfob(&world).arg("uninstall").output();
    output.exits(0).reports_among_else("it was changed since keyfob install wrote it");
    assert_eq!(fs::read_to_string(&file).unwrap(), changed);
}

#[test]
fn a_line_somebody_typed_is_not_added_again_and_never_removed() {
    let world = world();
    let text = format!("{LINE}\n");
    let file = world.write(".bashrc", &text, 0o644);
    let output = keyfob(&world).args(["install", "--shell=bash"]).output();
    output.exits(0).reports_among_else("the line is there");
    keyfob(&world).arg("uninstall").output().exits(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

/// What a shell that read its start file says of the variable.
fn told(world: &World, shell: &str, arguments: &[&str]) -> String {
    let run = world.program(shell).env("XDG_RUNTIME_DIR", world.path("run"));
    let output = run.env("SHELL", "/bin/sh").args(arguments).output();
    output.exits(0).stdout()
}

#[test]
fn shells_that_read_their_start_file_find_the_agent() {
    let world = world();
    let socket = world.path("run/keyfob/agent.sock").display().to_string();
    let echo = "echo \"told $SSH_AUTH_SOCK\"";
    // A login would read the system's too, which sets PATH anew.
    let in_profile = ". ~/.profile; echo \"told $SSH_AUTH_SOCK\"";
    for (shell, flag, arguments) in [
        ("bash", "--shell=bash", ["-ic", echo]),
        ("dash", "--shell=sh", ["-c", in_profile]),
        ("tcsh", "--shell=csh", ["-c", echo]),
        ("fish", "--shell=fish", ["-c", echo]),
    ] {
        if !Path::new("/usr/bin").join(shell).exists() {
            skipped(&format!("{shell} is not installed"));
            continue;
        }
        keyfob(&world).args(["install", flag]).output().exits(0);
        let said = told(&world, shell, &arguments);
        assert!(said.contains(&format!("told {socket}")), "{shell}: {said}");
    }
    let env = keyfob(&world).args(["env", "--shell", "sh"]).output().stdout();
    let pid = env.split("SSH_AGENT_PID=").nth(1).unwrap().split(';').next().unwrap();
    world.adopt(rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap());
}

#[test]
fn links_answer_as_opensshs_programs_and_go_again() {
    let world = world();
    let agent = world.agent();
    keyfob(&world);
    let before = tree(&world.home());
    let folder = world.path("links/bin");
    let install = || keyfob(&world).args(["install", "--drop-in"]).arg(&folder).output();
    let dry = keyfob(&world).args(["install", "--dry-run", "--drop-in"]).arg(&folder).output();
    dry.exits(0).prints_among_else("would link ");
    assert!(tree(&world.home()) == before);
    let made = install();
    made.exits(0).reports_among_else("linked ");
    hints(&made, "is not in PATH");
    let add = world.system_program("env").env("SSH_AUTH_SOCK", agent.socket());
    let listed = add.arg(folder.join("ssh-add")).arg("-l").output();
    listed.exits(1).prints("The agent has no identities.\n");
    let target = fs::read_link(folder.join("ssh-add")).unwrap();
    assert!(target.is_absolute() && target.ends_with("keyfob"), "{target:?}");
    let again = install();
    again.exits(0).reports_among_else("in place already: ");
    assert!(!again.stderr().contains("linked "), "{again}");
    keyfob(&world).arg("uninstall").output().exits(0).reports_among_else("removed ");
    assert!(tree(&world.home()) == before);
}

#[test]
fn a_program_of_somebody_else_is_not_replaced_by_a_link() {
    let world = world();
    let folder = world.make_folder("own");
    let theirs = world.write("own/ssh-add", "theirs", 0o700);
    symlink("/usr/bin/ssh-keygen", folder.join("ssh-keygen")).unwrap();
    let install = |more: &[&str]| {
        keyfob(&world).args(["install", "--drop-in"]).arg(&folder).args(more).output()
    };
    let refused = install(&[]);
    refused.exits(1).reports_among_else("--yes answers it");
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    assert_eq!(fs::read_link(folder.join("ssh-keygen")).unwrap(), Path::new("/usr/bin/ssh-keygen"));
    install(&["--yes"]).exits(0).reports_among_else("kept what was there as ");
    assert_eq!(fs::read_to_string(folder.join("ssh-add.before-keyfob")).unwrap(), "theirs");
    assert!(fs::read_link(folder.join("ssh-keygen")).unwrap().ends_with("keyfob"));
    // A link that somebody put there since then is not ours.
    fs::remove_file(folder.join("ssh-agent")).unwrap();
    symlink("/usr/bin/ssh-agent", folder.join("ssh-agent")).unwrap();
    let gone = keyfob(&world).arg("uninstall").output();
    gone.exits(0).reports_among_else("ssh-agent (keyfob install did not make it)\n");
    gone.reports_among_else("ssh-add.before-keyfob (what was there before keyfob)\n");
    assert_eq!(fs::read_link(folder.join("ssh-agent")).unwrap(), Path::new("/usr/bin/ssh-agent"));
    assert!(!folder.join("ssh-keygen").is_symlink());
}

#[test]
fn the_place_of_the_folder_in_path_is_told() {
    let world = world();
    let install = |path: String| {
        let folder = world.make_folder("links");
        let run = keyfob(&world).env("PATH", path).args(["install", "--drop-in"]);
        run.arg(folder).output()
    };
    let folder = world.path("links").display().to_string();
    let own = world.folder().join("bin").display().to_string();
    let before = install(format!("{folder}:/usr/bin:/bin:{own}"));
    assert!(!before.exits(0).stderr().contains("in PATH"), "{before}");
    hints(&install(format!("/usr/bin:{folder}:{own}")), "comes after /usr/bin in PATH");
    hints(&install(format!("/usr/bin:{own}")), "is not in PATH");
}

#[test]
fn a_question_is_asked_on_a_terminal_and_no_is_no() {
    let world = world();
    let folder = world.make_folder("own");
    let theirs = world.write("own/ssh-agent", "theirs", 0o700);
    let install = || keyfob(&world).args(["install", "--drop-in"]).arg(&folder).on_terminal();
    let mut terminal = install();
    terminal.expect("Replace it, and keep it as ").type_line("no");
    let (output, ..) = terminal.wait();
    output.exits(1).reports_among_else("left as it is: ");
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    let mut terminal = install();
    terminal.expect("Replace it, and keep it as ").type_line("yes");
    terminal.wait().0.exits(0);
    assert!(fs::read_link(&theirs).unwrap().ends_with("keyfob"));
}

#[test]
fn an_interrupt_at_a_question_ends_it_and_what_was_done_is_remembered() {
    let world = world();
    let folder = world.make_folder("own");
    keyfob(&world);
    let before = tree(&world.home());
    let theirs = world.write("own/ssh-keygen", "theirs", 0o700);
    let install = keyfob(&world).args(["install", "--drop-in"]).arg(&folder);
    let mut terminal = install.on_terminal();
    terminal.expect("Replace it, and keep it as ").interrupt();
    let (output, ..) = terminal.wait();
    assert_eq!(output.status.unwrap().signal(), Some(2), "{output}");
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    assert!(folder.join("ssh-agent").is_symlink(), "{output}");
    keyfob(&world).arg("uninstall").output().exits(0);
    fs::remove_file(&theirs).unwrap();
    assert!(tree(&world.home()) == before);
}

#[test]
fn json_tells_each_thing_once() {
    let world = world();
    let output = keyfob(&world).args(["install", "--shell=bash", "--json", "-n"]).output();
    let text = output.exits(0).reports("").stdout();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["dry_run"], true);
    let step = &json["steps"][0];
    assert_eq!((&step["what"], &step["state"]), (&"start-file".into(), &"would".into()));
    assert!(step["content"].as_str().unwrap().contains(LINE));
    assert!(!world.path(".bashrc").exists());
}

#[test]
fn uninstalling_nothing_touches_nothing() {
    let world = world();
    keyfob(&world);
    let before = tree(&world.home());
    let output = keyfob(&world).arg("uninstall").output();
    hints(output.exits(0), "nothing of keyfob install is here");
    assert!(tree(&world.home()) == before);
}
