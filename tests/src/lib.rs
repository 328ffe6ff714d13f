//! Shared by nothing yet: the tests are the targets beside this file.
