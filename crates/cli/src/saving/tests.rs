//! What a path may name, and what becomes of it. Full disks, limits and sudden ends need
//! a process of their own: `tests/commands/saving.rs`.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn replace(path: &Path) -> Result<(), Problem> {
    save(path, b"new", Mode::Private, Overwrite::Replace).map_err(|error| error.problem)
}

fn add(path: &Path) -> Result<(), Problem> {
    save(path, b"new", Mode::Private, Overwrite::Never).map_err(|error| error.problem)
}

/// Nothing unfinished in there.
#[track_caller]
fn is_clean(folder: &Path) {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = entries.filter(|name| place::is_unfinished(name)).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_new_file_is_whole_and_a_private_one_for_nobody_else() {
    let folder = folder();
    for (number, overwrite) in [Overwrite::Never, Overwrite::Replace].into_iter().enumerate() {
        let path = folder.path().join(number.to_string());
        save(&path, b"secret", Mode::Private, overwrite).unwrap();
        assert_eq!((text(&path).as_str(), mode(&path)), ("secret", 0o600));
    }
    let public = folder.path().join("id.pub");
    save(&public, b"", Mode::Public, Overwrite::Never).unwrap();
    assert_eq!(mode(&public) & !0o044, 0o600);
    is_clean(folder.path());
}

#[test]
fn a_name_without_a_folder_is_one_in_the_current_folder() {
    assert!(!is_taken(Path::new("no-such-file-here")).unwrap());
    assert!(is_taken(Path::new("Cargo.toml")).unwrap());
}

#[test]
fn an_old_file_is_replaced_and_never_opened_wider() {
    let folder = folder();
    let path = folder.path().join("id");
    for (old, expected) in
        [(0o600, 0o600), (0o400, 0o400), (0o644, 0o600), (0o777, 0o600), (0o040, 0o400)]
    {
        write(&path, "old", old);
        replace(&path).unwrap();
        assert_eq!((text(&path).as_str(), mode(&path)), ("new", expected), "{old:o}");
    }
    write(&path, "old", 0o600);
    save(&path, b"new", Mode::Public, Overwrite::Replace).unwrap();
    assert_eq!(mode(&path), 0o600, "a public file nobody else could read stays so");
}

#[test]
fn what_is_to_stay_stays() {
    let folder = folder();
    let path = folder.path().join("id");
    write(&path, "old", 0o600);
    let link = folder.path().join("link");
    symlink("nowhere", &link).unwrap();
    for taken in [&path, &link, &folder.path().to_owned()] {
        assert!(matches!(add(taken), Err(Problem::Exists)), "{}", taken.display());
    }
    assert!(is_taken(&path).unwrap() && is_taken(&link).unwrap(), "which is told beforehand");
    assert_eq!(text(&path), "old");
    assert!(!folder.path().join("nowhere").exists());
    is_clean(folder.path());
}

#[test]
fn a_link_stays_and_its_file_is_replaced() {
    let folder = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let (first, second) = (folder.path().join("first"), inner.join("second"));
    symlink("inner/second", &first).unwrap();
    symlink("../file", &second).unwrap();
    // The last one points to nothing at first.
    for _ in 0..2 {
        replace(&first).unwrap();
        assert_eq!(text(&folder.path().join("file")), "new");
    }
    assert!(first.is_symlink() && second.is_symlink());
    is_clean(folder.path());
    is_clean(&inner);
}

#[test]
fn links_that_go_in_a_circle_are_told() {
    let folder = folder();
    let path = folder.path().join("a");
    symlink("b", &path).unwrap();
    symlink("a", folder.path().join("b")).unwrap();
    let problem = replace(&path).unwrap_err();
    assert!(problem.to_string().contains("symbolic links"), "{problem}");
}

#[test]
fn another_name_of_the_file_keeps_the_old_content() {
    let folder = folder();
    let (path, other) = (folder.path().join("id"), folder.path().join("backup"));
    write(&path, "old", 0o600);
    assert_eq!(other_names(&path), 0);
    fs::hard_link(&path, &other).unwrap();
    assert_eq!(other_names(&path), 1);
    replace(&path).unwrap();
    assert_eq!((text(&path).as_str(), text(&other).as_str()), ("new", "old"));
}

#[test]
fn what_is_no_file_is_named_and_left_alone() {
    let folder = folder();
    let fifo = folder.path().join("fifo");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, 0o600.into(), 0).unwrap();
    let link = folder.path().join("link");
    symlink("/dev/null", &link).unwrap();
    let new_folder = folder.path().join("not there/");
    for (path, expected) in [
        (folder.path(), "a folder"),
        (&new_folder, "a folder"),
        (Path::new("/"), "a folder"),
        (Path::new(".."), "a folder"),
        (&fifo, "a FIFO"),
        (&link, "a device"),
    ] {
        let problem = replace(path).unwrap_err();
        assert!(matches!(problem, Problem::NotAFile(kind) if kind == expected), "{problem}");
        assert!(is_taken(path).is_err());
    }
    for path in [Path::new(""), &folder.path().join("missing/id"), Path::new("/proc/self/id")] {
        let problem = replace(path).unwrap_err();
        assert!(matches!(problem, Problem::Folder { .. } | Problem::NotAFile(_)), "{problem}");
    }
    assert!(is_taken(&folder.path().join("missing/id")).is_err());
}

