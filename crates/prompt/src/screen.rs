//! The variables that tell where a person's screen is.
//!
//! Names only. They are looked up in the environment of *another* process and set in a child,
//! never read from our own. No name of a program is among them: whoever asks for a signature
//! would choose who answers the question.

/// There is an X display.
pub const DISPLAY: &str = "DISPLAY";

/// There is a Wayland display.
pub const WAYLAND_DISPLAY: &str = "WAYLAND_DISPLAY";

/// What kind of terminal it is.
pub const TERM: &str = "TERM";

/// What a program with a window needs to show it. They belong together: half of them from one
/// process and half from another are the way to no screen at all.
pub const SCREEN: [&str; 5] =
    [DISPLAY, WAYLAND_DISPLAY, "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];
