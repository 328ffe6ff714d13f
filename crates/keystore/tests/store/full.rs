//! A full disk, a limit on the size of files, and folders that may not be written to: a change that
//! fails has not happened, and the store is as good as before.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use keyfob_keystore::{Cost, Finding, RecoveryCode, Store, Trust, Unlocked};

use crate::support::{Home, files, key, name, new, secret, skipped};

/// Every change there is.
const CHANGES: [&str; 8] =
    ["add", "add two", "change", "rename", "delete", "passphrase", "code", "rekey"];

fn carry_out(change: &str, mut store: Unlocked) -> keyfob_keystore::Result<()> {
    match change {
        "add" => store.add(vec![new("x", 4)]),
        "add two" => store.add(vec![new("x", 4), new("y", 5)]),
        "change" => store.change(&name("work"), |facts, _| facts.comment = vec![b'x'; 4000]),
        "rename" => store.rename(&name("work"), &name("x")),
        "delete" => store.delete(&name("work")),
        "passphrase" => store.set_passphrase(&secret("other"), Cost::FLOOR),
        "code" => store.set_recovery_code().map(drop),
        "rekey" => store.rekey(&secret("other"), Cost::FLOOR).map(drop),
        _ => panic!("no such change"),
    }
}

fn unlock(home: &Home, code: &RecoveryCode) -> Unlocked {
    home.open().unlock(code, Trust::Remembered).unwrap()
}

fn ill_fated() -> (Home, RecoveryCode) {
    let home = Home::new();
    let (mut store, code) = home.made();
    store.add(vec![new("work", 1), new("home", 2)]).unwrap();
    (home, code)
}

/// The keys with their numbers; every one opens.
fn held(store: &Unlocked) -> BTreeMap<String, u8> {
    let items = store.items().into_iter().map(|item| {
        let keyfob_keystore::Content::Key(opened) = store.open(&item.name).unwrap().1 else {
            panic!("no key")
        };
        let number = (1..9).find(|number| key(*number).public() == opened.public());
        (item.name.to_string(), number.unwrap())
    });
    items.collect()
}

/// The store after a change that failed somewhere: both keys are there, whatever they are called,
/// and a change that is begun now succeeds.
#[track_caller]
fn is_well(home: &Home, code: &RecoveryCode, what: &str) {
    let mut store = unlock(home, code);
    let mut numbers: Vec<u8> = held(&store).into_values().collect();
    numbers.sort_unstable();
    assert!(numbers.starts_with(&[1, 2]), "{what}: {numbers:?}");
    let lost = |it: &&Finding| matches!(it, Finding::Missing(_) | Finding::MissingSlot(_));
    assert_eq!(store.findings().iter().find(lost), None, "{what}");
    store.add(vec![new("after", 8)]).unwrap();
    store.delete(&name("after")).unwrap();
    assert!(!files(&home.path("")).iter().any(|name| name.contains(".new-")), "{what}");
}

/// This test program again, for one change, under other circumstances.
fn again(mut command: Command, home: &Home, code: &RecoveryCode, change: &str) -> Output {
    let words = format!("{}\n{}\n{change}", home.path("").display(), *code.to_text());
    command
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full::one_change", "--ignored", "--nocapture"])
        .env("KEYFOB_CHANGE", words)
        .output()
        .unwrap()
}

/// Ends with 0 when the change succeeds, and else with the error on standard error.
#[test]
#[ignore = "a part of the other tests, which start it"]
fn one_change() {
    let Ok(words) = std::env::var("KEYFOB_CHANGE") else { return };
    let words: Vec<&str> = words.lines().collect();
    let folder = Path::new(words[0]);
    let code = RecoveryCode::parse(&secret(words[1])).unwrap();
    let store = Store::open(&folder.join("store"), &folder.join("state/stores")).unwrap();
    carry_out(words[2], store.unlock(&code, Trust::Remembered).unwrap()).unwrap();
}

