//! What the model must notice: the same changes, written by a store that takes less care. A model
//! that finds nothing wrong with these would find nothing wrong with anything.

use super::cases::{Verdict, all};
use super::disk::{Step, Tree};

fn without_file_sync(_: &Tree, steps: &[Step]) -> Vec<Step> {
    steps.iter().filter(|step| !matches!(step, Step::Sync(_))).cloned().collect()
}

fn without_folder_sync(_: &Tree, steps: &[Step]) -> Vec<Step> {
    steps.iter().filter(|step| !matches!(step, Step::SyncFolder(_))).cloned().collect()
}

/// The promise before what it promises.
fn manifest_first(before: &Tree, steps: &[Step]) -> Vec<Step> {
    let folder = before.folder("/home/data/store/manifest");
    let is_in = |step: &&Step| matches!(step, Step::Names(place, _) if Some(*place) == folder);
    let names = steps.iter().filter(is_in).flat_map(|step| match step {
        Step::Names(_, changes) => changes.iter().filter_map(|(_, node)| *node).collect(),
        _ => Vec::new(),
    });
    let nodes: Vec<_> = names.collect();
    let is_of = |step: &&Step| match step {
        Step::Names(place, _) | Step::SyncFolder(place) => Some(*place) == folder,
        Step::Content(node, _) | Step::NewFile(node) | Step::Sync(node) => nodes.contains(node),
        Step::NewFolder(_) => false,
    };
    let first = steps.iter().filter(is_of);
    first.chain(steps.iter().filter(|step| !is_of(step))).cloned().collect()
}

/// A file that is there is emptied and written anew.
fn in_place(before: &Tree, steps: &[Step]) -> Vec<Step> {
    let mut tree = before.clone();
    let mut made = Vec::new();
    for step in steps {
        let old = match step {
            Step::Names(folder, changes) => {
                changes.iter().find_map(|(name, node)| Some((tree.named(*folder, name)?, (*node)?)))
            }
            _ => None,
        };
        step.apply(&mut tree);
        match (old, step) {
            (Some((old, new)), Step::Names(folder, changes)) if tree.content(new).is_some() => {
                let bytes = tree.content(new).unwrap_or_default().to_vec();
                made.extend([
                    Step::Content(old, Vec::new()),
                    Step::Content(old, bytes),
                    Step::Sync(old),
                ]);
                let others = changes.iter().filter(|(_, node)| node.is_none()).cloned();
                made.push(Step::Names(*folder, others.collect()));
            }
            _ => made.push(step.clone()),
        }
    }
    made
}

/// Loses at worst what the agent remembers, which a store is whole without: nothing to notice.
const HARMLESS: &str = "memory";

/// Wrong disks after which a mutation is told.
const ENOUGH: usize = 6;

type Mutation = fn(&Tree, &[Step]) -> Vec<Step>;

#[test]
#[allow(clippy::print_stdout, reason = "the figures of the model")]
fn the_model_notices_less_care() {
    let all_of_them: &[&str] = &[];
    let mutations: [(&str, Mutation, &[&str]); 4] = [
        ("without file sync", without_file_sync, all_of_them),
        ("without folder sync", without_folder_sync, all_of_them),
        ("manifest first", manifest_first, &["add", "change", "rename"]),
        ("in place", in_place, &["add", "change", "rename", "delete"]),
    ];
    let cases = all();
    for (mutation, change, only) in mutations {
        for (name, case) in &cases {
            if *name == HARMLESS || (!only.is_empty() && !only.contains(name)) {
                continue;
            }
            let steps = change(&case.before, &case.steps);
            let Verdict { states, bad, .. } = case.judged_with(&steps, ENOUGH);
            println!("{mutation}, {name}: {states} states, {bad} bad");
            assert!(bad > 0, "{mutation}, {name}: nothing was noticed");
        }
    }
}
