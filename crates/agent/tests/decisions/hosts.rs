//! Which keys a host is offered, what is learned from a login, and what rules and profiles allow.

use std::sync::Arc;
use std::time::Duration;

use keyfob_agent::{
    Agent, Answer, Forbidden, Forwarded, Host, HostRule, KeySelector, Offer, Policy, Print,
    Profile, Record, Refusal, Session, SignRefusal, Step,
};
use keyfob_keys::wire::Put as _;
use keyfob_protocol::hosts::{HostsReply, HostsRequest, Why};
use keyfob_protocol::{Extension, Request, Response};

use crate::destinations::{HOST_A, HOST_B, bound};
use crate::kit::{at, blob, handle, key, list, lock, plain, policy, reply, sign};

/// An agent with keys 1 to 5.
fn with(policy: Policy) -> Agent {
    let agent = Agent::new(policy).unwrap();
    for n in 1..=5 {
        let added = reply(&agent, &mut Session::new(), &plain(n), at(0));
        assert_eq!(added.response, Response::Success);
    }
    agent
}

fn offering(offer: Offer) -> Agent {
    with(Policy { offer, ..policy() })
}

fn ruled(rules: Vec<HostRule>) -> Agent {
    with(Policy { hosts: rules.into(), ..policy() })
}

/// A rule for a host of the tests, by its host key.
fn rule(host: u8) -> HostRule {
    let print = Print::of(key(host).public()).to_string();
    HostRule { matches: vec![print], ..HostRule::default() }
}

fn of_keys(keys: &[&str]) -> Option<Vec<KeySelector>> {
    Some(keys.iter().map(|text| KeySelector::new(text)).collect())
}

/// A connection that logs in at this host.
fn at_host(agent: &Agent, host: u8, id: &[u8]) -> Session {
    let mut session = Session::new();
    assert_eq!(bound(&mut session, agent, host, id, false), Response::Success);
    session
}

pub(crate) fn login(n: u8, id: &[u8], user: &str, host: Option<u8>) -> Vec<u8> {
    let mut data = Vec::new();
    data.put_string(id);
    data.put_u8(50);
    data.put_string(user.as_bytes());
    data.put_string(b"ssh-connection");
    data.put_string(match host {
        Some(_) => b"publickey-hostbound-v00@openssh.com",
        None => &b"publickey"[..],
    });
    data.put_u8(1);
    data.put_string(b"ssh-ed25519");
    data.put_string(&blob(n));
    if let Some(host) = host {
        data.put_string(&blob(host));
    }
    data
}

/// Signs as a client that was told by the host that it takes this key.
fn signs(agent: &Agent, session: &mut Session, n: u8, data: &[u8], time: u64) -> Record {
    let record = reply(agent, session, &sign(&blob(n), data), at(time)).record;
    agent.note_use(session, &record, at(time));
    record
}

/// Logs in with this key, over a connection of its own.
fn logs_in(agent: &Agent, host: u8, user: &str, n: u8, time: u64) {
    let mut session = at_host(agent, host, b"id");
    let record = signs(agent, &mut session, n, &login(n, b"id", user, Some(host)), time);
    assert!(matches!(record, Record::Signed { .. }), "{record:?}");
}

/// What a host is shown, as numbers of keys.
fn shown(agent: &Agent, host: u8, time: u64) -> Vec<u8> {
    numbers(&list(agent, &mut at_host(agent, host, b"list"), at(time)))
}

fn numbers(blobs: &[Vec<u8>]) -> Vec<u8> {
    blobs.iter().map(|one| (1..=9).find(|n| blob(*n) == *one).unwrap()).collect()
}

fn refused(record: &Record) -> SignRefusal {
    let Record::SignRefused { why, .. } = record else { panic!("{record:?}") };
    why.clone()
}

/// Lost otherwise: a server that takes the twentieth key ends every login at the sixth.
#[test]
fn the_key_a_host_took_comes_first_and_the_others_by_their_last_use() {
    let agent = offering(Offer::KnownFirst);
    assert_eq!(shown(&agent, HOST_A, 1), [1, 2, 3, 4, 5]);
    logs_in(&agent, HOST_A, "root", 4, 2);
    logs_in(&agent, HOST_B, "root", 2, 3);
    assert_eq!(shown(&agent, HOST_A, 4), [4, 2, 1, 3, 5]);
    assert_eq!(shown(&agent, HOST_B, 4), [2, 4, 1, 3, 5]);
    let mut unbound = Session::new();
    assert_eq!(numbers(&list(&agent, &mut unbound, at(4))), [1, 2, 3, 4, 5]);
}

