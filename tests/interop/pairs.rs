//! Mixed pairs: OpenSSH's `ssh-add` against the agent under test, and the `ssh-add` under test
//! against OpenSSH's agent. Whatever stands between a client and its agent (a relay, a half-closed
//! connection, a wrapper command) belongs here too.

use std::time::Duration;

use keyfob_testkit::wire::{Fields, number};
use keyfob_testkit::{
    Answer, Authority, Case, CertificateRequest, KeyType, Run, RunningAgent, World, case, divergent,
};

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    case!(openssh_ssh_add_walks_keys_through_their_life),
    case!(openssh_ssh_add_adds_with_constraints),
    case!(openssh_ssh_add_locks_and_unlocks),
    case!(openssh_agent_takes_keys_through_their_life),
    case!(openssh_agent_takes_constraints),
    case!(openssh_agent_is_locked_and_unlocked),
    case!(a_relay_in_between_is_not_noticed),
    divergent!(
        a_client_that_has_said_all_still_gets_its_answer,
        a_half_closed_client_may_get_no_answer,
        a_half_closed_client_gets_its_answer
    ),
    case!(a_login_within_the_command_of_the_agent),
];

/// OpenSSH's `ssh-add`, the agent under test.
fn openssh_ssh_add_walks_keys_through_their_life(world: &World) {
    let agent = world.agent();
    walks_keys_through_their_life(world, &|| openssh_ssh_add(world, &agent));
}

fn openssh_ssh_add_adds_with_constraints(world: &World) {
    let askpass = world.askpass();
    let agent = world.agent_with(|run| askpass.offered_to(run));
    askpass.answer(&Answer::Refusal);
    let add = || openssh_ssh_add(world, &agent);
    constrains(world, &agent, &add);
    assert_eq!(askpass.calls().len(), 1, "the agent asked before it signed");
}

fn openssh_ssh_add_locks_and_unlocks(world: &World) {
    let agent = world.agent();
    locks_and_unlocks(world, &|| openssh_ssh_add(world, &agent));
}

/// The `ssh-add` under test, OpenSSH's agent.
fn openssh_agent_takes_keys_through_their_life(world: &World) {
    let agent = openssh_agent(world, |run| run);
    walks_keys_through_their_life(world, &|| agent.ssh_add());
}

fn openssh_agent_takes_constraints(world: &World) {
    let askpass = world.askpass();
    let agent = openssh_agent(world, |run| askpass.offered_to(run));
    askpass.answer(&Answer::Refusal);
    constrains(world, &agent, &|| agent.ssh_add());
    assert_eq!(askpass.calls().len(), 1, "the agent asked before it signed");
}

fn openssh_agent_is_locked_and_unlocked(world: &World) {
    let agent = openssh_agent(world, |run| run);
    locks_and_unlocks(world, &|| agent.ssh_add());
}

/// Forwarders and bridges move bytes without knowing where a message ends.
fn a_relay_in_between_is_not_noticed(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let agent = world.agent();
    agent.add(&key);
    let relay = world.unused("relay");
    let listen = format!("UNIX-LISTEN:{},fork", relay.display());
    let connect = format!("UNIX-CONNECT:{}", agent.socket().display());
    // Seven bytes at a time: no message arrives whole.
    let socat = world.system_program("socat").args(["-b", "7", &listen, &connect]);
    let relay = RunningAgent::listening(world, socat, relay);
    site.admits(&relay, "one");
    relay.ssh_add().arg("-T").arg(key.public_path()).output().exits(0);
}

/// `socat` closes its sending half at the end of its input and waits for what comes back.
fn a_half_closed_client_gets_its_answer(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    assert_eq!(listed_through_socat(world, &agent), Some(1));
}

/// Whether the answer is written before the end of the input is seen is a matter of timing.
fn a_half_closed_client_may_get_no_answer(world: &World) {
    let agent = world.agent();
    agent.add(&world.key(KeyType::Ed25519, "key"));
    let listed = listed_through_socat(world, &agent);
    assert!(matches!(listed, None | Some(1)), "{listed:?}");
}

/// How many keys a list through `socat` has, if there is an answer at all.
#[track_caller]
fn listed_through_socat(world: &World, agent: &RunningAgent) -> Option<u32> {
    let connect = format!("UNIX-CONNECT:{}", agent.socket().display());
    let request = [0, 0, 0, 1, number::REQUEST_IDENTITIES];
    let socat = world.system_program("socat").args(["-t", "5", "-", &connect]).stdin(request);
    let output = socat.output();
    output.takes_less_than(Duration::from_secs(4));
    if output.stdout.is_empty() {
        return None;
    }
    let mut answer = Fields::of(&output.stdout);
    let mut answer = Fields::of(answer.string());
    assert_eq!(answer.byte(), number::IDENTITIES_ANSWER, "{output}");
    Some(answer.number())
}

fn a_login_within_the_command_of_the_agent(world: &World) {
    let key = world.key(KeyType::EcdsaP384, "key");
    let site = Site::new(world).with("one", &Settings::default().authorize(&key));
    let script = format!(
        "ssh-add -q {} && ssh -F {} one printenv KEYFOB_HOST",
        key.path().display(),
        site.configuration().display()
    );
    let output = world.ssh_agent().args(["sh", "-c", &script]).output();
    site.admitted(&output, "one");
}

