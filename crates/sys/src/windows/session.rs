//! What happens to the session of whoever is logged in: locked, ended, and the machine that sleeps.

use std::io;

use windows_sys::Win32::System::RemoteDesktop::{
    NOTIFY_FOR_THIS_SESSION, WTSRegisterSessionNotification,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    PBT_APMRESUMEAUTOMATIC, PBT_APMSUSPEND, WM_ENDSESSION, WM_POWERBROADCAST, WM_WTSSESSION_CHANGE,
    WTS_SESSION_LOCK, WTS_SESSION_LOGOFF,
};

use super::notification::Notifications;
use super::window::{Message, Window};

/// Class and title of the window that hears of it.
pub const NAME: &str = "keyfob session";

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The screen was locked.
    Locked,
    /// The session ends.
    Ended,
    /// The machine goes to sleep, as soon as everybody has answered.
    Sleeps,
    /// It is awake again.
    Awake,
}

/// Tells what happens, in this thread, until the process ends. `ready` is called before, with a place for
/// notifications, which belongs to the same window.
///
/// # Errors
/// When the system makes no window, or does not tell it of the session.
pub fn watch(
    ready: impl FnOnce(Notifications),
    mut tell: impl FnMut(Event) + 'static,
) -> io::Result<()> {
    let answers = move |message: Message| {
        event(message).map(|event| {
            tell(event);
            // To sleep: yes. Nobody looks at the others.
            1
        })
    };
    let window = Window::new(NAME, NAME, Box::new(answers))?;
    // SAFETY: a window of ours, which lives as long as this thread listens.
    if unsafe { WTSRegisterSessionNotification(window.handle(), NOTIFY_FOR_THIS_SESSION) } == 0 {
        return Err(io::Error::last_os_error());
    }
    ready(Notifications::of(&window));
    window.listen();
    Ok(())
}

fn event(Message { number, first, .. }: Message) -> Option<Event> {
    let what = u32::try_from(first).ok()?;
    match (number, what) {
        (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK) => Some(Event::Locked),
        (WM_WTSSESSION_CHANGE, WTS_SESSION_LOGOFF) => Some(Event::Ended),
        (WM_ENDSESSION, ends) if ends != 0 => Some(Event::Ended),
        (WM_POWERBROADCAST, PBT_APMSUSPEND) => Some(Event::Sleeps),
        (WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC) => Some(Event::Awake),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use windows_sys::Win32::UI::WindowsAndMessaging::{FindWindowW, SendMessageW};

    use super::*;
    use crate::windows::wide;

    /// The system's messages, sent by the test: what is lost otherwise are open keys behind a locked
    /// screen.
    #[test]
    fn lock_sleep_and_end_are_told_and_nothing_else() {
        let (tell, told) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        std::thread::spawn(move || {
            watch(|_| ready.send(()).unwrap(), move |event| tell.send(event).unwrap()).unwrap();
        });
        is_ready.recv_timeout(Duration::from_secs(10)).unwrap();
        let name = wide::ended(NAME);
        // SAFETY: both texts have an end.
        let window = unsafe { FindWindowW(name.as_ptr(), name.as_ptr()) };
        assert!(!window.is_null());
        let unlocked = 8;
        for (number, first) in [
            (WM_WTSSESSION_CHANGE, WTS_SESSION_LOCK),
            (WM_WTSSESSION_CHANGE, unlocked),
            (WM_POWERBROADCAST, PBT_APMSUSPEND),
            (WM_POWERBROADCAST, PBT_APMRESUMEAUTOMATIC),
            (WM_ENDSESSION, 0),
            (WM_ENDSESSION, 1),
        ] {
            // SAFETY: messages that carry nothing but numbers.
            unsafe { SendMessageW(window, number, first as usize, 0) };
        }
        let told: Vec<Event> = told.try_iter().collect();
        assert_eq!(told, [Event::Locked, Event::Sleeps, Event::Awake, Event::Ended]);
    }
}
