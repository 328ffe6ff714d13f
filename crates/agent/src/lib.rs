//! Keyring, constraints, sessions, policy: decides, performs no I/O.
