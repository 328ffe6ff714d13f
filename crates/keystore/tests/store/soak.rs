//! Three real processes change one store at once, and each is killed again and again in the
//! middle of it. What was acknowledged is there, and nothing is called an attack.
//!
//! `KEYFOB_SOAK=20000` makes it so many acknowledged changes instead of the usual ones.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use keyfob_keys::PrivateKey;
use keyfob_keystore::disk::{Disk, Guard, SystemDisk};
use keyfob_keystore::{
    Content, Error, Facts, Finding, New, Problem, RecoveryCode, Store, Trust, Unlocked,
};

use crate::support::{Home, name, secret};

const PROCESSES: u64 = 3;
/// Acknowledged changes.
const USUAL: usize = 1000;
/// Names each process has for its keys.
const NAMES: u64 = 4;

/// Small, and not meant to be random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// What one process believes of its own keys: the number in the comment, by name. Nobody else
/// touches them.
type Keys = BTreeMap<String, u64>;

/// One change, as a line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Set(String, u64),
    Rename(String, String),
    Delete(String),
}

impl Change {
    fn chosen(dice: &mut Dice, process: u64, keys: &Keys) -> Self {
        let mut any = || format!("p{process}-{}", dice.below(NAMES));
        let (one, other) = (any(), any());
        let number = dice.below(1 << 30);
        match (keys.contains_key(&one), keys.contains_key(&other), dice.below(3)) {
            (true, false, 0) => Self::Rename(one, other),
            (true, _, 1) => Self::Delete(one),
            _ => Self::Set(one, number),
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Set(name, number) => format!("set {name} {number}"),
            Self::Rename(from, to) => format!("rename {from} {to}"),
            Self::Delete(name) => format!("delete {name}"),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["set", name, number] => Some(Self::Set(name.into(), number.parse().ok()?)),
            ["rename", from, to] => Some(Self::Rename(from.into(), to.into())),
            ["delete", name] => Some(Self::Delete(name.into())),
            _ => None,
        }
    }

    fn apply(&self, keys: &mut Keys) {
        match self {
            Self::Set(name, number) => drop(keys.insert(name.clone(), *number)),
            Self::Rename(from, to) => {
                let number = keys.remove(from).unwrap();
                keys.insert(to.clone(), number);
            }
            Self::Delete(name) => drop(keys.remove(name)),
        }
    }

    fn carry_out(&self, store: &mut Unlocked, seed: u64) -> keyfob_keystore::Result<()> {
        match self {
            Self::Set(text, number) => {
                let comment = number.to_string().into_bytes();
                if store.item(&name(text)).is_ok() {
                    return store.change(&name(text), |facts, _| facts.comment = comment);
                }
                let mut bytes = [7; 32];
                bytes[..8].copy_from_slice(&number.to_be_bytes());
                bytes[8..16].copy_from_slice(&seed.to_be_bytes());
                let key = PrivateKey::ed25519_from_seed(&bytes);
                let public = Some(key.public().clone());
                let facts = Facts { comment, public, ..Facts::default() };
                store.add(vec![New { name: name(text), facts, content: Content::Key(key) }])
            }
            Self::Rename(from, to) => store.rename(&name(from), &name(to)),
            Self::Delete(text) => store.delete(&name(text)),
        }
    }
}

/// The keys of one process, as the store has them.
fn found(store: &Unlocked, process: u64) -> Keys {
    let own = format!("p{process}-");
    let items = store.items().into_iter().filter(|item| item.name.as_str().starts_with(&own));
    let number = |comment: &[u8]| std::str::from_utf8(comment).unwrap().parse().unwrap();
    items.map(|item| (item.name.to_string(), number(&item.facts.comment))).collect()
}

/// What a process left: its journal has a line before each change and `ok` behind it.
struct Journal {
    /// After all that was acknowledged.
    keys: Keys,
    acknowledged: usize,
    /// What was begun last, and may or may not have been done.
    pending: Option<Change>,
}

