//! Words of `keyfob hosts` and `keyfob explain`.

use keyfob_config::duration;
use keyfob_protocol::hosts::{Explained, Forwarded, Offer, Offered, Rule, Why};
use keyfob_sys::local_time;

use super::shown;
use crate::columns;
use crate::commands::hosts::{Line, fingerprint};
use crate::output::{data, data_line, hint, note};

/// What is remembered.
pub(crate) fn remembered(total: u32, lines: &[Line]) {
    if lines.is_empty() {
        note("The agent remembers no host.");
        return;
    }
    let mut rows =
        vec![["HOST", "USER", "KEY", "LAST USED", "OFFERED"].map(str::to_owned).to_vec()];
    for line in lines {
        let host = match line.hosts.is_empty() {
            true => line.host_key.clone(),
            false => line.hosts.join(","),
        };
        let why = match line.comment {
            Some(_) => "first: the host took it",
            None => "not: the agent does not have it",
        };
        let key = line.comment.clone().unwrap_or_else(|| line.fingerprint.clone());
        rows.push(vec![host, line.user.clone(), key, time(line.last_used), why.to_owned()]);
    }
    data(columns::table(&rows).as_bytes());
    let left = usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(lines.len());
    if left > 0 {
        note(format!("{left} more are remembered."));
    }
    // Debian's ssh hashes the names.
    if lines.iter().any(|line| line.hosts.is_empty()) {
        hint(
            "keyfob explain HOST   tells whether it is one of those that known_hosts does not name",
        );
    }
}

/// Before everything is forgotten.
pub(crate) fn forget_question(total: u32) -> String {
    format!("Forget which keys hosts took ({total})?")
}

/// It is done.
pub(crate) fn forgotten(count: u32) {
    match count {
        0 => note("There was nothing to forget."),
        1 => note("Forgotten: 1 host and account."),
        many => note(format!("Forgotten: {many} hosts and accounts.")),
    }
}

/// A word that means no host.
pub(crate) fn nothing_remembered(word: &[u8]) {
    crate::output::fact(format!("nothing is remembered of {}", shown(word)));
    hint("keyfob hosts   lists what is; a fingerprint of a host key means one without a name");
}

/// What a host would be offered.
pub(crate) fn explained(name: &str, host_keys: &[String], told: &Explained) {
    let name = shown(name.as_bytes());
    match host_keys {
        [] => {
            data_line(format!(
                "{name} is not in the known hosts files: nothing is remembered of it"
            ));
            hint("an alias of ssh_config is not known here: ssh -G NAME tells what it stands for");
            hint("ssh HOST once, or ssh-keyscan, puts it there; -H FILE names another file");
        }
        keys => data_line(format!("{name} has the host key {}", keys.join(", "))),
    }
    data_line(deciding(told));
    doings(told).into_iter().for_each(data_line);
    if told.keys.is_empty() {
        data_line("no key is offered");
    } else {
        let mut rows = vec![["", "KEY", "FINGERPRINT", "WHY"].map(str::to_owned).to_vec()];
        for (number, key) in (1_u32..).zip(&told.keys) {
            let comment = shown(&key.comment);
            rows.push(vec![number.to_string(), comment, fingerprint(&key.key), why(key)]);
        }
        data(columns::table(&rows).as_bytes());
    }
    match told.hidden {
        0 => {}
        1 => data_line("1 more key is not offered"),
        many => data_line(format!("{many} more keys are not offered")),
    }
}

fn deciding(told: &Explained) -> String {
    let by_setting = match told.offer {
        Offer::KnownFirst => "offer = known-first: what it took comes first",
        Offer::KnownOnly => "offer = known-only: what it took, and nothing else",
        Offer::All => "offer = all: in the order of adding",
    };
    match &*told.rules {
        [] => format!("no rule of the settings matches; {by_setting}"),
        [one] if one.sure && one.names_keys => {
            format!("{} of the settings decides: no keys but those it names", named(one))
        }
        [one] if one.sure => {
            format!("{} of the settings decides; it names no keys: {by_setting}", named(one))
        }
        rules => {
            let rules: Vec<String> = rules.iter().map(named).collect();
            format!("it depends on the account: {} of the settings", rules.join(", "))
        }
    }
}

/// What the rules do there, besides naming keys.
fn doings(told: &Explained) -> Vec<String> {
    let mut lines = Vec::new();
    for Rule { number, confirm, lifetime, .. } in &told.rules {
        if *confirm {
            lines.push(format!("rule {number} has each use there confirmed"));
        }
        if let Some(seconds) = lifetime {
            let time = duration::write((*seconds).into());
            lines.push(format!("rule {number} lets a key stay {time} after its use there"));
        }
    }
    if let Some((said, number)) = told.forwarded {
        let what = match said {
            Forwarded::Allow => "are treated as local ones",
            Forwarded::Ask => "are confirmed each",
            Forwarded::Deny => "are refused, and see no keys",
        };
        let word = word(said);
        lines.push(format!("requests forwarded there {what}: rule {number}, forwarded = {word}"));
    }
    lines
}

fn named(rule: &Rule) -> String {
    format!("rule {} (match {})", rule.number, shown(&rule.matches))
}

/// As it stands in the settings.
pub(crate) fn word(forwarded: Forwarded) -> &'static str {
    match forwarded {
        Forwarded::Allow => "allow",
        Forwarded::Ask => "ask",
        Forwarded::Deny => "deny",
    }
}

fn why(key: &Offered) -> String {
    match &key.why {
        Why::Rule(number) => format!("rule {number} names it"),
        Why::Remembered { user, used } => {
            format!("the host took it for {}, {}", shown(user), time(*used))
        }
        Why::Used(used) => format!("last used {}", time(*used)),
        _ => "not used yet: in the order of adding".to_owned(),
    }
}

fn time(unix: u64) -> String {
    local_time::at(unix).map(|time| time.to_string()).unwrap_or_default()
}
