//! Words of `keyfob status`.

use std::time::{SystemTime, UNIX_EPOCH};

use keyfob_protocol::log::LogStatus;
use keyfob_protocol::security::Measure;
use keyfob_protocol::settings::SettingsStatus;
use keyfob_protocol::store::StoreStatus;
use keyfob_sys::local_time;

use super::{leading, shown, shown_path};
use crate::commands::status::{Agent, Found, folder};
use crate::output::{data_line, hint};
use crate::period;

/// Tells everything.
pub(crate) fn tell(found: &Found) {
    let status = found.agent.as_ref().and_then(|agent| agent.store.as_ref());
    match &found.store {
        None => {
            data_line("key store  none");
            hint("keyfob init   makes one: one passphrase for all keys, for good");
        }
        Some(path) => {
            data_line(format!("key store  {}", shown_path(path)));
            if found.by_account {
                data_line(
                    "           opens without its passphrase for whoever is logged in as you",
                );
            }
            if let Some(status) = status {
                data_line(format!("           {}", state(status)));
                if folder(status) != *path {
                    let other = shown_path(&folder(status));
                    data_line(format!("           the agent has another one: {other}"));
                }
            }
        }
    }
    match &found.agent {
        None => no_agent(),
        Some(agent) => tell_agent(agent, found),
    }
}

/// There is none to tell of.
pub(crate) fn no_agent() {
    data_line("agent      none that answers");
    hint(leading::START);
}

/// A line for each measure: its name, whether it is in place, and how far it goes or why not.
pub(crate) fn tell_security(measures: &[Measure]) {
    for Measure { name, on, reason } in measures {
        let on = if *on { "on " } else { "off" };
        data_line(format!("{:<18} {on}  {}", shown(name), shown(reason)));
    }
}

fn tell_agent(agent: &Agent, found: &Found) {
    let process = agent.process.map(|pid| format!(", process {pid}")).unwrap_or_default();
    data_line(format!("agent      {}{process}", shown_path(&agent.socket)));
    let keys = match (agent.locked, agent.keys) {
        (true, _) => "locked with a passphrase of its own: it shows no keys".to_owned(),
        (false, 1) => "shows 1 key".to_owned(),
        (false, many) => format!("shows {many} keys"),
    };
    data_line(format!("           {keys}"));
    if let Some(settings) = &agent.settings {
        tell_settings(settings);
    }
    if let Some(log) = &agent.log {
        data_line(format!("log        {}", trouble(log)));
    }
    if agent.store.is_none() && found.store.is_some() {
        data_line("           does not know of the key store");
        hint(leading::line(
            "leads to keyfob's, if this is another agent, or it was started before",
        ));
    }
}

/// Only where something is to be said: most people have no settings.
fn tell_settings(status: &SettingsStatus) {
    if status.problem.is_empty() && status.fixed.is_empty() {
        return;
    }
    if status.problem.is_empty() {
        data_line(format!("settings   {}", shown(&status.path)));
    } else {
        let since = local_time::at(status.since).map(|time| time.to_string()).unwrap_or_default();
        data_line(format!("settings   {}", shown(&status.problem)));
        data_line(format!("           (running with those of {since})"));
        if !status.hint.is_empty() {
            hint(shown(&status.hint));
        }
    }
    if !status.fixed.is_empty() {
        data_line(format!("           changed, for the next agent only: {}", shown(&status.fixed)));
    }
}

fn trouble(log: &LogStatus) -> String {
    let lines = |count| match count {
        1 => "1 line".to_owned(),
        many => format!("{many} lines"),
    };
    let missing = match log.lost {
        0 => String::new(),
        1 => "; 1 line is missing".to_owned(),
        many => format!("; {} are missing", lines(many)),
    };
    if !log.written {
        return format!("the disk does not answer; {} waiting{missing}", lines(log.queued));
    }
    if log.problem.is_empty() {
        return format!("too much came at once{missing}");
    }
    let since = local_time::at(log.since).map(|time| time.to_string()).unwrap_or_default();
    format!("cannot be written since {since}: {}{missing}", shown(&log.problem))
}

fn state(status: &StoreStatus) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let word = if status.locked { "locked" } else { "open" };
    let since = match status.since {
        0 => "since the agent started".to_owned(),
        since => format!("for {}", brief(now.saturating_sub(since))),
    };
    let next = match (status.locked, status.next_lock) {
        (true, _) => String::new(),
        (false, 0) => ", until keyfob lock".to_owned(),
        (false, next) => format!(", locks itself in {}", brief(next.saturating_sub(now))),
    };
    let keys = match status.keys {
        1 => "1 key".to_owned(),
        many => format!("{many} keys"),
    };
    format!("{word} {since}{next}; {keys}")
}

fn brief(seconds: u64) -> String {
    period::brief(u32::try_from(seconds).unwrap_or(u32::MAX))
}