#[test]
fn keys_for_several_accounts_of_a_host_all_come_first() {
    let agent = offering(Offer::KnownFirst);
    logs_in(&agent, HOST_A, "root", 4, 2);
    logs_in(&agent, HOST_A, "git", 3, 3);
    assert_eq!(shown(&agent, HOST_A, 4), [3, 4, 1, 2, 5]);
    logs_in(&agent, HOST_A, "root", 1, 5);
    assert_eq!(shown(&agent, HOST_A, 6), [1, 3, 4, 2, 5]);
}

#[test]
fn with_known_only_the_others_are_hidden_until_the_known_one_is_not_taken() {
    let agent = offering(Offer::KnownOnly);
    assert_eq!(shown(&agent, HOST_A, 1), [1, 2, 3, 4, 5]);
    logs_in(&agent, HOST_A, "root", 4, 2);
    assert_eq!(shown(&agent, HOST_A, 3), [4]);
    // It was shown only that, and no signature followed.
    assert_eq!(shown(&agent, HOST_A, 4), [4, 1, 2, 3, 5]);
    logs_in(&agent, HOST_A, "root", 2, 5);
    assert_eq!(shown(&agent, HOST_A, 6), [2]);
}

/// Lost otherwise: whoever removes a key is locked out of the hosts that took it.
#[test]
fn a_known_key_that_is_gone_falls_back_to_all() {
    let agent = offering(Offer::KnownOnly);
    logs_in(&agent, HOST_A, "root", 4, 2);
    let removed = reply(&agent, &mut Session::new(), &Request::Remove(&blob(4)), at(3));
    assert_eq!(removed.response, Response::Success);
    assert_eq!(shown(&agent, HOST_A, 4), [1, 2, 3, 5]);
}

#[test]
fn all_means_the_order_of_adding() {
    let agent = offering(Offer::All);
    logs_in(&agent, HOST_A, "root", 4, 2);
    assert_eq!(shown(&agent, HOST_A, 3), [1, 2, 3, 4, 5]);
}

#[test]
fn what_does_not_prove_where_it_leads_teaches_nothing() {
    let agent = offering(Offer::KnownOnly);
    // Not bound at all.
    signs(&agent, &mut Session::new(), 4, &login(4, b"id", "root", Some(HOST_A)), 1);
    let mut session = at_host(&agent, HOST_A, b"id");
    // Another session, another host, another key, no login.
    signs(&agent, &mut session, 4, &login(4, b"other", "root", None), 2);
    signs(&agent, &mut session, 4, &login(4, b"id", "root", Some(HOST_B)), 2);
    signs(&agent, &mut session, 4, &login(3, b"id", "root", None), 2);
    signs(&agent, &mut session, 4, b"data", 2);
    // A connection the agent is forwarded over.
    let mut hop = Session::new();
    bound(&mut hop, &agent, HOST_A, b"hop", true);
    signs(&agent, &mut hop, 4, &login(4, b"hop", "root", Some(HOST_A)), 2);
    // Beyond it: whatever a server makes up.
    bound(&mut hop, &agent, HOST_B, b"beyond", false);
    signs(&agent, &mut hop, 4, &login(4, b"beyond", "root", Some(HOST_B)), 2);
    // A failed binding.
    let mut failed = at_host(&agent, HOST_A, b"id");
    failed.bind_failed();
    signs(&agent, &mut failed, 4, &login(4, b"id", "root", Some(HOST_A)), 2);
    assert!(agent.remembered(at(3)).is_empty());
    assert_eq!(shown(&agent, HOST_A, 3).len(), 5);
}

