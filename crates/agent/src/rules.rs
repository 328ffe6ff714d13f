//! The rules for hosts: which of them counts, and what it says.
//!
//! Rules narrow. What a key's own constraints forbid or ask for is decided elsewhere, and stays.
//! The first rule that matches counts; where the account is not known yet, and a rule names
//! accounts, it may count.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use keyfob_protocol::Userauth;
use keyfob_protocol::pattern;

use crate::destination::Forbidden;
use crate::identity::Identity;
use crate::print::Print;
use crate::selector::KeySelector;
use crate::session::Session;

/// One `[[host]]` of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostRule {
    /// The host's names or its key's fingerprint: `*` and `?` are wild, `!` before one takes hosts
    /// out again.
    pub matches: Vec<String>,
    /// The accounts, by the same patterns; everyone when nothing is said.
    pub users: Option<Vec<String>>,
    /// The keys that may be used there, in this order, and no others.
    pub keys: Option<Vec<KeySelector>>,
    /// A person confirms each use.
    pub confirm: bool,
    /// How long a key stays after it was used there.
    pub lifetime: Option<Duration>,
    /// What becomes of requests from there, or through there.
    pub forwarded: Option<Forwarded>,
}

/// What becomes of forwarded requests; the later is the stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Forwarded {
    /// They are treated as local ones.
    Allow,
    /// A person confirms each.
    Ask,
    /// They are refused, and see no keys.
    Deny,
}

/// Which rule it was: its number, counted from 1, and what it matches, shortened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RuleName {
    /// Its place among the rules of the settings.
    pub number: u32,
    matches: [u8; Self::SHOWN],
    len: u8,
}

/// Where a login leads, or would lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The host's keys: one, where it is proved.
    pub(crate) hosts: &'a [Print],
    pub(crate) names: &'a [String],
    /// The account, where it is known.
    pub(crate) user: Option<&'a [u8]>,
}

/// What the rules say to one signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub(crate) confirm: bool,
    pub(crate) lifetime: Option<Duration>,
}

/// A rule and its name.
pub(crate) type Numbered<'a> = (u32, &'a HostRule);

/// A rule and what it says of forwarded requests.
pub(crate) type Spoken<'a> = (u32, &'a HostRule, Forwarded);

/// The rules that may count, in their order: those for other accounts too while the account is not
/// known. The last is sure to count if it names none.
pub(crate) fn candidates<'a>(
    rules: &'a [HostRule],
    target: &Target<'_>,
) -> impl Iterator<Item = Numbered<'a>> {
    let prints: Vec<String> = match rules {
        [] => Vec::new(),
        _ => target.hosts.iter().map(Print::to_string).collect(),
    };
    let (names, user) = (target.names, target.user);
    let mut decided = false;
    (1..).zip(rules).filter(move |(_, rule)| {
        let counts = !decided && rule.is_for(names, &prints) && rule.may_be_for(user);
        decided |= counts && (rule.users.is_none() || user.is_some());
        counts
    })
}

/// The rules' word on a signature of this key over this data.
pub(crate) fn ruling(
    rules: &[HostRule],
    session: &Session,
    key: &Identity,
    data: &[u8],
) -> Result<Ruling, Forbidden> {
    if rules.is_empty() {
        return Ok(Ruling::default());
    }
    let mut ruling = Ruling { confirm: false, lifetime: None };
    if let Some((number, rule, word)) = of_forwarded(rules, session) {
        match word {
            Forwarded::Deny => return Err(rule.denies(number)),
            Forwarded::Ask => ruling.confirm = true,
            Forwarded::Allow => {}
        }
    }
    let Some(binding) = session.bindings().last().filter(|binding| !binding.forwarding) else {
        return Ok(ruling);
    };
    let user = Userauth::parse(data).ok().map(|login| login.user);
    let hosts = [Print::of(&binding.host_key)];
    let target = Target { hosts: &hosts, names: &binding.names, user };
    // Nobody knows the account of what is no login; the first rule for the host counts then.
    let Some((number, rule)) = candidates(rules, &target).next() else {
        return Ok(ruling);
    };
    if rule.keys.as_ref().is_some_and(|keys| !keys.iter().any(|selector| key.is_meant(selector))) {
        return Err(rule.denies(number));
    }
    ruling.confirm |= rule.confirm;
    ruling.lifetime = rule.lifetime;
    Ok(ruling)
}

/// Do the rules let a connection with this path see any keys?
pub(crate) fn shows_any(rules: &[HostRule], session: &Session) -> Result<(), Forbidden> {
    match of_forwarded(rules, session) {
        Some((number, rule, Forwarded::Deny)) => Err(rule.denies(number)),
        _ => Ok(()),
    }
}

/// The strictest word on requests that come over this path. Where a binding failed nobody knows
/// the path: then it is the strictest word of all.
fn of_forwarded<'a>(rules: &'a [HostRule], session: &Session) -> Option<Spoken<'a>> {
    if rules.is_empty() {
        return None;
    }
    if session.failed() {
        return (1..).zip(rules).filter_map(spoken).max_by(stricter);
    }
    let hops = session.bindings().iter().filter(|binding| binding.forwarding);
    let words = hops.filter_map(|hop| {
        let hosts = [Print::of(&hop.host_key)];
        said_of_forwarded(rules, &Target { hosts: &hosts, names: &hop.names, user: None })
    });
    words.max_by(stricter)
}

