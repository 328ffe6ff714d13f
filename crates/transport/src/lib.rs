//! Listens and connects: Unix socket, socket activation.
