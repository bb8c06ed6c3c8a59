//! Rows of the last values.

use std::pin::pin;

use csp_core::{
    Receiver, Sender,
    xf::{Identity, Transducer},
};

use super::{
    super::{
        Stream,
        start::{begin, follow},
    },
    slots::{Came, End, Slots, Wanted},
    sources::Sources,
};
use crate::ops::outlet::{Outlet, call, unless_closed};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// For each value of the two, once both have given one: the last values of both. See
    /// [`zip_latest`].
    ///
    /// ```text
    /// source  1   2           3  |
    /// other         a    b          c  |
    /// out           2a   2b   3b    3c |
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, from) = chan(0);
    /// let (letters, other) = chan(0);
    /// let both = csp::stream(from).zip_latest(other).chan(0);
    /// numbers.put_blocking(1)?;
    /// letters.put_blocking("a")?;
    /// assert_eq!(both.take_blocking(), Some((1, "a")));
    /// numbers.put_blocking(2)?;
    /// assert_eq!(both.take_blocking(), Some((2, "a")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn zip_latest<B>(self, other: Receiver<B>) -> Stream<Identity<(X::Out, B)>>
    where
        X::Out: Clone,
        B: Clone + Send + 'static,
    {
        follow(self, |from, to| {
            combine_all((from, other).slots(), to, CLONE, Clone::clone)
        })
    }
}

/// Rows of the last value of each source: one for each value that comes, once all have given one.
///
/// ```text
/// a     1   2           3  |
/// b           x    y          z  |
/// out         2x   2y   3y    3z |     zip_latest((a, b))
/// ```
///
/// [`combine_latest`] with `Clone::clone`: see there for everything else.
///
/// ```
/// use csp::prelude::*;
/// let (a, b) = (csp::to_chan([1]), csp::to_chan([10]));
/// let rows = csp::stream::zip_latest(vec![a, b]).chan(0);
/// assert!(rows.into_iter().eq([[1, 10]]));
/// ```
///
/// Lamina's `zip-all`.
#[track_caller]
pub fn zip_latest<S>(sources: S) -> Stream<Identity<S::Row>>
where
    S: Sources,
    S::Row: Clone,
{
    let slots = sources.slots();
    begin(|to| combine_all(slots, to, CLONE, S::Row::clone))
}

/// What `f` makes of the last value of each source: for each value that comes, once all have given one.
///
/// ```text
/// a     1   2           3  |
/// b          10   20         30  |
/// out        12   22   23    33  |     combine_latest((a, b), |(a, b)| a + b)
/// ```
///
/// A value that is replaced before all sources have given one is dropped; so is each value in the end.
///
/// * The sources are served in random order.
/// * It closes when all sources have ended; or at once, when one has ended that gave no value, since no
///   row can ever be complete then. It fails when one source fails, then and there. Without sources it is
///   closed at once.
/// * Back pressure: while a row waits to be taken, no value is taken from the sources.
/// * When nobody takes from the stream any more, the sources are let go.
/// * If `f` panics, the stream fails with the message, and the sources are let go.
///
/// ```
/// use csp::prelude::*;
/// let (a, b) = (csp::to_chan([1]), csp::to_chan([10]));
/// let sums = csp::stream::combine_latest((a, b), |(a, b)| a + b).chan(0);
/// assert!(sums.into_iter().eq([11]));
/// ```
///
/// Lamina's `combine-latest`.
///
/// # Panics
/// If a `Vec` has more than 65,536 sources.
#[track_caller]
pub fn combine_latest<S, U, F>(sources: S, f: F) -> Stream<Identity<U>>
where
    S: Sources,
    U: Send + 'static,
    F: FnMut(&S::Row) -> U + Send + 'static,
{
    let slots = sources.slots();
    begin(|to| combine_all(slots, to, "the function of `combine_latest`", f))
}

const CLONE: &str = "the `clone` of a value in `zip_latest`";

async fn combine_all<S: Slots, U>(
    mut slots: S,
    to: Sender<U>,
    what: &str,
    mut f: impl FnMut(&S::Row) -> U,
) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut open = slots.len();
    while open > 0 {
        match unless_closed(&mut out, slots.next(Wanted::All)).await {
            Some(Came::Value) => {
                let Some(row) = slots.row() else { continue };
                let value = call(what, &to, || f(&row));
                slots.fill(row);
                if out.put(value).await.is_err() {
                    return;
                }
            }
            Some(Came::Ended(End { failure, silent })) => {
                open -= 1;
                if silent || failure.is_some() {
                    return out.end(failure);
                }
            }
            None => return,
        }
    }
    out.end(None);
}
