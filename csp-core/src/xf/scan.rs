//! Running results.

use std::marker::PhantomData;

use super::{Flow, Transducer, common};

/// Gives what has come together so far: see [`scan`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Scan<In, S, F> {
    state: S,
    f: F,
    of: PhantomData<fn(In)>,
}

common::clone!(Scan<In, S, F>, state, f);
common::debug!(Scan<In, S, F>);

/// Gives a running result: with each value what `f` makes of the last result and the value.
///
/// It begins with `init`, which it does not give itself. Clojure has `reductions`, which gives it; the
/// `scan` of iterators is something else.
///
/// ```text
/// in    1  2  3   4  |
/// out   1  3  6  10  |     scan(0, |sum, n| sum + n)
/// ```
///
/// ```
/// use csp::prelude::*;
///
/// let sums = xf::scan(0, |sum, n| sum + n);
/// assert!(sums.iter([1, 2, 3, 4]).eq([1, 3, 6, 10]));
/// ```
#[doc(alias = "reductions")]
pub fn scan<In, S, F>(init: S, f: F) -> Scan<In, S, F>
where
    S: Clone,
    F: FnMut(&S, In) -> S,
{
    Scan {
        state: init,
        f,
        of: PhantomData,
    }
}

impl<In, S, F> Transducer for Scan<In, S, F>
where
    S: Clone,
    F: FnMut(&S, In) -> S,
{
    type In = In;
    type Out = S;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(S) -> Flow) -> Flow {
        self.state = (self.f)(&self.state, value);
        emit(self.state.clone())
    }
}
