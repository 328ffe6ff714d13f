//! Who may import whom (DESIGN §1), and how much the daemon links.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use keyfob_tests::source::root;

/// Folder, and the folders it may import. A crate that is not built yet may stand here.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("sys", &[]),
    ("keys", &["sys"]),
    ("keyfile", &["keys"]),
    ("protocol", &["keys"]),
    ("agent", &["protocol", "keys"]),
    ("hosts", &["keys"]),
    ("keystore", &["keys", "sys"]),
    ("log", &["sys"]),
    ("transport", &["protocol", "sys"]),
    ("prompt", &["sys"]),
    ("config", &[]),
    (
        "daemon",
        &[
            "agent",
            "config",
            "hosts",
            "keys",
            "keystore",
            "log",
            "prompt",
            "protocol",
            "sys",
            "transport",
        ],
    ),
    (
        "cli",
        &[
            "agent",
            "config",
            "daemon",
            "hosts",
            "keyfile",
            "keys",
            "keystore",
            "log",
            "prompt",
            "protocol",
            "sys",
            "transport",
        ],
    ),
    // The oracle of all the others: what it borrowed from them it could not judge.
    ("testkit", &[]),
];

/// Measured: 87 on Linux when the agent was first whole. Raising it needs a reason beside the new
/// dependency in the workspace's manifest.
const DAEMON_BUDGET: usize = 100;

/// As cargo sees this machine's build; offline, because a test must not wait for a registry.
fn metadata() -> Metadata {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8(version).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--offline".to_owned(), format!("--filter-platform={host}")])
        .exec()
        .expect("cargo metadata")
}

/// Our crates by folder.
fn ours(metadata: &Metadata) -> BTreeMap<String, &Package> {
    let members = metadata.workspace_packages().into_iter();
    members
        .filter_map(|package| {
            let folder = package.manifest_path.parent()?;
            let is_crate = folder.parent()?.file_name()? == "crates";
            is_crate.then(|| (folder.file_name().unwrap().to_owned(), package))
        })
        .collect()
}

/// The folders this package names as dependencies of this kind.
fn imports(package: &Package, kind: DependencyKind) -> BTreeSet<String> {
    let named = package.dependencies.iter().filter(|dependency| dependency.kind == kind);
    let paths = named.filter_map(|dependency| dependency.path.as_ref());
    paths.map(|path| path.file_name().unwrap().to_owned()).collect()
}

#[test]
fn every_crate_stands_in_the_table() {
    for folder in ours(&metadata()).keys() {
        assert!(MAY_IMPORT.iter().any(|(name, _)| name == folder), "crates/{folder} has no floor");
    }
}

#[test]
fn a_crate_is_named_after_its_folder() {
    for (folder, package) in ours(&metadata()) {
        let wanted = if folder == "cli" { "keyfob".to_owned() } else { format!("keyfob-{folder}") };
        assert_eq!(package.name.as_str(), wanted);
    }
}

#[test]
fn imports_point_down_only() {
    for (folder, package) in ours(&metadata()) {
        let (_, allowed) = MAY_IMPORT.iter().find(|(name, _)| *name == folder).unwrap();
        for kind in [DependencyKind::Normal, DependencyKind::Build] {
            for import in imports(package, kind) {
                assert!(allowed.contains(&import.as_str()), "{folder} may not import {import}");
            }
        }
    }
}

#[test]
fn the_table_itself_points_down_only() {
    for (index, (folder, allowed)) in MAY_IMPORT.iter().enumerate() {
        for import in *allowed {
            let below = MAY_IMPORT[..index].iter().any(|(name, _)| name == import);
            assert!(below, "{folder} stands below {import}, which it may import");
        }
    }
}

#[test]
fn the_testkit_is_linked_into_tests_only() {
    for (folder, package) in ours(&metadata()) {
        let imports = imports(package, DependencyKind::Normal);
        assert!(!imports.contains("testkit"), "{folder} links the testkit");
    }
}

/// Everything this package links, by whatever way.
fn reachable<'a>(metadata: &'a Metadata, from: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let nodes: BTreeMap<_, _> =
        metadata.resolve.as_ref().unwrap().nodes.iter().map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(id) = next.pop() {
        if !seen.insert(id) {
            continue;
        }
        let normal = nodes[id].deps.iter().filter(|dependency| {
            dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
        });
        next.extend(normal.map(|dependency| &dependency.pkg));
    }
    seen
}

/// Parsers of strangers' files do not run where the keys are.
#[test]
fn the_daemon_does_not_reach_the_file_parsers() {
    let metadata = metadata();
    let ours = ours(&metadata);
    let reached = reachable(&metadata, &ours["daemon"].id);
    assert!(!reached.contains(&ours["keyfile"].id), "the daemon reaches keyfile");
}

/// Measured by `cargo tree`, because `cargo metadata` counts features of the whole workspace. What
/// runs while compiling is left out: it is not in the process that holds the keys.
#[test]
fn the_daemon_links_few_crates() {
    let tree = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--offline", "--package", "keyfob-daemon"])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
        .output()
        .expect("cargo tree");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    let count = crates.len();
    assert!(count > 20, "cargo tree printed only {count} crates");
    assert!(count <= DAEMON_BUDGET, "the daemon links {count} crates, at most {DAEMON_BUDGET}");
}
