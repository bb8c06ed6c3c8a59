//! Several channels into one.

use std::pin::pin;

use csp_core::{AltSet, Buffer, Cause, Event, Order, Receiver, Sender, TryTakeError, chan};
use csp_sched::go;

use super::{
    outlet::{Outlet, Target, unless_closed},
    pump::Sure,
};

/// A channel of the values of all sources, as they come.
///
/// ```text
/// a     1     2       |
/// b       x     y   z    |
/// out   1 x   2 y   z    |     merge([a, b], 0)
/// ```
///
/// * It closes when all sources have ended; without sources, at once. When a source fails, it fails with
///   the same cause **then and there**: the receivers of the other sources are dropped, and what is in
///   them stays there.
/// * Each source's own order is kept. The sources are served in turn: one that always has a value ready
///   keeps none of the others waiting.
/// * Back pressure: one value at a time is on its way; the next is taken when it was accepted.
/// * When the new channel is dropped, nothing more is taken, and the receivers of the sources are dropped.
///   A value that waits for room then is dropped.
///
/// Any number of sources shares one go block. Looking for values among _n_ sources costs _n_ steps, so
/// thousands that are busy do well; for thousands of which one at a time has a value, a block for each
/// ([`pipe_with`](super::pipe_with) into one channel, with [`KeepOpen`](crate::AtEnd::KeepOpen)) costs
/// less time and more memory.
///
/// ```
/// use csp::ops;
///
/// let all = ops::merge([ops::to_chan(0..3), ops::to_chan(10..13)], 0);
/// let mut all: Vec<_> = all.into_iter().collect();
/// all.sort();
/// assert_eq!(all, [0, 1, 2, 10, 11, 12]);
/// ```
///
/// core.async's `merge`, and `multiplex` of its lab.
///
/// # Panics
/// If there are more than 65,536 sources: merge merged channels.
#[doc(alias = "multiplex")]
#[track_caller]
pub fn merge<T>(
    sources: impl IntoIterator<Item = Receiver<T>>,
    buffer: impl Into<Buffer<T>>,
) -> Receiver<T>
where
    T: Send + 'static,
{
    let sources = Sources::new(sources.into_iter().collect());
    let (to, out) = chan(buffer);
    if !sources.open.is_empty() {
        let to = Sure(to);
        drop(go(async move { merge_all(sources, &to.0).await }));
    }
    out
}

async fn merge_all<T>(mut sources: Sources<T>, to: &Sender<T>) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(to, closed);
    while sources.serve(&out).await {
        let choice = sources.set.choose(Order::Random);
        match unless_closed(&mut out, choice).await {
            Some((_, Event::Took(Some(value)))) => {
                if out.put(value).await.is_err() {
                    return;
                }
            }
            // A source has ended: the next look sees to it.
            Some(_) => {}
            None => return,
        }
    }
    // If a source failed it did so with that one, and this changes nothing.
    out.end(None);
}

struct Sources<T> {
    all: Vec<Receiver<T>>,
    /// A take from each of `all`, on while it is open.
    set: AltSet<T>,
    /// Those of `all` that have not ended, by index.
    open: Vec<usize>,
}

impl<T> Sources<T> {
    #[track_caller]
    fn new(all: Vec<Receiver<T>>) -> Self {
        let mut set = AltSet::new();
        for from in &all {
            set.take(from);
        }
        let open = (0..all.len()).collect();
        Self { all, set, open }
    }

    /// Takes what is there now, one from each source in turn, until there is nothing: one look at all of
    /// them serves many. False: the merge is over.
    async fn serve(&mut self, out: &Outlet<'_, '_, T>) -> bool {
        let mut served = true;
        while served {
            served = false;
            let mut at = 0;
            while let Some(&index) = self.open.get(at) {
                if out.is_closed() {
                    return false;
                }
                match self.all[index].try_take() {
                    Ok(value) => {
                        if out.put(value).await.is_err() {
                            return false;
                        }
                        served = true;
                    }
                    Err(TryTakeError::Empty) => {}
                    Err(TryTakeError::Closed) => {
                        if let Some(cause) = self.ended(at) {
                            out.end(Some(cause));
                            return false;
                        }
                        // Another source stands there now.
                        continue;
                    }
                }
                at += 1;
            }
        }
        !self.open.is_empty()
    }

    /// Forgets the source at `open[at]`, which has ended. Gives its failure, if it failed.
    fn ended(&mut self, at: usize) -> Option<Cause> {
        let index = self.open.swap_remove(at);
        self.set.disable(index);
        let failure = self.all[index].failure();
        // The cost of a look follows the number of those that are open.
        if self.open.len() * 2 < self.all.len() {
            let open = self.open.iter().map(|&index| self.all[index].clone());
            *self = Self::new(open.collect());
        }
        failure
    }
}
