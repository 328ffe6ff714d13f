//! Libraries that a request names: whoever may send one, a host behind a forwarded agent too, must not
//! choose what code runs beside the keys (CVE-2016-10009, CVE-2023-38408).

use std::fs;
use std::path::PathBuf;

use keyfob_testkit::user::needs_root;
use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, KeyType, Message, World, ours};

pub(crate) const CASES: &[Case] = &[ours!(a_library_that_was_named_is_never_loaded)];

const NAME: &str = "provider-that-is-no-trap.so";

fn a_library_that_was_named_is_never_loaded(world: &World) {
    needs_root();
    let library = library(world);
    let path = library.to_str().expect("a path of the test's own");
    let agent = world.agent();
    let pid = agent.pid().as_raw_nonzero().get();
    let below = below(pid);
    let mut client = agent.client();
    let lifetime = [1, 0, 0, 0, 60];
    for kind in [number::ADD_SMARTCARD_KEY, number::REMOVE_SMARTCARD_KEY] {
        client.request(&Message::new(kind).string(path).string("1234")).fails();
    }
    let constrained = Message::new(number::ADD_SMARTCARD_KEY_CONSTRAINED);
    client.request(&constrained.string(path).string("1234").raw(lifetime)).fails();
    // The provider of a FIDO key is a library as well: whatever the answer, it stays where it is.
    let key = world.key(KeyType::Ed25519, "key");
    let provider = Message::fields().raw([255]).string("sk-provider@openssh.com").string(path);
    let add = key.add_message(number::ADD_ID_CONSTRAINED, "key").raw(provider.body());
    client.request(&add);
    client.list();

    assert_eq!(self::below(pid), below, "a helper was started");
    for process in [pid].iter().chain(&below) {
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
        assert!(maps.contains("[stack]"), "the memory of the agent is not what was read");
        assert!(!maps.contains(NAME), "the agent has loaded it");
    }
}

/// A real library under a name of its own: one that cannot be loaded would prove nothing.
fn library(world: &World) -> PathBuf {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let loaded = maps.split_ascii_whitespace().find(|word| word.contains("/libc.so"));
    let content = fs::read(loaded.expect("this test is linked with libc")).unwrap();
    world.write(NAME, content, 0o755)
}

/// What it has started, whichever of its threads: what starts programs for it, and that would have
/// started one that loads it.
fn below(pid: i32) -> Vec<i32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.map(|thread| fs::read_to_string(thread.path().join("children")));
    let lists: Vec<String> = lists.map(Result::unwrap_or_default).collect();
    let children = lists.iter().flat_map(|list| list.split_ascii_whitespace());
    let children = children.map(|number| number.parse().unwrap());
    children.flat_map(|child| [vec![child], below(child)].concat()).collect()
}
