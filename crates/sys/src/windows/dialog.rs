//! A small dialog of this process' own: a text and buttons, perhaps a field for a secret.
//!
//! Whoever is typing as it comes up means another window. So it takes no focus from that, and nothing
//! that happens to it counts until it has been there, and the one in front, for a moment; Enter and Escape
//! press the button that refuses.

mod template;

use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use windows_sys::Win32::Foundation::{FALSE, HWND, LPARAM, TRUE, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::StationsAndDesktops::{
    GetProcessWindowStation, GetUserObjectInformationW, UOI_FLAGS, USEROBJECTFLAGS,
};
use windows_sys::Win32::UI::Controls::{EM_EMPTYUNDOBUFFER, EM_SETLIMITTEXT};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{EnableWindow, GetActiveWindow, SetFocus};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    DialogBoxIndirectParamW, EndDialog, FLASHW_ALL, FLASHW_TIMERNOFG, FLASHWINFO, FlashWindowEx,
    GetDlgItem, GetWindowTextW, IDCANCEL, IDOK, KillTimer, SendMessageW, SetDlgItemTextW, SetTimer,
    SetWindowTextW, WA_INACTIVE, WM_ACTIVATE, WM_COMMAND, WM_INITDIALOG, WM_TIMER, WSF_VISIBLE,
};

use super::wide;
use crate::locked::LockedBytes;
use template::Template;

/// How long it stands there, and in front, before anything counts.
const SETTLES: Duration = Duration::from_millis(700);

/// The text, read only.
const TEXT: i32 = 50;
/// The field for a secret.
const FIELD: i32 = 51;
/// The first of the buttons that agree; the one that refuses is `IDCANCEL`.
const FIRST: i32 = 100;

/// The only timer.
const SETTLED: usize = 1;

thread_local! {
    /// The dialog of this thread. Not with its window, where any program of the desktop could write another
    /// place, and not by a message, which any of them could send.
    static SHOWN: Cell<*const State> = const { Cell::new(std::ptr::null()) };
}

/// What it shows.
#[derive(Debug)]
pub struct Dialog<'a> {
    /// Above it.
    pub title: &'a str,
    /// Its lines; nothing in them has a meaning of its own.
    pub text: &'a str,
    /// The buttons that agree, from the left.
    pub agree: &'a [String],
    /// The button that refuses, behind them.
    pub refuse: &'a str,
}

/// What a person typed, in UTF-8.
#[derive(Debug)]
pub struct Typed {
    bytes: LockedBytes,
    length: usize,
}

