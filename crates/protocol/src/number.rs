//! Every number of the protocol, written once (RFC 9987 §8).
//!
//! Numbers only: what a message contains is in [`request`](crate::request),
//! [`response`](crate::response) and [`constraint`](crate::constraint).

/// Refused, or not understood.
pub const FAILURE: u8 = 5;
/// Done.
pub const SUCCESS: u8 = 6;
/// Protocol 1's "remove all", which `ssh-add -D` still sends after [`REMOVE_ALL_IDENTITIES`].
pub const REMOVE_ALL_RSA_IDENTITIES: u8 = 9;
/// List the keys.
pub const REQUEST_IDENTITIES: u8 = 11;
/// The list.
pub const IDENTITIES_ANSWER: u8 = 12;
/// Sign these bytes with this key.
pub const SIGN_REQUEST: u8 = 13;
/// The signature.
pub const SIGN_RESPONSE: u8 = 14;
/// Take this private key.
pub const ADD_IDENTITY: u8 = 17;
/// Forget this key.
pub const REMOVE_IDENTITY: u8 = 18;
/// Forget all keys.
pub const REMOVE_ALL_IDENTITIES: u8 = 19;
/// Load a PKCS#11 library.
pub const ADD_SMARTCARD_KEY: u8 = 20;
/// Drop a PKCS#11 library.
pub const REMOVE_SMARTCARD_KEY: u8 = 21;
/// Lock with a passphrase.
pub const LOCK: u8 = 22;
/// Unlock with it.
pub const UNLOCK: u8 = 23;
/// [`ADD_IDENTITY`] with constraints.
pub const ADD_ID_CONSTRAINED: u8 = 25;
/// [`ADD_SMARTCARD_KEY`] with constraints.
pub const ADD_SMARTCARD_KEY_CONSTRAINED: u8 = 26;
/// A named extension.
pub const EXTENSION: u8 = 27;
/// The extension is known and failed.
pub const EXTENSION_FAILURE: u8 = 28;
/// The extension's answer.
pub const EXTENSION_RESPONSE: u8 = 29;
/// Failure, as old SSH2 agents said it; only read.
pub const SSH2_FAILURE: u8 = 30;
/// Failure, as ssh.com's agent said it; only read.
pub const SSH_COM_FAILURE: u8 = 102;

/// Constraint: seconds until the key is forgotten.
pub const CONSTRAIN_LIFETIME: u8 = 1;
/// Constraint: a person confirms each use.
pub const CONSTRAIN_CONFIRM: u8 = 2;
/// Constraint: a named extension.
pub const CONSTRAIN_EXTENSION: u8 = 255;

/// Sign flag: RSA with SHA-256.
pub const SIGN_RSA_SHA2_256: u32 = 2;
/// Sign flag: RSA with SHA-512.
pub const SIGN_RSA_SHA2_512: u32 = 4;

/// `SSH_MSG_USERAUTH_REQUEST` (RFC 4252 §6), the byte after the session identifier in the data
/// a client has signed to log in.
pub const USERAUTH_REQUEST: u8 = 50;
