//! `EXTENSION` requests other than binds.

use keyfob_testkit::wire::number;
use keyfob_testkit::{Case, Message, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_unknown_extension_fails_plainly),
        case!(p3_a_name_that_only_looks_like_a_bind_is_unknown),
        case!(query_names_the_extensions).since("10.3"),
        case!(query_is_answered_once).since("10.3"),
        case!(a_locked_agent_does_not_answer_a_query).since("10.3"),
    ]
}

fn extension(name: &str) -> Message {
    Message::new(number::EXTENSION).string(name)
}

/// RFC 9987: 5 says "I do not know it", 28 says "I know it and it failed".
fn an_unknown_extension_fails_plainly(world: &World) {
    let mut client = world.client();
    for name in ["", "unknown@example.com", "query@openssh.com", "\u{ff}"] {
        client.request(&extension(name)).fails();
        client.request(&extension(name).raw([0; 100])).fails();
    }
    client.list();
}

fn p3_a_name_that_only_looks_like_a_bind_is_unknown(world: &World) {
    let mut client = world.client();
    for name in ["session-bind@openssh.org", "session-bind", "Session-Bind@openssh.com"] {
        client.request(&extension(name)).fails();
    }
}

fn query_names_the_extensions(world: &World) {
    let reply = world.client().request(&extension("query"));
    assert_eq!(reply.kind(), number::EXTENSION_RESPONSE);
    let mut fields = reply.fields();
    assert_eq!(fields.string(), b"query");
    let mut names = Vec::new();
    while !fields.rest().is_empty() {
        names.push(String::from_utf8_lossy(fields.string()).into_owned());
    }
    assert!(names.iter().any(|name| name == "session-bind@openssh.com"), "{names:?}");
}

/// bz3967: 10.3 itself sent a second reply behind it.
fn query_is_answered_once(world: &World) {
    let mut client = world.client();
    client.request(&extension("query"));
    assert!(client.list().is_empty());
}

fn a_locked_agent_does_not_answer_a_query(world: &World) {
    let agent = world.agent();
    agent.lock("secret");
    agent.client().request(&extension("query")).fails();
}
