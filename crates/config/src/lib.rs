//! Settings file, environment names, directories.
