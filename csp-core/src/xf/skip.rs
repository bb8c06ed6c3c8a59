//! All but some, by their place.

use std::marker::PhantomData;

use super::{Flow, Transducer, common};

/// Drops the first `n` values: see [`skip`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Skip<T> {
    left: usize,
    of: PhantomData<fn(T)>,
}

common::clone!(Skip<T>, left);
common::debug!(Skip<T>, left);

/// Drops the first `n` values, and lets all others through.
///
/// Clojure calls it `drop`. Here that is the name of something else, which a glob import of this module
/// would hide.
///
/// ```text
/// in    1  2  3  4  |
/// out         3  4  |     skip(2)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// assert!(xf::skip(2).iter(1..=4).eq([3, 4]));
/// ```
#[doc(alias = "drop")]
pub fn skip<T>(n: usize) -> Skip<T> {
    Skip {
        left: n,
        of: PhantomData,
    }
}

impl<T> Transducer for Skip<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if self.left == 0 {
            return emit(value);
        }
        self.left -= 1;
        Flow::Continue(())
    }
}

/// Drops values as long as `f` says `true`: see [`skip_while`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct SkipWhile<T, F> {
    skipping: bool,
    f: F,
    of: PhantomData<fn(T)>,
}

common::clone!(SkipWhile<T, F>, skipping, f);
common::debug!(SkipWhile<T, F>, skipping);

/// Drops values as long as `f` says `true`; from then on it lets all through, and asks `f` no more.
///
/// Clojure calls it `drop-while`.
///
/// ```text
/// in    1  2  9  3  4  |
/// out         9  3  4  |     skip_while(|n| *n < 5)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let body = xf::skip_while(|line: &&str| !line.is_empty()).skip(1);
/// assert!(body.iter("host: a\n\nthe\nbody".lines()).eq(["the", "body"]));
/// ```
#[doc(alias = "drop_while")]
pub fn skip_while<T, F: FnMut(&T) -> bool>(f: F) -> SkipWhile<T, F> {
    SkipWhile {
        skipping: true,
        f,
        of: PhantomData,
    }
}

impl<T, F: FnMut(&T) -> bool> Transducer for SkipWhile<T, F> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        self.skipping = self.skipping && (self.f)(&value);
        if self.skipping {
            Flow::Continue(())
        } else {
            emit(value)
        }
    }
}

/// Gives every `n`-th value: see [`take_nth`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct TakeNth<T> {
    n: usize,
    to_skip: usize,
    of: PhantomData<fn(T)>,
}

common::clone!(TakeNth<T>, n, to_skip);
common::debug!(TakeNth<T>, n);

/// Gives the first value and every `n`-th after it. Iterators call it `step_by`.
///
/// ```text
/// in    1  2  3  4  5  6  7  |
/// out   1        4        7  |     take_nth(3)
/// ```
///
/// # Panics
/// If `n` is 0.
///
/// ```
/// use csp::prelude::*;
///
/// assert!(xf::take_nth(3).iter(1..=7).eq([1, 4, 7]));
/// ```
#[doc(alias = "step_by")]
#[track_caller]
pub fn take_nth<T>(n: usize) -> TakeNth<T> {
    assert!(
        n > 0,
        "xf::take_nth(0): there is no 0th value; write take_nth(1) for all of them"
    );
    TakeNth {
        n,
        to_skip: 0,
        of: PhantomData,
    }
}

impl<T> Transducer for TakeNth<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        if let Some(to_skip) = self.to_skip.checked_sub(1) {
            self.to_skip = to_skip;
            return Flow::Continue(());
        }
        self.to_skip = self.n - 1;
        emit(value)
    }
}
