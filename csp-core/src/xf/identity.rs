//! Nothing done, and the beginning of a chain.

use std::marker::PhantomData;

use super::{Flow, Transducer, common};

/// Gives each value as it is: see [`identity`] and [`of`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Identity<T> {
    of: PhantomData<fn(T)>,
}

common::clone!(Identity<T>);
common::debug!(Identity<T>);

/// Gives each value as it is: where a transducer is asked for and nothing is to be done.
///
/// ```text
/// in    1  2  3  |
/// out   1  2  3  |     identity()
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// assert!(xf::identity().iter([1, 2]).eq([1, 2]));
/// ```
pub fn identity<T>() -> Identity<T> {
    Identity { of: PhantomData }
}

/// Begins a chain that takes values of type `T`: the [`identity`], under a name that reads well there.
///
/// ```
/// use csp::prelude::*;
///
/// let lengths = xf::of::<&str>().filter(|word| !word.starts_with('#')).map(str::len);
/// assert!(lengths.iter(["go", "#", "alt"]).eq([2, 3]));
/// ```
pub fn of<T>() -> Identity<T> {
    identity()
}

impl<T> Transducer for Identity<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        emit(value)
    }
}
