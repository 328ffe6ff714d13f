//! Whoever answers the dialogs.

use std::path::PathBuf;

use keyfob_testkit::{KeyStore, World};

/// A helper that says yes and no as a key's comment wants it, lets the others wait for ever, and
/// knows the passphrase of the key store. It keeps no record: there are thousands of questions.
pub(crate) fn sits_in(world: &World) -> PathBuf {
    let path = world.unused("person");
    let passphrase = KeyStore::PASSPHRASE;
    world.script(
        &path,
        &format!(
            "#!/bin/sh\n\
             if test \"$SSH_ASKPASS_PROMPT\" = confirm; then\n\
             case $1 in *'use of key yes'*) exit 0;; *'use of key no'*) exit 1;; esac\n\
             exec sleep 100000\n\
             fi\n\
             printf '%s\\n' '{passphrase}'\n"
        ),
    );
    path
}
