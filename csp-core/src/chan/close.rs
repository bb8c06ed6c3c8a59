//! The ends of a channel's life: close, fail, last handles.

use std::{collections::VecDeque, ptr::NonNull};

use super::{
    core::{CLOSED, Side},
    inner::{Cause, Chan},
    stored::announce,
};
use crate::{
    buffer::Kind,
    waiter::{self, Actor, List, Partner, Status, Wakes},
};

/// How many waiters are ended under one hold of the lock: a million parked takers neither hold
/// others up nor need a list of a million wake-ups.
pub(crate) const BATCH: usize = 64;

impl<T> Chan<T> {
    /// Closes the channel, from either side. True if it was open.
    ///
    /// Takers that wait get nothing (nothing is there, or they would not wait). Parked puts stay, to be
    /// taken, if the putting side closes; they fail if the taking side does.
    #[cold]
    pub(crate) fn close(&self, side: Side, cause: Option<Cause>) -> bool {
        let mut locked = self.lock();
        let first = !self.core.has(CLOSED);
        if first {
            self.core.publish(CLOSED, CLOSED);
            if let Some(cause) = cause {
                locked.ext().failure = Some(cause);
            }
        }
        loop {
            let mut wakes = Wakes::new();
            let (queues, data) = locked.parts();
            // Takers of a promise that came between its value and their turn are served, not ended.
            if let Some(Kind::Promise {
                value: Some(value), ..
            }) = data.buf.as_deref()
            {
                announce(&mut queues.takes, value, &mut wakes);
            } else {
                end_all(&mut queues.takes, &mut wakes);
            }
            if side == Side::Take {
                end_all(&mut queues.puts, &mut wakes);
            }
            if let Some(ext) = &mut data.ext {
                end_all(&mut ext.watchers, &mut wakes);
            }
            self.core.publish_queues(queues);
            let more = wakes.len() >= BATCH;
            drop(locked);
            wakes.fire();
            if !more {
                return first;
            }
            locked = self.lock();
        }
    }

    /// Empties buffer and stash, once no receiver is left. Values are dropped without the lock.
    fn discard(&self) {
        let mut locked = self.lock();
        let (_, data) = locked.parts();
        // A buffer that can stays, empty: senders may still ask for the channel's capacity.
        let emptied = data.buf.as_deref_mut().and_then(Kind::empty);
        let whole = if emptied.is_none() {
            data.buf.take()
        } else {
            None
        };
        let stash = data.ext.as_mut().map(|ext| std::mem::take(&mut ext.stash));
        self.core.publish(super::core::ITEMS | super::core::ROOM, 0);
        drop(locked);
        drop::<(_, _, Option<VecDeque<T>>)>((emptied, whole, stash));
    }
}

fn end_all(list: &mut List, wakes: &mut Wakes) {
    while wakes.len() < BATCH {
        // SAFETY: the lock is held by whoever has the list.
        let Partner::Found(waiter) = (unsafe { list.partner(Actor::Alone) }) else {
            return;
        };
        // SAFETY: it is out of the list; no value moves.
        wakes.push(unsafe { waiter::commit(waiter, Status::Closed) });
    }
}

/// One more handle.
pub(super) fn clone_handle<T>(chan: NonNull<Chan<T>>, side: Side) -> NonNull<Chan<T>> {
    // SAFETY: the caller has a handle, so the channel is live.
    unsafe { chan.as_ref() }.core.add_handle(side);
    chan
}

/// One handle less: the last of a side closes the channel, the last of all frees it.
///
/// # Safety
/// The caller gives up a handle of this side.
pub(super) unsafe fn drop_handle<T>(chan: NonNull<Chan<T>>, side: Side) {
    // SAFETY: until `leave` says so, the channel is live: this side is not done with it.
    let inner = unsafe { chan.as_ref() };
    if !inner.core.drop_handle(side) {
        return;
    }
    // Also if a value's drop panics below.
    let _leaving = Leave { chan, side };
    inner.close(side, None);
    if side == Side::Take {
        inner.discard();
    }
}

/// A side that is done with the channel, when this is dropped: the second to come frees it.
struct Leave<T> {
    chan: NonNull<Chan<T>>,
    side: Side,
}

impl<T> Drop for Leave<T> {
    fn drop(&mut self) {
        // SAFETY: until `leave` says so, the channel is live: this side is not done with it.
        if unsafe { self.chan.as_ref() }.core.leave(self.side) {
            // SAFETY: both sides are done, and we are the second: nobody knows the channel any more.
            // `chan` made the box.
            drop(unsafe { Box::from_raw(self.chan.as_ptr()) });
        }
    }
}
