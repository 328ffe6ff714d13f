//! What somebody does to a log who can write into its folder, and whether it is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use keyfob_log::{
    Begin, Book, Entry, Event, Journal, Key, Kind, Limits, Position, Proof, Report, RunKey, books,
    verify, verify_against,
};
use tempfile::TempDir;

fn entry(event: Event, name: &str) -> Entry {
    let key =
        Key { name: name.into(), kind: "ED25519".to_owned(), fingerprint: "SHA256:abc".to_owned() };
    Entry { key: Some(key), digest: Some([7; 32]), ..Entry::new(event) }
}

fn plain() -> Begin {
    Begin::plain().unwrap()
}

fn write(root: &Path, limits: Limits, count: usize) {
    let mut journal = Journal::open(root, limits, 1000, &plain()).unwrap();
    for number in 0..count {
        journal.append(&entry(Event::Signed, &format!("key {number}")), 2000).unwrap();
    }
}

/// Two runs of an agent: lines 1 to 5 and 6 to 10.
fn two_runs() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), Limits::default(), 4);
    write(root.path(), Limits::default(), 4);
    root
}

fn only_book(root: &Path) -> Book {
    let books = books(root).unwrap();
    assert_eq!(books.len(), 1);
    books[0].clone()
}

fn proved(root: &Path) -> Report {
    verify(&only_book(root), &mut |_| None).unwrap()
}

fn found(root: &Path) -> Option<(u64, Kind)> {
    proved(root).damage.map(|damage| (damage.line, damage.kind))
}

fn file(root: &Path) -> PathBuf {
    let book = only_book(root);
    book.file(book.files().unwrap()[0])
}

/// Not removed: where somebody has it open, a removed file may keep its name until he lets go
/// (Windows before 10, and Wine).
fn take_away(file: &Path) {
    let elsewhere = file.parent().unwrap().parent().unwrap().join("taken away");
    fs::rename(file, elsewhere).unwrap();
}

