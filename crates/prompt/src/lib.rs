//! Asks a person: askpass, terminal.
