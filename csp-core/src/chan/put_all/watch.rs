//! How a transaction that finds no room learns that there may be some.
//!
//! # The line
//! It queues a watcher in the channel that has no room, apart from the puts that wait there, and the channel's
//! hint says WATCHED. (In several channels if they lack takers together: see [`partners`](super::partners).)
//! The room of the other channels need not be watched: nothing is put until this one has some. But any of them may
//! close, so there its waiter is among those who wait for that.
//!
//! Room comes only with a take, and WATCHED sends a take on its long way. When it is over, and nobody used the
//! room at once, the first watcher in the line is told: it leaves the line, its status is Done, and its
//! transaction looks again. One that finds that it cannot use the room, be it that other channels have none or
//! that it is dropped, *passes on*: it tells the next. So there is no herd, and as long as there is room on a
//! channel, either somebody has been told and is about to look, or all in the line have seen it and could not
//! use it. To know that, a channel counts its *rounds*: each take that leaves room begins one, and whoever
//! enters the line notes which round it has seen. Whoever looked in vain goes to the end of the line, so if
//! the first has seen this round, all have.
//!
//! # What it promises
//! Puts that wait are served strictly in order, as if no transaction were there: none is ever overtaken by one,
//! since where a put waits there is no room. A transaction does not reserve room: what has room while another
//! channel has none can be used up by others, and under puts that never pause it may wait for ever.

use std::ptr::NonNull;

use super::{
    super::{
        core::{Core, Ext, Queues, ROOM, TAKERS, WATCHED},
        unwind::guard,
    },
    entry::Entry,
};
use crate::waiter::{self, List, Status, Waiter, Wake};

/// In place of a round: this channel has room, and its waiter only waits for the close.
const FOR_CLOSE: u32 = u32::MAX;

/// The transactions that wait for room on a channel.
#[derive(Default)]
pub(in crate::chan) struct Room {
    pub(in crate::chan) watchers: List,
    /// How often a take has left room while somebody waited for it.
    round: u32,
}

/// A take on a watched channel: when this is dropped, the lock being free, it is over.
pub(in crate::chan) struct RoomMade<'a>(pub(in crate::chan) &'a Core);

impl Drop for RoomMade<'_> {
    fn drop(&mut self) {
        let mut queues = self.0.lock();
        if self.0.has(ROOM | TAKERS) {
            let room = &mut queues.ext().room;
            room.round = (room.round + 1) % FOR_CLOSE;
        }
        let wake = tell(self.0, &mut queues);
        drop(queues);
        if let Some(wake) = wake {
            // An executor's panic is not the take's, which may be unwound already, or queued.
            guard(|| wake.fire());
        }
    }
}

/// Tells the first watcher, if there is room that it has not seen. Under the lock.
pub(super) fn tell(core: &Core, queues: &mut Queues) -> Option<Wake> {
    let room = &mut queues.existing_ext()?.room;
    let Some(first) = room.watchers.first() else {
        core.publish(WATCHED, 0);
        return None;
    };
    // SAFETY: what is queued is live.
    let waiter = unsafe { first.as_ref() };
    // SAFETY: the lock is held.
    let seen = unsafe { waiter.index() };
    if seen == room.round || !core.has(ROOM | TAKERS) {
        return None;
    }
    // SAFETY: it is in this list, whose lock is held.
    unsafe { leave(core, room, first) };
    // SAFETY: it is just out of the list; no value moves.
    unsafe { waiter::commit(first, Status::Done) }
}

/// # Safety
/// The waiter is in this list, whose lock is held.
unsafe fn leave(core: &Core, room: &mut Room, waiter: NonNull<Waiter>) {
    // SAFETY: promised by the caller.
    unsafe { room.watchers.unlink(waiter) };
    if room.watchers.is_empty() {
        core.publish(WATCHED, 0);
    }
}

/// # Safety
/// The lock is held. The waiter has its owner, is in no list, and leaves this one before it moves or dies.
pub(super) unsafe fn queue(core: &Core, queues: &mut Queues, waiter: &Waiter) {
    let room = &mut queues.ext().room;
    // SAFETY: its transaction calls.
    let owner = unsafe { waiter.owner() };
    // SAFETY: it is in no list.
    unsafe { waiter.set_owner(owner, room.round) };
    // SAFETY: promised by the caller. (A watcher is nothing but its waiter.)
    unsafe { room.watchers.push_back(NonNull::from(waiter)) };
    core.publish(WATCHED, WATCHED);
}

/// Queues the waiter of a channel that has room: it is told of the close.
///
/// # Safety
/// As for [`queue`].
pub(super) unsafe fn queue_for_close(queues: &mut Queues, waiter: &Waiter) {
    // SAFETY: its transaction calls.
    let owner = unsafe { waiter.owner() };
    // SAFETY: it is in no list.
    unsafe { waiter.set_owner(owner, FOR_CLOSE) };
    // SAFETY: promised by the caller. (As in `queue`.)
    unsafe { queues.ext().watchers.push_back(NonNull::from(waiter)) };
}

/// Takes a put's waiter out of its line, if it is in one. It is Done afterwards if it had been told: its
/// transaction is to look, or to [give up](give_up).
pub(super) fn withdraw(entry: &dyn Entry) {
    let (core, waiter) = (entry.core(), entry.waiter());
    if waiter.status() == Status::Queued {
        let mut queues = core.queues.lock_or_abort();
        if waiter.status() == Status::Queued {
            let (ext, this) = (queues.ext(), NonNull::from(waiter));
            // SAFETY: its transaction calls.
            if unsafe { waiter.index() } == FOR_CLOSE {
                // SAFETY: it is in this list, whose lock is held.
                unsafe { ext.watchers.unlink(this) };
            } else {
                // SAFETY: as above.
                unsafe { leave(core, &mut ext.room, this) };
            }
            waiter.leave();
        }
    }
    waiter.settled();
    // SAFETY: it is out of the line and settled: nobody else uses the owner.
    unsafe { waiter.drop_owner() };
}

/// As [`withdraw`], for good: the put is as if it had never been queued.
pub(super) fn give_up(entry: &dyn Entry) {
    withdraw(entry);
    let core = entry.core();
    if settle(entry.waiter()) {
        let mut queues = core.queues.lock_or_abort();
        let wake = tell(core, &mut queues);
        drop(queues);
        if let Some(wake) = wake {
            wake.fire();
        }
    }
}

/// Makes a put's waiter, which is in no line, as if it had never been in one. True if it had been told of room.
pub(super) fn settle(waiter: &Waiter) -> bool {
    let status = waiter.status();
    match status {
        Status::Done | Status::Closed => {}
        _ => return false,
    }
    waiter.set_status(Status::Idle);
    status == Status::Done
}

/// A channel's name, for messages.
pub(super) fn describe(core: &Core, ext: Option<&mut Ext>) -> String {
    match ext.and_then(|ext| ext.name.clone()) {
        Some(name) => format!("channel `{name}`"),
        None => format!("channel {}", core.id),
    }
}
