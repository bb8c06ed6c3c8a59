//! Several channels in lock-step.

use std::pin::pin;

use csp_core::{Buffer, Receiver, Sender, chan};
use csp_sched::go;

use super::outlet::{Outlet, call};

/// A channel of what `f` makes of one value from each source, round by round.
///
/// ```text
/// a     1     2         3   |
/// b       10      20  30    40
/// out      11      22   33  |     map([a, b], |round| round.iter().sum(), 0)
/// ```
///
/// `f` gets the values of a round in the order of the sources, and may take them out of the vector, which
/// is used again for the next round.
///
/// * It closes as soon as one source has ended, and fails if that one failed. Without sources it is
///   closed at once.
/// * The sources are taken from in their order, one after the other. **When one ends, the values that this
///   round took from those before it are dropped**; from those after it nothing is taken. So if the
///   sources may be of different lengths, give the shortest first.
/// * Back pressure: a round begins when the value of the one before was accepted.
/// * When the new channel is dropped, nothing more is taken, and the receivers of the sources are dropped;
///   so are the values of the round that is under way.
/// * If `f` panics, the channel fails with the panic's message.
///
/// For sources of different types there are [`map2`] and [`map3`]; for a single source, [`apply`].
///
/// ```
/// use csp::ops;
///
/// let sources = [ops::to_chan(1..=3), ops::to_chan(10..=30)];
/// let sums = ops::map(sources, |round| round.iter().sum::<u32>(), 0);
/// assert!(sums.into_iter().eq([11, 13, 15]));
/// ```
///
/// core.async's `map`, which hangs if `f` fails.
///
/// [`apply`]: super::apply
#[track_caller]
pub fn map<T, U, F>(
    sources: impl IntoIterator<Item = Receiver<T>>,
    f: F,
    buffer: impl Into<Buffer<U>>,
) -> Receiver<U>
where
    T: Send + 'static,
    U: Send + 'static,
    F: FnMut(&mut Vec<T>) -> U + Send + 'static,
{
    let sources: Vec<_> = sources.into_iter().collect();
    let (to, out) = chan(buffer);
    if !sources.is_empty() {
        drop(go(async move { map_all(&sources, f, &to).await }));
    }
    out
}

async fn map_all<T, U>(
    sources: &[Receiver<T>],
    mut f: impl FnMut(&mut Vec<T>) -> U,
    to: &Sender<U>,
) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(to, closed);
    let mut round = Vec::with_capacity(sources.len());
    loop {
        for from in sources {
            match out.next_or_end(from).await {
                Some(value) => round.push(value),
                None => return,
            }
        }
        let value = call("the function of `ops::map`", to, || f(&mut round));
        round.clear();
        if out.put(value).await.is_err() {
            return;
        }
    }
}

/// A channel of what `f` makes of one value from each of two sources, round by round: [`map`] for values
/// of different types.
///
/// ```text
/// a     1     2         3   |
/// b       x       y   z     w
/// out     1x      2y    3z  |     map2(a, b, |a, b| format!("{a}{b}"), 0)
/// ```
///
/// Everything is as for [`map`]: when `b` ends, the value that the round took from `a` is dropped.
///
/// ```
/// use csp::ops;
///
/// let lines = ops::map2(ops::to_chan(1..), ops::to_chan(["a", "b"]), |n, text| format!("{n} {text}"), 0);
/// assert!(lines.into_iter().eq(["1 a", "2 b"]));
/// ```
#[track_caller]
pub fn map2<A, B, U, F>(
    a: Receiver<A>,
    b: Receiver<B>,
    mut f: F,
    buffer: impl Into<Buffer<U>>,
) -> Receiver<U>
where
    A: Send + 'static,
    B: Send + 'static,
    U: Send + 'static,
    F: FnMut(A, B) -> U + Send + 'static,
{
    let (to, out) = chan(buffer);
    drop(go(async move {
        let closed = pin!(to.closed());
        let mut out = Outlet::new(&to, closed);
        while let Some(a) = out.next_or_end(&a).await
            && let Some(b) = out.next_or_end(&b).await
            && out
                .put(call("the function of `ops::map2`", &to, || f(a, b)))
                .await
                .is_ok()
        {}
    }));
    out
}

/// A channel of what `f` makes of one value from each of three sources, round by round: [`map`] for
/// values of different types.
///
/// ```text
/// a     1     2         3   |
/// b       x       y   z     w
/// c     +   +   -           -
/// out     1x+     2y+   3z- |     map3(a, b, c, |a, b, c| format!("{a}{b}{c}"), 0)
/// ```
///
/// Everything is as for [`map`]: when a source ends, the values that the round took from those before it
/// are dropped.
///
/// ```
/// use csp::ops;
///
/// let (a, b, c) = (ops::to_chan([1, 2]), ops::to_chan(["x", "y"]), ops::to_chan([true, false]));
/// let all = ops::map3(a, b, c, |a, b, c| (a, b, c), 0);
/// assert!(all.into_iter().eq([(1, "x", true), (2, "y", false)]));
/// ```
#[track_caller]
pub fn map3<A, B, C, U, F>(
    a: Receiver<A>,
    b: Receiver<B>,
    c: Receiver<C>,
    mut f: F,
    buffer: impl Into<Buffer<U>>,
) -> Receiver<U>
where
    A: Send + 'static,
    B: Send + 'static,
    C: Send + 'static,
    U: Send + 'static,
    F: FnMut(A, B, C) -> U + Send + 'static,
{
    let (to, out) = chan(buffer);
    drop(go(async move {
        let closed = pin!(to.closed());
        let mut out = Outlet::new(&to, closed);
        while let Some(a) = out.next_or_end(&a).await
            && let Some(b) = out.next_or_end(&b).await
            && let Some(c) = out.next_or_end(&c).await
            && out
                .put(call("the function of `ops::map3`", &to, || f(a, b, c)))
                .await
                .is_ok()
        {}
    }));
    out
}
