//! No further thread can be made: what else the user runs has used up the limit, or there is no
//! address space for another stack.

use std::thread::sleep;
use std::time::Duration;

use keyfob_testkit::user::User;
use keyfob_testkit::wire::number;
use keyfob_testkit::{
    Case, KeyFile, KeyType, Message, RawClient, Reply, RunningAgent, Signature, World, ours,
};
use rustix::process::{Resource, getrlimit};

use crate::memory;
use crate::target::needs_its_start;

/// Longer than the runtime keeps threads that have nothing to do, if nobody tells it otherwise.
const THREADS_ARE_IDLE_FOR: Duration = Duration::from_secs(11);

pub(crate) fn cases() -> Vec<Case> {
    vec![ours!(no_process_left_for_a_thread), ours!(no_address_space_left_for_a_thread)]
}

/// By `prlimit`, of this user's agent alone.
fn limit(world: &World, user: User, agent: &RunningAgent, what: &str) {
    let process = agent.pid().as_raw_nonzero().to_string();
    user.program(world, "prlimit").args(["--pid", &process, what]).output().exits(0);
}

/// Root's processes are not counted, so it must be somebody else's agent.
fn no_process_left_for_a_thread(world: &World) {
    needs_its_start();
    let user = User::without_rights();
    let mut agent = user.agent(world);
    let before = getrlimit(Resource::Nproc).maximum;
    let before = before.map_or("unlimited".to_owned(), |limit| limit.to_string());
    limit(world, user, &agent, "--nproc=1:");
    works(world, &mut agent);
    sleep(THREADS_ARE_IDLE_FOR);
    works(world, &mut agent);
    limit(world, user, &agent, &format!("--nproc={before}:"));
    works(world, &mut agent);
}

fn no_address_space_left_for_a_thread(world: &World) {
    needs_its_start();
    let mut agent = world.agent();
    // It has signed: room for its secrets is there.
    works(world, &mut agent);
    let size = memory::address_space(agent.pid()).expect("the size is for everybody to read");
    // A stack has 2 MiB.
    limit(world, User::Own, &agent, &format!("--as={}:", (size + 1024) * 1024));
    works_without_locking(world, &mut agent);
    sleep(THREADS_ARE_IDLE_FOR);
    works_without_locking(world, &mut agent);
    limit(world, User::Own, &agent, "--as=unlimited:");
    works(world, &mut agent);
}

/// Every client asks for every key before anybody reads an answer.
#[track_caller]
fn at_once(
    clients: &mut [RawClient],
    keys: &[KeyFile],
    request: impl Fn(&KeyFile) -> Message,
    is_right: impl Fn(&Reply),
) {
    for client in &mut *clients {
        keys.iter().for_each(|key| client.send(&request(key).frame()));
    }
    for client in clients {
        keys.iter().for_each(|_| is_right(&client.reply().expect("an answer")));
    }
}

/// Locking derives, which takes a thread, and 64 MiB of memory.
#[track_caller]
fn works(world: &World, agent: &mut RunningAgent) {
    works_without_locking(world, agent);
    let mut client = agent.client();
    for kind in [number::LOCK, number::UNLOCK] {
        client.request(&Message::new(kind).string(b"passphrase")).succeeds();
    }
    agent.client().list();
}

/// Adding checks keys, and a large RSA key signs: each of these takes a thread, and several at the
/// same time more than one.
#[track_caller]
fn works_without_locking(world: &World, agent: &mut RunningAgent) {
    let keys: Vec<_> = [(KeyType::Ed25519, "light"), (KeyType::Rsa2048, "heavy")]
        .into_iter()
        .map(|(kind, name)| world.key(kind, name))
        .collect();
    let mut clients: Vec<_> = (0..16).map(|_| agent.client()).collect();
    let add = |key: &KeyFile| key.add_message(number::ADD_IDENTITY, "key");
    at_once(&mut clients, &keys, add, |reply| reply.succeeds());
    // A key that is added anew meanwhile does not sign, so not before.
    let head = |key: &KeyFile| Message::new(number::SIGN_REQUEST).string(key.blob());
    let sign = |key: &KeyFile| head(key).string(b"data").number(2);
    at_once(&mut clients, &keys, sign, |reply| drop(reply.signature()));
    assert!(agent.is_alive());
    for key in &keys {
        Signature::proved_by_ssh_keygen(world, &mut agent.client(), key, &key.blob(), 2);
    }
}
