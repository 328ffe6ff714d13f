//! Every disk that a power cut can leave.
//!
//! Power is lost after any number of steps. Of what was not made to last, each change of names is
//! there or not, whatever became of the others, and each content is empty, a part, or whole.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::disk::{Step, Tree};

/// So many changes of names that do not last yet are lost in every combination. Of more — a whole
/// old store being taken away — each is lost alone, kept alone, and in pairs of neighbours.
const EVERY_COMBINATION: usize = 7;

/// Calls `look` with each disk, once, and whether everything was done before, as long as it
/// wants to see more.
pub(crate) fn after_each_cut(
    before: &Tree,
    steps: &[Step],
    mut look: impl FnMut(Tree, bool) -> bool,
) {
    let mut known = HashSet::new();
    for done in 0..=steps.len() {
        let whole = done == steps.len();
        let (names, contents) = pending(&steps[..done]);
        for (lost, torn) in losses(&names)
            .iter()
            .flat_map(|lost| tears(&contents).into_iter().map(move |torn| (lost, torn)))
        {
            let mut tree = before.clone();
            for (at, step) in steps[..done].iter().enumerate().filter(|(at, _)| !lost.contains(at))
            {
                step.part(torn.get(&at).copied().unwrap_or(2)).apply(&mut tree);
            }
            let mut hasher = DefaultHasher::new();
            (tree.seen(), whole).hash(&mut hasher);
            if known.insert(hasher.finish()) && !look(tree, whole) {
                return;
            }
        }
    }
}

/// What is not made to last: the places of changes of names, and of the last contents.
fn pending(steps: &[Step]) -> (Vec<usize>, Vec<usize>) {
    let (mut names, mut contents) = (Vec::new(), BTreeMap::new());
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Names(folder, _) => names.push((at, *folder)),
            Step::SyncFolder(folder) => names.retain(|(_, other)| other != folder),
            Step::Content(node, _) => drop(contents.insert(*node, at)),
            Step::Sync(node) => drop(contents.remove(node)),
            Step::NewFile(_) | Step::NewFolder(_) => {}
        }
    }
    (names.into_iter().map(|(at, _)| at).collect(), contents.into_values().collect())
}

/// How much is there of each content: every combination for two, one at a time for more.
fn tears(contents: &[usize]) -> Vec<BTreeMap<usize, usize>> {
    match *contents {
        [one, other] => {
            let both = (0..9).map(|parts| BTreeMap::from([(one, parts % 3), (other, parts / 3)]));
            both.collect()
        }
        _ => {
            let parts =
                contents.iter().flat_map(|at| [0, 1].map(|part| BTreeMap::from([(*at, part)])));
            std::iter::once(BTreeMap::new()).chain(parts).collect()
        }
    }
}

fn losses(places: &[usize]) -> Vec<BTreeSet<usize>> {
    if places.len() <= EVERY_COMBINATION {
        let all = 0..1_usize << places.len();
        let chosen = |mask: usize| {
            let lost = places.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1);
            lost.map(|(_, place)| *place).collect()
        };
        return all.map(chosen).collect();
    }
    let all: BTreeSet<usize> = places.iter().copied().collect();
    let mut losses = vec![BTreeSet::new(), all.clone()];
    for pair in places.windows(2) {
        for few in
            [BTreeSet::from([pair[0]]), BTreeSet::from([pair[1]]), pair.iter().copied().collect()]
        {
            losses.push(all.difference(&few).copied().collect());
            losses.push(few);
        }
    }
    losses
}