impl Typed {
    /// The bytes of it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Whether somebody could see one: a service, or a login by the network, has no desktop.
#[must_use]
pub fn can_be_seen() -> bool {
    // SAFETY: takes nothing; what it gives needs no closing.
    let station = unsafe { GetProcessWindowStation() };
    if station.is_null() {
        return false;
    }
    let mut flags = USEROBJECTFLAGS { fInherit: 0, fReserved: 0, dwFlags: 0 };
    // SAFETY: the station is open; the flags go to a variable of ours of this size.
    let done = unsafe {
        GetUserObjectInformationW(
            station.cast(),
            UOI_FLAGS,
            (&raw mut flags).cast(),
            size_of::<USEROBJECTFLAGS>() as u32,
            std::ptr::null_mut(),
        )
    };
    done != 0 && flags.dwFlags & WSF_VISIBLE as u32 != 0
}

impl Dialog<'_> {
    /// Waits for a button: the number of the one that agrees, or none for a refusal.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn choose(&self) -> io::Result<Option<usize>> {
        let pressed = self.run(&State::of(self, None))?;
        Ok(usize::try_from(pressed - FIRST).ok().filter(|number| *number < self.agree.len()))
    }

    /// Waits for a secret of at most so many characters; none for a refusal. Enter in its field presses
    /// the first button.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn secret(&self, longest: usize) -> io::Result<Option<Typed>> {
        let state = State::of(self, Some(Field::new(longest)?));
        let pressed = self.run(&state)?;
        let field = state.field.filter(|_| pressed == FIRST);
        field.map(|field| field.into_inner().typed()).transpose()
    }

    fn run(&self, state: &State) -> io::Result<i32> {
        let template = Template::of(self, state.field.is_some());
        // SAFETY: null stands for this program.
        let module = unsafe { GetModuleHandleW(std::ptr::null()) };
        let before = SHOWN.replace(std::ptr::from_ref(state));
        // SAFETY: the template is one, and lives.
        let ended = unsafe {
            DialogBoxIndirectParamW(
                module,
                template.as_ptr(),
                std::ptr::null_mut(),
                Some(procedure),
                0,
            )
        };
        SHOWN.set(before);
        match i32::try_from(ended) {
            Ok(pressed) if pressed > 0 => Ok(pressed),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// What the procedure needs to know. It is called anew while it does something: what changes is in cells.
struct State {
    text: Vec<u16>,
    /// How many buttons agree.
    agree: i32,
    field: Option<RefCell<Field>>,
    is_settled: Cell<bool>,
}

impl State {
    fn of(dialog: &Dialog<'_>, field: Option<Field>) -> Self {
        let text = wide::ended(dialog.text.lines().collect::<Vec<_>>().join("\r\n"));
        let agree = i32::try_from(dialog.agree.len()).unwrap_or(0);
        Self { text, agree, field: field.map(RefCell::new), is_settled: Cell::new(false) }
    }

    /// Shows the text, and lets nothing count yet.
    fn begin(&self, window: HWND) {
        // SAFETY: the window is this dialog; the text has an end.
        unsafe { SetDlgItemTextW(window, TEXT, self.text.as_ptr()) };
        if let Some(Ok(field)) = self.field.as_ref().map(RefCell::try_borrow) {
            send(item(window, FIELD), EM_SETLIMITTEXT, field.longest());
        }
        self.unsettle(window);
        let flash = FLASHWINFO {
            cbSize: size_of::<FLASHWINFO>() as u32,
            hwnd: window,
            dwFlags: FLASHW_ALL | FLASHW_TIMERNOFG,
            uCount: 0,
            dwTimeout: 0,
        };
        // SAFETY: a structure of the size it says, only read.
        unsafe { FlashWindowEx(&raw const flash) };
    }

    /// From now on, and for a moment, nothing counts.
    fn unsettle(&self, window: HWND) {
        self.is_settled.set(false);
        self.enable(window, false);
        let span = u32::try_from(SETTLES.as_millis()).unwrap_or(u32::MAX);
        // SAFETY: the window is this dialog; its timer begins anew.
        unsafe { SetTimer(window, SETTLED, span, None) };
    }

    fn settle(&self, window: HWND) {
        // SAFETY: the window is this dialog.
        unsafe { KillTimer(window, SETTLED) };
        self.is_settled.set(true);
        self.enable(window, true);
        // SAFETY: takes nothing.
        if unsafe { GetActiveWindow() } == window {
            let first = if self.field.is_some() { FIELD } else { IDCANCEL };
            // SAFETY: a control of this dialog, which has what is typed already.
            unsafe { SetFocus(item(window, first)) };
        }
    }

    fn enable(&self, window: HWND, is_on: bool) {
        let on = if is_on { TRUE } else { FALSE };
        for control in (FIRST..FIRST + self.agree).chain([FIELD]) {
            let control = item(window, control);
            if !control.is_null() {
                // SAFETY: a control of this dialog.
                unsafe { EnableWindow(control, on) };
            }
        }
    }

    /// A button was pressed, or what stands for one.
    fn pressed(&self, window: HWND, control: i32) {
        let control = match control {
            IDOK if self.field.is_some() => FIRST,
            IDOK => IDCANCEL,
            other => other,
        };
        let is_button = control == IDCANCEL || (FIRST..FIRST + self.agree).contains(&control);
        if !self.is_settled.get() || !is_button {
            return;
        }
        if let Some(Ok(mut field)) = self.field.as_ref().map(RefCell::try_borrow_mut) {
            field.take(item(window, FIELD));
        }
        // SAFETY: the window is this dialog.
        unsafe { EndDialog(window, control as isize) };
    }
}

/// What is typed, taken out of the control into memory that is locked.
struct Field {
    /// Of two bytes each, with an end.
    units: LockedBytes,
}

impl Field {
    fn new(longest: usize) -> io::Result<Self> {
        let units = LockedBytes::new((longest + 1) * 2).map_err(io::Error::other)?;
        Ok(Self { units })
    }

    /// Characters without the end.
    fn longest(&self) -> usize {
        (self.units.len() / 2).saturating_sub(1)
    }

    /// Takes it, and writes over what the control has of it.
    fn take(&mut self, control: HWND) {
        let room = i32::try_from(self.units.len() / 2).unwrap_or(0);
        // SAFETY: the control lives, and there is room for so many units; memory from the heap of
        // secrets begins at an even address.
        unsafe { GetWindowTextW(control, self.units.as_mut_ptr().cast(), room) };
        let over = wide::ended(" ".repeat(self.longest()));
        for text in [&over[..], &[0]] {
            // SAFETY: the control lives; the text has an end.
            unsafe { SetWindowTextW(control, text.as_ptr()) };
        }
        send(control, EM_EMPTYUNDOBUFFER, 0);
    }

    fn typed(&self) -> io::Result<Typed> {
        // A unit has three bytes at most, a pair of them four.
        let bytes = LockedBytes::new(self.units.len() * 2).map_err(io::Error::other)?;
        let mut typed = Typed { bytes, length: 0 };
        let units = self.units.chunks_exact(2);
        let units = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        for character in char::decode_utf16(units.take_while(|unit| *unit != 0)) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            let end = typed.length + character.len_utf8();
            let Some(room) = typed.bytes.get_mut(typed.length..end) else { break };
            character.encode_utf8(room);
            typed.length = end;
        }
        Ok(typed)
    }
}

/// A control of this dialog; null where there is none.
fn item(window: HWND, control: i32) -> HWND {
    // SAFETY: the window is the dialog.
    unsafe { GetDlgItem(window, control) }
}

fn send(control: HWND, message: u32, number: usize) {
    // SAFETY: the control lives, and the messages sent here take a number.
    unsafe { SendMessageW(control, message, number, 0) };
}

/// Says of a message whether it was dealt with.
unsafe extern "system" fn procedure(
    window: HWND,
    message: u32,
    wide: WPARAM,
    _long: LPARAM,
) -> isize {
    // SAFETY: put there by who waits for this dialog in this thread, and alive until it is over.
    let Some(state) = (unsafe { SHOWN.get().as_ref() }) else { return 0 };
    match message {
        WM_INITDIALOG => state.begin(window),
        WM_ACTIVATE if wide as u32 & 0xffff != WA_INACTIVE => state.unsettle(window),
        WM_TIMER if wide == SETTLED => state.settle(window),
        WM_COMMAND => state.pressed(window, i32::from(wide as u16)),
        _ => {}
    }
    // Whatever the system does with it besides does no harm. At the beginning it means that the focus
    // is where it is wanted: it is set when something counts.
    0
}

#[cfg(test)]
mod tests;
