//! `keyfob relay` behind a socket of `socat`: how programs in WSL and in containers reach an agent.

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyType, Message, RunningAgent, World, keyfob_binary, ours};

use crate::server::Settings;
use crate::site::Site;

pub(crate) const CASES: &[Case] = &[
    ours!(a_relayed_login_proves_its_host_to_the_agent),
    ours!(each_client_of_a_relay_has_a_connection_of_its_own),
    ours!(a_relay_without_an_agent_says_so),
];

/// Lost otherwise: a key that is for one host only can be used nowhere beyond a relay.
fn a_relayed_login_proves_its_host_to_the_agent(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let settings = Settings::default().authorize(&key);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    let agent = world.agent();
    let add = agent.ssh_add().args(["-q", "-h", "one", "-H"]).arg(site.known_hosts());
    add.arg(key.path()).output().exits(0);
    let relayed = relayed(world, &agent);
    let login = |host: &str| site.ssh(&relayed).args([host, "printenv", "KEYFOB_HOST"]).output();
    site.admitted(&login("one"), "one");
    login("two").exits(255);
}

fn each_client_of_a_relay_has_a_connection_of_its_own(world: &World) {
    let agent = world.agent();
    let relayed = relayed(world, &agent);
    let (mut first, mut second) = (relayed.client(), relayed.client());
    let key = world.key(KeyType::Rsa2048, "key");
    assert_eq!(first.add(&key, "by the relay").kind(), number::SUCCESS);
    assert_eq!(second.comments(), ["by the relay"]);
    // Whatever an agent does not know is answered, and what it ends the connection for ends it here.
    assert_eq!(first.request(&Message::new(200)).kind(), number::FAILURE);
    first.send(&u32::MAX.to_be_bytes());
    first.is_closed();
    assert_eq!(second.comments(), ["by the relay"]);
}

fn a_relay_without_an_agent_says_so(world: &World) {
    let nobody = world.path("nobody");
    let relay = world.program("keyfob").env("SSH_AUTH_SOCK", nobody).arg("relay");
    let request = Message::new(number::REQUEST_IDENTITIES).frame();
    relay.stdin(request).output().exits(2).reports_among_else("no agent at");
}

/// A socket at which each client gets a relay to this agent.
fn relayed(world: &World, agent: &RunningAgent) -> RunningAgent {
    let socket = world.unused("relayed");
    let listen = format!("UNIX-LISTEN:{},mode=600,fork", socket.display());
    let relay = format!("EXEC:{} relay", keyfob_binary().unwrap().display());
    let socat = world.system_program("socat").env("SSH_AUTH_SOCK", agent.socket());
    RunningAgent::listening(world, socat.args([listen, relay]), socket)
}
