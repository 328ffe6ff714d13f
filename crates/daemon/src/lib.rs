//! Composes the agent: accept, drive, sign, expire, lock, audit.