/// Adds one key of each type and a certificate, lists them both ways, uses each, removes them.
#[track_caller]
fn walks_keys_through_their_life(world: &World, ssh_add: &dyn Fn() -> Run) {
    ssh_add().arg("-l").output().exits(1).prints("The agent has no identities.\n");
    let named = |kind| world.key(kind, &format!("key-{kind:?}"));
    let keys: Vec<_> = KeyType::EACH.into_iter().map(named).collect();
    for key in &keys {
        ssh_add().arg(key.path()).output().exits(0).reports_among_else("Identity added: ");
        ssh_add().arg("-T").arg(key.public_path()).output().exits(0);
    }
    let listing: String = keys.iter().map(|key| format!("{}\n", key.public_line())).collect();
    ssh_add().arg("-L").output().exits(0).prints(&listing);
    let short = ssh_add().arg("-l").output();
    assert_eq!(short.exits(0).stdout().lines().count(), keys.len(), "{short}");
    ssh_add().arg("-d").arg(keys[0].path()).output().exits(0);
    ssh_add().args(["-q", "-t", "1h"]).arg(keys[1].path()).output().exits(0);
    let left: String = keys[1..].iter().map(|key| format!("{}\n", key.public_line())).collect();
    ssh_add().arg("-L").output().exits(0).prints(&left);
    with_certificate(world, ssh_add);
    ssh_add().arg("-D").output().exits(0);
    ssh_add().arg("-l").output().exits(1);
}

#[track_caller]
fn with_certificate(world: &World, ssh_add: &dyn Fn() -> Run) {
    let key = world.key(KeyType::EcdsaP256, "certified");
    let request = CertificateRequest { principals: user(), ..CertificateRequest::default() };
    Authority::new(world, "ca").certify(&key, &request);
    ssh_add().arg(key.path()).output().exits(0).reports_among_else("Certificate added: ");
    ssh_add().arg("-T").arg(key.certificate_path()).output().exits(0);
    ssh_add().arg("-d").arg(key.path()).output().exits(0);
    ssh_add().arg("-T").arg(key.certificate_path()).output().exits(1);
}

/// A key that must be asked about, one that ends, and one for a single host.
#[track_caller]
fn constrains(world: &World, agent: &RunningAgent, ssh_add: &dyn Fn() -> Run) {
    let asked = world.key(KeyType::Ed25519, "asked");
    ssh_add().args(["-q", "-c"]).arg(asked.path()).output().exits(0);
    ssh_add().arg("-T").arg(asked.public_path()).output().exits(1);

    let bound = world.key(KeyType::EcdsaP256, "bound");
    let host = world.key(KeyType::Ed25519, "host");
    let known = world.write("known", format!("one {}\n", host.public_line()), 0o600);
    let add = ssh_add().args(["-q", "-h", "one", "-H"]).arg(known).arg(bound.path());
    add.output().exits(0);
    ssh_add().arg("-T").arg(bound.public_path()).output().exits(1);

    let short = world.key(KeyType::Rsa2048, "short");
    ssh_add().args(["-q", "-t", "2"]).arg(short.path()).output().exits(0);
    assert_eq!(agent.comments(), ["asked@keyfob", "bound@keyfob", "short@keyfob"]);
    std::thread::sleep(Duration::from_millis(3100));
    assert_eq!(agent.comments(), ["asked@keyfob", "bound@keyfob"]);
}

#[track_caller]
fn locks_and_unlocks(world: &World, ssh_add: &dyn Fn() -> Run) {
    let key = world.key(KeyType::Ed25519, "key");
    ssh_add().arg("-q").arg(key.path()).output().exits(0);
    let askpass = world.askpass();
    askpass.answer(&Answer::line("a pass phrase"));
    askpass.forced_on(ssh_add()).arg("-x").output().exits(0).reports_among_else("Agent locked.");
    ssh_add().arg("-l").output().exits(1).prints("The agent has no identities.\n");
    askpass.answer(&Answer::line("another"));
    askpass.forced_on(ssh_add()).arg("-X").output().exits(1);
    askpass.answer(&Answer::line("a pass phrase"));
    askpass.forced_on(ssh_add()).arg("-X").output().exits(0).reports_among_else("Agent unlocked.");
    ssh_add().arg("-T").arg(key.public_path()).output().exits(0);
}

fn openssh_ssh_add(world: &World, agent: &RunningAgent) -> Run {
    world.system_program("ssh-add").env("SSH_AUTH_SOCK", agent.socket())
}

/// OpenSSH's agent, whatever this world's programs are; its `ssh_add()` is the world's.
#[track_caller]
fn openssh_agent(world: &World, change: impl FnOnce(Run) -> Run) -> RunningAgent {
    let socket = world.unused("openssh-agent");
    let run = world.system_program("ssh-agent").args(["-D", "-a"]).arg(&socket);
    RunningAgent::listening(world, change(run.limit(Duration::from_secs(120))), socket)
}
