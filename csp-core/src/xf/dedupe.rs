//! Equal values once: in a row, or in all.

use std::{collections::HashSet, hash::Hash};

use super::{Flow, Transducer, common};

/// Drops values equal to the one before: see [`dedupe`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct Dedupe<T> {
    last: Option<T>,
}

common::debug!(Dedupe<T>);

/// Drops each value that equals the one before it. core.async's own (deprecated) name is `unique`.
///
/// It holds a clone of the last value that it gave.
///
/// ```text
/// in    1  1  2  2  1  |
/// out   1     2     1  |     dedupe()
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// assert!(xf::dedupe().iter([1, 1, 2, 2, 1]).eq([1, 2, 1]));
/// ```
#[doc(alias = "unique")]
pub fn dedupe<T: PartialEq + Clone>() -> Dedupe<T> {
    Dedupe { last: None }
}

impl<T: PartialEq + Clone> Transducer for Dedupe<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if self.last.as_ref() == Some(&value) {
            return Flow::Continue(());
        }
        self.last = Some(value.clone());
        emit(value)
    }
}

/// Gives each value once: see [`distinct`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct Distinct<T> {
    seen: HashSet<T>,
}

common::debug!(Distinct<T>);

/// Gives each value once: all that equal an earlier one are dropped.
///
/// **It holds a clone of every different value that it has seen**, for as long as it lives. For values
/// without end, of more than a few kinds, take [`dedupe`] or a [`keep`](super::keep) with a cache of
/// yours.
///
/// ```text
/// in    1  1  2  2  1  3  |
/// out   1     2        3  |     distinct()
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// assert!(xf::distinct().iter([1, 1, 2, 2, 1, 3]).eq([1, 2, 3]));
/// ```
pub fn distinct<T: Hash + Eq + Clone>() -> Distinct<T> {
    Distinct {
        seen: HashSet::new(),
    }
}

impl<T: Hash + Eq + Clone> Transducer for Distinct<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if self.seen.contains(&value) {
            return Flow::Continue(());
        }
        self.seen.insert(value.clone());
        emit(value)
    }
}
