//! The dialog as the system takes it: a description in memory, in units of the dialog's own, which grow
//! with the letters (a letter is four wide and eight high).

use windows_sys::Win32::UI::WindowsAndMessaging::{
    BS_DEFPUSHBUTTON, BS_PUSHBUTTON, DLGTEMPLATE, DS_CENTER, DS_MODALFRAME, DS_SETFONT,
    ES_AUTOHSCROLL, ES_MULTILINE, ES_PASSWORD, ES_READONLY, IDCANCEL, WS_BORDER, WS_CAPTION,
    WS_CHILD, WS_DISABLED, WS_EX_TOPMOST, WS_POPUP, WS_SYSMENU, WS_TABSTOP, WS_VISIBLE, WS_VSCROLL,
};

use super::{Dialog, FIELD, FIRST, TEXT};

const MARGIN: usize = 7;
const WIDTH: usize = 330;
/// Letters of a line, not counting on narrow ones.
const LETTERS: usize = (WIDTH - 2 * MARGIN) / 5;
const LINE: usize = 8;
/// More lines than this are scrolled.
const MOST_LINES: usize = 34;
const BUTTON: usize = 14;
const GAP: usize = 4;

/// Kinds of controls, by the numbers the system has for them.
const A_BUTTON: u16 = 0x0080;
const AN_EDIT: u16 = 0x0081;

/// Units of two bytes, in whole words of four.
pub(super) struct Template {
    words: Vec<u32>,
}

/// Where a control is.
#[derive(Clone, Copy)]
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Template {
    pub(super) fn of(dialog: &Dialog<'_>, has_field: bool) -> Self {
        let lines: usize =
            dialog.text.lines().map(|line| line.chars().count().div_ceil(LETTERS).max(1)).sum();
        let shown = lines.clamp(1, MOST_LINES);
        let text =
            Place { x: MARGIN, y: MARGIN, width: WIDTH - 2 * MARGIN, height: shown * LINE + 4 };
        let field = Place { y: text.y + text.height + GAP, height: BUTTON, ..text };
        let bottom = if has_field { field.y + field.height } else { text.y + text.height };
        let buttons = bottom + MARGIN;
        let count = 2 + dialog.agree.len() + usize::from(has_field);

        let mut made = Units::default();
        made.long(
            WS_POPUP
                | WS_CAPTION
                | WS_SYSMENU
                | WS_VISIBLE
                | (DS_MODALFRAME | DS_CENTER | DS_SETFONT) as u32,
        );
        // Seen above others, without taking what is typed from them.
        made.long(WS_EX_TOPMOST);
        made.number(count);
        made.place(Place { x: 0, y: 0, width: WIDTH, height: buttons + BUTTON + MARGIN });
        // No menu, the usual class.
        made.number(0);
        made.number(0);
        made.text(dialog.title);
        made.number(9);
        made.text("MS Shell Dlg 2");

        let scrolled = if lines > MOST_LINES { WS_VSCROLL } else { 0 };
        let read_only = (ES_MULTILINE | ES_READONLY) as u32;
        made.control(read_only | scrolled, text, TEXT, AN_EDIT, "");
        if has_field {
            let style =
                WS_BORDER | WS_TABSTOP | WS_DISABLED | (ES_PASSWORD | ES_AUTOHSCROLL) as u32;
            made.control(style, field, FIELD, AN_EDIT, "");
        }
        let mut x = MARGIN;
        for (label, id) in dialog.agree.iter().zip(FIRST..) {
            let place = Place { x, y: buttons, width: width(label), height: BUTTON };
            // With a field, Enter in it is the first of them.
            let kind = if has_field && id == FIRST { BS_DEFPUSHBUTTON } else { BS_PUSHBUTTON };
            // Nothing can be pressed before the dialog says so.
            let style = WS_TABSTOP | WS_DISABLED | kind as u32;
            made.control(style, place, id, A_BUTTON, label);
            x += place.width + GAP;
        }
        // At the other end, and what Enter presses.
        let width = width(dialog.refuse);
        let place = Place { x: WIDTH - MARGIN - width, y: buttons, width, height: BUTTON };
        let kind = if has_field { BS_PUSHBUTTON } else { BS_DEFPUSHBUTTON };
        made.control(WS_TABSTOP | kind as u32, place, IDCANCEL, A_BUTTON, dialog.refuse);
        Self { words: made.words() }
    }

    pub(super) fn as_ptr(&self) -> *const DLGTEMPLATE {
        self.words.as_ptr().cast()
    }
}

fn width(label: &str) -> usize {
    (label.chars().count() * 5 + 12).max(50)
}

#[derive(Default)]
struct Units(Vec<u16>);

impl Units {
    fn number(&mut self, number: usize) {
        self.0.push(u16::try_from(number).unwrap_or(u16::MAX));
    }

    fn long(&mut self, number: u32) {
        self.0.extend([number as u16, (number >> 16) as u16]);
    }

    fn place(&mut self, Place { x, y, width, height }: Place) {
        [x, y, width, height].into_iter().for_each(|number| self.number(number));
    }

    /// With its end, and without one inside.
    fn text(&mut self, text: &str) {
        self.0.extend(text.encode_utf16().filter(|unit| *unit != 0).chain([0]));
    }

    fn control(&mut self, style: u32, place: Place, id: i32, class: u16, text: &str) {
        // Each begins at a word of four bytes.
        if self.0.len() % 2 == 1 {
            self.0.push(0);
        }
        self.long(WS_CHILD | WS_VISIBLE | style);
        self.long(0);
        self.place(place);
        self.number(usize::try_from(id).unwrap_or(0));
        self.0.extend([0xffff, class]);
        // A single `&` would underline the next letter, and make it a key that presses the button.
        self.text(&text.replace('&', "&&"));
        self.number(0);
    }

    fn words(self) -> Vec<u32> {
        let pairs = self.0.chunks(2);
        let word = |pair: &[u16]| {
            let high = pair.get(1).copied().unwrap_or(0);
            u32::from(pair[0]) | u32::from(high) << 16
        };
        pairs.map(word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_text_makes_a_higher_dialog_until_it_is_scrolled() {
        let agree = ["Once".to_owned()];
        let words = |text: &str, has_field| {
            let dialog = Dialog { title: "keyfob", text, agree: &agree, refuse: "Deny" };
            Template::of(&dialog, has_field).words
        };
        let height = |words: &[u32]| words[4] as u16;
        let count = |words: &[u32]| words[2] as u16;
        let (short, long) = (words("a\nb", false), words(&"a\n".repeat(20), false));
        assert!(height(&long) > height(&short));
        assert_eq!((count(&short), count(&words("a", true))), (3, 4));
        let most = words(&"a\n".repeat(MOST_LINES), false);
        let more = words(&"a\n".repeat(MOST_LINES * 3), false);
        assert_eq!(height(&more), height(&most));
        // A line that is broken counts as more.
        assert!(height(&words(&"a".repeat(LETTERS * 3), false)) > height(&short));
    }
}
