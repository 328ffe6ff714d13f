//! What is committed in `packaging` is what the binary makes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{keyfob, skipped, world};

fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging").join(name)
}

fn committed(folder: &str) -> BTreeMap<String, String> {
    files(&packaging(folder))
}

#[test]
fn the_manual_pages_are_current() {
    let world = world();
    let folder = world.path("not there/man");
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
        ("nushell", "keyfob.nu"),
    ] {
        let made = keyfob(&world).args(["completions", shell]).output();
        assert!(
            committed.get(file) == Some(&made.exits(0).stdout()),
            "run: target/debug/keyfob completions {shell} > packaging/completions/{file}"
        );
    }
}

/// Lines that cannot be filled are no fault of a page: options are not broken.
#[test]
fn the_manual_pages_are_read_without_a_warning() {
    if Command::new("groff").arg("--version").output().is_err() {
        return skipped("groff is not installed");
    }
    let pages = fs::read_dir(packaging("man")).unwrap().flatten().map(|entry| entry.path());
    let pages: Vec<PathBuf> = pages.collect();
    assert!(pages.len() > 30, "{pages:?}");
    for page in pages {
        let flags = ["-ww", "-Wbreak", "-man", "-Tutf8", "-z"];
        let read = Command::new("groff").args(flags).arg(&page).output().unwrap();
        let warnings = String::from_utf8_lossy(&read.stderr).into_owned();
        assert!(read.status.success() && warnings.is_empty(), "{}: {warnings}", page.display());
    }
}

/// The numbers that a page says its command ends with.
fn exits(pages: &BTreeMap<String, String>, command: &str) -> BTreeSet<i32> {
    let page = &pages[&format!("keyfob-{command}.1")];
    let section = page.split(".SH \"EXIT STATUS\"").nth(1).unwrap().split(".SH").next().unwrap();
    let numbers = section.split("\\fB").skip(1).filter_map(|rest| rest.split('\\').next());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// Lost otherwise: a script waits for a code that never comes, or takes a missing agent for a failure.
#[test]
fn commands_end_without_an_agent_as_their_pages_say() {
    let (world, pages) = (world(), committed("man"));
    let key = world.key(keyfob_testkit::KeyType::Ed25519, "key");
    let key = key.path().to_str().unwrap();
    let ask: [&[&str]; 13] = [
        &["add", key],
        &["explain", "box"],
        &["hosts"],
        &["list"],
        &["lock"],
        &["relay"],
        &["remove", "x"],
        &["status"],
        &["test", "1"],
        &["unlock"],
        &["why"],
        &["doctor"],
        &["generate", "--no-passphrase", "--add", "-f", "made"],
    ];
    let do_not: [&[&str]; 12] = [
        &["check"],
        &["comment", "nothing", "text"],
        &["config", "show"],
        &["copy-id", "box"],
        &["delete", "x"],
        &["export", "x"],
        &["import", key],
        &["inspect", key],
        &["log"],
        &["public", key],
        &["rename", "x", "y"],
        &["uninstall", "--dry-run"],
    ];
    for (all, asks) in [(&ask[..], true), (&do_not[..], false)] {
        for words in all {
            let said = keyfob(&world).args(*words).output();
            let code = said.status.unwrap().code().unwrap();
            let told = exits(&pages, words[0]);
            assert_eq!((code == 2, told.contains(&2)), (asks, asks), "{words:?} {told:?}\n{said}");
            assert!(told.contains(&code), "{words:?} {told:?}\n{said}");
        }
    }
}

fn manifest() -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    fs::read_to_string(path).unwrap().parse().unwrap()
}

/// What a package holds: source, place and mode.
fn contents(kind: &str, parts: [&str; 3]) -> BTreeSet<[String; 3]> {
    let manifest = manifest();
    let assets = manifest["package"]["metadata"][kind]["assets"].as_array().unwrap();
    let files = assets.iter().map(|asset| {
        let part = |at: usize| match asset {
            toml::Value::Array(parts) => parts[at].as_str().unwrap(),
            asset => asset[parts[at]].as_str().unwrap(),
        };
        [0, 1, 2].map(|at| part(at).trim_start_matches('/').to_owned())
    });
    files.collect()
}

