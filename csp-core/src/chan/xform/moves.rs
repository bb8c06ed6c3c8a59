//! The moves between putters, transducer, buffer and takers.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
};

use super::{
    super::{
        close::{BATCH, end_all, end_watchers},
        core::{CLOSED, Core, ITEMS, Queues},
        inner::{Chan, Data, Gave, Locked, Took, queue_put},
        stored::serve_takers,
    },
    stage::{Step, Xform},
    table::drop_deferred,
};
use crate::{
    buffer::Kind,
    error::Panicked,
    sync::plain::Arc,
    task,
    waiter::{self, Actor, Partner, Status, Waiter, Wakes},
    xf::Flow,
};

/// What is to be done once the lock is free.
pub(super) struct Due<Out> {
    wakes: Wakes,
    /// Values that the buffer let go of.
    pub(super) leaving: Vec<Out>,
    pub(super) ended: Option<Box<dyn Step<Out>>>,
    pub(super) panic: Option<Panicked>,
}

impl<Out> Due<Out> {
    pub(super) fn new() -> Self {
        Self {
            wakes: Wakes::new(),
            leaving: Vec::new(),
            ended: None,
            panic: None,
        }
    }

    /// User code (drops, the hook), when everybody has been woken. Whoever was to do it has done what it
    /// came for, and is not unwound.
    fn finish(self) {
        if let Some(panic) = &self.panic {
            task::show(panic);
        }
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(self))) {
            task::swallow(payload);
        }
        drop_deferred();
    }
}

impl<Out> Data<Out> {
    /// None only once the receiving side has left, and taken a custom buffer with it.
    fn xform(&mut self) -> Option<&mut Xform<Out>> {
        match self.buf()? {
            Kind::Xform(xform) => Some(xform),
            _ => None,
        }
    }
}

/// Closes the channel from inside, when its transducer ended, and says why if it panicked.
fn end_by_itself(core: &Core, queues: &mut Queues, panic: Option<&Panicked>) {
    core.publish(CLOSED, CLOSED);
    if let Some(panic) = panic {
        let failure = &mut queues.ext().failure;
        failure.get_or_insert_with(|| Arc::new(panic.clone()));
    }
}

/// Restores the invariants. True: a batch of wake-ups is full, and there is more to do.
///
/// `no_more`: nobody will be admitted any more, since the receiving side closed.
fn settle<Out>(locked: &mut Locked<'_, Out>, no_more: bool, due: &mut Due<Out>) -> bool {
    let core = &locked.chan.core;
    loop {
        let (queues, data) = locked.parts();
        serve_takers(queues, data, &mut due.wakes);
        if due.wakes.len() >= BATCH {
            return true;
        }
        let Some(xform) = data.xform() else {
            return false;
        };
        if xform.refill(&mut due.leaving) {
            continue;
        }
        if let Some(payload) = xform.base.take_panic() {
            xform.fail(payload, due);
            end_by_itself(core, queues, due.panic.as_ref());
        }
        let over = no_more || xform.steps.is_none();
        if !over && xform.has_room() && admit(core, queues, xform, due) {
            continue;
        }
        if over {
            end_all(&mut queues.puts, &mut due.wakes);
        }
        if core.has(CLOSED) {
            end_watchers(queues, &mut due.wakes);
            // SAFETY: the lock is held.
            let last = !unsafe { queues.puts.has_partner() };
            if last && xform.steps.is_some() {
                complete(core, queues, xform, due);
                continue;
            }
            if last && xform.is_empty() {
                end_all(&mut queues.takes, &mut due.wakes);
            }
        }
        return due.wakes.len() >= BATCH;
    }
}

/// Steps the value of the first who waits to put. False if nobody waits.
fn admit<Out>(
    core: &Core,
    queues: &mut Queues,
    xform: &mut Xform<Out>,
    due: &mut Due<Out>,
) -> bool {
    // SAFETY: the lock is held by whoever has `queues`.
    let Partner::Found(putter) = (unsafe { queues.puts.partner(Actor::Alone) }) else {
        return false;
    };
    let flow = xform.call(core, due, |steps, out| {
        // SAFETY: the putter is just out of the list; the senders of this channel put what its
        // transducer takes in.
        let value = unsafe { steps.value_of(putter) };
        // SAFETY: it is committed to us, its value ours to move.
        unsafe { steps.step(value, out) }
    });
    // SAFETY: it is out of the list, and its value has been moved.
    due.wakes
        .push(unsafe { waiter::commit(putter, Status::Done) });
    if flow.is_break() {
        complete(core, queues, xform, due);
    }
    true
}

