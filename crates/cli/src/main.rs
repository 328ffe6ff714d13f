//! One binary: the `keyfob` commands, and the drop-in names `ssh-agent` and `ssh-add`.

fn main() {}
