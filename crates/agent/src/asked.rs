//! `hosts@keyfob`: what is remembered, and what a host would be offered, as it is told.

use keyfob_protocol::Response;
use keyfob_protocol::hosts::{self as told, HostsReply, HostsRequest, Subject};

use crate::agent::Agent;
use crate::clock::Now;
use crate::learning::{Explained, Host, Remembered};
use crate::memory::Known;
use crate::offer::{Offer, Why};
use crate::print::Print;
use crate::record::{KeyName, Record};
use crate::rules::{Forwarded, HostRule, RuleName};
use crate::step::{Reply, Step};

impl Agent {
    /// Who may ask was decided before.
    pub(crate) fn about_hosts(&self, request: &HostsRequest, now: Now) -> Step {
        let (reply, record) = match request {
            HostsRequest::List => (self.told(now), Record::HostsAsked),
            HostsRequest::Explain(subject) => (self.explained(subject, now), Record::HostsAsked),
            HostsRequest::ForgetAll => forgotten(self.forget_all(now)),
            HostsRequest::Forget(hosts) => {
                let hosts: Vec<Print> = hosts.iter().copied().map(Print).collect();
                forgotten(self.forget(&hosts, now))
            }
        };
        Step::Reply(Reply::now(Response::Hosts(Box::new(reply)), record))
    }

    fn told(&self, now: Now) -> HostsReply {
        let all = self.remembered(now);
        let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let one = |Remembered { known: Known { host, user, key, used }, key: name }| {
            let comment = name.map(|name: KeyName| name.comment.to_vec());
            told::Remembered { host: host.0, user: user.to_vec(), key: key.0, used, comment }
        };
        HostsReply::Remembered { total, hosts: all.into_iter().map(one).collect() }
    }

    fn explained(&self, subject: &Subject, now: Now) -> HostsReply {
        let keys: Vec<Print> = subject.keys.iter().copied().map(Print).collect();
        let names = subject.names.iter().map(|name| String::from_utf8_lossy(name).into_owned());
        let names: Vec<String> = names.collect();
        let user = (!subject.user.is_empty()).then_some(&*subject.user);
        let Explained { keys, hidden, rules, forwarded, offer } =
            self.explain(Host { keys: &keys, names: &names, user }, now);
        let rule = |(name, said): (RuleName, HostRule)| told::Rule {
            number: name.number,
            matches: name.matches().as_bytes().to_vec(),
            sure: said.users.is_none() || user.is_some(),
            names_keys: said.keys.is_some(),
            confirm: said.confirm,
            lifetime: said.lifetime.map(|span| u32::try_from(span.as_secs()).unwrap_or(u32::MAX)),
        };
        HostsReply::Explained(told::Explained {
            offer: match offer {
                Offer::KnownFirst => told::Offer::KnownFirst,
                Offer::KnownOnly => told::Offer::KnownOnly,
                Offer::All => told::Offer::All,
            },
            hidden: u32::try_from(hidden).unwrap_or(u32::MAX),
            forwarded: forwarded.map(|(word, rule)| (of_forwarded(word), rule.number)),
            rules: rules.into_iter().map(rule).collect(),
            keys: keys.into_iter().map(offered).collect(),
        })
    }
}

fn of_forwarded(word: Forwarded) -> told::Forwarded {
    match word {
        Forwarded::Allow => told::Forwarded::Allow,
        Forwarded::Ask => told::Forwarded::Ask,
        Forwarded::Deny => told::Forwarded::Deny,
    }
}

fn offered((key, why): (KeyName, Why)) -> told::Offered {
    told::Offered {
        key: Print::of(&key.public).0,
        algorithm: key.public.type_name().as_bytes().to_vec(),
        comment: key.comment.to_vec(),
        why: match why {
            Why::Rule(number) => told::Why::Rule(number),
            Why::Remembered(Known { user, used, .. }) => {
                told::Why::Remembered { user: user.to_vec(), used }
            }
            Why::Used(used) => told::Why::Used(used),
            Why::Unused => told::Why::Unused,
        },
    }
}

fn forgotten(count: usize) -> (HostsReply, Record) {
    let told = u32::try_from(count).unwrap_or(u32::MAX);
    (HostsReply::Forgotten(told), Record::HostsForgotten { count })
}
