//! Agent messages in bounded frames, OpenSSH's extensions, the userauth blob.
