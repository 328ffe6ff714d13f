//! What the screen knows, and what a key means there.
//!
//! A key becomes an answer only when the question it answers has been on the screen for a while, to
//! its last line, with nobody typing. Somebody who types a word into the pane where a question comes
//! up must not have said yes.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use keyfob_protocol::watch::{Answered, Choice, Claimed, Lock, Question, QuestionId, State};
use zeroize::Zeroizing;

use super::entry::Entry;
use crate::voice::shown;

/// How long a question has to be there, and no key to be pressed, before one answers it.
pub(super) const QUIET: Duration = Duration::from_millis(400);

/// Everything that is shown.
pub(super) struct Model {
    state: State,
    /// When it was told: times in it go on from there.
    told_at: Instant,
    /// Why the agent does not answer, while it does not.
    gone: Option<String>,
    mode: Mode,
    /// The question that a key answers.
    selected: Option<QuestionId>,
    /// Since when there was no key that could have been meant for something else, and this question
    /// was the selected one.
    quiet_since: Instant,
    /// When each question came.
    came: HashMap<QuestionId, Instant>,
    /// What was answered already, until the agent says that it is gone.
    sent: Vec<QuestionId>,
    /// Answers whose outcome is not known, in their order.
    under_way: VecDeque<QuestionId>,
    /// What the last key came to.
    note: Option<Note>,
    /// Lines of the selected question above the screen.
    scrolled: usize,
    /// Its last line was on the screen.
    is_read: bool,
}

/// Something that was said.
struct Note {
    text: String,
    /// The question it is about: it is of no use beside another, or none.
    about: Option<QuestionId>,
}

/// What keys are for.
pub(super) enum Mode {
    /// Answers and moves.
    Looking,
    /// The next one closes the help.
    Help,
    /// A passphrase.
    Passphrase(Entry),
}

/// What is to be done for a key.
pub(super) enum Wish {
    /// Nothing more.
    Nothing,
    /// End.
    Quit,
    /// Ask for the right to answer.
    Claim(Zeroizing<Vec<u8>>),
    /// Answer.
    Answer(QuestionId, Choice),
}