#[test]
fn a_refused_signature_teaches_nothing_and_learning_can_be_switched_off() {
    let agent = ruled(vec![HostRule { keys: of_keys(&["key 1"]), ..rule(HOST_A) }]);
    let mut session = at_host(&agent, HOST_A, b"id");
    let record = signs(&agent, &mut session, 4, &login(4, b"id", "root", Some(HOST_A)), 1);
    assert!(matches!(refused(&record), SignRefusal::Forbidden(Forbidden::Rule(_))));
    assert!(agent.remembered(at(3)).is_empty());
    let agent = with(Policy { learn: false, ..policy() });
    logs_in(&agent, HOST_A, "root", 4, 2);
    assert!(agent.remembered(at(3)).is_empty());
}

#[test]
fn what_was_kept_is_there_again_in_another_agent() {
    let first = offering(Offer::KnownFirst);
    logs_in(&first, HOST_A, "root", 4, 2);
    let (number, kept) = first.to_keep(at(3)).unwrap();
    first.kept(number, at(3));
    assert!(first.to_keep(at(3)).is_none());
    let second = offering(Offer::KnownOnly);
    assert!(second.recall(&kept, at(4)));
    assert_eq!(shown(&second, HOST_A, 5), [4]);
    assert_eq!(second.forget(&[Print::of(key(HOST_A).public())], at(6)), 1);
    assert!(second.recall(&kept, at(7)));
    assert_eq!(shown(&second, HOST_A, 8).len(), 5);
}

/// Lost otherwise: with a rule written down for it the first login still fails.
#[test]
fn a_rule_offers_its_keys_in_its_order_and_no_others() {
    let rules = vec![
        HostRule { keys: of_keys(&["key 5", "key 2"]), ..rule(HOST_A) },
        HostRule { keys: of_keys(&["*"]), ..rule(HOST_A) },
    ];
    let agent = ruled(rules);
    assert_eq!(shown(&agent, HOST_A, 1), [5, 2]);
    assert_eq!(shown(&agent, HOST_B, 1), [1, 2, 3, 4, 5]);
    let mut session = at_host(&agent, HOST_A, b"id");
    let record = signs(&agent, &mut session, 1, &login(1, b"id", "root", Some(HOST_A)), 1);
    let words = refused(&record).to_string();
    assert!(words.starts_with("denied by rule 1 of the settings (match SHA256:"), "{words}");
    logs_in(&agent, HOST_A, "root", 2, 2);
    assert_eq!(shown(&agent, HOST_A, 3), [5, 2], "the rule, not the memory");
}

#[test]
fn a_rule_counts_by_the_name_the_host_is_known_by() {
    let matches = vec!["*.example.com".to_owned()];
    let agent = ruled(vec![HostRule { matches, keys: of_keys(&["key 3"]), ..HostRule::default() }]);
    let mut session = at_host(&agent, HOST_A, b"id");
    assert_eq!(list(&agent, &mut session, at(1)).len(), 5);
    session.name_newest(Arc::from(["a.example.com".to_owned()]));
    assert_eq!(numbers(&list(&agent, &mut session, at(1))), [3]);
}

#[test]
fn a_rule_for_an_account_counts_when_the_account_is_known() {
    let users = Some(vec!["root".to_owned()]);
    let agent = ruled(vec![HostRule { users, keys: of_keys(&["key 3"]), ..rule(HOST_A) }]);
    // It may be root: that key first. It may be somebody else: the others too.
    assert_eq!(shown(&agent, HOST_A, 1), [3, 1, 2, 4, 5]);
    let mut session = at_host(&agent, HOST_A, b"id");
    let record = signs(&agent, &mut session, 1, &login(1, b"id", "root", Some(HOST_A)), 1);
    assert!(matches!(refused(&record), SignRefusal::Forbidden(Forbidden::Rule(_))));
    logs_in(&agent, HOST_A, "git", 1, 2);
    logs_in(&agent, HOST_A, "root", 3, 2);
}

#[test]
fn a_rule_may_have_each_use_confirmed_and_its_other_words_still_count_afterwards() {
    let agent = ruled(vec![HostRule { confirm: true, ..rule(HOST_A) }]);
    let mut session = at_host(&agent, HOST_A, b"id");
    let (key, data) = (blob(1), login(1, b"id", "root", Some(HOST_A)));
    let Step::Ask(_, pending) = handle(&agent, &mut session, &sign(&key, &data), at(1)) else {
        panic!("no question")
    };
    let step = agent.answered(&session, pending, Answer::No, at(2));
    let Step::Reply(reply) = step else { panic!("no reply") };
    assert_eq!(refused(&reply.record), SignRefusal::Denied);
    logs_in(&agent, HOST_B, "root", 1, 2);
}

