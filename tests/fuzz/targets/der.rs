//! The inside of the ASN.1 forms: PKCS#1, SEC1, DSA, PKCS#8 plain and encrypted, and public keys;
//! in PEM blocks and bare. The first byte chooses.
#![no_main]

const LABELS: [&str; 7] = [
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
];

const HEADERS: &str =
    "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n";

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else {
        return;
    };
    let choice = usize::from(*choice);
    match LABELS.get(choice % (LABELS.len() + 1)) {
        Some(label) => {
            let headers = if choice >= 128 { HEADERS } else { "" };
            keyfob_fuzz::private_file(&keyfob_fuzz::block(label, headers, body));
        }
        None => keyfob_fuzz::private_file(body),
    }
});
