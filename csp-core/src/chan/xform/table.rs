//! A channel as whoever knows it who does not know what comes out of it.

use std::{cell::RefCell, collections::VecDeque, ptr::NonNull};

use super::{
    super::{
        cells,
        core::{Core, Queues, Side},
        data::Fill,
        inner::{Chan, Gave, Locked},
        put_all::Rest,
        unwind::guard,
    },
    moves,
};
use crate::{
    sync::lock::{Guard, in_step},
    waiter::{Actor, Waiter},
};

/// How whoever does not know what comes out of a channel acts on its values.
///
/// Each function is given the channel's core, of a channel of the table's type, and most of them its lock.
pub(in crate::chan) struct Table {
    pub(in crate::chan) put: PutFn,
    /// True if a put is admitted now.
    pub(in crate::chan) has_room: HasRoomFn,
    pub(in crate::chan) put_among: PutAmongFn,
    /// Ends those who wait, once the channel is closed.
    pub(in crate::chan) end: unsafe fn(NonNull<Core>, Guard<'_, Queues>, Side),
    pub(in crate::chan) fill: FillFn,
    pub(in crate::chan) free: unsafe fn(NonNull<Core>),
}

type PutFn = unsafe fn(
    NonNull<Core>,
    Guard<'_, Queues>,
    *const (),
    Actor<'_>,
    Option<NonNull<Waiter>>,
) -> Gave;
type HasRoomFn = for<'a> unsafe fn(NonNull<Core>, Guard<'a, Queues>) -> (Guard<'a, Queues>, bool);
type PutAmongFn =
    for<'a> unsafe fn(NonNull<Core>, Guard<'a, Queues>, *const ()) -> (Guard<'a, Queues>, Rest<'a>);
type FillFn = for<'a> unsafe fn(NonNull<Core>, Guard<'a, Queues>) -> (Guard<'a, Queues>, Fill);

pub(super) fn of<Out: 'static>() -> &'static Table {
    const {
        &Table {
            put: put::<Out>,
            has_room: has_room::<Out>,
            put_among: put_among::<Out>,
            end: end::<Out>,
            fill: fill::<Out>,
            free: free::<Out>,
        }
    }
}

/// # Safety
/// `core` heads a channel of this type, and `queues` is its lock.
unsafe fn locked<Out>(core: NonNull<Core>, queues: Guard<'_, Queues>) -> Locked<'_, Out> {
    // SAFETY: promised by the caller; the channel lives at least as long as the lock is held.
    let chan = unsafe { core.cast::<Chan<Out>>().as_ref() };
    Locked { queues, chan }
}

/// # Safety
/// As for [`locked`]. `src` holds what the transducer takes in. `waiter` as for [`Chan::put`].
unsafe fn put<Out>(
    core: NonNull<Core>,
    queues: Guard<'_, Queues>,
    src: *const (),
    actor: Actor<'_>,
    waiter: Option<NonNull<Waiter>>,
) -> Gave {
    // SAFETY: promised by the caller.
    let locked = unsafe { locked::<Out>(core, queues) };
    // SAFETY: promised by the caller.
    unsafe { moves::put(locked, src, actor, waiter) }
}

/// # Safety
/// As for [`locked`].
unsafe fn has_room<Out: 'static>(
    core: NonNull<Core>,
    queues: Guard<'_, Queues>,
) -> (Guard<'_, Queues>, bool) {
    // SAFETY: promised by the caller.
    moves::has_room(unsafe { locked::<Out>(core, queues) })
}

/// # Safety
/// As for [`locked`]. The channel is open and has room, and `src` holds what the transducer takes in.
unsafe fn put_among<Out: 'static>(
    core: NonNull<Core>,
    queues: Guard<'_, Queues>,
    src: *const (),
) -> (Guard<'_, Queues>, Rest<'_>) {
    // SAFETY: promised by the caller.
    let locked = unsafe { locked::<Out>(core, queues) };
    // SAFETY: promised by the caller.
    unsafe { moves::put_among(locked, src) }
}

/// # Safety
/// As for [`locked`].
unsafe fn end<Out>(core: NonNull<Core>, queues: Guard<'_, Queues>, side: Side) {
    // SAFETY: promised by the caller.
    moves::end(unsafe { locked::<Out>(core, queues) }, side);
}

/// # Safety
/// As for [`locked`].
unsafe fn fill<Out: 'static>(
    core: NonNull<Core>,
    queues: Guard<'_, Queues>,
) -> (Guard<'_, Queues>, Fill) {
    // SAFETY: promised by the caller.
    unsafe { locked::<Out>(core, queues) }.fill()
}

/// # Safety
/// `core` heads a channel of this type, in a cell, which nobody knows any more.
unsafe fn free<Out>(core: NonNull<Core>) {
    // SAFETY: promised by the caller.
    unsafe { cells::free(core.cast::<Chan<Out>>()) };
}

type DropHandle = unsafe fn(NonNull<Core>, Side);
type Deferred = VecDeque<(NonNull<Core>, Side, DropHandle)>;

/// A handle that is dropped in a step, of whatever channel, goes once the lock is free: its own channel's lock
/// is taken, and another's would wake and call back those who wait there. False: it cannot wait.
pub(in crate::chan) fn defer_drop(chan: NonNull<Core>, side: Side, drop: DropHandle) -> bool {
    DEFERRED
        .try_with(|list| list.borrow_mut().push_back((chan, side, drop)))
        .is_ok()
}

/// Drops what was deferred in a step, unless that was within another step.
pub(in crate::chan) fn drop_deferred() {
    let next = || {
        DEFERRED
            .try_with(|list| list.borrow_mut().pop_front())
            .ok()
            .flatten()
    };
    while !in_step()
        && let Some((chan, side, drop)) = next()
    {
        // SAFETY: whoever deferred it gave up this handle; it is in the list once.
        guard(|| unsafe { drop(chan, side) });
    }
}

crate::sync::local! {
    static DEFERRED: RefCell<Deferred> = RefCell::new(VecDeque::new());
}
