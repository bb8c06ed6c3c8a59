//! The values that a channel holds: those in its buffer, and those that came back.

use std::collections::VecDeque;

use super::core::{ITEMS, ROOM, WIDE};
use crate::buffer::{Kind, WhenFull};

/// A taker who finds so many values in the buffer is busy for longer than a putter takes to put some.
const WIDE_FROM: usize = 16;

/// What the lock protects besides the queues: the values. None until there is a place for one. (A pointer,
/// whatever T is.)
#[repr(transparent)]
pub(crate) struct Data<T>(Option<Box<Store<T>>>);

struct Store<T> {
    /// None for a rendezvous.
    buf: Option<Kind<T>>,
    /// Values that were handed to takers who went away: the very next to be taken.
    stash: VecDeque<T>,
}

/// How full a channel is.
pub(crate) struct Fill {
    pub(crate) buffer: Option<&'static str>,
    pub(crate) len: usize,
    /// None: it does not say.
    pub(crate) capacity: Option<usize>,
}

impl<T> Data<T> {
    pub(super) fn new(buf: Option<Kind<T>>) -> Self {
        Self(buf.map(|buf| {
            Box::new(Store {
                buf: Some(buf),
                stash: VecDeque::new(),
            })
        }))
    }

    #[inline]
    pub(super) fn buf(&mut self) -> Option<&mut Kind<T>> {
        self.0.as_mut().and_then(|store| store.buf.as_mut())
    }

    #[inline]
    pub(super) fn has_stash(&self) -> bool {
        self.0.as_ref().is_some_and(|store| !store.stash.is_empty())
    }

    pub(super) fn take_stashed(&mut self) -> Option<T> {
        self.0.as_mut().and_then(|store| store.stash.pop_front())
    }

    /// Puts a value to the very front.
    pub(super) fn stash(&mut self, value: T) {
        let store = self.0.get_or_insert_with(|| {
            Box::new(Store {
                buf: None,
                stash: VecDeque::new(),
            })
        });
        store.stash.push_front(value);
    }

    /// Gives up all values, to be dropped without the lock.
    pub(super) fn empty(&mut self) -> impl Sized + use<T> {
        let store = self.0.as_mut()?;
        let stash = std::mem::take(&mut store.stash);
        // A buffer that can stays, empty: senders may still ask for the channel's capacity.
        let values = store.buf.as_mut().and_then(Kind::empty);
        let values = values.or_else(|| store.buf.take());
        Some((values, stash))
    }

    pub(super) fn fill(&self) -> Fill {
        let stashed = self.0.as_ref().map_or(0, |store| store.stash.len());
        match self.0.as_ref().and_then(|store| store.buf.as_ref()) {
            None => Fill {
                buffer: None,
                len: stashed,
                capacity: Some(0),
            },
            Some(buf) => Fill {
                buffer: Some(buf.name()),
                len: buf.len() + stashed,
                capacity: buf.capacity(),
            },
        }
    }

    /// True if a policy of the user's is in it.
    pub(super) fn is_custom(&self) -> bool {
        let buf = self.0.as_ref().and_then(|store| store.buf.as_ref());
        buf.is_some_and(Kind::is_custom)
    }

    /// [`WIDE`], or nothing.
    pub(super) fn width(&self) -> u32 {
        match self.0.as_ref().and_then(|store| store.buf.as_ref()) {
            Some(Kind::Ring {
                capacity,
                when_full: WhenFull::Park,
                ..
            }) if *capacity >= WIDE_FROM => WIDE,
            _ => 0,
        }
    }

    #[inline]
    pub(super) fn flags(&self) -> u32 {
        let Some(store) = &self.0 else { return 0 };
        let mut flags = 0;
        if let Some(buf) = &store.buf {
            flags |= if buf.is_empty() { 0 } else { ITEMS };
            flags |= if buf.is_full() { 0 } else { ROOM };
        }
        if !store.stash.is_empty() {
            flags |= ITEMS;
        }
        flags
    }
}