/// What only one of them holds is somewhere else in the other, or its distribution wants it so.
#[test]
fn both_packages_hold_the_same() {
    const DEB: [&str; 2] = ["usr/share/doc/keyfob/changelog", "usr/share/zsh/vendor-completions/"];
    const RPM: [&str; 4] = [
        "usr/share/doc/keyfob/",
        "usr/share/licenses/keyfob/",
        "usr/share/licenses/keyfob/",
        "usr/share/zsh/site-functions/",
    ];
    let parts = ["source", "dest", "mode"];
    let (deb, rpm) = (contents("deb", parts), contents("rpm", parts));
    let places = |files: &BTreeSet<[String; 3]>, others: &BTreeSet<[String; 3]>| {
        let mut places: Vec<String> =
            files.difference(others).map(|[_, place, _]| place.clone()).collect();
        places.sort();
        places
    };
    assert_eq!(places(&deb, &rpm), DEB);
    assert_eq!(places(&rpm, &deb), RPM);
    assert!(deb.len() > 10);
}

/// Whatever is made for packages is in them.
#[test]
fn the_package_has_every_completion_and_every_section_of_the_manual() {
    let deb = contents("deb", ["source", "dest", "mode"]);
    let sources: Vec<&str> = deb.iter().map(|[source, ..]| source.as_str()).collect();
    for name in committed("completions").keys() {
        let source = format!("../../packaging/completions/{name}");
        assert!(sources.contains(&source.as_str()), "{source}");
    }
    for page in committed("man").keys() {
        let section = page.rsplit('.').next().unwrap();
        let source = format!("target/release/man/*.{section}.gz");
        assert!(sources.contains(&source.as_str()), "{source}");
    }
}

#[test]
fn the_changelog_of_the_package_begins_with_this_version() {
    let changelog = fs::read_to_string(packaging("debian/changelog")).unwrap();
    let wanted = format!("keyfob ({}-1) ", env!("CARGO_PKG_VERSION"));
    assert!(changelog.starts_with(&wanted), "wanted {wanted:?} first:\n{changelog}");
}

/// winget installs what has this checksum, from this place.
#[test]
fn the_manifests_of_winget_name_the_file_by_its_checksum() {
    let script = packaging("windows/winget");
    if Command::new("python3").arg("--version").output().is_err() {
        return skipped("python3 is not installed");
    }
    let world = world();
    let folder = world.make_folder("winget");
    let file = world.make_folder("made").join("keyfob-1.2.3-x86_64-windows.zip");
    fs::write(&file, "abc").unwrap();
    let made = Command::new(&script).arg(&file).arg("1.2.3").arg(&folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let made = files(&folder);
    let names: Vec<&String> = made.keys().collect();
    let expected =
        ["keyfob.keyfob.installer.yaml", "keyfob.keyfob.locale.en-US.yaml", "keyfob.keyfob.yaml"];
    assert_eq!(names, expected);
    for (name, text) in &made {
        let has = |line: &str| {
            assert!(
                text.lines().any(|it| it.trim().trim_start_matches("- ") == line),
                "{name}: {line}"
            );
        };
        has("PackageIdentifier: \"keyfob.keyfob\"");
        has("PackageVersion: \"1.2.3\"");
        has("ManifestVersion: \"1.6.0\"");
        if name.contains("installer") {
            has(
                "InstallerSha256: \"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\"",
            );
            has("RelativeFilePath: \"keyfob-1.2.3-x86_64-windows\\\\keyfob.exe\"");
        }
    }
}

/// What the installer for Windows takes is what the zip has.
#[test]
fn the_installer_for_windows_holds_what_the_zip_holds() {
    let make = fs::read_to_string(packaging("windows/make")).unwrap();
    let installer = fs::read_to_string(packaging("windows/keyfob.wxs")).unwrap();
    let sources = installer.split("Source=\"$(var.Source)/").skip(1);
    let taken: Vec<&str> = sources.map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(taken.len(), 9, "{taken:?}");
    for name in taken {
        // Texts get their end there.
        let plain = name.strip_suffix(".txt").unwrap_or(name);
        assert!(make.contains(plain), "{name}");
    }
}
