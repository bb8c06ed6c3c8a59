//! mult
