//! What is found is mended, what is mended is found no more, and no key pays for it.

use std::fs;
use std::path::PathBuf;

use keyfob_keystore::{Content, Finding, Remedy, Store, Trust, Unlocked};

use crate::support::{Home, files, key, name, names, new};

/// A store with two keys, unlocked by the code: nothing is derived.
struct Ill {
    home: Home,
    store: Unlocked,
}

impl Ill {
    fn new() -> Self {
        let home = Home::new();
        let (mut store, _) = home.made();
        store.add(vec![new("work", 1), new("home", 2)]).unwrap();
        assert_eq!(store.check().unwrap(), [], "it is ill before anything is done to it");
        Self { home, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.store().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Mends until nothing can be mended, and tells what was done.
    #[track_caller]
    fn mended(&mut self) -> Vec<String> {
        let mut done = Vec::new();
        for _ in 0..9 {
            let findings = self.store.check().unwrap();
            let remedies = findings.iter().filter_map(|finding| self.store.remedy(finding));
            let Some(remedy) = remedies.into_iter().next() else {
                assert_eq!(findings, [], "something is left");
                return done;
            };
            let said = remedy.to_string();
            done.push(said.replace(&format!("{}/", self.home.store().display()), ""));
            self.store.mend(&remedy).unwrap();
        }
        panic!("it never ends: {done:?}");
    }

    #[track_caller]
    fn holds(&self, text: &str, number: u8) {
        let Content::Key(opened) = self.store.open(&name(text)).unwrap().1 else {
            panic!("no key")
        };
        assert_eq!(opened.public(), key(number).public(), "{text}");
    }
}

#[test]
fn unfinished_and_dead_files_are_taken_away() {
    let mut ill = Ill::new();
    fs::write(ill.path("keys/.new-0123"), "half").unwrap();
    let old = ill.read("keys/work.sealed");
    ill.store.change(&name("work"), |facts, _| facts.terms.confirm = true).unwrap();
    fs::write(ill.path("keys/copy.sealed"), old).unwrap();
    let dead = ill.read("keys/home.sealed");
    ill.store.delete(&name("home")).unwrap();
    fs::write(ill.path("keys/home.sealed"), dead).unwrap();
    fs::write(ill.path("keys/home.pub"), key(2).public().to_line(b"")).unwrap();
    let done = ill.mended();
    assert!(done.contains(&"delete keys/copy.sealed".to_owned()), "{done:?}");
    assert_eq!(files(&ill.path("keys")), ["work.pub", "work.sealed"]);
    ill.holds("work", 1);
    assert!(ill.store.item(&name("work")).unwrap().facts.terms.confirm);
}

#[test]
fn a_public_half_that_is_gone_or_somebody_elses_is_written_anew() {
    let mut ill = Ill::new();
    let good = (ill.read("keys/work.pub"), ill.read("keys/home.pub"));
    fs::remove_file(ill.path("keys/work.pub")).unwrap();
    fs::write(ill.path("keys/home.pub"), key(9).public().to_line(b"mine now")).unwrap();
    fs::write(ill.path("keys/home-cert.pub"), "no certificate").unwrap();
    ill.mended();
    assert_eq!((ill.read("keys/work.pub"), ill.read("keys/home.pub")), good);
    assert!(!ill.path("keys/home-cert.pub").exists());
}

#[test]
fn moved_files_get_their_names_back_and_a_copy_goes() {
    let mut ill = Ill::new();
    fs::copy(ill.path("keys/work.sealed"), ill.path("keys/again.sealed")).unwrap();
    fs::rename(ill.path("keys/home.sealed"), ill.path("keys/elsewhere.sealed")).unwrap();
    let mut done = ill.mended();
    done.sort();
    assert_eq!(done, ["delete keys/again.sealed", "give the file of home its name back"]);
    ill.holds("work", 1);
    ill.holds("home", 2);
    assert_eq!(files(&ill.path("keys")), ["home.pub", "home.sealed", "work.pub", "work.sealed"]);
}

#[test]
fn a_key_that_is_lost_is_forgotten_only_when_it_is_said() {
    let mut ill = Ill::new();
    let kept = ill.read("keys/home.sealed");
    fs::remove_file(ill.path("keys/home.sealed")).unwrap();
    let done = ill.mended();
    assert!(done.iter().any(|said| said.starts_with("note the missing key ")), "{done:?}");
    // It stays dead, and the remedy said so.
    fs::write(ill.path("keys/home.sealed"), kept).unwrap();
    assert_eq!(ill.mended(), ["delete keys/home.sealed"]);
    assert_eq!(names(&ill.store), ["work"]);
}

#[test]
fn an_older_version_of_a_key_is_taken_where_there_is_no_newer_one() {
    let mut ill = Ill::new();
    let old = ill.read("keys/home.sealed");
    ill.store.change(&name("home"), |facts, _| facts.terms.confirm = true).unwrap();
    fs::write(ill.path("keys/home.sealed"), old).unwrap();
    assert_eq!(ill.mended()[0], "take the older version in keys/home.sealed as the newest");
    ill.holds("home", 2);
    assert_eq!(ill.store.item(&name("home")).unwrap().generation, 3);
    assert!(!ill.store.item(&name("home")).unwrap().facts.terms.confirm);
}

#[test]
fn slots_that_the_list_does_not_know_or_misses_are_noted() {
    let mut ill = Ill::new();
    let folder = ill.path("slots");
    let before = files(&folder);
    let code = ill.store.set_recovery_code().unwrap();
    let slot = files(&folder).into_iter().find(|file| !before.contains(file)).unwrap();
    let kept = fs::read(folder.join(&slot)).unwrap();
    fs::remove_file(folder.join(&slot)).unwrap();
    assert!(ill.mended()[0].starts_with("note the missing way to unlock "));
    fs::write(folder.join(&slot), kept).unwrap();
    assert_eq!(ill.mended(), [format!("delete slots/{slot}")]);
    assert!(ill.home.open().unlock(&code, Trust::Remembered).is_err());
}

#[test]
fn a_script_that_somebody_put_into_the_store_is_told_and_written_over() {
    let mut ill = Ill::new();
    let good = ill.read("RECOVERY.txt");
    fs::write(ill.path("RECOVERY.txt"), "#!/bin/sh\ncurl evil").unwrap();
    let findings = ill.store.check().unwrap();
    assert!(matches!(&findings[..], [Finding::File { .. }]), "{findings:?}");
    ill.mended();
    assert_eq!(ill.read("RECOVERY.txt"), good);
}

#[test]
fn a_remedy_for_what_is_not_there_any_more_does_nothing() {
    let mut ill = Ill::new();
    let healthy = ill.path("keys/work.sealed");
    ill.store.mend(&Remedy::Remove(healthy.clone())).unwrap();
    ill.store.mend(&Remedy::Forget(ill.store.items()[0].id)).unwrap();
    assert!(healthy.exists());
    ill.holds("home", 2);
    assert_eq!(ill.store.check().unwrap(), []);
}

#[test]
fn what_another_machine_made_meanwhile_is_kept_beside_ones_own() {
    let home = Home::new();
    let (store, code) = home.made();
    let mut ill = Ill { home, store };
    let copy = ill.home.path("copy");
    let run = std::process::Command::new("cp").arg("-r").arg(ill.path("")).arg(&copy).status();
    assert!(run.unwrap().success());
    let there = Store::open(&copy, &ill.home.path("other machine")).unwrap();
    let mut there = there.unlock(&code, Trust::Remembered).unwrap();
    there.add(vec![new("x", 4)]).unwrap();
    let before = files(&copy.join("slots"));
    let other_code = there.set_recovery_code().unwrap();
    ill.store.add(vec![new("x", 5)]).unwrap();
    // Their files arrive, and their manifest does not.
    fs::copy(copy.join("keys/x.sealed"), ill.path("keys/x (copy).sealed")).unwrap();
    let slot = files(&copy.join("slots")).into_iter().find(|it| !before.contains(it)).unwrap();
    fs::copy(copy.join("slots").join(&slot), ill.path("slots").join(&slot)).unwrap();
    let mut done = ill.mended();
    done.sort();
    assert!(
        done.contains(&format!("keep slots/{slot} as a way to unlock this key store")),
        "{done:?}"
    );
    let mut numbers: Vec<_> =
        ["x", "x-2"].map(|text| ill.store.open(&name(text)).unwrap().0.public).to_vec();
    numbers.sort_by_key(|public| public.as_ref() == Some(key(5).public()));
    assert_eq!(numbers, [Some(key(4).public().clone()), Some(key(5).public().clone())]);
    for code in [code, other_code] {
        assert!(ill.home.open().unlock(&code, Trust::Remembered).is_ok());
    }
}

#[test]
fn the_public_half_of_a_lost_key_stays_until_the_key_is_given_up() {
    let mut ill = Ill::new();
    let public = ill.path("keys/home.pub");
    let mut damaged = ill.read("keys/home.sealed");
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(ill.path("keys/home.sealed"), damaged).unwrap();
    let of_public = |store: &mut Unlocked| {
        let findings = store.check().unwrap();
        let finding = Finding::Ownerless(public.clone());
        assert!(findings.contains(&finding), "{findings:?}");
        store.remedy(&finding)
    };
    assert_eq!(of_public(&mut ill.store), None);
    fs::remove_file(ill.path("keys/home.sealed")).unwrap();
    assert_eq!(of_public(&mut ill.store), None);
    let findings = ill.store.check().unwrap();
    let missing = findings.iter().find(|finding| matches!(finding, Finding::Missing(_))).unwrap();
    let forget = ill.store.remedy(missing).unwrap();
    assert!(forget.is_risky());
    ill.store.mend(&forget).unwrap();
    assert_eq!(of_public(&mut ill.store), Some(Remedy::Remove(public.clone())));
}

#[test]
fn a_replaced_store_that_was_left_is_found_and_deleted() {
    let mut ill = Ill::new();
    let left = ill.home.path("store.new-0123456789abcdef");
    let copy = |to: &PathBuf| {
        let run = std::process::Command::new("cp").arg("-r").arg(ill.path("")).arg(to).status();
        assert!(run.unwrap().success());
    };
    copy(&left);
    let other = ill.home.path("store.new-copy");
    copy(&other);
    assert_eq!(ill.store.check().unwrap(), [Finding::Draft(left.clone())]);
    ill.mended();
    assert!(!left.exists() && other.exists());
}
