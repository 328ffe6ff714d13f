//! The settings file, and the lengths of time in it.
#![no_main]

use keyfob_config::{Settings, duration};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Settings::parse(text, "/settings.toml".as_ref()) {
        let _ = (error.to_string(), error.hint());
    }
    if let Ok(seconds) = duration::parse(text) {
        let written = duration::write(seconds.into());
        assert_eq!(duration::parse(&written).ok(), Some(seconds), "{written}");
    }
});
