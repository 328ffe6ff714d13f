//! `keyfob copy-id` installs keys through a real `ssh` on a real `sshd`, whatever shell the
//! account has there.
//!
//! Not compared with `ssh-copy-id`: that one tries to log in first, and takes any key that gets
//! in for the one it should install.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use keyfob_testkit::harness::skip;
use keyfob_testkit::{Case, KeyFile, KeyType, Run, World, ours};

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    ours!(a_key_is_installed_once_and_opens_the_server),
    ours!(an_account_without_a_folder_gets_one_that_only_it_can_read),
    ours!(what_is_there_stays_whole),
    ours!(the_keys_of_the_agent_are_installed_by_default),
    ours!(every_login_shell_understands_it),
    ours!(a_server_that_does_not_let_in_is_told),
    ours!(an_account_that_runs_something_else_is_told),
];

/// A server whose sessions have a home in the world, and the key that opens it already.
struct Remote<'w> {
    world: &'w World,
    site: Site<'w>,
    first: KeyFile,
    home: PathBuf,
}

impl<'w> Remote<'w> {
    fn new(world: &'w World, shell: &str) -> Self {
        let home = world.make_folder("remote");
        let first = world.key(KeyType::Ed25519, "first");
        let command = format!(
            "ForceCommand HOME={} exec {shell} -c \"$SSH_ORIGINAL_COMMAND\"",
            home.display()
        );
        let settings = Settings::default().authorize(&first).line(&command);
        let site = Site::new(world).with("one", &settings);
        Self { world, site, first, home }
    }

    /// `keyfob copy-id` with what it takes to reach the server.
    fn copy_id(&self) -> Run {
        let port = self.site.server("one").port().to_string();
        let run = self.world.program("keyfob").args(["copy-id", "-p", &port]);
        let options = [
            "HostKeyAlias=one".to_owned(),
            format!("UserKnownHostsFile={}", self.site.known_hosts().display()),
            "GlobalKnownHostsFile=none".to_owned(),
            "BatchMode=yes".to_owned(),
            "IdentitiesOnly=yes".to_owned(),
            format!("IdentityFile={}", self.first.path().display()),
        ];
        options.iter().fold(run, |run, option| run.args(["-o", option]))
    }

    fn host(&self) -> String {
        format!("{}@127.0.0.1", user())
    }

    fn authorized(&self) -> PathBuf {
        self.home.join(".ssh/authorized_keys")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.authorized()).unwrap_or_default()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn a_key_is_installed_once_and_opens_the_server(world: &World) {
    let remote = Remote::new(world, "sh");
    let agent = world.agent();
    let key = world.key(KeyType::EcdsaP256, "second");
    agent.add(&key);
    let copy = || remote.copy_id().arg("-i").arg(key.path()).arg(remote.host()).output();
    let (name, host) = (key.text(), remote.host());
    let port = remote.site.server("one").port();
    let copied = copy();
    copied.exits(0).reports_among_else(&format!("{name}: added on {host}\n"));
    copied.reports_among_else(&format!("ssh -p {port} {host}   tries it"));
    assert_eq!(remote.text(), format!("{}\n", key.public_line()));
    copy().exits(0).reports_among_else(&format!("{name}: already there on {host}\n"));
    assert_eq!(remote.text(), format!("{}\n", key.public_line()));

    remote.site.refuses(&agent, "one");
    fs::copy(remote.authorized(), world.path("authorized-on-one")).unwrap();
    remote.site.admits(&agent, "one");
}

fn an_account_without_a_folder_gets_one_that_only_it_can_read(world: &World) {
    let remote = Remote::new(world, "sh");
    let key = world.key(KeyType::Ed25519, "second");
    let copy = |remote: &Remote<'_>| {
        remote.copy_id().arg("-i").arg(key.public_path()).arg(remote.host()).output().exits(0);
    };
    copy(&remote);
    assert_eq!(mode(&remote.home.join(".ssh")), 0o700);
    assert_eq!(mode(&remote.authorized()), 0o600);
    // Of what is there already, only what sshd would refuse is changed.
    fs::set_permissions(remote.home.join(".ssh"), fs::Permissions::from_mode(0o775)).unwrap();
    fs::set_permissions(remote.authorized(), fs::Permissions::from_mode(0o664)).unwrap();
    copy(&remote);
    assert_eq!(mode(&remote.home.join(".ssh")), 0o755);
    assert_eq!(mode(&remote.authorized()), 0o644);
}

