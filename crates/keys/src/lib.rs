//! Key types, signatures, certificates, fingerprints and the signing backend.
