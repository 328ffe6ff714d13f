//! What the agent gives up before it holds a key.
//!
//! First the process that starts programs is made, which gives up nothing: dialogs need a screen and
//! a network. Then this one closes itself in. What it may change are the folders of its sockets, its
//! key store and its log. Each by the folder above: all of them can be removed, replaced or made while
//! the agent runs, and a wall knows folders by what they are, not by what they are called.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyfob_protocol::security::Measure;
use keyfob_sys::hardening;
use keyfob_sys::locked::{self, LockedBytes, Protection};
use keyfob_sys::private_folder;
use keyfob_sys::sandbox::{self, Places, Report, Wall};

use crate::options::Options;
use crate::starting::{Programs, Recipes};

/// Closes this process in. To be called while it has one thread and no secret.
pub(crate) fn close_in(options: Options, hidden: &hardening::Report) -> (Options, Vec<Measure>) {
    let Options { surroundings, helper, desktop, .. } = &options;
    let menu = Recipes::of(surroundings, helper.program(), desktop.as_ref());
    let (programs, report) = match Programs::apart(menu.clone()) {
        Ok(programs) if options.sandbox => {
            let report = match programs.starter() {
                Ok(starter) => sandbox::enter(starter, &places(&options)),
                Err(error) => Report::nothing(&error.to_string()),
            };
            (programs, report)
        }
        Ok(programs) => (programs, Report::nothing("switched off by the setting agent.sandbox")),
        Err(error) => {
            let reason = format!("there is no process beside it that starts programs: {error}");
            (Programs::of(menu), Report::nothing(&reason))
        }
    };
    tell(&report, options.sandbox);
    let measures = measures(hidden, &report, programs.are_apart());
    let helper = options.helper.started_by(Arc::new(programs));
    (Options { helper, ..options }, measures)
}

/// What was achieved, for who wants to know. The names stand in documents: they stay.
fn measures(hidden: &hardening::Report, walls: &Report, apart: bool) -> Vec<Measure> {
    let done = |outcome: &io::Result<()>, reason: &str| match outcome {
        Ok(()) => Wall::on(reason),
        Err(error) => Wall::off(error.to_string()),
    };
    let apart = match apart {
        true => Wall::on("another process, which holds no key, starts a few and no other"),
        false => Wall::off("the process that holds the keys starts them itself"),
    };
    let others = "no debugger, no look into its memory or descriptors, for the same user";
    let all = [
        ("not-dumpable", done(&hidden.hidden, others)),
        ("no-core-files", done(&hidden.no_core, "whatever happens, and for what it starts")),
        ("programs-apart", apart),
        ("no-new-privileges", walls.no_new_privileges.clone()),
        ("landlock", walls.files.clone()),
        ("seccomp", walls.calls.clone()),
    ];
    all.into_iter().map(measure).collect()
}

fn measure((name, wall): (&str, Wall)) -> Measure {
    Measure { name: name.into(), on: wall.on, reason: wall.reason.into_bytes() }
}

/// How keys lie in memory: that of one that would arrive now.
pub(crate) fn memory() -> Vec<Measure> {
    let found = LockedBytes::new(1).map(|bytes| bytes.protection());
    let (secret, locked) = match found {
        Ok(Protection::SecretMemory) => (
            Wall::on("the kernel itself has no mapping of it; the machine cannot hibernate"),
            Wall::on("secret memory is never swapped nor dumped"),
        ),
        Ok(Protection::Locked) => (
            Wall::off("the kernel has none, or the setting agent.secret-memory avoids it"),
            Wall::on("never swapped, and left out of dumps (MADV_DONTDUMP)"),
        ),
        Ok(Protection::Unlocked) => (
            Wall::off("no more memory may be locked (ulimit -l)"),
            Wall::off("no more memory may be locked (ulimit -l): it is left out of dumps alone"),
        ),
        Err(error) => (Wall::off(error.to_string()), Wall::off(error.to_string())),
    };
    let unlocked = locked::usage().unlocked;
    let locked = match unlocked {
        0 => locked,
        bytes => Wall::off(format!("{bytes} bytes could not be locked (ulimit -l)")),
    };
    [("secret-memory", secret), ("locked-memory", locked)].into_iter().map(measure).collect()
}

fn tell(report: &Report, wanted: bool) {
    for (what, wall) in [("files", &report.files), ("system calls", &report.calls)] {
        match (wall.on, wanted) {
            (true, _) => tracing::debug!(what, reach = wall.reason, "the agent is closed in"),
            (false, true) => {
                tracing::warn!(what, reason = wall.reason, "the agent is not closed in");
            }
            (false, false) => {}
        }
    }
}

fn places(options: &Options) -> Places {
    let mut places =
        Places { abstract_sockets: options.notifier.is_abstract(), ..Places::default() };
    let store = options.store.as_ref();
    let folders = store.map(|store| [&store.folder, &store.states]).into_iter().flatten();
    for folder in folders.chain(&options.log) {
        let above = above(folder);
        make(&above);
        add(&mut places.files, above);
        // A link leads elsewhere, and what is there is what is changed.
        if let Ok(real) = folder.canonicalize() {
            add(&mut places.files, self::above(&real));
        }
    }
    for socket in &options.sockets {
        let folder = above(socket);
        add(&mut places.sockets, above(&folder));
        add(&mut places.sockets, folder);
    }
    places
}

/// The folder it is in; never the one everything is in.
fn above(path: &Path) -> PathBuf {
    let above = path.parent().filter(|above| above.parent().is_some());
    above.unwrap_or(path).to_owned()
}

/// As whoever fills it would: nothing can be permitted in a folder that is not there.
fn make(folder: &Path) {
    // Where it cannot be made, nothing will be written there either, and that is told then.
    let _ = private_folder::make_all(folder);
}

fn add(places: &mut Vec<PathBuf>, place: PathBuf) {
    if !places.contains(&place) {
        places.push(place);
    }
}
