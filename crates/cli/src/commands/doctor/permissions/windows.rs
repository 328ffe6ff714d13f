//! What is not looked at, and what looks at it.

use super::super::finding::Finding;
use super::super::place::Place;
use super::super::turns::Teller;

const CHECK: &str = "permissions";

/// Tells that nothing was looked at: silence would be read as "fine".
pub(in crate::commands::doctor) fn check(place: &Place, tell: &Teller) {
    let fact = "who else may read your keys and settings was not looked at: access lists are not \
                read yet";
    let finding = Finding::note(CHECK, fact);
    let folder = place.home.as_ref().map(|home| home.join(".ssh"));
    tell.found(match folder {
        Some(folder) => finding.hint(format!("icacls \"{}\"   shows it", folder.display())),
        None => finding,
    });
}
