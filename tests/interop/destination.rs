//! What a person is told before a key is used: for whom, where to, over which hosts, and what of
//! it is proved.
//!
//! OpenSSH's agent names the key and, of a constrained one, the host. Its `ssh`, `sshd` and
//! `ssh-keygen` and `git` are who asks; the text they bring about is read by the asking program.

use std::time::Duration;

use keyfob_testkit::harness::skip;
use keyfob_testkit::wire::{Message, number};
use keyfob_testkit::{
    Answer, Askpass, Case, KeyFile, KeyType, Notary, RunningAgent, SessionBind, World, ours,
    userauth,
};
use rustix::process::Signal;

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    ours!(a_question_names_the_user_and_the_host_by_its_hashed_name),
    ours!(a_host_that_no_file_knows_is_named_by_its_key),
    ours!(over_two_hops_the_question_names_them_both_and_the_host_beyond),
    ours!(a_forged_bind_proves_nothing_and_counts_as_forwarded),
    ours!(a_bind_of_one_host_does_not_vouch_for_another),
    ours!(a_program_that_took_over_the_connection_is_named_by_its_own_name),
    ours!(who_asks_from_another_namespace_is_marked),
    ours!(who_dies_while_its_question_is_open_takes_it_along),
    ours!(git_is_named_with_its_repository_and_its_namespace),
];

fn a_question_names_the_user_and_the_host_by_its_hashed_name(world: &World) {
    let town = Town::new(world, &["one"]);
    town.knows_hosts();
    let known = world.home().join(".ssh/known_hosts");
    world.system_program("ssh-keygen").arg("-H").arg("-f").arg(&known).output().exits(0);
    let lines = std::fs::read_to_string(&known).unwrap();
    assert!(lines.starts_with("|1|"), "{lines}");
    town.site.admits(&town.agent, "one");
    let host = town.site.server("one").fingerprint(world);
    let asked = town.asked(0);
    contains(&asked, &format!("\nTo log in as {} at one (host key {host}).\n", user()));
    contains(&asked, "\nAsked by ssh (pid ");
    lacks(&asked, "forwarded");
    lacks(&asked, "not proved");
}

fn a_host_that_no_file_knows_is_named_by_its_key(world: &World) {
    let town = Town::new(world, &["one"]);
    town.site.admits(&town.agent, "one");
    let host = town.site.server("one").fingerprint(world);
    contains(&town.asked(0), &format!(" at an unknown host (host key {host}).\n"));
}

fn over_two_hops_the_question_names_them_both_and_the_host_beyond(world: &World) {
    let town = Town::new(world, &["one", "two", "three"]);
    town.knows_hosts();
    let ssh = format!("ssh -F {}", town.site.configuration().display());
    let beyond = format!("{ssh} -A two '{ssh} three printenv KEYFOB_HOST'");
    let output = town.site.ssh(&town.agent).args(["-A", "one", &beyond]).output();
    town.site.admitted(&output, "three");
    let named =
        |name: &str| format!("{name} (host key {})", town.site.server(name).fingerprint(world));
    let asked = town.asked(0);
    contains(&asked, &format!(" at {}.\n", named("one")));
    lacks(&asked, "forwarded");
    let asked = town.asked(1);
    contains(&asked, &format!(" at {}.\n", named("two")));
    let over = format!("\nThe request comes over a forwarded connection, from {}.\n", named("one"));
    contains(&asked, &over);
    let asked = town.asked(2);
    contains(&asked, &format!("\nTo log in as {} at {}.\n", user(), named("three")));
    let over = format!(", from {}, then {}.\n", named("one"), named("two"));
    contains(&asked, &over);
    contains(&asked, "\nThat program only passes on what another machine asks for.");
}

