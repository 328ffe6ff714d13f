//! A public key or certificate in its wire form, and around it RFC 4716.
#![no_main]

use keyfob_keys::PublicKey;

libfuzzer_sys::fuzz_target!(|blob: &[u8]| {
    if let Ok(key) = PublicKey::from_blob(blob) {
        assert_eq!(key.blob(), blob);
        if let Some(certificate) = key.certificate() {
            let _ = certificate.verify();
        }
        let file = keyfob_fuzz::ssh2_block("SSH2 PUBLIC KEY", "", blob);
        let read = keyfob_keyfile::read_public(&file);
        if key.check_point().is_err() {
            assert!(read.is_err(), "files hold no such key");
            return;
        }
        let (read, _) = read.expect("a good blob in a good file");
        assert_eq!(read, key);
        keyfob_fuzz::public_key(&key);
    }
});