#[test]
fn a_rule_may_end_the_life_of_a_key_some_time_after_its_use_there() {
    let lifetime = Some(Duration::from_secs(60));
    let agent = ruled(vec![HostRule { lifetime, ..rule(HOST_A) }]);
    logs_in(&agent, HOST_B, "root", 1, 2);
    logs_in(&agent, HOST_A, "root", 2, 2);
    assert_eq!(shown(&agent, HOST_B, 61).len(), 5);
    assert_eq!(shown(&agent, HOST_B, 62), [1, 3, 4, 5]);
}

/// Lost otherwise: the key stays until something else wakes whoever keeps the time, or each signature
/// wakes them.
#[test]
fn a_signature_tells_when_it_brings_the_end_of_a_key_nearer_and_only_then() {
    let lifetime = Some(Duration::from_secs(60));
    let agent = ruled(vec![HostRule { lifetime, ..rule(HOST_A) }]);
    let ends_sooner = |host, time| {
        let mut session = at_host(&agent, host, b"id");
        let data = login(1, b"id", "root", Some(host));
        let record = reply(&agent, &mut session, &sign(&blob(1), &data), at(time)).record;
        agent.note_use(&session, &record, at(time)).ends_sooner
    };
    assert!(!ends_sooner(HOST_B, 1), "no rule is about that host");
    assert!(ends_sooner(HOST_A, 2));
    assert!(!ends_sooner(HOST_A, 3), "it ends when it would have ended");
}

fn forwarded(word: Forwarded) -> HostRule {
    HostRule { forwarded: Some(word), ..rule(HOST_A) }
}

/// Lost otherwise: a server the agent was forwarded to against the settings uses the keys.
#[test]
fn what_comes_over_a_host_that_is_denied_forwarding_sees_and_signs_nothing() {
    let agent = ruled(vec![forwarded(Forwarded::Deny)]);
    let mut session = Session::new();
    bound(&mut session, &agent, HOST_A, b"hop", true);
    assert!(list(&agent, &mut session, at(1)).is_empty());
    let record = signs(&agent, &mut session, 1, b"data", 1);
    assert!(matches!(refused(&record), SignRefusal::Forbidden(Forbidden::Rule(_))));
    let removed = reply(&agent, &mut session, &Request::Remove(&blob(1)), at(1));
    assert_eq!(removed.response, Response::Failure);
    // Further hops behind it make no difference.
    bound(&mut session, &agent, HOST_B, b"beyond", false);
    assert!(list(&agent, &mut session, at(1)).is_empty());
    // To log in there is another matter.
    logs_in(&agent, HOST_A, "root", 1, 2);
    // A hop that could not be proved may be any host.
    let mut failed = Session::new();
    failed.bind_failed();
    assert!(list(&agent, &mut failed, at(1)).is_empty());
}

/// Lost otherwise: over there the agent seems to be empty, and nobody can find out why; or a
/// program that lists again and again crowds out what else was refused.
#[test]
fn that_a_rule_shows_nothing_over_a_connection_is_told_once_for_each() {
    let agent = ruled(vec![forwarded(Forwarded::Deny)]);
    for _ in 0..2 {
        let mut session = Session::new();
        bound(&mut session, &agent, HOST_A, b"hop", true);
        let first = reply(&agent, &mut session, &Request::Identities, at(1)).record;
        let Record::ListDenied { way, why: Forbidden::Rule(rule) } = first else {
            panic!("{first:?}")
        };
        assert_eq!((rule.number, way.via.len(), way.remote), (1, 1, true));
        for _ in 0..3 {
            let later = reply(&agent, &mut session, &Request::Identities, at(1)).record;
            assert!(matches!(later, Record::Listed), "{later:?}");
        }
    }
    let mut session = at_host(&agent, HOST_A, b"login");
    let allowed = reply(&agent, &mut session, &Request::Identities, at(1)).record;
    assert!(matches!(allowed, Record::Listed), "{allowed:?}");
}