/// Lost otherwise: who can speak to the agent writes any host it likes into the question.
fn a_forged_bind_proves_nothing_and_counts_as_forwarded(world: &World) {
    let town = Town::new(world, &[]);
    let notary = Notary::new(world);
    let (host, other) = (notary.host("bank"), notary.host("other"));
    let session = [7; 32];
    let forged = SessionBind {
        signature: notary.bind(&other, &session, false).signature,
        ..notary.bind(&host, &session, false)
    };
    let mut client = town.agent.client();
    client.request(&forged.message()).fails_as_extension();
    let data = login(&session, &town.key, Some(&host.key.blob()));
    client.sign(&town.key.blob(), &data, 0).signature();
    let asked = town.asked(0);
    contains(&asked, "\nThe destination is not proved.\n");
    contains(&asked, "\nThe request comes over a forwarded connection.\n");
    lacks(&asked, " at ");
}

/// Lost otherwise: a host that is asked for a login passes on the challenge of another one, and the
/// question names the harmless host.
fn a_bind_of_one_host_does_not_vouch_for_another(world: &World) {
    let town = Town::new(world, &[]);
    let notary = Notary::new(world);
    let (host, other) = (notary.host("harmless"), notary.host("bank"));
    let session = [7; 32];
    // The data names another host than the bind, or another session.
    for (number, data) in [
        login(&session, &town.key, Some(&other.key.blob())),
        login(&[8; 32], &town.key, Some(&host.key.blob())),
        login(&[8; 32], &town.key, None),
    ]
    .iter()
    .enumerate()
    {
        let mut client = town.agent.client();
        notary.bind(&host, &session, false).sent_on(&mut client);
        client.sign(&town.key.blob(), data, 0).signature();
        let asked = town.asked(number);
        contains(&asked, "\nThe destination is not proved.\n");
        contains(&asked, "\nThe request comes over a forwarded connection.\n");
        lacks(&asked, " at ");
    }
    // The same bind is worth its own host's login.
    let mut client = town.agent.client();
    notary.bind(&host, &session, false).sent_on(&mut client);
    let data = login(&session, &town.key, Some(&host.key.blob()));
    client.sign(&town.key.blob(), &data, 0).signature();
    lacks(&town.asked(3), "not proved");
}

/// I2. Lost otherwise: a program connects, becomes another one, and asks under the first one's name.
fn a_program_that_took_over_the_connection_is_named_by_its_own_name(world: &World) {
    let town = Town::new(world, &[]);
    let request =
        Message::new(number::SIGN_REQUEST).string(town.key.blob()).string("data").number(0);
    let request = world.write("request", request.frame(), 0o600);
    let script = "import os, socket, sys\n\
                  s = socket.socket(socket.AF_UNIX)\n\
                  s.connect(os.environ['SSH_AUTH_SOCK'])\n\
                  os.set_inheritable(s.fileno(), True)\n\
                  os.dup2(os.open(sys.argv[1], os.O_RDONLY), 0)\n\
                  os.execv('/usr/bin/socat', ['socat', '-t', '10', '-', f'FD:{s.fileno()}'])\n";
    let python = world.system_program("python3").args(["-c", script]).arg(request);
    let output = python.env("SSH_AUTH_SOCK", town.agent.socket()).output();
    output.exits(0);
    assert!(!output.stdout.is_empty(), "{output}");
    let asked = town.asked(0);
    contains(&asked, "\nPurpose unknown.\n");
    contains(&asked, "\nAsked by socat (pid ");
    lacks(&asked, "python");
}

/// Lost otherwise: a container that was given the socket asks like a program of the person's own.
fn who_asks_from_another_namespace_is_marked(world: &World) {
    let town = Town::new(world, &[]);
    let apart = |words: &[&str]| {
        let flags = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"];
        world.system_program("unshare").args(flags).args(words)
    };
    if apart(&["true"]).output().code() != Some(0) {
        skip("no namespace can be made here");
    }
    let document = world.write("document", "signed", 0o600).display().to_string();
    let public = town.key.public_path().display().to_string();
    let sign = apart(&["ssh-keygen", "-Y", "sign", "-n", "file", "-f", &public, &document]);
    sign.env("SSH_AUTH_SOCK", town.agent.socket()).output().exits(0);
    let asked = town.asked(0);
    contains(&asked, "\nAsked by ssh-keygen (pid ");
    contains(&asked, ") in a container or another namespace");
}

