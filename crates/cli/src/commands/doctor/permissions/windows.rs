//! Owners and access lists.

use std::io;

use keyfob_sys::windows::access::{ANY, Access, CHANGING, Others};

use super::super::finding::Finding;
use super::super::place::Place;
use super::{Forbidden, Thing};
use crate::exposure::Exposure;

/// What is wrong with one of them.
pub(super) fn of_thing(_place: &Place, thing: &Thing) -> io::Result<Option<Finding>> {
    let access = Access::at(&thing.path)?;
    let changing = access.others(CHANGING);
    if let Some(owner) = &changing.owner {
        let owner = Others { owner: Some(owner.clone()), allowed: Vec::new() };
        return Ok(Exposure::to(owner).map(|it| {
            let fact = format!("belongs to {}: {}", it.by_whom(), thing.why);
            Finding::wrong(super::CHECK, fact).hint(it.remedy(&thing.path))
        }));
    }
    let found = match (Exposure::to(changing), thing.forbidden) {
        (Some(changing), _) => Some(("change it", changing)),
        (None, Forbidden::Write) => None,
        (None, Forbidden::Any) => {
            Exposure::to(access.others(ANY)).map(|seeing| ("look into it", seeing))
        }
    };
    Ok(found.map(|(what, exposure)| {
        let fact = format!("others may {what} ({}): {}", exposure.by_whom(), thing.why);
        thing.finding(fact).hint(exposure.remedy(&thing.path))
    }))
}
