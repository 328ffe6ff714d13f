//! A window nobody sees: a place for messages from other programs and from the system.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DestroyWindow, DispatchMessageW, FindWindowW, GetMessageW,
    MSG, RegisterClassW, TranslateMessage, WNDCLASSW, WS_OVERLAPPED,
};

use super::wide;

/// What came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    pub(crate) number: u32,
    pub(crate) first: WPARAM,
    pub(crate) second: LPARAM,
}

/// What the window answers; `None` leaves it to the system.
pub(crate) type Answers = Box<dyn FnMut(Message) -> Option<LRESULT>>;

/// A window of the thread that made it.
pub(crate) struct Window {
    handle: HWND,
}

thread_local! {
    /// What the windows of this thread answer. Not with the window itself: any program of the desktop can
    /// write what the system keeps there for us.
    static ANSWERS: RefCell<HashMap<usize, Answers>> = RefCell::default();
}

/// Takes the answers of a window out.
fn take(window: HWND) -> Option<Answers> {
    ANSWERS.try_with(|all| all.try_borrow_mut().ok()?.remove(&(window as usize))).ok().flatten()
}

/// Puts them there.
fn put(window: HWND, answers: Answers) {
    let _ = ANSWERS.try_with(|all| {
        if let Ok(mut all) = all.try_borrow_mut() {
            all.insert(window as usize, answers);
        }
    });
}

impl Window {
    /// Makes one of this class, with this title. Top-level: the system tells no other window that
    /// it goes to sleep.
    ///
    /// # Errors
    /// The system's refusal.
    pub(crate) fn new(class: &str, title: &str, answers: Answers) -> io::Result<Self> {
        let (class, title) = (wide::ended(class), wide::ended(title));
        // SAFETY: without a name it is this program, which stays.
        let instance = unsafe { GetModuleHandleW(std::ptr::null()) };
        let described = WNDCLASSW {
            style: 0,
            lpfnWndProc: Some(received),
            cbClsExtra: 0,
            cbWndExtra: 0,
            hInstance: instance,
            hIcon: null_mut(),
            hCursor: null_mut(),
            hbrBackground: null_mut(),
            lpszMenuName: std::ptr::null(),
            lpszClassName: class.as_ptr(),
        };
        // SAFETY: a whole description; its texts live longer than the call. A second class of the same
        // name is refused, and the first is then the one below.
        unsafe { RegisterClassW(&raw const described) };
        // SAFETY: both texts have an end.
        let handle = unsafe {
            CreateWindowExW(
                0,
                class.as_ptr(),
                title.as_ptr(),
                WS_OVERLAPPED,
                0,
                0,
                0,
                0,
                null_mut(),
                null_mut(),
                instance,
                std::ptr::null(),
            )
        };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        put(handle, answers);
        Ok(Self { handle })
    }

    pub(crate) fn handle(&self) -> HWND {
        self.handle
    }

    /// Takes messages until somebody wants the thread to end.
    pub(crate) fn listen(&self) {
        let mut message = MSG::default();
        // SAFETY: the message goes to a variable of ours; all windows of this thread are served.
        while unsafe { GetMessageW(&raw mut message, null_mut(), 0, 0) } > 0 {
            // SAFETY: it was just filled.
            unsafe { TranslateMessage(&raw const message) };
            // SAFETY: as above.
            unsafe { DispatchMessageW(&raw const message) };
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        drop(take(self.handle));
        // SAFETY: our own window, of this thread: no message is under way.
        unsafe { DestroyWindow(self.handle) };
    }
}

/// Whether somebody has such a window.
pub(crate) fn exists(class: &str, title: &str) -> bool {
    let (class, title) = (wide::ended(class), wide::ended(title));
    // SAFETY: both texts have an end.
    !unsafe { FindWindowW(class.as_ptr(), title.as_ptr()) }.is_null()
}

/// Called by the system for each message.
unsafe extern "system" fn received(
    window: HWND,
    number: u32,
    first: WPARAM,
    second: LPARAM,
) -> LRESULT {
    // A message that comes while another is being answered, because that one waits for messages, must
    // not use the same closure again: it goes to the system.
    let answers = take(window);
    let message = Message { number, first, second };
    let answered = answers.and_then(|mut answers| {
        let answered = catch_unwind(AssertUnwindSafe(|| answers(message))).unwrap_or(Some(0));
        put(window, answers);
        answered
    });
    match answered {
        Some(result) => result,
        // SAFETY: what came, as it came.
        None => unsafe { DefWindowProcW(window, number, first, second) },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use windows_sys::Win32::UI::WindowsAndMessaging::{
        GWLP_USERDATA, SendMessageW, SetWindowLongPtrW, WM_USER,
    };

    use super::*;

    /// Lost otherwise: any program of the desktop has the agent run what it likes.
    #[test]
    fn what_others_write_into_a_window_is_never_followed() {
        let answers = |message: Message| (message.number == WM_USER).then_some(7);
        let window = Window::new("keyfob tried", "keyfob tried", Box::new(answers)).unwrap();
        // SAFETY: what another program could do as well; nobody follows it.
        unsafe { SetWindowLongPtrW(window.handle(), GWLP_USERDATA, 0x1234) };
        // SAFETY: a message of numbers, to a window of this thread.
        assert_eq!(unsafe { SendMessageW(window.handle(), WM_USER, 0, 0) }, 7);
        drop(window);
        assert!(!exists("keyfob tried", "keyfob tried"));
    }
}
