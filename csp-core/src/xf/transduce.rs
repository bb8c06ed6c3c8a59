//! A transducer before a fold.

use std::{convert::Infallible, ops::ControlFlow};

use super::{Flow, Transducer};

/// Folds what comes out of `xf` when the values go in: `f` takes the result so far and a value.
///
/// `values` are read no further than `xf` wants. `f` needs no form for the end, as Clojure's reducing
/// functions have: what it has made is returned.
///
/// ```text
/// values    1  2  3  4
/// xf           2     4     xf::filter(|n| n % 2 == 0)
/// f            2     6     |sum, n| sum + n, from 0: the result is 6
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let even = xf::filter(|n| n % 2 == 0);
/// let sum = xf::transduce(even.clone(), 0, |sum, n| sum + n, 1..=4);
/// assert_eq!(sum, 6);
///
/// // Without a fold: what comes out is an iterator, and collects into anything.
/// let all: Vec<i32> = even.iter(1..=4).collect();
/// assert_eq!(all, [2, 4]);
/// ```
#[doc(alias = "reduce")]
pub fn transduce<X, S>(
    xf: X,
    init: S,
    mut f: impl FnMut(S, X::Out) -> S,
    values: impl IntoIterator<Item = X::In>,
) -> S
where
    X: Transducer,
{
    let f = |result, value| ControlFlow::<Infallible, _>::Continue(f(result, value));
    let ControlFlow::Continue(result) = try_transduce(xf, init, f, values);
    result
}

/// [`transduce`] that `f` may end early, by a `Break`; its result then is that of the whole.
///
/// `xf` is completed all the same, so that none of its parts waits for an end; what still comes out of it
/// is dropped. Clojure has `reduced` for this.
///
/// ```
/// use std::ops::ControlFlow::{self, Break, Continue};
///
/// use csp::prelude::*;
///
/// let numbers = xf::keep(|word: &str| word.parse::<u32>().ok());
/// let sum: ControlFlow<String, u32> = xf::try_transduce(
///     numbers,
///     0_u32,
///     |sum, n| match sum.checked_add(n) {
///         Some(sum) => Continue(sum),
///         None => Break(format!("{sum} + {n} is too much")),
///     },
///     ["4000000000", "x", "300000000", "1"],
/// );
/// assert_eq!(sum, Break("4000000000 + 300000000 is too much".into()));
/// ```
#[doc(alias = "reduced")]
pub fn try_transduce<X, S, B>(
    mut xf: X,
    init: S,
    mut f: impl FnMut(S, X::Out) -> ControlFlow<B, S>,
    values: impl IntoIterator<Item = X::In>,
) -> ControlFlow<B, S>
where
    X: Transducer,
{
    // None while `f` has it, and once `f` has ended it.
    let mut going = Some(init);
    let mut ended = None;
    let mut emit = |value| {
        let Some(result) = going.take() else {
            return Flow::Break(());
        };
        match f(result, value) {
            ControlFlow::Continue(result) => {
                going = Some(result);
                Flow::Continue(())
            }
            ControlFlow::Break(result) => {
                ended = Some(result);
                Flow::Break(())
            }
        }
    };
    let _ = values
        .into_iter()
        .try_for_each(|value| xf.step(value, &mut emit));
    let _ = xf.complete(&mut emit);
    match (going, ended) {
        (Some(result), None) => ControlFlow::Continue(result),
        (_, Some(result)) => ControlFlow::Break(result),
        (None, None) => unreachable!("f has returned"),
    }
}
