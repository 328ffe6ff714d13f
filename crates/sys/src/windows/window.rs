//! A window nobody sees: a place for messages from other programs and from the system.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DispatchMessageW, FindWindowW, GWLP_USERDATA, GetMessageW,
    GetWindowLongPtrW, MSG, RegisterClassW, SetWindowLongPtrW, TranslateMessage, WNDCLASSW,
    WS_OVERLAPPED,
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
    /// Where the system finds it again at each message. Boxed twice: the pointer is a thin one.
    answers: *mut Answers,
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
        let answers = Box::into_raw(Box::new(answers));
        // SAFETY: our own window; what is kept there is freed by nobody before this is dropped.
        unsafe { SetWindowLongPtrW(handle, GWLP_USERDATA, answers as isize) };
        Ok(Self { handle, answers })
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
        // SAFETY: our own window, of this thread: no message is under way.
        unsafe { SetWindowLongPtrW(self.handle, GWLP_USERDATA, 0) };
        // SAFETY: as above.
        unsafe { windows_sys::Win32::UI::WindowsAndMessaging::DestroyWindow(self.handle) };
        // SAFETY: made by `into_raw`, and nobody can reach it any more.
        drop(unsafe { Box::from_raw(self.answers) });
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
    // SAFETY: a window of ours; zero until something is kept there.
    let answers = unsafe { GetWindowLongPtrW(window, GWLP_USERDATA) } as *mut Answers;
    // A message that comes while another is being answered, because that one waits for messages, must
    // not use the same closure again: it goes to the system.
    // SAFETY: as above.
    unsafe { SetWindowLongPtrW(window, GWLP_USERDATA, 0) };
    let message = Message { number, first, second };
    // SAFETY: put there by `new` and alive as long as it is there; this thread's, and taken away above.
    let answered = unsafe { answers.as_mut() }
        .and_then(|answers| catch_unwind(AssertUnwindSafe(|| answers(message))).unwrap_or(Some(0)));
    if !answers.is_null() {
        // SAFETY: as above.
        unsafe { SetWindowLongPtrW(window, GWLP_USERDATA, answers as isize) };
    }
    match answered {
        Some(result) => result,
        // SAFETY: what came, as it came.
        None => unsafe { DefWindowProcW(window, number, first, second) },
    }
}
