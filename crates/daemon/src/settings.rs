//! The settings while the agent runs: looks whether they have changed, and keeps the last good ones.
//!
//! Knows the file's path and its stamp, never what is in it: whoever started the agent reads it. An
//! agent that nobody asks for anything looks twice a minute, one question to the file system; one
//! that is asked looks before it answers, at most once a second. Being told by the kernel instead
//! was rejected: it says nothing of files behind links and on servers.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant, SystemTime};

use keyfob_protocol::settings::SettingsStatus;
use keyfob_sys::file_stamp::FileStamp;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::clock;
use crate::options::Rules;

/// Where the settings are, and how they are read.
pub struct Reload {
    /// The file, absolute. It need not be there.
    pub path: PathBuf,
    /// Reads it.
    pub read: Box<dyn Fn() -> Result<Fresh, Unread> + Send + Sync>,
}

/// Settings that were read.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// What follows from them.
    pub rules: Rules,
    /// What is different from what this agent was started with and needs another agent, by name.
    pub fixed: Vec<String>,
}

/// Why there are no settings. May hold text of the file; made safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What is wrong, and where.
    pub fact: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How often requests make it look.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// How often it looks when there are none.
const IDLE_LOOKS_EVERY: Duration = Duration::from_secs(30);

/// A file so young may be half written, or gone for the moment between two renames.
const SETTLES_AFTER: Duration = Duration::from_millis(500);

/// The settings' file as the agent has it.
#[derive(Default)]
pub(crate) struct LiveSettings {
    source: Option<Reload>,
    /// Held while the file is read.
    reading: Mutex<()>,
    /// Held for moments only.
    known: Mutex<Known>,
    /// A change that is too young was seen.
    settling: Notify,
}

#[derive(Default)]
struct Known {
    looked: Option<Instant>,
    /// How the file was when it was read; `None` when it has to be read again.
    stamp: Option<Stamp>,
    /// How it was when it was found to be too young, and when.
    young: Option<(Stamp, Instant)>,
    unread: Option<Unread>,
    fixed: Vec<String>,
    /// Since when these settings count, in seconds since 1970.
    since: u64,
}

/// Tells whether the file may have changed. `None` within: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(Option<FileStamp>);

impl LiveSettings {
    pub(crate) fn new(source: Option<Reload>) -> Self {
        Self { source, ..Self::default() }
    }

    /// Reads the file now, and hands on what follows from it.
    pub(crate) fn read(&self, apply: impl FnOnce(Rules)) {
        if let Some(source) = &self.source {
            let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            self.take(source, apply);
        }
    }

    /// Reads the file if it has changed, unless somebody has just looked, or is reading it.
    pub(crate) fn look(&self, apply: impl FnOnce(Rules)) {
        let Some(source) = &self.source else {
            return;
        };
        let now = Instant::now();
        {
            let mut known = self.known();
            if known.looked.is_some_and(|looked| now.duration_since(looked) < LOOKS_EVERY) {
                return;
            }
            known.looked = Some(now);
        }
        let _reading = match self.reading.try_lock() {
            Ok(reading) => reading,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        match self.known().judge(Stamp::of(&source.path), now) {
            Verdict::Same => return,
            Verdict::Young => return self.settling.notify_one(),
            Verdict::New => {}
        }
        tokio::task::block_in_place(|| self.take(source, apply));
    }

    /// Returns when it is time to look again.
    pub(crate) async fn time_to_look(&self) {
        tokio::select! {
            () = sleep(IDLE_LOOKS_EVERY) => {}
            () = self.settling.notified() => sleep(LOOKS_EVERY).await,
        }
    }

    /// How they are, for who asks.
    pub(crate) fn status(&self) -> SettingsStatus {
        let Some(source) = &self.source else {
            return SettingsStatus::default();
        };
        let known = self.known();
        let (problem, hint) = known.unread.clone().map_or_else(Default::default, |unread| {
            (unread.fact.into_bytes(), unread.hint.unwrap_or_default().into_bytes())
        });
        SettingsStatus {
            path: source.path.as_os_str().as_encoded_bytes().to_vec(),
            problem,
            hint,
            fixed: known.fixed.join(", ").into_bytes(),
            since: known.since,
        }
    }

    fn take(&self, source: &Reload, apply: impl FnOnce(Rules)) {
        let before = Stamp::of(&source.path);
        let read = (source.read)();
        let stamp = Some(before).filter(|before| *before == Stamp::of(&source.path));
        let path = source.path.display();
        match read {
            Ok(Fresh { rules, fixed }) => {
                apply(rules);
                let mut known = self.known();
                let is_first = known.since == 0;
                let more_is_fixed = known.fixed != fixed && !fixed.is_empty();
                let names = fixed.join(", ");
                let since = clock::now().unix;
                *known = Known { looked: known.looked, stamp, fixed, since, ..Known::default() };
                drop(known);
                if !is_first {
                    tracing::info!("the settings in {path} were read again and count from now on");
                }
                if more_is_fixed {
                    tracing::warn!("changes of these settings need a new agent: {names}");
                }
            }
            Err(unread) => {
                let mut known = self.known();
                let is_news = known.unread.as_ref() != Some(&unread);
                let words = unread.fact.clone();
                known.stamp = stamp;
                known.young = None;
                known.unread = Some(unread);
                drop(known);
                if is_news {
                    tracing::error!("the settings stay as they were, because of {words}");
                }
            }
        }
    }

    /// A panic while this was held leaves nothing that the next reading does not mend.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Verdict {
    Same,
    /// Changed, but so lately that it may be in the making.
    Young,
    New,
}

impl Known {
    fn judge(&mut self, stamp: Stamp, now: Instant) -> Verdict {
        if self.stamp == Some(stamp) {
            self.young = None;
            return Verdict::Same;
        }
        if stamp.is_old() {
            return Verdict::New;
        }
        // Its age cannot be told where there is no file, or a clock is wrong: then from now on.
        match self.young {
            Some((seen, since)) if seen == stamp => {
                if now.duration_since(since) >= SETTLES_AFTER {
                    Verdict::New
                } else {
                    Verdict::Young
                }
            }
            _ => {
                self.young = Some((stamp, now));
                Verdict::Young
            }
        }
    }
}

impl Stamp {
    fn of(path: &Path) -> Self {
        Self(FileStamp::of(path))
    }

