#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! Dialogs that a thread answers as a person would, through the system.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use windows_sys::Win32::UI::Input::KeyboardAndMouse::IsWindowEnabled;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    BM_CLICK, FindWindowW, IsWindow, PostMessageW, WM_CLOSE, WM_GETTEXT, WM_SETTEXT,
};

use super::*;

/// One that is open.
#[derive(Clone, Copy)]
struct Open(usize);

impl Open {
    /// Waits for one of this title.
    fn of(title: &str) -> Self {
        let (class, title) = (wide::ended("#32770"), wide::ended(title));
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            // SAFETY: both texts have ends.
            let found = unsafe { FindWindowW(class.as_ptr(), title.as_ptr()) };
            if !found.is_null() {
                return Self(found.addr());
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("no dialog comes up");
    }

    fn window(self) -> HWND {
        std::ptr::without_provenance_mut(self.0)
    }

    fn text(self, control: i32) -> String {
        let mut space = [0_u16; 4096];
        let to = space.as_mut_ptr() as LPARAM;
        // SAFETY: the control lives, and the system writes no more than it is told.
        let count = unsafe { SendMessageW(item(self.window(), control), WM_GETTEXT, 4096, to) };
        String::from_utf16_lossy(&space[..usize::try_from(count).unwrap()])
    }

    fn types(self, text: &str) {
        let text = wide::ended(text);
        let from = text.as_ptr() as LPARAM;
        // SAFETY: the control lives, and the text has an end.
        unsafe { SendMessageW(item(self.window(), FIELD), WM_SETTEXT, 0, from) };
    }

    fn is_on(self, control: i32) -> bool {
        // SAFETY: takes any handle.
        unsafe { IsWindowEnabled(item(self.window(), control)) != 0 }
    }

    fn settles(self) {
        let began = Instant::now();
        while !self.is_on(FIRST) {
            assert!(began.elapsed() < Duration::from_secs(20), "it never settles");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// As often as it takes: when another window goes, this one is in front anew, and that counts too.
    fn until_gone(self, press: impl Fn(Self)) {
        let began = Instant::now();
        // SAFETY: takes any handle.
        while unsafe { IsWindow(self.window()) } != 0 {
            assert!(began.elapsed() < Duration::from_secs(20), "it does not go");
            press(self);
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn clicks(self, control: i32) {
        send(item(self.window(), control), BM_CLICK, 0);
    }

    fn posts(self, message: u32, number: usize) {
        // SAFETY: takes any handle, and these messages take a number.
        unsafe { PostMessageW(self.window(), message, number, 0) };
    }
}

/// One at a time: each that comes up is in front of the others, which begin anew when it goes.
static IN_FRONT: Mutex<()> = Mutex::new(());

/// Answered by somebody else meanwhile.
fn answered<T>(
    title: &'static str,
    person: impl FnOnce(Open) + Send + 'static,
    asks: impl FnOnce(&Dialog<'_>) -> io::Result<T>,
) -> T {
    let _alone = IN_FRONT.lock().unwrap_or_else(PoisonError::into_inner);
    let answering = thread::spawn(move || {
        let open = Open::of(title);
        // Otherwise nobody would end the dialog, nor this test.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| person(open))) {
            open.until_gone(|open| open.posts(WM_CLOSE, 0));
            resume_unwind(panic);
        }
    });
    let agree = ["Once".to_owned(), "This session".to_owned()];
    let text = "Allow & use \u{fc}?\nFor host a.";
    let answer = asks(&Dialog { title, text, agree: &agree, refuse: "Deny" });
    answering.join().unwrap();
    answer.unwrap()
}

#[test]
fn the_whole_text_is_there_and_the_button_that_was_pressed_is_told() {
    let chosen = answered(
        "keyfob test: choose",
        |open| {
            // Before that it may be found without its text.
            open.settles();
            assert_eq!(open.text(TEXT), "Allow & use \u{fc}?\r\nFor host a.");
            assert_eq!(
                (open.text(FIRST), open.text(FIRST + 1)),
                ("Once".into(), "This session".into())
            );
            assert_eq!(open.text(IDCANCEL), "Deny");
            open.until_gone(|open| open.clicks(FIRST + 1));
        },
        |dialog| dialog.choose(),
    );
    assert_eq!(chosen, Some(1));
}

/// Lost otherwise: who types a mail as it comes up says yes with a blank.
#[test]
fn what_comes_too_early_counts_for_nothing() {
    let chosen = answered(
        "keyfob test: early",
        |open| {
            assert!(!open.is_on(FIRST), "it can be pressed at once");
            open.clicks(FIRST);
            let early = [FIRST, FIRST + 1, IDOK, IDCANCEL];
            early.into_iter().for_each(|it| open.posts(WM_COMMAND, usize::try_from(it).unwrap()));
            open.posts(WM_CLOSE, 0);
            thread::sleep(SETTLES / 4);
            assert!(!open.is_on(FIRST) && !open.text(FIRST).is_empty(), "it is gone");
            open.settles();
            open.until_gone(|open| open.clicks(FIRST));
        },
        |dialog| dialog.choose(),
    );
    assert_eq!(chosen, Some(0));
}

#[test]
fn enter_escape_and_closing_are_a_refusal() {
    for (title, message, number) in [
        ("keyfob test: enter", WM_COMMAND, IDOK),
        ("keyfob test: escape", WM_COMMAND, IDCANCEL),
        ("keyfob test: close", WM_CLOSE, 0),
    ] {
        let person = move |open: Open| {
            open.settles();
            // What is no button of it is nothing.
            open.posts(WM_COMMAND, usize::try_from(FIRST + 2).unwrap());
            open.until_gone(|open| open.posts(message, usize::try_from(number).unwrap()));
        };
        assert_eq!(answered(title, person, |dialog| dialog.choose()), None, "{title}");
    }
}

#[test]
fn to_come_to_the_front_begins_anew() {
    let chosen = answered(
        "keyfob test: front",
        |open| {
            open.settles();
            open.posts(WM_ACTIVATE, 1);
            thread::sleep(SETTLES / 4);
            assert!(!open.is_on(FIRST), "it counts at once");
            open.clicks(FIRST);
            open.settles();
            open.until_gone(|open| open.clicks(FIRST + 1));
        },
        |dialog| dialog.choose(),
    );
    assert_eq!(chosen, Some(1));
}

#[test]
fn a_secret_is_told_and_not_left_in_the_control() {
    let typed = answered(
        "keyfob test: secret",
        |open| {
            open.settles();
            open.types("p\u{e4}ss\u{1f511}");
            open.until_gone(|open| open.posts(WM_COMMAND, usize::try_from(IDOK).unwrap()));
        },
        |dialog| dialog.secret(1023),
    );
    assert_eq!(typed.unwrap().bytes(), "p\u{e4}ss\u{1f511}".as_bytes());
    let refused = answered(
        "keyfob test: no secret",
        |open| {
            open.settles();
            open.types("secret");
            open.until_gone(|open| open.clicks(IDCANCEL));
        },
        |dialog| dialog.secret(1023),
    );
    assert!(refused.is_none());
}

#[test]
fn a_secret_ends_where_it_is_too_long() {
    let long = |open: Open| {
        open.settles();
        open.types(&"\u{20ac}".repeat(3000));
        open.until_gone(|open| open.clicks(FIRST));
    };
    let typed = answered("keyfob test: long", long, |dialog| dialog.secret(10)).unwrap();
    assert_eq!(typed.bytes(), "\u{20ac}".repeat(10).as_bytes());
}

#[test]
fn here_one_can_be_seen() {
    assert!(can_be_seen());
}