fn lines(root: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(file(root)).unwrap();
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn what_nobody_touched_is_whole() {
    let root = two_runs();
    let report = proved(root.path());
    assert_eq!((report.damage, report.lines, report.files), (None, 10, 1));
    let runs: Vec<_> = report.runs.iter().map(|run| (run.first, run.lines, run.proof)).collect();
    assert_eq!(runs, [(1, 5, Proof::Plain), (6, 5, Proof::Plain)]);
    assert_eq!(report.last.unwrap().seq, 10);
    assert!(!report.has_end && !report.is_written && !report.unfinished);
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_for_their_owner_only() {
    let root = two_runs();
    let book = only_book(root.path());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(book.folder()), 0o700);
    for file in fs::read_dir(book.folder()).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_changed_bit_anywhere_is_found_in_its_line() {
    let root = two_runs();
    let whole = lines(root.path());
    let path = file(root.path());
    for number in [0, 5, 9] {
        for byte in 0..whole[number].len() {
            for bit in [0, 5] {
                let mut changed = whole.clone();
                changed[number][byte] ^= 1 << bit;
                fs::write(&path, changed.concat()).unwrap();
                let report = proved(root.path());
                let line = report.damage.as_ref().map(|damage| damage.line);
                // The very last line feed: the line is not finished.
                let is_last = number == 9 && byte + 1 == whole[number].len();
                assert!(
                    line == Some(number as u64 + 1) || (is_last && report.unfinished),
                    "line {number}, byte {byte}, bit {bit}: {line:?}"
                );
            }
        }
    }
}

#[test]
fn each_removed_line_is_found_and_named() {
    let root = two_runs();
    let whole = lines(root.path());
    for number in 0..9 {
        let mut less = whole.clone();
        less.remove(number);
        fs::write(file(root.path()), less.concat()).unwrap();
        let seq = number as u64 + 1;
        let kind = if number == 4 { Kind::CutOff(seq, seq) } else { Kind::Removed(seq, seq) };
        assert_eq!(found(root.path()), Some((seq, kind)));
    }
}

#[test]
fn two_lines_in_each_others_place_are_out_of_order() {
    let root = two_runs();
    let whole = lines(root.path());
    for number in [1, 2, 6, 8] {
        let mut swapped = whole.clone();
        swapped.swap(number, number + 1);
        fs::write(file(root.path()), swapped.concat()).unwrap();
        assert_eq!(found(root.path()), Some((number as u64 + 1, Kind::OutOfOrder)));
    }
}

#[test]
fn a_line_that_is_there_twice_is_out_of_order() {
    let root = two_runs();
    let mut twice = lines(root.path());
    let line = twice[3].clone();
    twice.insert(4, line);
    fs::write(file(root.path()), twice.concat()).unwrap();
    assert_eq!(found(root.path()), Some((5, Kind::OutOfOrder)));
}

#[test]
fn the_end_of_an_earlier_run_cannot_be_cut_off() {
    let root = two_runs();
    let whole = lines(root.path());
    for kept in 1..5 {
        let cut = [&whole[..kept], &whole[5..]].concat().concat();
        fs::write(file(root.path()), cut).unwrap();
        let seq = kept as u64 + 1;
        assert_eq!(found(root.path()), Some((seq, Kind::CutOff(seq, 5))));
    }
}

/// What cannot be found is told as far as it can: nobody writes, and the last line is no end.
#[test]
fn the_end_that_is_cut_off_shows_by_the_missing_last_line() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(root.path(), Limits::default(), 1000, &plain()).unwrap();
    journal.append(&entry(Event::Signed, "a"), 2000).unwrap();
    assert!(proved(root.path()).is_written);
    journal.append(&Entry::new(Event::End), 2000).unwrap();
    drop(journal);
    assert!(proved(root.path()).has_end);
    let whole = lines(root.path());
    fs::write(file(root.path()), whole[..2].concat()).unwrap();
    let report = proved(root.path());
    assert_eq!(report.damage, None);
    assert!(!report.has_end && !report.is_written);
}

/// Lost otherwise: who kills the agent takes its last lines, has it start again, and all is whole.
#[test]
fn an_agent_that_begins_behind_one_without_an_end_is_told() {
    let root = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    let mut journal = Journal::open(root.path(), limits, 1000, &plain()).unwrap();
    journal.append(&entry(Event::Signed, "a"), 2000).unwrap();
    journal.append(&Entry::new(Event::End), 2000).unwrap();
    drop(journal);
    write(root.path(), limits, 4);
    assert_eq!(proved(root.path()).unended, [0; 0], "the one before ended");
    let whole = lines(root.path());
    fs::write(file(root.path()), whole[..6].concat()).unwrap();
    write(root.path(), limits, 2);
    let report = proved(root.path());
    assert_eq!((report.damage, report.unended), (None, vec![7]));
}

/// Nobody else can make the end of a sealed run.
#[test]
fn an_agent_that_begins_behind_a_sealed_run_without_an_end_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = running(folder.path());
    journal.begin_run(1, &Begin::sealed(root(1)).unwrap()).unwrap();
    journal.append(&entry(Event::Signed, "b"), 4).unwrap();
    journal.append(&entry(Event::Signed, "c"), 4).unwrap();
    let unended = |root: &Path| verify(&only_book(root), &mut self::root(1)).unwrap().unended;
    assert_eq!(unended(folder.path()), [0; 0], "it goes on, sealed");
    drop(journal);
    let whole = lines(folder.path());
    fs::write(file(folder.path()), whole[..8].concat()).unwrap();
    write(folder.path(), Limits::default(), 2);
    assert_eq!(unended(folder.path()), [9]);
}

/// Its lines before are gone with their files, in order.
#[test]
fn of_what_was_before_the_oldest_file_nothing_is_told() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), Limits::default(), 2);
    write(root.path(), Limits { size: 1, files: 1 }, 0);
    let report = proved(root.path());
    assert_eq!((report.lines, report.unended), (1, Vec::new()));
}

#[test]
fn a_line_that_was_added_behind_is_found() {
    let root = two_runs();
    let last = String::from_utf8(lines(root.path())[9].clone()).unwrap();
    let forged = last.replace("\"seq\":10,", "\"seq\":11,");
    assert_ne!(last, forged);
    fs::write(file(root.path()), [lines(root.path()).concat(), forged.into_bytes()].concat())
        .unwrap();
    assert_eq!(found(root.path()), Some((11, Kind::Changed)));
}

#[test]
fn a_line_of_another_log_is_found() {
    let (root, other) = (two_runs(), two_runs());
    let strangers = lines(other.path());
    for number in [0, 3, 5, 9] {
        let mut mixed = lines(root.path());
        mixed[number].clone_from(&strangers[number]);
        let path = file(root.path());
        let before = fs::read(&path).unwrap();
        fs::write(&path, mixed.concat()).unwrap();
        assert_eq!(found(root.path()), Some((number as u64 + 1, Kind::Changed)));
        fs::write(&path, before).unwrap();
    }
}