impl Model {
    /// Nothing is known yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            state: State::default(),
            told_at: now,
            gone: None,
            mode: Mode::Looking,
            selected: None,
            quiet_since: now,
            came: HashMap::new(),
            sent: Vec::new(),
            under_way: VecDeque::new(),
            note: None,
            scrolled: 0,
            is_read: false,
        }
    }

    /// Takes a state over.
    pub(super) fn told(&mut self, state: State, now: Instant) {
        self.gone = None;
        self.state = state;
        self.told_at = now;
        let there: Vec<QuestionId> = self.state.questions.iter().map(|one| one.id).collect();
        self.came.retain(|id, _| there.contains(id));
        for id in &there {
            self.came.entry(*id).or_insert(now);
        }
        self.sent.retain(|id| there.contains(id));
        self.select_one(now);
    }

    /// The agent does not answer.
    pub(super) fn gone(&mut self, why: &str) {
        let told_at = self.told_at;
        // What waited there waits no more, and a right is gone with the connection.
        let uses = std::mem::take(&mut self.state.uses);
        self.told(State { uses, ..State::default() }, told_at);
        self.mode = Mode::Looking;
        self.note = None;
        self.under_way.clear();
        self.gone = Some(shown(why.as_bytes()));
    }

    /// It answers again.
    pub(super) fn connected(&mut self) {
        self.gone = None;
    }

    /// Whether it does.
    pub(super) fn is_connected(&self) -> bool {
        self.gone.is_none()
    }

    /// What came of a claim.
    pub(super) fn claimed(&mut self, claimed: Claimed) {
        self.say(match claimed {
            Claimed::Granted => "This terminal may answer now.".to_owned(),
            Claimed::WrongPassphrase => "That is not the key store's passphrase.".to_owned(),
            Claimed::Denied => "It was denied.".to_owned(),
            Claimed::Failed(why) => format!("Not allowed to answer: {}.", shown(&why)),
            _ => "Not allowed to answer.".to_owned(),
        });
    }

    /// What came of an answer.
    pub(super) fn answered(&mut self, answered: Answered) {
        let note = match answered {
            Answered::Done => "Answered.",
            Answered::NoRight => "This terminal may not answer: press c.",
            Answered::OwnRequest => "What was started from here is not allowed from here.",
            Answered::NotOffered => "That answer was not offered.",
            _ => "That question is gone.",
        };
        if let Some(id) = self.under_way.pop_front().filter(|_| answered != Answered::Done) {
            self.sent.retain(|sent| *sent != id);
        }
        self.say(note);
    }

    /// Takes a key.
    pub(super) fn pressed(&mut self, key: KeyEvent, now: Instant) -> Wish {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match (&mut self.mode, key.code) {
            (Mode::Passphrase(_), KeyCode::Esc) => self.look("Nothing was claimed."),
            (Mode::Passphrase(_), KeyCode::Char('c' | 'd')) if control => {
                self.look("Nothing was claimed.")
            }
            (Mode::Passphrase(_), KeyCode::Enter) => self.finish_passphrase(),
            (Mode::Passphrase(entry), KeyCode::Backspace) => {
                entry.erase();
                Wish::Nothing
            }
            (Mode::Passphrase(entry), KeyCode::Char(character)) if !control => {
                entry.push(character);
                Wish::Nothing
            }
            (Mode::Passphrase(_), _) => Wish::Nothing,
            (_, KeyCode::Char('c')) if control => Wish::Quit,
            (Mode::Help, KeyCode::Char('q')) => Wish::Quit,
            (Mode::Help, _) => {
                self.mode = Mode::Looking;
                self.quiet_since = now;
                Wish::Nothing
            }
            (Mode::Looking, code) if !control => self.looking(code, now),
            _ => Wish::Nothing,
        }
    }

    /// Text that came at once was not typed: it answers nothing.
    pub(super) fn pasted(&mut self, text: Zeroizing<String>) -> Wish {
        if let Mode::Passphrase(entry) = &mut self.mode {
            text.chars()
                .filter(|character| !character.is_control())
                .for_each(|one| entry.push(one));
        }
        drop(text);
        Wish::Nothing
    }

    fn looking(&mut self, code: KeyCode, now: Instant) -> Wish {
        let choice = match code {
            KeyCode::Char('q') => return Wish::Quit,
            KeyCode::Char('d') => Choice::Deny,
            KeyCode::Char('o') => Choice::Once,
            KeyCode::Char('s') => Choice::Session,
            KeyCode::Char('m') => Choice::ForAWhile,
            code => {
                self.move_or_begin(code, now);
                return match code {
                    KeyCode::Char('c') => self.claim(),
                    _ => Wish::Nothing,
                };
            }
        };
        self.answer(choice, now)
    }

    fn move_or_begin(&mut self, code: KeyCode, now: Instant) {
        match code {
            KeyCode::Char('j') | KeyCode::Down => self.select_next(1),
            KeyCode::Char('k') | KeyCode::Up => self.select_next(-1),
            KeyCode::PageDown | KeyCode::Char(' ') => self.scrolled += 3,
            KeyCode::PageUp => self.scrolled = self.scrolled.saturating_sub(3),
            KeyCode::Char('?') => self.mode = Mode::Help,
            KeyCode::Char('c') => {}
            // A word that is typed where it does not belong: what follows is part of it.
            _ => self.quiet_since = now,
        }
    }

    fn answer(&mut self, choice: Choice, now: Instant) -> Wish {
        let Some(question) = self.selected() else { return Wish::Nothing };
        let (id, answerable) = (question.id, question.answerable);
        let offered = match choice {
            Choice::Deny | Choice::Once => true,
            Choice::Session => question.session,
            Choice::ForAWhile => question.for_a_while.is_some(),
        };
        let came = self.came.get(&id).copied().unwrap_or(now).max(self.quiet_since);
        if now.saturating_duration_since(came) < QUIET {
            // Whoever goes on typing has not seen it yet.
            self.quiet_since = now;
            return Wish::Nothing;
        }
        let refused = if !self.state.right {
            "This terminal may not answer yet: press c."
        } else if !answerable {
            "What was started from here is not allowed from here."
        } else if !offered {
            "That answer is not offered for this question."
        } else if choice != Choice::Deny && !self.is_read {
            "There is more of it: see it whole first (Page Down)."
        } else {
            self.sent.push(id);
            self.under_way.push_back(id);
            self.note = None;
            self.select_one(now);
            return Wish::Answer(id, choice);
        };
        self.note = Some(Note { text: refused.to_owned(), about: Some(id) });
        Wish::Nothing
    }

    fn claim(&mut self) -> Wish {
        if self.gone.is_some() || self.state.right || self.state.lock == Lock::Locked {
            let note = match (self.state.right, self.state.lock) {
                (true, _) => "This terminal may answer already.",
                (_, Lock::Locked) => "The agent is locked: keyfob unlock opens it.",
                _ => "There is no agent.",
            };
            self.say(note);
            return Wish::Nothing;
        }
        if self.state.by_passphrase {
            self.note = None;
            self.mode = Mode::Passphrase(Entry::new());
            return Wish::Nothing;
        }
        self.say("You are asked elsewhere whether this terminal may answer.");
        Wish::Claim(Zeroizing::new(Vec::new()))
    }

    fn finish_passphrase(&mut self) -> Wish {
        match std::mem::replace(&mut self.mode, Mode::Looking) {
            Mode::Passphrase(entry) => {
                self.say("Checking the passphrase …");
                Wish::Claim(entry.finish())
            }
            _ => Wish::Nothing,
        }
    }

    fn look(&mut self, note: &str) -> Wish {
        self.mode = Mode::Looking;
        self.say(note);
        Wish::Nothing
    }

    /// Says something that is about no question.
    fn say(&mut self, text: impl Into<String>) {
        self.note = Some(Note { text: text.into(), about: None });
    }

    /// Selects the oldest question where none is selected that waits. That is a question nobody has
    /// chosen, so keys have to rest first.
    fn select_one(&mut self, now: Instant) {
        let waiting = |id: QuestionId| self.waiting().any(|one| one.id == id);
        if self.selected.is_some_and(waiting) {
            return;
        }
        let oldest = self.waiting().next().map(|one| one.id);
        if oldest.is_some() {
            // The room is the question's.
            self.note = None;
        }
        self.selected = oldest;
        self.quiet_since = now;
        self.unread();
    }

    fn select_next(&mut self, step: isize) {
        let ids: Vec<QuestionId> = self.waiting().map(|one| one.id).collect();
        let at = ids.iter().position(|id| Some(*id) == self.selected).unwrap_or(0);
        let next = at.saturating_add_signed(step).min(ids.len().saturating_sub(1));
        if ids.get(next).copied() != self.selected {
            self.selected = ids.get(next).copied();
            self.unread();
        }
    }

    fn unread(&mut self) {
        self.scrolled = 0;
        self.is_read = false;
    }
}

