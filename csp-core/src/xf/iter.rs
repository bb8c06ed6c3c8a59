//! A transducer between an iterator and whoever reads it.

use std::{collections::VecDeque, fmt, iter::FusedIterator};

use super::{Flow, Transducer};

/// What comes out of a transducer, as an iterator: see [`Transducer::iter`].
#[derive(Clone)]
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct Iter<X: Transducer, I> {
    xf: X,
    source: I,
    open: bool,
    /// What one step gave, and is not read yet.
    ready: VecDeque<X::Out>,
}

impl<X: Transducer, I> Iter<X, I> {
    pub(super) fn new(xf: X, source: I) -> Self {
        Self {
            xf,
            source,
            open: true,
            ready: VecDeque::new(),
        }
    }
}

impl<X: Transducer, I: Iterator<Item = X::In>> Iter<X, I> {
    /// One step, or the completion.
    #[inline]
    fn advance(&mut self) {
        let ready = &mut self.ready;
        let mut emit = |value| {
            ready.push_back(value);
            Flow::Continue(())
        };
        // If one of them panics it stays closed: nothing is called again.
        self.open = false;
        let more = self
            .source
            .next()
            .map(|value| self.xf.step(value, &mut emit));
        if more == Some(Flow::Continue(())) {
            self.open = true;
        } else {
            let _ = self.xf.complete(&mut emit);
        }
    }
}

impl<X: Transducer, I: Iterator<Item = X::In>> Iterator for Iter<X, I> {
    type Item = X::Out;

    #[inline]
    fn next(&mut self) -> Option<X::Out> {
        while self.ready.is_empty() && self.open {
            self.advance();
        }
        self.ready.pop_front()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let ready = self.ready.len();
        (ready, (!self.open).then_some(ready))
    }
}

impl<X: Transducer, I: Iterator<Item = X::In>> FusedIterator for Iter<X, I> {}

impl<X: Transducer, I> fmt::Debug for Iter<X, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter")
            .field("open", &self.open)
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}
