//! Words about what a check found, and what can be done about it.

use std::path::Path;

use keyfob_keystore::{Name, Remedy};

use super::upkeep::keys;
use super::{shown, shown_path};
use crate::commands::check::{Report, Way};
use crate::output::{data_line, fact, hint, note};

/// A link leads nowhere.
pub(crate) const LINK: &str = "put the file back, or delete the link with keyfob delete";

/// A file is damaged.
pub(crate) const DAMAGED: &str =
    "a copy of the file from a backup puts it right; keyfob restore puts a whole backup in place";

/// A file is of a later release.
pub(crate) const NEWER: &str = "a newer keyfob reads it";

/// A file is of no store.
pub(crate) const STRANGER: &str = "move it elsewhere if it is yours, or delete it";

/// A public half has no private one that can be read.
pub(crate) const OWNERLESS: &str =
    "it may be what is left of a key that is missing or damaged: bring that in order first";

/// Two versions are there.
pub(crate) const CONFLICT: &str = "compare the two (keyfob list --store --unlock), and move the file elsewhere when the one that is used is right";

/// The folder of states cannot be written.
pub(crate) const FORGETFUL: &str = "make it a folder that you can write to";

/// Nothing more can be said.
pub(crate) const LOOK: &str = "compare the file with that of a backup";

/// A linked file is gone.
pub(crate) fn link_is_broken(name: &Name, path: &Path) -> String {
    format!("{name}: the file it links to is not there: {}", shown_path(path))
}

/// What a remedy does, safe to show.
pub(crate) fn remedy(remedy: &Remedy) -> String {
    shown(remedy.to_string().as_bytes())
}

/// What came of the check.
pub(crate) fn checked(folder: &Path, report: &Report, is_told: bool, was_repairing: bool) {
    if !is_told {
        list(report, data_line);
    }
    let (folder, keys) = (shown_path(folder), keys(report.keys));
    match report.found.len() {
        0 => note(format!("{folder}: {keys}, and all is as it should be.")),
        1 => fact(format!("{folder}: {keys}, and one thing is not as it should be")),
        many => fact(format!("{folder}: {keys}, and {many} things are not as they should be")),
    }
    if !was_repairing && report.found.iter().any(|found| matches!(found.way, Way::Remedy(_))) {
        hint("keyfob check --repair   does what it can, and asks before that");
    }
}

/// What was found and will be done, before a question: beside JSON it is no data.
pub(crate) fn plan(report: &Report, json: bool) {
    list(report, if json { note } else { data_line });
}

fn list(report: &Report, line: fn(String)) {
    for found in &report.found {
        line(found.what.clone());
        line(match &found.way {
            Way::Remedy(way) if way.is_risky() => {
                format!("    --repair can, if you say so: {}", remedy(way))
            }
            Way::Remedy(way) => format!("    --repair would: {}", remedy(way)),
            Way::Person(advice) => format!("    not by --repair: {advice}"),
        });
    }
}

/// Whether to do what nobody can regret.
pub(crate) fn question(count: usize) -> String {
    match count {
        1 => "Do what --repair would?".to_owned(),
        count => format!("Do the {count} things --repair would?"),
    }
}

/// Why one of them is asked for alone.
pub(crate) fn risk(remedy: &Remedy) {
    note(match remedy {
        Remedy::Forget(_) => {
            "Its file may be on another machine or in a backup: put it back if it is. Once noted as \
             deleted, it stays dead when it turns up."
        }
        Remedy::ForgetSlot(_) => {
            "Its file may be on another machine or in a backup. If it was the recovery code's, \
             keyfob recovery new makes another one."
        }
        Remedy::AcceptOlder(_) => {
            "Whoever put it back may have wanted just that: rules that the key has got since are \
             gone. A newer copy may be in a backup."
        }
        Remedy::Adopt(_) => {
            "Only who has opened this key store can have made it. If that was not you, say no, \
             delete the file and make a new root key with keyfob rekey."
        }
        _ => return,
    });
}

/// Whether to do it all the same.
pub(crate) fn risky_question(way: &Remedy) -> String {
    let text = remedy(way);
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("{}{}?", first.map(String::from).unwrap_or_default(), letters.as_str())
}

/// Something is left because nobody said yes to it.
pub(crate) fn left_undone(way: &Remedy) {
    note(format!("Not done: {}.", remedy(way)));
    hint("keyfob check --repair   asks about it; with --yes --risky it is done unasked");
}

/// It was done.
pub(crate) fn mended(way: &Remedy) {
    note(format!("Done: {}.", remedy(way)));
}

/// It could not be done; why comes next.
pub(crate) fn not_mended(way: &Remedy) {
    note(format!("Failed: {}.", remedy(way)));
}
