//! The format of a key store, version 1, precise enough to write another reader from it.
//!
//! The script in each store is one such reader, in a hundred lines; it stands in
//! `src/recovery.txt`. The store in `tests/fixtures/v1` is an example.
//!
//! # Words
//!
//! `HKDF(secret, salt, info)` is HKDF-SHA-256 (RFC 5869) with 32 bytes of output. `AEAD` is
//! XChaCha20-Poly1305 with a nonce of 24 bytes and a tag of 16 (draft-irtf-cfrg-xchacha-03). A
//! `string` is that of RFC 4251 §5: a length of four bytes, big-endian, and so many bytes.
//! `hex(n)` is n bytes as 2n lower-case digits. A *number* is decimal, without sign and without
//! zeros in front, below 2^64. An *id* is random: `hex(16)` for a store and an item, `hex(8)` for
//! a slot and a device.
//!
//! # Files
//!
//! | file | what it is | most bytes |
//! |---|---|---|
//! | `VAULT` | `keyfob-vault 1 STORE` and a line feed, nothing else | 65536 |
//! | `RECOVERY.txt` | for people; never read | – |
//! | `slots/SLOT.slot` | the root, sealed for one way to unlock | 4096 |
//! | `keys/NAME.sealed` | an item, sealed | 262144 |
//! | `keys/NAME.pub`, `keys/NAME-cert.pub` | public key and certificate, each one line as in OpenSSH | 65536 |
//! | `manifest/DEVICE.m` | what one machine promises, sealed | 16777216 |
//! | `memory` | what an agent remembers, sealed; may be missing | 8388608 |
//! | `.lock` | `flock`, held by who writes | – |
//! | `*/.new-hex(8)` | a file that is being written; left over when nobody holds the lock | – |
//!
//! Beside the store `FOLDER.new-hex(8)` is one that is being built, or was replaced, and
//! `FOLDER.replaced` one that waits to be moved to the place, where a system cannot exchange two
//! folders in one step: a reader that finds `FOLDER` missing moves it there.
//! More than 100,000 names in a folder are refused; of slots the first 64 by name are looked at.
//! Folders have mode 0700, files 0600.
//!
//! # Header line
//!
//! Slots, items, manifests and the memory begin with one line of at most 1024 bytes: fields of printable ASCII
//! between single blanks, and a line feed. The first field says what it is, the second is the
//! version, `1`; of a slot for an account `2`, because it came later: a reader that does not know it says
//! so, and the other slots open the store. A reader refuses another version, another store, a missing, empty or further
//! field, and any other way to write a number or an id. In the order of the fields:
//!
//! ```text
//! keyfob-slot 1 STORE SLOT passphrase MEMORY:PASSES hex(16 salt) hex(32 commitment)
//! keyfob-slot 1 STORE SLOT recovery - hex(16 salt) hex(32 commitment)
//! keyfob-slot 2 STORE SLOT account DEVICE hex(16 salt) hex(32 commitment)
//! keyfob-item 1 STORE ITEM GENERATION KIND NAME DEVICE PUBLIC hex(32 salt)
//! keyfob-manifest 1 STORE DEVICE SEQUENCE hex(32 previous) hex(32 salt)
//! keyfob-memory 1 STORE hex(32 salt)
//! ```
//!
//! # Sealing
//!
//! Behind the line feed stand nonce, ciphertext and tag, to the end of the file. With `line` the
//! bytes of the header without its line feed and `salt` the one in it, as bytes:
//!
//! ```text
//! key = HKDF(secret, salt, line)
//! body = nonce || AEAD(key, nonce, associated data = line, plain)
//! ```
//!
//! `plain` is padded with zero bytes to a multiple of 256; another length is refused. `secret` is
//! the slot's key for a slot, the root for the others.
//!
//! # Slots
//!
//! The plain content of a slot is the root, 32 random bytes. The slot's key is
//!
//! - for `passphrase` Argon2id version 0x13 of the passphrase and the salt, MEMORY in KiB, PASSES,
//!   one lane, 32 bytes. A passphrase that is UTF-8 is brought to NFC first; other bytes are taken
//!   as they are. 19456 ≤ MEMORY ≤ 1048576, 1 ≤ PASSES ≤ 32, MEMORY × PASSES ≤ 8388608, checked
//!   before anything is allocated.
//! - for `recovery` `HKDF(code, salt, "keyfob recovery code 1")`, code being 20 random bytes.
//!   Written down it is 32 characters of Crockford's base 32, and four more for the first 20 bits
//!   of the code's SHA-256; hyphens and blanks count for nothing, `O` is 0, `I` and `L` are 1.
//! - for `account` `HKDF(secret, salt, "keyfob account slot 1")`, secret being 32 random bytes that the
//!   system of the machine DEVICE keeps for an account, by the name `keyfob account slot 1 STORE DEVICE`:
//!   on Windows sealed by DPAPI with that name as the entropy, in `STATES/STORE.account`; on macOS as an
//!   item of the login keychain, service `keyfob key store`, where that file is empty.
//!
//! The commitment is `HKDF(root, STORE as its 32 digits, "keyfob root commitment 1")`. A reader
//! compares it with that of the root it got, because the AEAD does not say which key it was made
//! with; and with the one it remembers *before* it derives anything from a passphrase.
//!
//! # Items
//!
//! KIND is `openssh`, `reference` or `secret`. NAME has 1 to 64 characters of
//! `A-Z a-z 0-9 - _ . @ + =`, does not begin with `-` or `.`, does not end with `.`, and in small
//! letters not with `-cert`, `.pub` or `.sealed`; what stands before its first `.` is not a name
//! that Windows reserves. GENERATION is 1 or more. PUBLIC is `hex` of the SHA-256 of the public
//! key's blob, and `-` for `secret`, which has none. The plain content is `string facts`,
//! `string body`, padding.
//!
//! Facts are pairs of strings, name and value, in this order and no other; those in brackets may
//! be missing, the pair in braces may stand any number of times. A name that a reader does not
//! know refuses the item: it may be a limit that would not be kept.
//!
//! ```text
//! comment        any bytes, 4096 at most
//! created        8 bytes, big-endian: seconds since 1970
//! [public]       the blob of the public key, as in its line
//! [certificate]  the blob of the certificate
//! [lifetime]     4 bytes, big-endian: seconds
//! [idle]         4 bytes, big-endian: seconds
//! [confirm]      empty
//! {destination   as it was typed
//!  constraint}   one constraint of restrict-destination-v00@openssh.com
//! ```
//!
//! The body is
//!
//! - for `openssh` the bytes that stand, in base 64, in an OpenSSH private key file without a
//!   passphrase: `openssh-key-v1`, a zero byte, and so on (PROTOCOL.key), with cipher and kdf
//!   `none`. Its public key is that of the facts;
//! - for `reference` `string path`, absolute, and `string passphrase`, empty for none;
//! - for `secret` the bytes themselves.
//!
//! # Manifests
//!
//! Each machine writes one, named by its device id, and no other. SEQUENCE grows by one or more
//! with each; `previous` is the SHA-256 of the file before it, zeros for none, and kept for who
//! wants to follow the history: readers do not check it. The plain content is text of lines, each
//! ending in a line feed, padding behind it; no item, slot or device stands twice:
//!
//! ```text
//! item ITEM GENERATION live|gone DEVICE
//! slot SLOT live|gone hex(32 SHA-256 of the slot's file)
//! seen DEVICE SEQUENCE
//! ```
//!
//! A manifest repeats what its writer knew of all others. They are merged: of two promises for an
//! item the higher counts, compared by generation, then `gone` above `live`, then device; of two
//! for a slot `gone` above `live`, then digest. `seen` is for people; that a manifest is missing
//! is told by the state file, not by other manifests.
//!
//! # Memory
//!
//! The plain content is a `string`, padding. What is in the string is the agent's: which key a host
//! took, by fingerprints. It holds no key, nothing promises it, and one that does not open counts
//! as missing; an older one that was put back is not noticed, and tells what was once true.
//!
//! # Which files count
//!
//! A file counts by what is sealed in it, whatever it is called. Of the versions of an item that
//! open the one with the highest generation is taken; of two alike the one whose file has its
//! name, then the first by file name. It is
//!
//! - refused when its generation is below the promised one: an older version was put back;
//! - dead when the promise is `gone` and its generation not above;
//! - good otherwise: above the promise its write was cut short before the manifest, and only who
//!   knows the root can have made it.
//!
//! A promised item of which no version is there is *missing*. An item of a name that another one
//! has is shown with a number behind it. A slot counts for unlocking wherever it is from: who
//! has a slot and what opens it has the root. One that is `gone`, unknown, or of another digest is
//! told. A public half that is not the one in the sealed facts is told, and is not to be believed
//! before the store is unlocked; while it is locked it is checked against PUBLIC, which whoever
//! can write to the folder can change with it.
//!
//! Readers take no lock. One that finds something wrong reads again with the lock, because a
//! writer may have been in the middle.
//!
//! # Writing
//!
//! With the lock, after reading the store anew. A file takes its place by: a draft beside it,
//! `fsync` of it, `rename`, `fsync` of the folder. A file in the place that holds another item is
//! given another name first.
//!
//! | change | steps, each as above and lasting before the next |
//! |---|---|
//! | add, change | `.sealed` with the next generation; `.pub`, `-cert.pub`; manifest |
//! | rename | the same by the new name; then the files of the old name are removed |
//! | delete | manifest with `gone`; then the files are removed |
//! | another passphrase or code | the new slot; manifest with the old ones `gone`; those are removed |
//! | memory | the file, whole |
//! | a slot for the account | the secret is kept; `STORE.account`; then as another passphrase |
//! | new root | a whole store beside, generations one higher, deleted items kept as `gone`; `next` in the state file; exchange of the two folders; state file; the old one is removed |
//!
//! # State file
//!
//! Outside of the store, never copied to another machine: `STATES/STORE`, 65536 bytes at most.
//!
//! ```text
//! keyfob-state 1 STORE DEVICE
//! root hex(32 commitment)
//! next hex(32 commitment) SEQUENCE
//! seen DEVICE SEQUENCE
//! ```
//!
//! DEVICE is what this machine is called. `root` is the root it knows: a store that leads to
//! another is refused. `next` is there while a new root takes its place: it is as good, and when
//! it is met `root` becomes it and `seen` begins anew with this device's SEQUENCE. A store is
//! refused as rolled back when the manifest of a device is missing, does not open, or has a lower
//! number than `seen`. Before a higher number is written down, the folder of the manifests is made
//! to last: a memory must not outlive what it is of.
