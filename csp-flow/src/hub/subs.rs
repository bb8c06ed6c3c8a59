//! Who gets a hub's values.

use std::{collections::VecDeque, time::Duration};

use csp_core::{Cause, Sender};

use super::Severed;
use crate::sync::Arc;

/// A subscriber or a tap.
pub(super) struct Sub<T> {
    pub(super) tx: Sender<T>,
    /// A subscriber: the hub takes values for it. A tap only looks on.
    pub(super) counts: bool,
    /// How long the others wait for it.
    pub(super) limit: Option<Duration>,
}

impl<T> Clone for Sub<T> {
    fn clone(&self) -> Self {
        Self {
            tx: self.tx.clone(),
            counts: self.counts,
            limit: self.limit,
        }
    }
}

impl<T> Sub<T> {
    pub(super) fn is_wanting(&self) -> bool {
        self.counts && !self.tx.is_closed()
    }

    /// No more values come, and perhaps there is a reason.
    pub(super) fn end(&self, cause: Option<&Cause>) {
        match cause {
            Some(cause) => self.tx.fail(Arc::clone(cause)),
            None => self.tx.close(),
        };
    }

    /// It was too slow.
    pub(super) fn sever(&self) {
        if let Some(after) = self.limit {
            self.tx.fail(Severed { after });
        }
    }
}

/// Everybody, in the order in which they came.
///
/// To come, and to leave, costs no more than a share of a look through the list, however many do.
pub(super) struct Subs<T> {
    /// They get the next value. A round has a handle of this list, and nobody changes it meanwhile.
    due: Arc<Vec<Sub<T>>>,
    /// How many of these are subscribers, as far as it is known.
    subscribers: usize,
    /// No subscriber before this place is there any more.
    from: usize,
    /// How many are known to have left since those who have were taken out.
    left: usize,
    /// How long the list may get before that.
    sweep_at: usize,
    /// Taps that have the value already which is held for a subscriber.
    served: Vec<Sub<T>>,
    /// They are not in the list yet.
    pub(super) coming: VecDeque<Sub<T>>,
}

/// A list of at most this length is looked through whenever somebody leaves.
const SHORT: usize = 32;

impl<T> Subs<T> {
    pub(super) fn new() -> Self {
        Self {
            due: Arc::new(Vec::new()),
            subscribers: 0,
            from: 0,
            left: 0,
            sweep_at: SHORT,
            served: Vec::new(),
            coming: VecDeque::new(),
        }
    }

    /// Those who get the next value.
    pub(super) fn due(&self) -> Arc<Vec<Sub<T>>> {
        Arc::clone(&self.due)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    pub(super) fn has_served(&self) -> bool {
        !self.served.is_empty()
    }

    /// How many subscribers and how many taps there are, as far as it is known.
    pub(super) fn count(&self) -> (usize, usize) {
        let taps = self.due.len() - self.subscribers + self.served.len();
        (self.subscribers, taps)
    }

    /// One more for the next value.
    pub(super) fn add(&mut self, sub: Sub<T>) {
        if self.due.len() >= self.sweep_at {
            self.forget_closed();
        }
        self.subscribers += usize::from(sub.counts);
        Arc::make_mut(&mut self.due).push(sub);
    }

    /// The place of a subscriber who is there.
    pub(super) fn wanting(&mut self) -> Option<usize> {
        while let Some(sub) = self.due.get(self.from) {
            if sub.is_wanting() {
                return Some(self.from);
            }
            self.left += usize::from(sub.counts);
            self.from += 1;
        }
        None
    }

    /// A subscriber who is there, or is coming.
    pub(super) fn anyone(&mut self) -> Option<Sub<T>> {
        let there = self.wanting().map(|at| &self.due[at]);
        let coming = || self.coming.iter().find(|sub| sub.is_wanting());
        there.or_else(coming).cloned()
    }

    /// True if so many subscribers are there.
    pub(super) fn are_wanting(&mut self, needed: usize) -> bool {
        let Some(from) = self.wanting() else {
            return false;
        };
        let wanting = self.due[from..].iter().filter(|sub| sub.is_wanting());
        wanting.take(needed).count() == needed
    }

    /// Takes those out who have left, if that is worth while.
    pub(super) fn tidy(&mut self) {
        if self.left > 0 && (self.due.len() <= SHORT || 2 * self.left > self.due.len()) {
            self.forget_closed();
        }
    }

    pub(super) fn forget_closed(&mut self) {
        let due = Arc::make_mut(&mut self.due);
        due.retain(|sub| !sub.tx.is_closed());
        self.served.retain(|sub| !sub.tx.is_closed());
        self.subscribers = due.iter().filter(|sub| sub.counts).count();
        self.sweep_at = 2 * due.len().max(SHORT);
        (self.from, self.left) = (0, 0);
    }

    /// No subscriber has the value of this round. Those who are left are taps, and have it.
    pub(super) fn set_aside(&mut self) {
        self.forget_closed();
        let due = Arc::make_mut(&mut self.due);
        let taps = due.extract_if(.., |sub| !sub.counts);
        self.served.extend(taps);
    }

    /// The value that was held is delivered.
    pub(super) fn bring_back(&mut self) {
        Arc::make_mut(&mut self.due).append(&mut self.served);
    }

    pub(super) fn end(&mut self, cause: Option<&Cause>) {
        let due = std::mem::replace(&mut self.due, Arc::new(Vec::new()));
        for sub in due.iter().chain(&self.served).chain(&self.coming) {
            sub.end(cause);
        }
        self.served.clear();
        self.coming.clear();
    }
}
