//! The ends of a channel's life: close, fail, last handles.

use std::ptr::NonNull;

use super::{
    cells,
    core::{CLOSED, Core, ITEMS, NOTED, Queues, ROOM, Side, XFORM},
    inner::{Cause, Chan, Locked},
    stored::announce,
};
use crate::{
    context::touch,
    inspect,
    sync::lock::{Guard, in_step},
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
        touch(self.core.object());
        let mut queues = self.core.lock();
        let first = !self.core.has(CLOSED);
        if first {
            self.core.publish(CLOSED, CLOSED);
            // Puts that wait stay; those of sets for which nobody waits have to be tried again.
            // SAFETY: the lock is held.
            unsafe { queues.puts.take_out_all_dead() };
            if let Some(cause) = cause {
                queues.ext().failure = Some(cause);
            }
        }
        match queues.table() {
            // SAFETY: the table is this channel's, whose lock is held.
            Some(table) => unsafe { (table.end)(NonNull::from(self).cast(), queues, side) },
            None => self.end(queues, side),
        }
        first
    }

    /// Ends those who wait, once the channel is closed.
    fn end<'a>(&'a self, mut queues: Guard<'a, Queues>, side: Side) {
        loop {
            let mut wakes = Wakes::new();
            let mut locked = Locked { queues, chan: self };
            let (waiting, data) = locked.parts();
            // Takers of a promise that came between its value and their turn are served, not ended.
            if let Some(value) = data.buf().and_then(|buf| buf.shared()) {
                announce(&mut waiting.takes, value, &mut wakes);
            } else {
                end_all(&mut waiting.takes, &mut wakes);
            }
            if side == Side::Take {
                end_all(&mut waiting.puts, &mut wakes);
            }
            end_watchers(waiting, &mut wakes);
            self.core.publish_queues(waiting);
            let more = wakes.len() >= BATCH;
            drop(locked);
            wakes.fire();
            if !more {
                return;
            }
            queues = self.core.lock();
        }
    }

    /// Empties buffer and stash, once no receiver is left. Values are dropped without the lock.
    fn discard(&self) {
        let mut locked = self.lock();
        let values = locked.parts().1.empty();
        self.core.publish(ITEMS | ROOM, 0);
        let spare = self.spare_rings();
        drop(locked);
        drop((values, spare));
    }
}

pub(super) fn end_watchers(queues: &mut Queues, wakes: &mut Wakes) {
    if let Some(ext) = queues.existing_ext() {
        end_all(&mut ext.watchers, wakes);
        end_all(&mut ext.room.watchers, wakes);
    }
}

pub(super) fn end_all(list: &mut List, wakes: &mut Wakes) {
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
    let core = &unsafe { chan.as_ref() }.core;
    core.add_handle(side);
    core.note_clone(side);
    chan
}

/// One handle less: the last of a side closes the channel, the last of all frees it.
///
/// # Safety
/// The caller gives up a handle of this side.
pub(super) unsafe fn drop_handle<T>(chan: NonNull<Chan<T>>, side: Side) {
    // SAFETY: until `leave` says so, the channel is live: this side is not done with it.
    let inner = unsafe { chan.as_ref() };
    if in_step() && super::xform::defer_drop(chan.cast(), side, drop_again::<T>) {
        return;
    }
    touch(inner.core.ends());
    if inner.core.handles(side) == 1 {
        inner.core.visible();
    }
    inner.core.note_drop(side);
    // SAFETY: promised by the caller.
    if !unsafe { Core::drop_handle(chan.cast(), side) } {
        return;
    }
    // Also if a value's drop panics below.
    let _leaving = Leave { chan, side };
    inner.close(side, None);
    if side == Side::Take {
        inner.discard();
    }
}

/// # Safety
/// As for [`drop_handle`]; `core` heads a channel that the handle knows as one of T.
unsafe fn drop_again<T>(core: NonNull<Core>, side: Side) {
    // SAFETY: promised by the caller.
    unsafe { drop_handle::<T>(core.cast(), side) };
}

/// A side that is done with the channel, when this is dropped: the second to come frees it.
struct Leave<T> {
    chan: NonNull<Chan<T>>,
    side: Side,
}

impl<T> Drop for Leave<T> {
    fn drop(&mut self) {
        // SAFETY: until this says so, the channel is live: this side is not done with it. It is now, once.
        if !unsafe { Core::leave(self.chan.cast(), self.side) } {
            return;
        }
        // SAFETY: both sides are done, and we are the second, who frees it.
        let core = &unsafe { self.chan.as_ref() }.core;
        if core.has(NOTED) {
            super::trace::end(core);
            inspect::channels::leave(core);
        }
        let table = if core.has(XFORM) {
            core.lock().table()
        } else {
            None
        };
        match table {
            // SAFETY: as above: nobody knows the channel any more.
            Some(table) => unsafe { (table.free)(self.chan.cast()) },
            // SAFETY: as above; `chan` placed it.
            None => unsafe { cells::free(self.chan) },
        }
    }
}
