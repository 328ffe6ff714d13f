//! The only unsafe code: locked memory, hardening, peer identity, processes.
