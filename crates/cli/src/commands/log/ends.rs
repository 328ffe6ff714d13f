//! Asks the agents that run how far they have written their logs.

use std::fs;
use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_log::limits::MAX_BOOKS;
use keyfob_log::{Book, Position};
use keyfob_sys::os_text;

use crate::connection::Connection;
use crate::finding;

/// The last line an agent has written.
pub(super) struct End {
    pub(super) book: Book,
    pub(super) last: Position,
}

/// Of the agent the environment names, and of the one that listens where ours does: either may be
/// one that writes no log, or another's. Asked before the log is read: what is written meanwhile is
/// no damage.
pub(super) fn of_agents(environment: &Environment, root: &Path) -> Vec<End> {
    let own = finding::own_socket(environment).ok();
    let mut sockets: Vec<PathBuf> = environment.auth_sock().into_iter().chain(own).collect();
    sockets.dedup();
    sockets.iter().filter_map(|socket| end(socket, root)).collect()
}

fn end(socket: &Path, root: &Path) -> Option<End> {
    let status = Connection::open_to_look(socket).ok()?.log().ok().flatten()?;
    let last = status.last?;
    let is_here = is_same(&os_text::path(&last.folder), root);
    let is_one = (1..=MAX_BOOKS).contains(&last.book);
    (is_here && is_one).then(|| End {
        book: Book::numbered(root, last.book),
        last: Position { seq: last.seq, mac: last.mac },
    })
}

/// Also where a link leads to it.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path| fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| Some(one) == real(other))
}
