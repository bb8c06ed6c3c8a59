//! Rows of the n-th values.

use std::pin::pin;

use csp_core::{
    Buffer, Closed, Go, Receiver, Sender,
    xf::{Identity, Transducer},
};

use super::{
    super::{
        Stream,
        start::{begin, follow, start},
    },
    slots::{Came, Slots, Wanted},
    sources::Sources,
};
use crate::ops::outlet::{Outlet, Target, unless_closed};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Pairs each value with one of `other`: the first with the first, and so on. See [`zip`](super::zip).
    ///
    /// ```text
    /// source  1   2       3   4
    /// other     a   b  c          |
    /// out       1a  2b    3c      |     4 is dropped, or still in the source
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    /// let pairs = csp::stream(csp::to_chan(1..)).zip(csp::to_chan(["a", "b"])).chan(0);
    /// assert!(pairs.into_iter().eq([(1, "a"), (2, "b")]));
    /// ```
    #[track_caller]
    pub fn zip<B>(self, other: Receiver<B>) -> Stream<Identity<(X::Out, B)>>
    where
        B: Send + 'static,
    {
        follow(self, |from, to| zip_only((from, other).slots(), to))
    }
}

/// Rows of one value from each source: the first values, the second values, and so on.
///
/// ```text
/// a     1   2       3   4
/// b       x   y  z          |
/// out     1x  2y    3z      |     zip((a, b))
/// ```
///
/// * It closes as soon as a source has ended whose value the row is waiting for, also while it waits for
///   others, and fails if that one failed. Without sources it is closed at once.
/// * A value is taken from each source as it comes, one for each row. **Those of the last row, which one
///   source did not fill any more, are dropped**: at most one of each source; all others are still in
///   their sources. [`zip_with_rest`] gives them back.
/// * Back pressure: a row begins when the one before was taken.
/// * When nobody takes from the stream any more, the sources are let go; so are the values of the row that
///   is under way.
///
/// ```
/// use csp::prelude::*;
/// let (a, b, c) = (csp::to_chan(1..), csp::to_chan("xyz".chars()), csp::to_chan([true, false]));
/// let rows = csp::stream::zip((a, b, c)).chan(0);
/// assert!(rows.into_iter().eq([(1, 'x', true), (2, 'y', false)]));
/// ```
///
/// Lamina's and Manifold's `zip`.
///
/// # Panics
/// If a `Vec` has more than 65,536 sources.
#[track_caller]
pub fn zip<S: Sources>(sources: S) -> Stream<Identity<S::Row>> {
    let slots = sources.slots();
    begin(|to| zip_only(slots, to))
}

/// As [`zip`], and tells at the end what was left over: the values of a row that was not complete, or that
/// nobody took.
///
/// ```text
/// a      1   2       3   4
/// b        x   y  z          |
/// rows     1x  2y    3z      |
/// rest                       (Some(4), None)
/// ```
///
/// The `Go` is done when the stream has ended, from either end, and has let go of the sources. Dropped, it
/// lets the stream go on.
///
/// ```
/// use csp::prelude::*;
/// let (rows, rest) = csp::stream::zip_with_rest((csp::to_chan([1, 2]), csp::to_chan(["a"])), 0);
/// assert!(rows.into_iter().eq([(1, "a")]));
/// let (two, none) = rest.wait().unwrap();
/// assert!(two.is_none_or(|n| n == 2) && none.is_none()); // 2 is here, or was not taken
/// ```
///
/// # Panics
/// If a `Vec` has more than 65,536 sources.
#[track_caller]
pub fn zip_with_rest<S: Sources>(
    sources: S,
    buffer: impl Into<Buffer<S::Row>>,
) -> (Receiver<S::Row>, Go<S::Rest>) {
    let slots = sources.slots();
    start(buffer, |to| zip_all(slots, to))
}

async fn zip_only<S: Slots>(slots: S, to: Sender<S::Row>) {
    drop(zip_all(slots, to).await);
}

async fn zip_all<S: Slots>(mut slots: S, to: Sender<S::Row>) -> S::Rest {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    while slots.len() > 0 && !out.is_closed() {
        slots.sweep();
        let row = loop {
            if let Some(row) = slots.row() {
                break row;
            }
            match unless_closed(&mut out, slots.next(Wanted::Missing)).await {
                Some(Came::Value) => {}
                Some(Came::Ended(end)) => {
                    out.end(end.failure);
                    return slots.rest();
                }
                None => return slots.rest(),
            }
        };
        if let Err(Closed(row)) = out.put(row).await {
            slots.fill(row);
        }
    }
    out.end(None);
    slots.rest()
}