impl Journal {
    fn read(path: &Path) -> Self {
        let mut journal = Self { keys: Keys::new(), acknowledged: 0, pending: None };
        let text = fs::read_to_string(path).unwrap_or_default();
        // A kill may have cut the last line.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines() {
            match (line, Change::parse(line)) {
                ("ok", _) => {
                    journal.pending.take().unwrap().apply(&mut journal.keys);
                    journal.acknowledged += 1;
                }
                // It was found not to have been done.
                ("no", _) => journal.pending = None,
                (_, change) => journal.pending = Some(change.unwrap()),
            }
        }
        journal
    }

    /// Whether the store has what was acknowledged, with or without the last change.
    fn fits(&self, found: &Keys) -> bool {
        let mut after = self.keys.clone();
        if let Some(pending) = &self.pending {
            pending.apply(&mut after);
        }
        *found == self.keys || *found == after
    }
}

fn alarms(store: &Unlocked) -> Vec<&Finding> {
    let is_alarm = |finding: &&Finding| {
        !matches!(
            finding,
            // What a kill leaves, and the next change does not need.
            Finding::Draft(_)
                | Finding::NoPublic(_)
                | Finding::UnknownSlot(_)
                | Finding::File { problem: Problem::Deleted, .. }
        )
    };
    store.findings().iter().filter(is_alarm).collect()
}

/// One of the processes. It is this test program again, and ends by being killed.
#[test]
#[ignore = "a part of the soak, which starts it"]
fn worker() {
    let Some(words) = std::env::var("KEYFOB_SOAK_WORKER").ok() else { return };
    let words: Vec<&str> = words.split(' ').collect();
    let (process, seed) = (words[0].parse().unwrap(), words[1].parse().unwrap());
    let folder = Path::new(words[2]);
    let code = RecoveryCode::parse(&secret(words[3])).unwrap();
    let disk: Arc<dyn Disk> =
        if words.len() > 4 { Arc::new(Lockless(SystemDisk)) } else { Arc::new(SystemDisk) };
    let (place, states) = (folder.join("store"), folder.join("state/stores"));
    let store = Store::open_on(disk, &place, &states).unwrap();
    let mut store = store.unlock(&code, Trust::Remembered).unwrap();
    assert_eq!(alarms(&store), [] as [&Finding; 0]);
    let path = folder.join(format!("journal-{process}"));
    let mut journal = Journal::read(&path);
    let mut file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
    let mut say = |line: &str| file.write_all(format!("{line}\n").as_bytes()).unwrap();
    // Ends a line that a kill may have cut. What was pending is decided by what is there.
    if let Some(pending) = &journal.pending {
        let there = found(&store, process);
        assert!(journal.fits(&there), "{there:?} instead of {:?}, {pending:?}", journal.keys);
        let mut after = journal.keys.clone();
        pending.apply(&mut after);
        say(if there == after { "ok" } else { "no" });
        journal.keys = there;
    }
    let mut dice = Dice(seed);
    loop {
        let change = Change::chosen(&mut dice, process, &journal.keys);
        say(&change.line());
        change.carry_out(&mut store, seed).unwrap();
        assert_eq!(alarms(&store), [] as [&Finding; 0]);
        change.apply(&mut journal.keys);
        assert_eq!(found(&store, process), journal.keys, "after {change:?}");
        say("ok");
    }
}

fn start(home: &Home, process: u64, seed: u64, code: &str) -> Child {
    // A line that was cut by the last kill would swallow the next one.
    let path = home.path(&format!("journal-{process}"));
    let text = fs::read(&path).unwrap_or_default();
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    fs::write(&path, &text[..end]).unwrap();
    let words = format!("{process} {seed} {} {code}", home.path("").display());
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "soak::worker", "--ignored", "--nocapture"])
        .env("KEYFOB_SOAK_WORKER", words.replace("/ ", " "))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures of the soak")]