fn what_is_there_stays_whole(world: &World) {
    let remote = Remote::new(world, "sh");
    let key = world.key(KeyType::Ed25519, "second");
    let other = world.key(KeyType::Rsa2048, "third");
    fs::create_dir(remote.home.join(".ssh")).unwrap();
    // No line end behind the last line; the key itself stands in a comment only.
    let before = format!("# {}\ncommand=\"a b\" {}", key.public_line(), other.public_line());
    fs::write(remote.authorized(), &before).unwrap();
    let copy = remote.copy_id().arg("-i").arg(key.path()).arg("-i").arg(other.path());
    let copied = copy.arg(remote.host()).output();
    copied.exits(0);
    copied.reports_among_else("second: added").reports_among_else("third: already there");
    assert_eq!(remote.text(), format!("{before}\n{}\n", key.public_line()));
}

fn the_keys_of_the_agent_are_installed_by_default(world: &World) {
    let remote = Remote::new(world, "sh");
    let agent = world.agent();
    let keys = [KeyType::Ed25519, KeyType::EcdsaP384].map(|kind| world.key(kind, kind.name()));
    keys.iter().for_each(|key| agent.add(key));
    let copy = || remote.copy_id().env("SSH_AUTH_SOCK", agent.socket());
    let shown = copy().arg("--dry-run").arg(remote.host()).output();
    let lines: Vec<String> = keys.iter().map(|key| format!("{}\n", key.public_line())).collect();
    shown.exits(0).prints(&lines.concat());
    assert_eq!(remote.text(), "");
    copy().arg(remote.host()).output().exits(0);
    assert_eq!(remote.text(), lines.concat());
}

fn every_login_shell_understands_it(world: &World) {
    let mut tried = 0;
    for shell in ["dash", "bash", "zsh", "ksh", "tcsh", "fish", "busybox ash"] {
        let program = shell.split(' ').next().unwrap();
        if !["/bin", "/usr/bin"].iter().any(|folder| Path::new(folder).join(program).exists()) {
            continue;
        }
        let remote = Remote::new(world, shell);
        let key = world.key(KeyType::Ed25519, "second");
        for answer in ["added", "already there"] {
            let copied = remote.copy_id().arg("-i").arg(key.path()).arg(remote.host()).output();
            assert!(copied.code() == Some(0), "{shell}\n{copied}\n{}", remote.site.logs());
            copied.reports_among_else(&format!("second: {answer}"));
        }
        assert_eq!(remote.text(), format!("{}\n", key.public_line()), "{shell}");
        fs::remove_dir_all(&remote.home).unwrap();
        tried += 1;
    }
    if tried < 2 {
        skip("only one shell is installed");
    }
}

fn a_server_that_does_not_let_in_is_told(world: &World) {
    let remote = Remote::new(world, "sh");
    let key = world.key(KeyType::Ed25519, "second");
    fs::write(world.path("authorized-on-one"), "").unwrap();
    let copied = remote.copy_id().arg("-i").arg(key.path()).arg(remote.host()).output();
    copied.exits(1).reports_among_else("ssh did not get to");
    copied.reports_among_else("hint: another way in is needed once");
    let unknown =
        remote.copy_id().arg("-i").arg(key.path()).args(["--", "-oProxyCommand=true"]).output();
    unknown.exits(1);
}

fn an_account_that_runs_something_else_is_told(world: &World) {
    let remote = Remote::new(world, "true");
    let key = world.key(KeyType::Ed25519, "second");
    let copied = remote.copy_id().arg("-i").arg(key.path()).arg(remote.host()).output();
    copied.exits(1).reports_among_else("second: not installed");
    copied.reports_among_else("ran something else than what it was told");
}