/// Lost otherwise: who has the key of a later run writes an earlier one anew.
#[test]
fn a_run_cannot_be_replaced_by_another_of_the_same_length() {
    let (root, other) = (two_runs(), two_runs());
    let (mine, strangers) = (lines(root.path()), lines(other.path()));
    fs::write(file(root.path()), [&strangers[..5], &mine[5..]].concat().concat()).unwrap();
    let key = |root: &Path| only_book(root).folder().join("000000000001.key");
    fs::copy(key(other.path()), key(root.path())).unwrap();
    assert_eq!(found(root.path()), Some((6, Kind::OtherBefore)));
}

#[test]
fn a_run_without_its_key_is_not_proved() {
    let root = two_runs();
    fs::remove_file(only_book(root.path()).folder().join("000000000006.key")).unwrap();
    assert_eq!(found(root.path()), Some((6, Kind::KeyMissing)));
}

#[test]
fn what_is_full_goes_on_in_another_file_and_the_oldest_goes() {
    let root = tempfile::tempdir().unwrap();
    let limits = Limits { size: 1000, files: 3 };
    write(root.path(), limits, 30);
    write(root.path(), limits, 2);
    let book = only_book(root.path());
    let files = book.files().unwrap();
    assert_eq!(files.len(), 3);
    assert!(files[0] > 10, "{files:?}");
    for first in &files {
        assert!(fs::metadata(book.file(*first)).unwrap().len() <= 1000);
    }
    let report = proved(root.path());
    assert_eq!((report.damage, report.files), (None, 3));
    let keys = fs::read_dir(book.folder()).unwrap();
    let keys =
        keys.filter(|it| it.as_ref().unwrap().path().extension().is_some_and(|it| it == "key"));
    assert_eq!(keys.count(), 2);
}

#[test]
fn a_file_that_was_removed_is_missed() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), Limits { size: 1000, files: 4 }, 30);
    let book = only_book(root.path());
    let files = book.files().unwrap();
    let middle = fs::read(book.file(files[1])).unwrap();
    fs::remove_file(book.file(files[1])).unwrap();
    assert_eq!(found(root.path()), Some((1, Kind::Removed(files[1], files[2] - 1))));
    fs::write(book.file(files[1]), middle).unwrap();
    assert_eq!(found(root.path()), None);
    fs::remove_file(book.file(files[0])).unwrap();
    assert_eq!(found(root.path()), Some((0, Kind::FilesMissing(files[0]))));
}

/// Killed in the middle of a line: what follows goes into another file.
#[test]
fn a_line_that_was_not_finished_is_no_damage_and_stops_nothing() {
    let root = two_runs();
    let whole = lines(root.path()).concat();
    let path = file(root.path());
    for missing in 1..50 {
        fs::write(&path, &whole[..whole.len() - missing]).unwrap();
        let report = proved(root.path());
        assert!(report.damage.is_none() && report.unfinished, "{missing}");
    }
    write(root.path(), Limits::default(), 1);
    let report = proved(root.path());
    assert_eq!((report.damage, report.files, report.lines), (None, 2, 11));
}

/// Lost otherwise: an alarm about an agent that starts just now, or none about a log that was emptied.
#[test]
fn an_empty_file_is_no_damage_only_while_an_agent_is_about_to_write_its_first_line() {
    let root = tempfile::tempdir().unwrap();
    let begins = Journal::open(root.path(), Limits::default(), 1, &plain()).unwrap();
    fs::write(file(root.path()), b"").unwrap();
    assert_eq!(found(root.path()), None);
    drop(begins);
    fs::write(file(root.path()), b"").unwrap();
    assert_eq!(found(root.path()), Some((0, Kind::FilesMissing(0))));
}

#[test]
fn two_agents_write_two_books() {
    let root = tempfile::tempdir().unwrap();
    let first = Journal::open(root.path(), Limits::default(), 1, &plain()).unwrap();
    write(root.path(), Limits::default(), 2);
    drop(first);
    let books = books(root.path()).unwrap();
    assert_eq!(books.len(), 2);
    let lines = |book| verify(book, &mut |_| None).unwrap().lines;
    assert_eq!((lines(&books[0]), lines(&books[1])), (1, 3));
}

/// A key store of this root.
fn root(byte: u8) -> impl FnMut(&str) -> Option<RunKey> {
    move |purpose| {
        let mut bytes = [byte; 32];
        bytes.iter_mut().zip(purpose.bytes().rev()).for_each(|(byte, other)| *byte ^= other);
        RunKey::from_bytes(&bytes)
    }
}

fn proofs(report: &Report) -> Vec<Proof> {
    report.runs.iter().map(|run| run.proof).collect()
}

