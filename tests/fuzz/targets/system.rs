//! What the system and other programs tell: `/proc/PID/stat`, the variables of socket activation,
//! names that are shown to a person, the line a helper answers with; and what the agent's own
//! processes say to each other, the one that starts programs and the one that asks.
#![no_main]

use keyfob_prompt::{escape, first_line};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    keyfob_sys::fuzzing::read(bytes);
    keyfob_fuzz::dialog::read(bytes);
    let shown = escape::for_display(bytes);
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    assert!(escape::for_display_within(bytes, 20).chars().count() <= 24);
    let _ = first_line(bytes);
});