/// What is drawn.
impl Model {
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn mode(&self) -> &Mode {
        &self.mode
    }

    pub(super) fn note(&self) -> Option<&str> {
        let note = self.note.as_ref()?;
        let is_apt = note.about.is_none() || self.selected().map(|one| one.id) == note.about;
        is_apt.then_some(&*note.text)
    }

    pub(super) fn why_gone(&self) -> Option<&str> {
        self.gone.as_deref()
    }

    /// Questions that wait and were not answered here, the oldest first.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Question> {
        self.state.questions.iter().filter(|one| !self.sent.contains(&one.id))
    }

    pub(super) fn selected(&self) -> Option<&Question> {
        self.waiting().find(|one| Some(one.id) == self.selected)
    }

    /// How long ago the state was told, in seconds.
    pub(super) fn age(&self, now: Instant) -> u32 {
        let age = now.saturating_duration_since(self.told_at).as_secs();
        u32::try_from(age).unwrap_or(u32::MAX)
    }

    /// Which line of the selected question is the first on the screen, of so many with room for so
    /// many. Notes whether it was read to its end.
    pub(super) fn scroll(&mut self, lines: usize, room: usize) -> usize {
        self.scrolled = self.scrolled.min(lines.saturating_sub(room));
        self.is_read |= room > 0 && self.scrolled + room >= lines;
        self.scrolled
    }
}

#[cfg(test)]
mod tests;