#[test]
fn a_sealed_run_is_proved_by_who_can_open_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { size: 600, files: 50 };
    let mut journal = Journal::open(folder.path(), limits, 1, &plain()).unwrap();
    journal.append(&entry(Event::Signed, "a"), 2).unwrap();
    journal.begin_run(3, &Begin::sealed(root(1)).unwrap()).unwrap();
    for _ in 0..5 {
        journal.append(&entry(Event::Signed, "b"), 4).unwrap();
    }
    let book = only_book(folder.path());
    let unopened = verify(&book, &mut |_| None).unwrap();
    assert_eq!(
        (unopened.damage.clone(), proofs(&unopened)),
        (None, vec![Proof::Plain, Proof::None])
    );
    let opened = verify(&book, &mut root(1)).unwrap();
    assert_eq!((opened.damage.clone(), proofs(&opened)), (None, vec![Proof::Plain, Proof::Sealed]));
    // The root is another one since `keyfob rekey`: that is no damage.
    let other = verify(&book, &mut root(2)).unwrap();
    assert_eq!((other.damage.clone(), proofs(&other)), (None, vec![Proof::Plain, Proof::None]));
}

/// What makes the plain beginning of a day worth something: who has its key and writes it anew
/// cannot make the line that the sealed run after it names.
#[test]
fn a_plain_run_is_held_fast_by_the_sealed_one_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), Limits::default(), 3);
    let begin = Begin::sealed(root(1)).unwrap();
    let mut journal = Journal::open(folder.path(), Limits::default(), 1, &begin).unwrap();
    journal.append(&entry(Event::Signed, "b"), 4).unwrap();
    drop(journal);
    let whole = lines(folder.path());
    let forged = tempfile::tempdir().unwrap();
    write(forged.path(), Limits::default(), 3);
    let key = |root: &Path| only_book(root).folder().join("000000000001.key");
    fs::copy(key(forged.path()), key(folder.path())).unwrap();
    let mixed = [&lines(forged.path())[..4], &whole[4..]].concat().concat();
    fs::write(file(folder.path()), mixed).unwrap();
    let report = verify(&only_book(folder.path()), &mut root(1)).unwrap();
    let damage = report.damage.unwrap();
    assert_eq!((damage.line, damage.kind), (5, Kind::OtherBefore));
}

#[test]
fn a_log_that_was_removed_is_noticed_by_who_writes_it() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(root.path(), Limits::default(), 1, &plain()).unwrap();
    take_away(&file(root.path()));
    assert!(journal.append(&entry(Event::Signed, "a"), 2).is_err());
}

/// Lost otherwise: the next line an agent begins with says that nothing else was there.
#[test]
fn the_oldest_files_are_missed_after_others_were_begun_too() {
    let root = tempfile::tempdir().unwrap();
    let limits = Limits { size: 600, files: 50 };
    let open = || Journal::open(root.path(), limits, 1, &plain()).unwrap();
    let fill = |journal: &mut Journal| {
        for _ in 0..4 {
            journal.append(&entry(Event::Signed, "a"), 2).unwrap();
        }
    };
    let mut journal = open();
    fill(&mut journal);
    fs::remove_file(file(root.path())).unwrap();
    fill(&mut journal);
    assert_eq!(found(root.path()), Some((0, Kind::FilesMissing(1))));
    drop(journal);
    fill(&mut open());
    assert_eq!(found(root.path()), Some((0, Kind::FilesMissing(1))));
}

#[cfg(unix)]
#[test]
fn a_folder_others_may_write_into_is_not_used() {
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(Journal::open(root.path(), Limits::default(), 1, &plain()).is_err());
}

#[cfg(unix)]
#[test]
fn a_file_in_the_place_of_a_link_is_not_followed() {
    let root = two_runs();
    let path = file(root.path());
    let aside = root.path().join("aside");
    fs::rename(&path, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &path).unwrap();
    assert!(Journal::open(root.path(), Limits::default(), 1, &plain()).is_err());
    assert!(verify(&only_book(root.path()), &mut |_| None).is_err());
}

/// Lost otherwise: a line that somebody put there ends the thread that writes.
#[test]
fn whatever_stands_in_a_file_an_agent_writes_on() {
    let whole = lines(two_runs().path()).concat();
    let last = String::from_utf8(whole.clone()).unwrap();
    let huge = last.replace("\"seq\":10,", &format!("\"seq\":{},", u64::MAX)).into_bytes();
    let far = last.replace("\"seq\":10,", &format!("\"seq\":{},", 1_u64 << 53)).into_bytes();
    for content in [b"".to_vec(), b"\n\n".to_vec(), vec![0xff; 600_000], huge, far, whole] {
        let root = two_runs();
        fs::write(file(root.path()), content).unwrap();
        write(root.path(), Limits::default(), 3);
        let _ = proved(root.path());
    }
}