#[test]
fn what_comes_over_a_host_may_be_asked_each_time() {
    let agent = ruled(vec![forwarded(Forwarded::Ask)]);
    let mut session = Session::new();
    bound(&mut session, &agent, HOST_A, b"hop", true);
    assert_eq!(list(&agent, &mut session, at(1)).len(), 5);
    let key = blob(1);
    assert!(matches!(handle(&agent, &mut session, &sign(&key, b"x"), at(1)), Step::Ask(..)));
    let agent = ruled(vec![forwarded(Forwarded::Allow), forwarded(Forwarded::Deny)]);
    let mut session = Session::new();
    bound(&mut session, &agent, HOST_A, b"hop", true);
    let record = signs(&agent, &mut session, 1, b"x", 1);
    assert!(matches!(record, Record::Signed { .. }), "the first rule that matches counts");
}

pub(crate) fn profile(keys: &[&str]) -> Session {
    let keys = keys.iter().map(|text| KeySelector::new(text)).collect();
    Session::with(Some(Arc::new(Profile { name: "work".to_owned(), keys })))
}

/// Lost otherwise: a container that is given a socket of its own reaches every key.
#[test]
fn a_profile_s_socket_knows_its_own_keys_only() {
    let agent = offering(Offer::KnownFirst);
    let mut session = profile(&["key 2", "key 4"]);
    assert_eq!(numbers(&list(&agent, &mut session, at(1))), [2, 4]);
    bound(&mut session, &agent, HOST_A, b"id", false);
    assert_eq!(numbers(&list(&agent, &mut session, at(1))), [2, 4]);
    let data = login(1, b"id", "root", Some(HOST_A));
    let why = refused(&signs(&agent, &mut session, 1, &data, 1));
    assert_eq!(why, SignRefusal::Forbidden(Forbidden::NotInProfile));
    let record = signs(&agent, &mut session, 2, &login(2, b"id", "root", Some(HOST_A)), 1);
    assert!(matches!(record, Record::Signed { .. }));
    let details = reply(&agent, &mut session, &Request::Extension(Extension::Details), at(1));
    let Response::Details(details) = details.response else { panic!("no details") };
    assert_eq!(details.identities.len(), 2);
    for (n, expected) in [(1, Response::Failure), (2, Response::Success)] {
        let removed = reply(&agent, &mut session, &Request::Remove(&blob(n)), at(1));
        assert_eq!(removed.response, expected);
    }
    assert_eq!(list(&agent, &mut Session::new(), at(1)).len(), 4);
}

#[test]
fn through_a_profile_s_socket_nothing_is_added_that_it_would_not_show() {
    let agent = offering(Offer::KnownFirst);
    let mut session = profile(&["key 2", "key 7"]);
    for (n, expected) in [(1, Response::Failure), (6, Response::Failure), (7, Response::Success)] {
        assert_eq!(reply(&agent, &mut session, &plain(n), at(1)).response, expected, "key {n}");
    }
    assert_eq!(numbers(&list(&agent, &mut session, at(1))), [2, 7]);
}

#[test]
fn what_concerns_all_keys_is_not_done_through_a_profile_s_socket() {
    let agent = offering(Offer::KnownFirst);
    let mut session = profile(&["*"]);
    let hosts = Request::Extension(Extension::Hosts(HostsRequest::List));
    let log = Request::Extension(Extension::Log);
    for request in [Request::RemoveAll, lock("secret"), hosts, log] {
        let refused = reply(&agent, &mut session, &request, at(1));
        assert!(matches!(refused.record, Record::Refused(Refusal::Profile)), "{request:?}");
    }
    assert_eq!(list(&agent, &mut session, at(1)).len(), 5);
}