fn who_dies_while_its_question_is_open_takes_it_along(world: &World) {
    let town = Town::new(world, &["one"]);
    town.askpass.answer(&Answer::YesWhenReleased);
    let client = town.site.ssh(&town.agent).args(["one", "printenv", "KEYFOB_HOST"]).start();
    let call = town.askpass.wait_for_call(0);
    client.signal(Signal::KILL);
    assert!(call.reaped_within(Duration::from_secs(5)), "the question outlives who asks");
    // An answer that comes too late is nobody's.
    town.askpass.release();
    town.site.admits(&town.agent, "one");
    assert_eq!(town.askpass.calls().len(), 2, "the next login is a question of its own");
}

fn git_is_named_with_its_repository_and_its_namespace(world: &World) {
    let town = Town::new(world, &[]);
    let place = world.make_folder("project");
    let git = |words: &[&str]| {
        let run = world.system_program("git").env("SSH_AUTH_SOCK", town.agent.socket());
        let key = town.key.public_path().display().to_string();
        let settings = [
            "user.name=Alice",
            "user.email=alice@example.com",
            "gpg.format=ssh",
            &format!("user.signingKey={key}"),
        ];
        let run = settings.iter().fold(run.arg("-C").arg(&place), |run, set| run.args(["-c", set]));
        run.args(words).output().exits(0);
    };
    git(&["init", "-q", "-b", "main", "."]);
    git(&["commit", "-q", "--allow-empty", "-S", "-m", "a signed commit"]);
    let asked = town.asked(0);
    let place = place.canonicalize().unwrap();
    contains(&asked, &format!("\nTo sign for git, in the repository {}.\n", place.display()));
    contains(&asked, "\nAsked by ssh-keygen (pid ");
    contains(&asked, " ← git (pid ");
}

/// Hosts that let in one key, which is asked about before each use; every answer is yes.
struct Town<'w> {
    world: &'w World,
    site: Site<'w>,
    askpass: Askpass,
    agent: RunningAgent,
    key: KeyFile,
}

impl<'w> Town<'w> {
    #[track_caller]
    fn new(world: &'w World, hosts: &[&str]) -> Self {
        let key = world.key(KeyType::Ed25519, "key");
        let mut site = Site::new(world);
        for name in hosts {
            site.start(name, &Settings::default().authorize(&key));
        }
        let askpass = world.askpass();
        askpass.answer(&Answer::Silence);
        let agent = world.agent_with(|run| askpass.offered_to(world.with_home_in_passwd(run)));
        agent.ssh_add().args(["-q", "-c"]).arg(key.path()).output().exits(0);
        Self { world, site, askpass, agent, key }
    }

    /// Gives the agent's user a known hosts file with the names of all servers.
    fn knows_hosts(&self) {
        self.world.make_folder(self.world.home().join(".ssh"));
        let lines = std::fs::read(self.site.known_hosts()).unwrap();
        self.world.write(self.world.home().join(".ssh/known_hosts"), lines, 0o600);
    }

    /// What was asked in this place, from 0.
    #[track_caller]
    fn asked(&self, number: usize) -> String {
        self.askpass.wait_for_call(number).prompt
    }
}

/// The data of a login with this key.
fn login(session: &[u8], key: &KeyFile, host: Option<&[u8]>) -> Vec<u8> {
    userauth(session, "alice", "ssh-ed25519", &key.blob(), host)
}

#[track_caller]
fn contains(asked: &str, words: &str) {
    assert!(asked.contains(words), "{words:?} is not in\n{asked}");
}

#[track_caller]
fn lacks(asked: &str, words: &str) {
    assert!(!asked.contains(words), "{words:?} is in\n{asked}");
}
