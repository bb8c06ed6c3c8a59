//! One in, many out.

use std::marker::PhantomData;

use super::{Flow, Transducer, common};

/// Gives what is in each value: see [`cat`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Cat<In> {
    of: PhantomData<fn(In)>,
}

common::clone!(Cat<In>);
common::debug!(Cat<In>);

/// Gives what is in each value, one by one. Iterators call it `flatten`.
///
/// Once no more is wanted, the rest of the value at hand is dropped.
///
/// ```text
/// in   [1 2]  []  [3]  |
/// out   1 2        3   |     cat()
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let all = xf::cat();
/// assert!(all.iter([vec![1, 2], vec![], vec![3]]).eq([1, 2, 3]));
/// ```
#[doc(alias = "flatten")]
pub fn cat<In: IntoIterator>() -> Cat<In> {
    Cat { of: PhantomData }
}

impl<In: IntoIterator> Transducer for Cat<In> {
    type In = In;
    type Out = In::Item;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(In::Item) -> Flow) -> Flow {
        value.into_iter().try_for_each(emit)
    }
}

/// Gives each of what `f` makes of a value: see [`mapcat`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Mapcat<In, F> {
    f: F,
    of: PhantomData<fn(In)>,
}

common::clone!(Mapcat<In, F>, f);
common::debug!(Mapcat<In, F>);

/// Calls `f` on each value, and gives what is in its result, one by one. Iterators call it `flat_map`.
///
/// What `f` gives is anything that can be iterated, and is read only as far as more is wanted; the rest
/// is dropped.
///
/// ```text
/// in    1      2      3    |
/// out   1  1   2  2   3  3 |     mapcat(|n| [n; 2])
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let words = xf::mapcat(str::split_whitespace);
/// assert!(words.iter(["go alt", "", "take"]).eq(["go", "alt", "take"]));
///
/// // An endless one, as long as somebody ends it.
/// let count = xf::mapcat(|from: u32| from..).take(3);
/// assert!(count.iter([7]).eq([7, 8, 9]));
/// ```
#[doc(alias = "flat_map")]
pub fn mapcat<In, Items, F>(f: F) -> Mapcat<In, F>
where
    Items: IntoIterator,
    F: FnMut(In) -> Items,
{
    Mapcat { f, of: PhantomData }
}

impl<In, Items, F> Transducer for Mapcat<In, F>
where
    Items: IntoIterator,
    F: FnMut(In) -> Items,
{
    type In = In;
    type Out = Items::Item;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(Items::Item) -> Flow) -> Flow {
        (self.f)(value).into_iter().try_for_each(emit)
    }
}