fn asked(agent: &Agent, request: HostsRequest, time: u64) -> HostsReply {
    let request = Request::Extension(Extension::Hosts(request));
    match reply(agent, &mut Session::new(), &request, at(time)).response {
        Response::Hosts(reply) => *reply,
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_asks_is_told_what_is_remembered_and_can_have_it_forgotten() {
    let agent = offering(Offer::KnownFirst);
    logs_in(&agent, HOST_A, "root", 4, 2);
    let HostsReply::Remembered { total: 1, hosts } = asked(&agent, HostsRequest::List, 3) else {
        panic!()
    };
    assert_eq!(hosts[0].user, b"root");
    assert_eq!(hosts[0].comment.as_deref(), Some(&b"key 4"[..]));
    let host = Print::of(key(HOST_A).public());
    assert_eq!(hosts[0].host, host.0);
    let forget = HostsRequest::Forget(vec![host.0]);
    assert_eq!(asked(&agent, forget, 4), HostsReply::Forgotten(1));
    assert_eq!(asked(&agent, HostsRequest::ForgetAll, 5), HostsReply::Forgotten(0));
}

#[test]
fn it_is_explained_what_a_host_would_be_offered_and_why() {
    let keys = of_keys(&["key 5"]);
    let users = Some(vec!["root".to_owned()]);
    let agent = ruled(vec![HostRule { users, keys, ..rule(HOST_A) }]);
    logs_in(&agent, HOST_A, "git", 4, 2);
    let host = [Print::of(key(HOST_A).public())];
    let mut subject = keyfob_protocol::hosts::Subject {
        keys: vec![host[0].0],
        ..keyfob_protocol::hosts::Subject::default()
    };
    let whys = |subject: &keyfob_protocol::hosts::Subject| match asked(
        &agent,
        HostsRequest::Explain(subject.clone()),
        3,
    ) {
        HostsReply::Explained(explained) => explained,
        other => panic!("{other:?}"),
    };
    let explained = whys(&subject);
    assert!(!explained.rules[0].sure, "whose account it is counts");
    let order: Vec<_> = explained.keys.iter().map(|key| &key.why).collect();
    assert_eq!(*order[0], Why::Rule(1));
    assert!(matches!(order[1], Why::Remembered { user, .. } if user == b"git"), "{order:?}");
    assert_eq!(*order[2], Why::Unused);
    subject.user = b"root".to_vec();
    let explained = whys(&subject);
    assert_eq!((explained.keys.len(), explained.hidden), (1, 4));
    let rule = &explained.rules[0];
    assert!((rule.number, rule.sure, rule.names_keys) == (1, true, true), "{rule:?}");
    assert!(!rule.confirm && rule.lifetime.is_none() && explained.forwarded.is_none());
    // It is as it would be listed.
    let names: [String; 0] = [];
    let any = agent.explain(Host { keys: &host, names: &names, user: None }, at(4));
    let listed = shown(&agent, HOST_A, 4);
    assert_eq!(listed.len(), any.keys.len());
}

/// Lost otherwise: the account one asks about hides that what comes through its host is denied.
#[test]
fn it_is_explained_what_else_the_rules_do_there() {
    let root = Some(vec!["root".to_owned()]);
    let lifetime = Some(Duration::from_secs(60));
    let agent = ruled(vec![
        HostRule { users: root, ..forwarded(Forwarded::Deny) },
        HostRule { confirm: true, lifetime, ..forwarded(Forwarded::Ask) },
    ]);
    let subject = keyfob_protocol::hosts::Subject {
        user: b"git".to_vec(),
        keys: vec![Print::of(key(HOST_A).public()).0],
        ..keyfob_protocol::hosts::Subject::default()
    };
    let told = asked(&agent, HostsRequest::Explain(subject), 1);
    let HostsReply::Explained(explained) = told else { panic!("{told:?}") };
    let [rule] = &*explained.rules else { panic!("{explained:?}") };
    assert_eq!((rule.number, rule.confirm, rule.lifetime), (2, true, Some(60)));
    assert!(rule.sure && !rule.names_keys);
    let denied = keyfob_protocol::hosts::Forwarded::Deny;
    assert_eq!(explained.forwarded, Some((denied, 1)));
}

/// Lost otherwise: a server behind a forwarded agent learns where its person logs in.
#[test]
fn beyond_this_machine_nobody_is_told() {
    let agent = offering(Offer::KnownFirst);
    let mut session = Session::new();
    bound(&mut session, &agent, HOST_A, b"hop", true);
    let about_hosts = [HostsRequest::List, HostsRequest::ForgetAll].map(Extension::Hosts);
    for extension in about_hosts.into_iter().chain([Extension::Log]) {
        let request = Request::Extension(extension);
        let refused = reply(&agent, &mut session, &request, at(1));
        assert!(matches!(refused.record, Record::Refused(Refusal::Remote)));
    }
}
