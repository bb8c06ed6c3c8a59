//! All values of several sources.

use std::pin::pin;

use csp_core::{
    AltSet, Event, Order, Receiver, Sender,
    xf::{Identity, Transducer},
};

use super::super::{
    Stream,
    start::{begin, derived, follow_by},
};
use crate::ops::{
    self,
    outlet::{Outlet, unless_closed},
};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives the values of `other` as well, as they come. See [`merge`](super::merge).
    ///
    /// ```text
    /// source  1     2       |
    /// other     x     y   z    |
    /// out     1 x   2 y   z    |
    /// ```
    ///
    /// ```
    /// use csp::prelude::*;
    /// let all = csp::stream(csp::to_chan(0..3)).merge(csp::to_chan(10..13)).chan(0);
    /// assert_eq!(all.into_iter().sum::<i32>(), 36);
    /// ```
    #[track_caller]
    pub fn merge(self, other: Receiver<X::Out>) -> Stream<Identity<X::Out>> {
        follow_by(self, |from| ops::merge([from, other], 0))
    }
}

/// The values of all sources, as they come: [`ops::merge`] as a stream.
///
/// ```text
/// a     1     2       |
/// b       x     y   z    |
/// out   1 x   2 y   z    |     merge([a, b])
/// ```
///
/// It closes when all sources have ended; it fails when one fails, then and there. Each source's own order is
/// kept, and none keeps the others waiting.
///
/// ```
/// use csp::prelude::*;
/// let all = csp::stream::merge([csp::to_chan(0..3), csp::to_chan(10..13)]);
/// assert_eq!(all.chan(0).into_iter().sum::<i32>(), 36);
/// ```
///
/// Lamina's `merge-channels`.
///
/// # Panics
/// If there are more than 65,536 sources: merge merged ones.
///
/// [`ops::merge`]: crate::ops::merge
#[doc(alias = "merge-channels")]
#[track_caller]
pub fn merge<T>(sources: impl IntoIterator<Item = Receiver<T>>) -> Stream<Identity<T>>
where
    T: Send + 'static,
{
    derived(ops::merge(sources, 0))
}

/// The values of all sources; of those that have one ready, always from the first.
///
/// ```text
/// urgent    A  B             C  |
/// others    1  2  3                4  |
/// out       A  B  1  2  3    C     4  |     priority_merge([urgent, others])
/// ```
///
/// A source that always has a value ready **keeps those behind it waiting for ever**. If that is not what you
/// want, [`merge`] serves all in turn.
///
/// * It closes when all sources have ended; without sources, at once. When one fails, it fails with the
///   same cause then and there: the others are let go, and what is in them stays there.
/// * Back pressure: one value at a time is on its way; whose turn it is next is decided when it was taken.
/// * When nobody takes from the stream any more, the sources are let go.
/// * A value costs the same however many sources there are. (One that comes to an empty source has its place looked for among
///   the sources that have some.)
///
/// ```
/// use csp::prelude::*;
/// let (urgent, first) = chan(8);
/// let (others, then) = chan(8);
/// for n in 1..=3 {
///     others.try_put(n)?;
///     urgent.try_put(n * 10)?;
/// }
/// drop((urgent, others));
/// let all = csp::stream::priority_merge([first, then]).chan(0);
/// assert!(all.into_iter().eq([10, 20, 30, 1, 2, 3]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// If there are more than 65,536 sources.
#[track_caller]
pub fn priority_merge<T>(sources: impl IntoIterator<Item = Receiver<T>>) -> Stream<Identity<T>>
where
    T: Send + 'static,
{
    let sources: Vec<_> = sources.into_iter().collect();
    let mut takes = AltSet::new();
    for from in &sources {
        takes.take(from);
    }
    begin(|to| merge_all(sources, takes, to))
}

async fn merge_all<T>(sources: Vec<Receiver<T>>, mut takes: AltSet<T>, to: Sender<T>) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut open = sources.len();
    while open > 0 {
        let choice = takes.choose(Order::Priority);
        match unless_closed(&mut out, choice).await {
            Some((_, Event::Took(Some(value)))) => {
                if out.put(value).await.is_err() {
                    return;
                }
            }
            Some((index, _)) => {
                takes.disable(index);
                open -= 1;
                if let Some(cause) = sources[index].failure() {
                    return out.end(Some(cause));
                }
            }
            None => return,
        }
    }
    out.end(None);
}
