//! Whose turn it is: something that goes round among the workers.
//!
//! Worker `i` of `n` has the values `i`, `i + n`, `i + 2n`, … So the order is known without a number on
//! any value, and no channel is made for one: two tokens go round, the receiver of the source and the
//! right to put. A value stays with its worker from take to put. Nobody waits longer for it: with `n`
//! values in flight, the next may be taken only when the oldest is through, whose worker is the next.

use csp_core::{Receiver, Sender, chan};

/// A worker's place in the ring.
pub(super) struct Place<T> {
    mine: Receiver<T>,
    next: Sender<T>,
}

impl<T> Place<T> {
    /// `n` places; the first has the token.
    pub(super) fn ring(n: usize, token: T) -> Vec<Self> {
        // There is one token, so room for one is enough.
        let (mut nexts, mines): (Vec<_>, Vec<_>) = (0..n).map(|_| chan(1)).unzip();
        nexts.rotate_left(1);
        let places: Vec<_> = std::iter::zip(mines, nexts)
            .map(|(mine, next)| Self { mine, next })
            .collect();
        if let Some(last) = places.last() {
            last.pass(token);
        }
        places
    }

    /// Waits for the token. `None`: it is lost, a worker before this one has ended.
    pub(super) async fn token(&self) -> Option<T> {
        self.mine.take().await
    }

    /// Gives the token to the next. If that one has ended, nobody wants it any more.
    pub(super) fn pass(&self, token: T) {
        drop(self.next.try_put(token));
    }
}
