//! Notifications: an icon in the corner of the taskbar, and a text that the system shows beside it for a
//! while (`Shell_NotifyIconW`).
//!
//! Nothing happens where somebody clicks it; it needs no installation and no shortcut, as the newer
//! notifications of Windows do.

use std::io;
use std::ptr::null_mut;

use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::Shell::{
    NIF_ICON, NIF_INFO, NIF_TIP, NIIF_INFO, NIIF_NOSOUND, NIIF_RESPECT_QUIET_TIME, NIM_ADD,
    NIM_DELETE, NIM_MODIFY, NOTIFY_ICON_MESSAGE, NOTIFYICONDATAW, Shell_NotifyIconW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{IDI_INFORMATION, LoadIconW};

use super::wide;
use super::window::Window;

/// What the icon is called under the mouse.
const TIP: &str = "keyfob";

/// The only icon of its window.
const ICON: u32 = 1;

/// Where notifications are shown. The icon is there from the first one on, and goes with this.
#[derive(Debug)]
pub struct Notifications {
    /// The number of the window the icon belongs to: any thread may show something.
    window: usize,
    is_there: bool,
}

impl Notifications {
    /// The window should live as long: with it the icon goes.
    pub(crate) fn of(window: &Window) -> Self {
        Self { window: window.handle() as usize, is_there: false }
    }

    /// Shows this text, cut to what there is room for, in place of the last one. The taskbar is waited
    /// for, some seconds where it hangs.
    ///
    /// # Errors
    /// When there is no taskbar, or it takes none.
    pub fn show(&mut self, text: &str) -> io::Result<()> {
        // Where the taskbar was started anew meanwhile, it does not know the icon any more.
        let is_shown = self.is_there && self.tell(NIM_MODIFY, text) || self.tell(NIM_ADD, text);
        self.is_there = is_shown;
        if is_shown { Ok(()) } else { Err(io::Error::other("there is no taskbar that takes them")) }
    }

    fn tell(&self, what: NOTIFY_ICON_MESSAGE, text: &str) -> bool {
        let mut data = NOTIFYICONDATAW {
            // The structure's own size, some hundred bytes.
            cbSize: u32::try_from(size_of::<NOTIFYICONDATAW>()).unwrap_or_default(),
            hWnd: self.window as HWND,
            uID: ICON,
            uFlags: NIF_ICON | NIF_TIP | NIF_INFO,
            // SAFETY: one of the system's own icons, which nobody gives back.
            hIcon: unsafe { LoadIconW(null_mut(), IDI_INFORMATION) },
            dwInfoFlags: NIIF_INFO | NIIF_NOSOUND | NIIF_RESPECT_QUIET_TIME,
            ..NOTIFYICONDATAW::default()
        };
        wide::cut_into(&mut data.szTip, TIP);
        wide::cut_into(&mut data.szInfo, text);
        // SAFETY: a whole description, whose texts have an end; the system checks the window.
        unsafe { Shell_NotifyIconW(what, &raw const data) != 0 }
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        if self.is_there {
            self.tell(NIM_DELETE, "");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use windows_sys::Win32::Foundation::LPARAM;
    use windows_sys::Win32::System::DataExchange::COPYDATASTRUCT;
    use windows_sys::Win32::UI::WindowsAndMessaging::WM_COPYDATA;

    use super::*;
    use crate::windows::window::Message;

    /// What Wine tells the taskbar: what is to be done, and a structure in which the text begins here.
    const TEXT: usize = 280;

    fn told(second: LPARAM) -> (NOTIFY_ICON_MESSAGE, String) {
        // SAFETY: what came with the message, as long as it is answered.
        let data = unsafe { &*(second as *const COPYDATASTRUCT) };
        // SAFETY: as above, so many bytes.
        let bytes =
            unsafe { std::slice::from_raw_parts(data.lpData.cast::<u8>(), data.cbData as usize) };
        let units =
            bytes[TEXT..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let text: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        (u32::try_from(data.dwData).unwrap(), String::from_utf16(&text).unwrap())
    }

    /// The taskbar is the test's own. Lost otherwise: keys are used, and who wanted to be told is not.
    #[test]
    fn a_text_is_shown_by_the_taskbar_and_the_icon_goes_again() {
        let owner = Window::new("keyfob notified", "keyfob notified", Box::new(|_| None)).unwrap();
        let (tell, heard) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        std::thread::spawn(move || {
            let answers = move |Message { number, second, .. }: Message| {
                (number == WM_COPYDATA).then(|| {
                    tell.send(told(second)).unwrap();
                    1
                })
            };
            let taskbar = Window::new("Shell_TrayWnd", "", Box::new(answers)).unwrap();
            ready.send(()).unwrap();
            taskbar.listen();
        });
        is_ready.recv_timeout(Duration::from_secs(10)).unwrap();
        let mut notifications = Notifications::of(&owner);
        notifications.show("work used by ssh").unwrap();
        notifications.show(&"k".repeat(1000)).unwrap();
        drop(notifications);
        let heard: Vec<_> = heard.try_iter().collect();
        assert_eq!(heard[0], (NIM_ADD, "work used by ssh".to_owned()));
        assert_eq!(heard[1], (NIM_MODIFY, format!("{}...", "k".repeat(252))));
        assert_eq!(heard[2].0, NIM_DELETE);
        assert_eq!(heard.len(), 3);
    }
}
