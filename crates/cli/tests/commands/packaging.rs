//! What is committed in `packaging` is what the binary makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{keyfob, world};

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn committed(folder: &str) -> BTreeMap<String, String> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging").join(folder))
}

#[test]
fn the_manual_pages_are_current() {
    let world = world();
    let folder = world.make_folder("man");
    keyfob(&world).arg("man").arg(&folder).output().exits(0);
    let advice = "run: target/debug/keyfob man packaging/man";
    let (made, committed) = (files(&folder), committed("man"));
    assert_eq!(made.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>(), "{advice}");
    assert!(made == committed, "{advice}");
}

#[test]
fn the_completions_are_current() {
    let world = world();
    let committed = committed("completions");
    for (shell, file) in [
        ("bash", "keyfob.bash"),
        ("zsh", "_keyfob"),
        ("fish", "keyfob.fish"),
        ("powershell", "_keyfob.ps1"),
    ] {
        let made = keyfob(&world).args(["completions", shell]).output();
        assert!(
            committed.get(file) == Some(&made.exits(0).stdout()),
            "run: target/debug/keyfob completions {shell} > packaging/completions/{file}"
        );
    }
}