#[test]
fn a_limit_on_the_size_of_files_costs_nothing() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        skipped("prlimit is not installed");
        return;
    }
    for limit in [0, 100, 700] {
        for change in CHANGES {
            let (home, code) = ill_fated();
            let mut command = Command::new("prlimit");
            command.arg(format!("--fsize={limit}:{limit}"));
            let output = again(command, &home, &code, change);
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success(), "{limit}, {change}: it succeeded");
            assert!(stderr.contains("Os { code: 27"), "{limit}, {change}: {output:?}");
            is_well(&home, &code, &format!("{limit}, {change}"));
        }
    }
}

/// In a user namespace of its own, where anybody may mount: the store is copied to a small disk,
/// that is filled but for so many kilobytes, and copied back after the change.
const ON_A_SMALL_DISK: &str = r#"
set -e
cd "$1"
mkdir disk
mount -t tmpfs -o size=256k none disk
cp -r store state disk
cp -r disk/store before
head -c "$2" /dev/zero >disk/room
cat /dev/zero >disk/fill 2>/dev/null || true
rm disk/room
set +e
shift 2
"$@"
code=$?
rm disk/fill
rm -r store state
cp -r disk/store disk/state .
ls -d disk/store.* 2>/dev/null && exit 99
umount disk
rmdir disk
rm -r before
exit $code
"#;

#[test]
fn a_full_disk_costs_nothing() {
    let works = || {
        let mut command = Command::new("unshare");
        let run = command.args(["--user", "--map-root-user", "--mount", "true"]).output();
        run.is_ok_and(|output| output.status.success())
    };
    if !works() {
        skipped("no user namespaces here, so nothing can be mounted");
        return;
    }
    for room in [0, 4096, 8192, 16384] {
        for change in CHANGES {
            let (home, code) = ill_fated();
            let mut command = Command::new("unshare");
            command.args([
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                ON_A_SMALL_DISK,
                "sh",
            ]);
            command.arg(home.path("")).arg(room.to_string());
            command.arg("env").arg(format!(
                "KEYFOB_CHANGE={}\n{}\n{change}",
                home.path("disk").display(),
                *code.to_text()
            ));
            let output = command
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", "full::one_change", "--ignored", "--nocapture"])
                .output()
                .unwrap();
            let what = format!("{room} bytes, {change}");
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            if !output.status.success() {
                assert!(stderr.contains("Os { code: 28"), "{what}: {stderr} {output:?}");
                is_well(&home, &code, &what);
                let held = held(&unlock(&home, &code));
                if change.starts_with("add") {
                    assert!(!held.contains_key("x"), "{what}: it failed, and the key is there");
                }
            }
            assert!(room > 0 || !output.status.success(), "{what}: it succeeded");
        }
    }
}

#[test]
fn what_may_only_be_read_is_read_and_says_that_it_cannot_be_changed() {
    if rustix::process::geteuid().is_root() {
        let (home, code) = ill_fated();
        // Root may write anywhere: whoever is nobody may not.
        let mode = std::fs::Permissions::from_mode(0o755);
        let everything =
            Command::new("chmod").args(["-R", "a+rX,go-w"]).arg(home.path("")).status();
        assert!(everything.unwrap().success());
        std::fs::set_permissions(home.path(""), mode).unwrap();
        for change in CHANGES {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--clear-groups", "--"]);
            let program = home.path("program");
            std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
            let words = format!("{}\n{}\n{change}", home.path("").display(), *code.to_text());
            command.arg(&program).args(["--exact", "full::one_change", "--ignored", "--nocapture"]);
            let output = command.env("KEYFOB_CHANGE", words).output().unwrap();
            std::fs::remove_file(&program).unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(stderr.contains("Os { code: 13"), "{change}: {stderr}");
            assert!(!stderr.contains("Unlock"), "{change}: {stderr}");
        }
        is_well(&home, &code, "read only");
    } else {
        skipped("only root can become somebody else");
    }
}

#[test]
fn a_machine_that_cannot_remember_unlocks_and_says_so() {
    let (home, code) = ill_fated();
    // A file in the place of the folder: nobody can write there, root neither.
    std::fs::remove_dir_all(home.path("state")).unwrap();
    std::fs::write(home.path("state"), "no folder").unwrap();
    let mut store = unlock(&home, &code);
    assert!(matches!(store.findings(), [Finding::Forgetful(_)]), "{:?}", store.findings());
    store.add(vec![new("x", 4)]).unwrap();
    assert_eq!(held(&store).len(), 3);
}
