//! One in, one or none out: a function decides.

use std::marker::PhantomData;

use super::{Flow, Transducer, common};

/// Lets values through that `f` says `true` to: see [`filter`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Filter<T, F> {
    f: F,
    of: PhantomData<fn(T)>,
}

common::clone!(Filter<T, F>, f);
common::debug!(Filter<T, F>);

/// Lets through the values that `f` says `true` to, and drops the others.
///
/// ```text
/// in    1  2  3  4  |
/// out      2     4  |     filter(|n| n % 2 == 0)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let even = xf::filter(|n| n % 2 == 0);
/// assert!(even.iter(1..=4).eq([2, 4]));
/// ```
pub fn filter<T, F: FnMut(&T) -> bool>(f: F) -> Filter<T, F> {
    Filter { f, of: PhantomData }
}

impl<T, F: FnMut(&T) -> bool> Transducer for Filter<T, F> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if (self.f)(&value) {
            emit(value)
        } else {
            Flow::Continue(())
        }
    }
}

/// Drops the values that `f` says `true` to: see [`remove`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Remove<T, F> {
    f: F,
    of: PhantomData<fn(T)>,
}

common::clone!(Remove<T, F>, f);
common::debug!(Remove<T, F>);

/// Drops the values that `f` says `true` to, and lets the others through.
///
/// ```text
/// in    1  2  3  4  |
/// out   1     3     |     remove(|n| n % 2 == 0)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let lines = xf::remove(|line: &&str| line.is_empty());
/// assert!(lines.iter(["take", "", "put"]).eq(["take", "put"]));
/// ```
pub fn remove<T, F: FnMut(&T) -> bool>(f: F) -> Remove<T, F> {
    Remove { f, of: PhantomData }
}

impl<T, F: FnMut(&T) -> bool> Transducer for Remove<T, F> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if (self.f)(&value) {
            Flow::Continue(())
        } else {
            emit(value)
        }
    }
}

/// Gives what `f` makes of a value, if anything: see [`keep`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Keep<In, F> {
    f: F,
    of: PhantomData<fn(In)>,
}

common::clone!(Keep<In, F>, f);
common::debug!(Keep<In, F>);

/// Calls `f` on each value, and gives what is in its `Some`. Iterators call it `filter_map`.
///
/// ```text
/// in   "1"  "x"  "3"  |
/// out   1         3   |     keep(|s: &str| s.parse().ok())
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let numbers = xf::keep(|word: &str| word.parse::<u32>().ok());
/// assert!(numbers.iter(["1", "x", "3"]).eq([1, 3]));
/// ```
#[doc(alias = "filter_map")]
pub fn keep<In, Out, F: FnMut(In) -> Option<Out>>(f: F) -> Keep<In, F> {
    Keep { f, of: PhantomData }
}

impl<In, Out, F: FnMut(In) -> Option<Out>> Transducer for Keep<In, F> {
    type In = In;
    type Out = Out;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(Out) -> Flow) -> Flow {
        match (self.f)(value) {
            Some(kept) => emit(kept),
            None => Flow::Continue(()),
        }
    }
}

/// [`Keep`] with the index of each value: see [`keep_indexed`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct KeepIndexed<In, F> {
    index: usize,
    f: F,
    of: PhantomData<fn(In)>,
}

common::clone!(KeepIndexed<In, F>, index, f);
common::debug!(KeepIndexed<In, F>, index);

/// Calls `f` on the index of each value, from 0, and the value, and gives what is in its `Some`.
///
/// ```text
/// in    a   b   c   d  |
/// out       b       d  |     keep_indexed(|i, x| (i % 2 == 1).then_some(x))
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let columns = xf::keep_indexed(|i, field: &str| (i != 1).then_some(field));
/// assert!(columns.iter("a,b,c".split(',')).eq(["a", "c"]));
/// ```
pub fn keep_indexed<In, Out, F: FnMut(usize, In) -> Option<Out>>(f: F) -> KeepIndexed<In, F> {
    KeepIndexed {
        index: 0,
        f,
        of: PhantomData,
    }
}

impl<In, Out, F: FnMut(usize, In) -> Option<Out>> Transducer for KeepIndexed<In, F> {
    type In = In;
    type Out = Out;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(Out) -> Flow) -> Flow {
        let index = self.index;
        self.index += 1;
        match (self.f)(index, value) {
            Some(kept) => emit(kept),
            None => Flow::Continue(()),
        }
    }
}
