//! Failures of several promises.

use std::{error::Error as StdError, fmt};

use csp_core::Failure;

/// The failure of one of several promises, and which one it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed<E = super::Error> {
    /// Its place among those that were given, from 0.
    pub index: usize,
    /// How it failed.
    pub failure: Failure<E>,
}

impl<E: fmt::Display> fmt::Display for Indexed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "promise {} failed: {}", self.index, self.failure)
    }
}

impl<E: fmt::Debug + fmt::Display> StdError for Indexed<E> {}

/// All promises failed, each for its own reason, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllFailed<E = super::Error>(pub Vec<Failure<E>>);

impl<E: fmt::Display> fmt::Display for AllFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all {} promises failed", self.0.len())?;
        for (index, failure) in self.0.iter().enumerate() {
            let before = if index == 0 { ":" } else { "," };
            write!(f, "{before} {failure}")?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> StdError for AllFailed<E> {}