fn three_processes_that_are_killed_again_and_again_lose_nothing() {
    let wanted = std::env::var("KEYFOB_SOAK").ok().and_then(|it| it.parse().ok()).unwrap_or(USUAL);
    let home = Home::in_memory();
    let (store, code) = home.made();
    drop(store);
    let code = code.to_text();
    let journals = || (0..PROCESSES).map(|it| Journal::read(&home.path(&format!("journal-{it}"))));
    let mut dice = Dice(u64::from(std::process::id()));
    let began = Instant::now();
    let mut running: Vec<_> = (0..PROCESSES).map(|it| start(&home, it, it + 1, &code)).collect();
    let (mut kills, mut failures) = (0, String::new());
    while journals().map(|it| it.acknowledged).sum::<usize>() < wanted && failures.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(1200), "it does not get on");
        std::thread::sleep(Duration::from_millis(100 + dice.below(500)));
        let victim = dice.below(PROCESSES);
        let child = &mut running[victim as usize];
        let ended_by_itself = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        let output = std::mem::replace(child, start_nothing()).wait_with_output().unwrap();
        if ended_by_itself {
            write!(failures, "{}", String::from_utf8_lossy(&output.stderr)).unwrap();
        }
        kills += 1;
        running[victim as usize] = start(&home, victim, dice.below(1 << 30), &code);
    }
    for child in &mut running {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(failures, "", "a process failed");
    let store =
        home.open().unlock(&RecoveryCode::parse(&secret(&code)).unwrap(), Trust::Remembered);
    let mut store = store.unwrap();
    let mut acknowledged = 0;
    for (process, journal) in (0..PROCESSES).zip(journals()) {
        let there = found(&store, process);
        assert!(journal.fits(&there), "{process}: {there:?} instead of {:?}", journal.keys);
        acknowledged += journal.acknowledged;
    }
    assert_eq!(alarms(&store), [] as [&Finding; 0]);
    mend_all(&mut store).unwrap();
    println!(
        "{acknowledged} acknowledged, {kills} kills, 0 lost, 0 false alarms, {:?}",
        began.elapsed()
    );
}

/// What the kills left is mended, and costs nothing.
fn mend_all(store: &mut Unlocked) -> Result<(), Error> {
    let before = store.items();
    for _ in 0..50 {
        let findings = store.check()?;
        let Some(remedy) = findings.iter().find_map(|it| store.remedy(it)) else {
            assert_eq!(findings, []);
            let numbers = |items: Vec<keyfob_keystore::Item>| -> Vec<_> {
                items.into_iter().map(|item| (item.name, item.facts)).collect()
            };
            assert_eq!(numbers(store.items()), numbers(before));
            return Ok(());
        };
        store.mend(&remedy)?;
    }
    panic!("it never ends");
}

/// What the lock is for: the same without it goes wrong, in a moment.
#[test]
#[ignore = "shows what the lock is for; takes as long as it takes"]
fn without_the_lock_it_breaks_at_once() {
    let home = Home::in_memory();
    let (store, code) = home.made();
    drop(store);
    let words = format!("{} lockless", *code.to_text());
    let mut running: Vec<_> = (0..PROCESSES).map(|it| start(&home, it, it + 1, &words)).collect();
    let began = Instant::now();
    while running.iter_mut().all(|child| child.try_wait().unwrap().is_none()) {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing broke without the lock");
        std::thread::sleep(Duration::from_millis(50));
    }
    for child in &mut running {
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// Keeps nobody out.
struct Lockless(SystemDisk);

struct Nothing;

impl Guard for Nothing {}

impl Disk for Lockless {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.0.list(folder)
    }

    fn read(&self, file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
        self.0.read(file, limit)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.write(file, bytes)
    }

    fn sync(&self, file: &Path) -> io::Result<()> {
        self.0.sync(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.rename(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.0.remove(file)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.sync_folder(folder)
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.make_folder(folder)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.0.exchange(one, other)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.remove_folder(folder)
    }

    fn changed(&self, folder: &Path) -> io::Result<Option<SystemTime>> {
        self.0.changed(folder)
    }

    fn lock(&self, _file: &Path) -> io::Result<Option<Box<dyn Guard>>> {
        Ok(Some(Box::new(Nothing)))
    }
}

/// In the place of a process that was waited for.
fn start_nothing() -> Child {
    Command::new("true").spawn().unwrap()
}
