//! The channels that values go to.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use csp_core::Sender;

use super::Tap;
use crate::{hashing::Hashing, sync::Arc};

/// Up to so many are looked through; of more is noted where each stands.
const FEW: usize = 32;

/// A list of taps, no two of the same channel, in no order. While a value goes out to it, a change makes another list.
pub(crate) struct Taps<T>(Arc<List<T>>);

struct List<T> {
    taps: Vec<Tap<T>>,
    /// Where each stands, by its channel's address, if there are more than a few.
    places: HashMap<usize, usize, Hashing>,
    /// How many there may be before those are looked for that have closed, if there are more than a few.
    forget_above: usize,
}

impl<T> Taps<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(List {
            taps: Vec::new(),
            places: HashMap::default(),
            forget_above: FEW,
        }))
    }

    pub(crate) fn of(tap: Tap<T>) -> Self {
        let mut taps = Self::new();
        taps.add(tap);
        taps
    }

    pub(crate) fn len(&self) -> usize {
        self.0.taps.len()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Tap<T>> {
        self.0.taps.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.taps.is_empty()
    }

    pub(crate) fn has(&self, tx: &Sender<T>) -> bool {
        self.0.find(tx).is_some()
    }

    /// A channel that is not closed: somebody wants values.
    pub(crate) fn open(&self) -> Option<&Sender<T>> {
        self.iter().map(|tap| &tap.tx).find(|tx| !tx.is_closed())
    }

    /// Adds a tap, or changes what becomes of it at the end.
    pub(crate) fn add(&mut self, tap: Tap<T>) {
        let list = Arc::make_mut(&mut self.0);
        // Or a list to which no value goes would grow.
        if list.taps.len() <= FEW || list.taps.len() >= list.forget_above {
            list.forget_closed();
            list.forget_above = FEW.max(2 * list.taps.len());
        }
        if let Some(at) = list.find(&tap.tx) {
            list.taps[at].at_end = tap.at_end;
        } else {
            list.taps.push(tap);
            list.note(list.taps.len() - 1);
        }
    }

    pub(crate) fn remove(&mut self, tx: &Sender<T>) {
        let list = Arc::make_mut(&mut self.0);
        if let Some(at) = list.find(tx) {
            list.places.remove(&tx.address());
            drop(list.taps.swap_remove(at));
            if at < list.taps.len() {
                list.note(at);
            }
        }
    }

    pub(crate) fn forget_closed(&mut self) {
        Arc::make_mut(&mut self.0).forget_closed();
    }
}

impl<T> List<T> {
    fn find(&self, tx: &Sender<T>) -> Option<usize> {
        if self.taps.len() > FEW {
            return self.places.get(&tx.address()).copied();
        }
        self.taps.iter().position(|tap| tap.tx.same_channel(tx))
    }

    /// Notes where the tap at `at` stands; and the others, if they are no longer few.
    fn note(&mut self, at: usize) {
        let number = self.taps.len();
        if number <= FEW {
            self.places.clear();
        } else if self.places.is_empty() {
            self.note_all();
        } else {
            self.places.insert(self.taps[at].tx.address(), at);
        }
    }

    fn note_all(&mut self) {
        let address = |(at, tap): (usize, &Tap<T>)| (tap.tx.address(), at);
        self.places = self.taps.iter().enumerate().map(address).collect();
    }

    fn forget_closed(&mut self) {
        self.taps.retain(|tap| !tap.tx.is_closed());
        self.places = HashMap::default();
        if self.taps.len() > FEW {
            self.note_all();
        }
    }
}

impl<T> Clone for Taps<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> Self {
        Self {
            taps: self.taps.clone(),
            places: self.places.clone(),
            forget_above: self.forget_above,
        }
    }
}