/// The strictest word on requests that come from this host, or through it.
pub(crate) fn said_of_forwarded<'a>(
    rules: &'a [HostRule],
    target: &Target<'_>,
) -> Option<Spoken<'a>> {
    candidates(rules, target).filter_map(spoken).max_by(stricter)
}

fn spoken((number, rule): Numbered<'_>) -> Option<Spoken<'_>> {
    Some((number, rule, rule.forwarded?))
}

/// Of equally strict ones the first, as everywhere.
fn stricter(one: &Spoken<'_>, other: &Spoken<'_>) -> Ordering {
    one.2.cmp(&other.2).then(other.0.cmp(&one.0))
}

impl HostRule {
    /// What a refusal calls it.
    #[must_use]
    pub fn name(&self, number: u32) -> RuleName {
        RuleName::new(number, &self.matches.join(", "))
    }

    fn denies(&self, number: u32) -> Forbidden {
        Forbidden::Rule(self.name(number))
    }

    fn is_for(&self, names: &[String], prints: &[String]) -> bool {
        let mut named: Vec<String> = Vec::new();
        for name in names {
            let name = name.to_ascii_lowercase();
            // `[host]:port`: patterns for the host mean it on every port.
            if let Some((host, _)) = name.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
                named.push(host.to_owned());
            }
            named.push(name);
        }
        is_among(&self.matches, |pattern| {
            let lower = pattern.to_ascii_lowercase();
            let is_name = named.iter().any(|name| matches(&lower, name.as_bytes()));
            is_name || prints.iter().any(|print| matches(pattern, print.as_bytes()))
        })
    }

    fn may_be_for(&self, user: Option<&[u8]>) -> bool {
        match (&self.users, user) {
            (Some(users), Some(user)) => is_among(users, |pattern| matches(pattern, user)),
            _ => true,
        }
    }
}

/// Is it in a list of patterns: one matches, and none that has a `!` before it?
fn is_among(patterns: &[String], is: impl Fn(&str) -> bool) -> bool {
    let taken_out = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')).any(&is);
    let mut others = patterns.iter().filter(|pattern| !pattern.starts_with('!'));
    !taken_out && others.any(|pattern| is(pattern))
}

fn matches(pattern: &str, text: &[u8]) -> bool {
    pattern::matches(pattern.as_bytes(), text)
}

impl RuleName {
    /// More would make every answer of the agent larger.
    const SHOWN: usize = 24;

    fn new(number: u32, text: &str) -> Self {
        let end = (0..=Self::SHOWN.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        let text = text.get(..end.unwrap_or(0)).unwrap_or_default().as_bytes();
        let mut matches = [0; Self::SHOWN];
        matches.iter_mut().zip(text).for_each(|(place, byte)| *place = *byte);
        Self { number, matches, len: u8::try_from(text.len()).unwrap_or(0) }
    }

    /// What it matches.
    #[must_use]
    pub fn matches(&self) -> &str {
        let bytes = self.matches.get(..self.len.into()).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {} of the settings (match {})", self.number, self.matches())
    }
}

impl fmt::Debug for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(matches: &[&str], users: Option<&[&str]>) -> HostRule {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        HostRule { matches: owned(matches), users: users.map(owned), ..HostRule::default() }
    }

    fn counting(rules: &[HostRule], name: &str, user: Option<&[u8]>) -> Vec<u32> {
        let (hosts, names) = ([Print([7; 32])], [name.to_owned()]);
        let target = Target { hosts: &hosts, names: &names, user };
        candidates(rules, &target).map(|(number, _)| number).collect()
    }

    #[test]
    fn the_first_rule_that_matches_counts() {
        let rules = [rule(&["*.net"], None), rule(&["*.org", "!b.org"], None), rule(&["*"], None)];
        assert_eq!(counting(&rules, "a.org", None), [2]);
        assert_eq!(counting(&rules, "b.org", None), [3]);
        assert_eq!(counting(&rules, "A.Net", None), [1]);
        assert_eq!(counting(&rules, "[a.net]:2222", None), [1]);
        assert_eq!(counting(&rules[..2], "a.com", None), [0_u32; 0]);
    }

    /// Lost otherwise: a rule for hosts nobody has in a file of known hosts cannot be written.
    #[test]
    fn a_host_is_meant_by_the_fingerprint_of_its_key_too() {
        let rules = [rule(&[&Print([7; 32]).to_string()], None)];
        assert_eq!(counting(&rules, "a.org", None), [1]);
    }

    #[test]
    fn while_the_account_is_not_known_all_that_may_count_are_told() {
        let rules = [
            rule(&["a"], Some(&["root"])),
            rule(&["a"], Some(&["git", "!root"])),
            rule(&["a"], None),
            rule(&["a"], None),
        ];
        assert_eq!(counting(&rules, "a", None), [1, 2, 3]);
        assert_eq!(counting(&rules, "a", Some(b"git")), [2]);
        assert_eq!(counting(&rules, "a", Some(b"me")), [3]);
    }

    #[test]
    fn a_refusal_names_the_rule_however_long_its_patterns_are() {
        let long = rule(&[&"ä".repeat(100)], None).name(2);
        assert_eq!(long.matches(), "ä".repeat(12));
        let named = rule(&["*.org", "!b.org"], None).name(3).to_string();
        assert_eq!(named, "rule 3 of the settings (match *.org, !b.org)");
    }
}
