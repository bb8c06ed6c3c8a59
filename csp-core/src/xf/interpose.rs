//! A separator between values.

use super::{Flow, Transducer, common};

/// Puts a separator between values: see [`interpose`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct Interpose<T> {
    begun: bool,
    separator: T,
}

common::debug!(Interpose<T>);

/// Gives a clone of `separator` between each value and the next. It comes with the next.
///
/// ```text
/// in    1      2      3    |
/// out   1   0  2   0  3    |     interpose(0)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let path: String = xf::interpose("/").iter(["usr", "lib"]).collect();
/// assert_eq!(path, "usr/lib");
/// ```
#[doc(alias = "intersperse")]
pub fn interpose<T: Clone>(separator: T) -> Interpose<T> {
    Interpose {
        begun: false,
        separator,
    }
}

impl<T: Clone> Transducer for Interpose<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if self.begun {
            emit(self.separator.clone())?;
        }
        self.begun = true;
        emit(value)
    }
}
