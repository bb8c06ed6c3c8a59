//! One in, one out.

use std::marker::PhantomData;

use super::{Flow, Transducer, common};

/// Calls `f` on each value: see [`map`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Map<In, F> {
    f: F,
    of: PhantomData<fn(In)>,
}

common::clone!(Map<In, F>, f);
common::debug!(Map<In, F>);

/// Calls `f` on each value.
///
/// ```text
/// in    1   2   3   4  |
/// out  10  20  30  40  |     map(|n| 10 * n)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let tens = xf::map(|n: u32| 10 * n);
/// assert!(tens.iter([1, 2]).eq([10, 20]));
/// ```
pub fn map<In, Out, F: FnMut(In) -> Out>(f: F) -> Map<In, F> {
    Map { f, of: PhantomData }
}

impl<In, Out, F: FnMut(In) -> Out> Transducer for Map<In, F> {
    type In = In;
    type Out = Out;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(Out) -> Flow) -> Flow {
        emit((self.f)(value))
    }
}

/// Calls `f` on the index of each value and the value: see [`map_indexed`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct MapIndexed<In, F> {
    index: usize,
    f: F,
    of: PhantomData<fn(In)>,
}

common::clone!(MapIndexed<In, F>, index, f);
common::debug!(MapIndexed<In, F>, index);

/// Calls `f` on the index of each value, from 0, and the value. Iterators have `enumerate`.
///
/// ```text
/// in    a   b   c   d  |
/// out  0a  1b  2c  3d  |     map_indexed(|i, x| format!("{i}{x}"))
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let numbered = xf::map_indexed(|i, line: &str| format!("{i}: {line}"));
/// assert!(numbered.iter(["take", "put"]).eq(["0: take", "1: put"]));
/// ```
#[doc(alias = "enumerate")]
pub fn map_indexed<In, Out, F: FnMut(usize, In) -> Out>(f: F) -> MapIndexed<In, F> {
    MapIndexed {
        index: 0,
        f,
        of: PhantomData,
    }
}

impl<In, Out, F: FnMut(usize, In) -> Out> Transducer for MapIndexed<In, F> {
    type In = In;
    type Out = Out;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(Out) -> Flow) -> Flow {
        let index = self.index;
        self.index += 1;
        emit((self.f)(index, value))
    }
}

/// Shows each value to `f`: see [`inspect`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Inspect<T, F> {
    f: F,
    of: PhantomData<fn(T)>,
}

common::clone!(Inspect<T, F>, f);
common::debug!(Inspect<T, F>);

/// Shows each value to `f` on its way: to count, to log, to look into a chain.
///
/// ```text
/// in    1  2  3  |
/// out   1  2  3  |     inspect(|n| sum += n): sum is 6 at the end
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let mut seen = Vec::new();
/// let first = xf::inspect(|n| seen.push(*n)).filter(|n| n % 2 == 0).take(1);
/// assert!(first.iter(1..10).eq([2]));
/// assert_eq!(seen, [1, 2]);
/// ```
pub fn inspect<T, F: FnMut(&T)>(f: F) -> Inspect<T, F> {
    Inspect { f, of: PhantomData }
}

impl<T, F: FnMut(&T)> Transducer for Inspect<T, F> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        (self.f)(&value);
        emit(value)
    }
}