    fn is_old(self) -> bool {
        let age = self.0.and_then(|stamp| SystemTime::now().duration_since(stamp.changed()).ok());
        age.is_some_and(|age| age >= SETTLES_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::thread;

    use super::*;

    /// Settings whose only content is a lifetime in seconds, or nothing.
    fn settings(path: &Path) -> LiveSettings {
        let file = path.to_owned();
        let read = move || {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let lifetime =
                match text.trim() {
                    "" => None,
                    text => Some(Duration::from_secs(text.parse().map_err(|_| Unread {
                        fact: format!("{text} is no number"),
                        hint: None,
                    })?)),
                };
            Ok(Fresh {
                rules: Rules { default_lifetime: lifetime, ..Rules::default() },
                fixed: vec![],
            })
        };
        LiveSettings::new(Some(Reload { path: path.to_owned(), read: Box::new(read) }))
    }

    /// Looks as if a second had gone by.
    fn look(settings: &LiveSettings) -> Option<Rules> {
        settings.known().looked = None;
        let mut found = None;
        settings.look(|rules| found = Some(rules));
        found
    }

    fn settle() {
        thread::sleep(SETTLES_AFTER + Duration::from_millis(50));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_change_counts_when_it_has_settled_and_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let settings = settings(&path);
        settings.read(|_| {});
        assert!(look(&settings).is_none(), "nothing has changed");
        fs::write(&path, "7").unwrap();
        assert!(look(&settings).is_none(), "it may be half written");
        settle();
        assert_eq!(look(&settings).unwrap().default_lifetime, Some(Duration::from_secs(7)));
        assert!(look(&settings).is_none());
    }

    /// Lost otherwise: between the two renames of an editor there is no file, and for that moment
    /// no rule.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_that_is_gone_for_a_moment_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, "7").unwrap();
        let settings = settings(&path);
        settings.read(|_| {});
        let aside = folder.path().join("aside");
        fs::rename(&path, &aside).unwrap();
        assert!(look(&settings).is_none());
        fs::write(&aside, "8").unwrap();
        fs::rename(&aside, &path).unwrap();
        settle();
        assert_eq!(look(&settings).unwrap().default_lifetime, Some(Duration::from_secs(8)));
        fs::remove_file(&path).unwrap();
        assert!(look(&settings).is_none());
        settle();
        assert_eq!(look(&settings).unwrap().default_lifetime, None, "it is gone for good");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_bad_file_keeps_the_last_good_one_and_says_so_until_it_is_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, "7").unwrap();
        let settings = settings(&path);
        settings.read(|_| {});
        let since = settings.status().since;
        fs::write(&path, "seven").unwrap();
        settle();
        assert!(look(&settings).is_none());
        let status = settings.status();
        assert_eq!((status.problem.as_slice(), status.since), (&b"seven is no number"[..], since));
        fs::write(&path, "8").unwrap();
        settle();
        assert_eq!(look(&settings).unwrap().default_lifetime, Some(Duration::from_secs(8)));
        assert!(settings.status().problem.is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn many_requests_look_once_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&folder.path().join("config"));
        let looked = || settings.known().looked;
        settings.look(|_| {});
        let first = looked();
        settings.look(|_| {});
        assert_eq!(looked(), first);
    }
}
