//! The beginning only: these end a chain.

use std::marker::PhantomData;

use super::{Flow, Transducer, common};

/// Gives the first `n` values, and ends: see [`take`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Take<T> {
    left: usize,
    of: PhantomData<fn(T)>,
}

common::clone!(Take<T>, left);
common::debug!(Take<T>, left);

/// Gives the first `n` values, and ends.
///
/// It says that no more is wanted together with the `n`-th value: nobody has to come with another for
/// the end to be known. Only `take(0)` needs a value to come, which it drops.
///
/// ```text
/// in    1  2  3  4  5
/// out   1  2  |           take(2)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let mut numbers = 1..;
/// assert!(xf::take(2).iter(&mut numbers).eq([1, 2]));
/// assert_eq!(numbers.next(), Some(3)); // nothing was taken in vain
/// ```
pub fn take<T>(n: usize) -> Take<T> {
    Take {
        left: n,
        of: PhantomData,
    }
}

impl<T> Transducer for Take<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if self.left == 0 {
            return Flow::Break(());
        }
        self.left -= 1;
        emit(value)?;
        if self.left == 0 {
            Flow::Break(())
        } else {
            Flow::Continue(())
        }
    }
}

/// Gives values as long as `f` says `true`, and ends: see [`take_while`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct TakeWhile<T, F> {
    f: F,
    of: PhantomData<fn(T)>,
}

common::clone!(TakeWhile<T, F>, f);
common::debug!(TakeWhile<T, F>);

/// Gives values as long as `f` says `true`, and ends. The first that it says `false` to is dropped.
///
/// ```text
/// in    1  2  9  3  4
/// out   1  2  |           take_while(|n| *n < 5)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let head = xf::take_while(|line: &&str| !line.is_empty());
/// assert!(head.iter("host: a\nport: 1\n\nbody".lines()).eq(["host: a", "port: 1"]));
/// ```
#[doc(alias = "halt_when")]
pub fn take_while<T, F: FnMut(&T) -> bool>(f: F) -> TakeWhile<T, F> {
    TakeWhile { f, of: PhantomData }
}

impl<T, F: FnMut(&T) -> bool> Transducer for TakeWhile<T, F> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if (self.f)(&value) {
            emit(value)
        } else {
            Flow::Break(())
        }
    }
}