/// Gives out what the transducer held back, once; nothing, if it panicked. With that it ended.
fn complete<Out>(core: &Core, queues: &mut Queues, xform: &mut Xform<Out>, due: &mut Due<Out>) {
    let _ = xform.call(core, due, |steps, out| {
        steps.complete(out);
        Flow::Continue(())
    });
    if let Some(steps) = xform.steps.take() {
        due.ended = Some(steps);
    }
    end_by_itself(core, queues, due.panic.as_ref());
}

/// Restores the invariants and lets go of the lock, a batch of wake-ups under each hold of it.
pub(super) fn settle_all<'a, Out>(mut locked: Locked<'a, Out>, no_more: bool, mut due: Due<Out>) {
    let chan: &'a Chan<Out> = locked.chan;
    loop {
        let more = settle(&mut locked, no_more, &mut due);
        locked.publish();
        drop(locked);
        std::mem::take(&mut due.wakes).fire();
        if !more {
            due.finish();
            return;
        }
        locked = chan.lock();
    }
}

/// Takes from a channel with a transducer.
///
/// # Safety
/// As for [`Chan::take`].
#[cold]
pub(in crate::chan) unsafe fn take<Out>(
    mut locked: Locked<'_, Out>,
    dest: *mut Out,
    actor: Actor<'_>,
    waiter: Option<NonNull<Waiter>>,
) -> Took {
    let core = &locked.chan.core;
    if !core.has(ITEMS) && !core.has(CLOSED) {
        // No putter waits either: there would be room.
        let Some(waiter) = waiter else {
            return Took::Empty;
        };
        // SAFETY: promised by the caller.
        unsafe { locked.queues.takes.push_back(waiter) };
        core.publish_queues(&locked.queues);
        return Took::Queued;
    }
    if !actor.win() {
        return Took::Lost;
    }
    if !core.has(ITEMS) {
        return Took::Closed;
    }
    let (_, data) = locked.parts();
    let value = data.take_stashed();
    let buf = data.buf().expect("XFORM means a buffer");
    if value.is_none()
        && let Some(shared) = buf.shared().cloned()
    {
        drop(locked);
        // SAFETY: `dest` can be written.
        unsafe { dest.write(shared.get()) };
        return Took::Value;
    }
    let Some(value) = value.or_else(|| buf.remove()) else {
        return broken(locked);
    };
    // SAFETY: `dest` can be written.
    unsafe { dest.write(value) };
    settle_all(locked, false, Due::new());
    Took::Value
}

/// Puts into a channel with a transducer, which is open.
///
/// # Safety
/// `src` holds what the transducer takes in. `waiter` as for [`Chan::put`].
pub(super) unsafe fn put<Out>(
    mut locked: Locked<'_, Out>,
    src: *const (),
    actor: Actor<'_>,
    waiter: Option<NonNull<Waiter>>,
) -> Gave {
    let core = &locked.chan.core;
    let (queues, data) = locked.parts();
    let xform = data
        .xform()
        .expect("the receiving side has not left: the channel is open");
    if !xform.has_room() {
        let outcome = queue_put(queues, waiter);
        core.publish_queues(queues);
        return outcome;
    }
    if !actor.win() {
        return Gave::Lost;
    }
    let mut due = Due::new();
    // SAFETY: promised by the caller.
    let flow = xform.call(core, &mut due, |steps, out| unsafe { steps.step(src, out) });
    if flow.is_break() {
        complete(core, queues, xform, &mut due);
    }
    settle_all(locked, false, due);
    Gave::Accepted
}

/// A policy panicked, or said that it holds a value and gave none. The panic is the taker's, as in a
/// channel without a transducer.
fn broken<Out>(mut locked: Locked<'_, Out>) -> Took {
    let panic = locked.policy_panic();
    locked.publish();
    drop(locked);
    match panic {
        Some(payload) => std::panic::resume_unwind(payload),
        None => panic!("a BufferPolicy that is not empty must give a value"),
    }
}