/// Six lines, written by a journal that goes on.
fn running(root: &Path) -> Journal {
    let mut journal = Journal::open(root, Limits::default(), 1000, &plain()).unwrap();
    for number in 0..5 {
        journal.append(&entry(Event::Signed, &format!("key {number}")), 2000).unwrap();
    }
    journal
}

fn found_against(root: &Path, told: Position) -> Option<(PathBuf, u64, Kind)> {
    let report = verify_against(&Book::numbered(root, 1), Some(told), &mut |_| None).unwrap();
    report.damage.map(|damage| (damage.file, damage.line, damage.kind))
}

#[test]
fn lines_cut_off_the_end_are_found_by_what_the_agent_says_of_its_last() {
    let root = tempfile::tempdir().unwrap();
    let journal = running(root.path());
    assert_eq!(found_against(root.path(), journal.last()), None);
    let (path, whole) = (file(root.path()), lines(root.path()));
    for left in 1..6 {
        fs::write(&path, whole[..left].concat()).unwrap();
        assert_eq!(found(root.path()), None, "nothing else tells");
        let number = left as u64 + 1;
        let kind = Kind::EndCutOff(number, 6);
        assert_eq!(found_against(root.path(), journal.last()), Some((path.clone(), number, kind)));
    }
    let last = journal.last();
    drop(journal);
    fs::remove_dir_all(root.path().join("1")).unwrap();
    let gone = (root.path().join("1"), 0, Kind::EndCutOff(1, 6));
    assert_eq!(found_against(root.path(), last), Some(gone));
}

/// The key lies beside the log: whoever reads it makes lines that prove.
#[test]
fn a_last_line_that_is_another_one_than_the_agent_s_is_found() {
    let root = tempfile::tempdir().unwrap();
    let journal = running(root.path());
    let told = Position { mac: [1; 32], ..journal.last() };
    let kind = found_against(root.path(), told).map(|(_, line, kind)| (line, kind));
    assert_eq!(kind, Some((6, Kind::Changed)));
}

#[test]
fn what_the_agent_wrote_since_it_was_asked_is_no_damage() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = running(root.path());
    let told = journal.last();
    journal.append(&entry(Event::Signed, "later"), 3000).unwrap();
    assert_eq!(found_against(root.path(), told), None);
    journal.set_limits(Limits { size: 300, files: 1 });
    journal.append(&entry(Event::Signed, "in another file"), 3000).unwrap();
    assert_eq!(found_against(root.path(), told), None, "rotated away");
}

fn goes_on(journal: &mut Journal) {
    let error = journal.append(&entry(Event::Signed, "later"), 3000).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    journal.go_on(3000).unwrap();
    journal.append(&entry(Event::Signed, "later"), 3000).unwrap();
}

/// Lost otherwise: a copy without its last lines takes the place of the file, the agent goes on
/// behind it, and nobody will ever tell.
#[test]
fn an_end_that_was_cut_off_by_replacing_the_file_is_found() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = running(root.path());
    let (path, whole) = (file(root.path()), lines(root.path()));
    take_away(&path);
    fs::write(&path, whole[..4].concat()).unwrap();
    goes_on(&mut journal);
    assert_eq!(found(root.path()), Some((1, Kind::Removed(5, 6))));
}

/// Windows does not let anybody rename a folder in which something is open.
#[cfg(unix)]
#[test]
fn an_end_that_was_cut_off_by_replacing_the_folder_is_found() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = running(root.path());
    let (path, whole) = (file(root.path()), lines(root.path()));
    let (folder, away) = (path.parent().unwrap(), root.path().join("away"));
    fs::rename(folder, &away).unwrap();
    fs::create_dir(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    fs::copy(away.join("000000000001.key"), folder.join("000000000001.key")).unwrap();
    fs::write(&path, whole[..4].concat()).unwrap();
    goes_on(&mut journal);
    assert_eq!(found(root.path()), Some((1, Kind::Removed(5, 6))));
}

#[test]
fn a_file_replaced_by_a_copy_of_itself_is_no_damage() {
    let root = tempfile::tempdir().unwrap();
    let mut journal = running(root.path());
    let (path, whole) = (file(root.path()), lines(root.path()));
    take_away(&path);
    fs::write(&path, whole.concat()).unwrap();
    goes_on(&mut journal);
    let report = proved(root.path());
    assert_eq!((report.damage, report.lines, report.files, report.runs.len()), (None, 8, 2, 1));
}