#[test]
fn a_pair_is_written_whole_or_not_at_all() {
    let folder = folder();
    let (private, public) = (folder.path().join("id"), folder.path().join("id.pub"));
    let pair = |overwrite| {
        save_pair(
            New { path: &private, bytes: b"private", mode: Mode::Private },
            &[New { path: &public, bytes: b"public", mode: Mode::Public }],
            overwrite,
        )
    };
    write(&public, "old", 0o644);
    let refused = pair(Overwrite::Never).unwrap_err();
    assert!(refused.to_string().ends_with("id.pub: there is a file of this name already"));
    assert!(!private.exists());

    pair(Overwrite::Replace).unwrap();
    assert_eq!((text(&private).as_str(), text(&public).as_str()), ("private", "public"));

    write(&private, "old", 0o600);
    fs::remove_file(&public).unwrap();
    fs::create_dir(&public).unwrap();
    assert!(pair(Overwrite::Replace).is_err());
    assert_eq!(text(&private), "old");
    is_clean(folder.path());
}

#[test]
fn of_a_new_pair_the_first_goes_when_the_second_cannot_come() {
    let folder = folder();
    let path = folder.path().join("id");
    // Twice the same name: the second finds it taken only when it is about to take it.
    let file = New { path: &path, bytes: b"x", mode: Mode::Private };
    let refused = save_pair(file, &[file], Overwrite::Never).unwrap_err();
    assert!(matches!(refused.problem, Problem::Exists));
    assert!(!path.exists());
    is_clean(folder.path());
}

#[test]
fn a_file_that_is_another_one_meanwhile_is_noticed() {
    let folder = folder();
    let path = folder.path().join("id");
    write(&path, "old", 0o600);
    is_still(&path, b"old").unwrap();
    symlink(&path, folder.path().join("link")).unwrap();
    is_still(&folder.path().join("link"), b"old").unwrap();
    write(&path, "older", 0o600);
    let changed = |path: &Path| is_still(path, b"old").unwrap_err().problem;
    assert!(matches!(changed(&path), Problem::Changed));
    assert!(matches!(changed(&folder.path().join("none")), Problem::Changed));
    // That one is refused when it comes to saving, and never read twice.
    is_still(Path::new("/dev/null"), b"old").unwrap();
}

#[test]
fn two_files_that_lead_to_one_are_refused_and_nothing_is_written() {
    let folder = folder();
    let (path, public) = (folder.path().join("id"), folder.path().join("id.pub"));
    fs::create_dir(folder.path().join("other")).unwrap();
    write(&path, "old", 0o600);
    symlink("other/../id", &public).unwrap();
    let both = [
        New { path: &path, bytes: b"private", mode: Mode::Private },
        New { path: &public, bytes: b"public", mode: Mode::Public },
    ];
    let error = save_pair(both[0], &both[1..], Overwrite::Replace).unwrap_err();
    assert!(matches!(error.problem, Problem::Twice(_)) && error.path == public, "{error}");
    assert_eq!(text(&path), "old");
    is_clean(folder.path());
    // The same name in another folder is another file.
    fs::remove_file(&public).unwrap();
    symlink("other/id", &public).unwrap();
    save_pair(both[0], &both[1..], Overwrite::Replace).unwrap();
    assert_eq!((text(&path).as_str(), text(&public).as_str()), ("private", "public"));
}
