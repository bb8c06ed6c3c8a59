//! The moves between putters, transducer, buffer and takers.

use std::ptr::NonNull;

use super::{
    super::{
        close::{BATCH, end_all, end_watchers},
        core::{CLOSED, Core, ITEMS, Queues, ROOM, Side},
        data::Data,
        inner::{Chan, Gave, Locked, Took, queue_put},
        put_all::Rest,
        stored::serve_takers,
        unwind::guard,
    },
    stage::{Step, Xform},
    table::drop_deferred,
};
use crate::{
    buffer::Kind,
    error::Panicked,
    sync::{lock::Guard, plain::Arc},
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
    /// What the transducer and the buffer panicked with.
    pub(super) panics: Vec<Panicked>,
}

impl<Out> Due<Out> {
    pub(super) fn new() -> Self {
        Self {
            wakes: Wakes::new(),
            leaving: Vec::new(),
            ended: None,
            panics: Vec::new(),
        }
    }

    /// User code (drops, the hook), when everybody has been woken. Whoever has to do it has done what it
    /// came for, and is not unwound.
    fn finish(self) {
        if self.leaving.is_empty() && self.panics.is_empty() && self.ended.is_none() {
            drop_deferred();
            return;
        }
        self.panics.iter().for_each(task::show);
        // One by one: a second panic while one unwinds would be the last.
        self.leaving
            .into_iter()
            .for_each(|value| guard(|| drop(value)));
        self.panics
            .into_iter()
            .for_each(|panic| guard(|| drop(panic)));
        guard(|| drop(self.ended));
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
fn end_by_itself<Out>(core: &Core, queues: &mut Queues, due: &Due<Out>) {
    core.publish(CLOSED, CLOSED);
    if let Some(panic) = due.panics.first() {
        let failure = &mut queues.ext().failure;
        failure.get_or_insert_with(|| Arc::new(panic.clone()));
    }
}

/// Restores the invariants, and tells those who wait when nothing more comes. True: a batch of them has been
/// told, and there are more.
///
/// Values are moved in one go, however many wait: nobody may come in between and be served before them.
fn settle<Out>(locked: &mut Locked<'_, Out>, due: &mut Due<Out>) -> bool {
    let core = &locked.chan.core;
    loop {
        let (queues, data) = locked.parts();
        if serve_takers(queues, data, &mut due.wakes) {
            return true;
        }
        let Some(xform) = data.xform() else {
            return false;
        };
        if xform.refill(&mut due.leaving) {
            continue;
        }
        let has_room = xform.has_room();
        if let Some(payload) = xform.base.take_panic() {
            xform.fail(payload, due);
            end_by_itself(core, queues, due);
        }
        if has_room && admit(core, queues, xform, due) {
            continue;
        }
        if xform.steps.is_none() {
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
            // (Whoever waits now gets nothing, even if a buffer of the user's says that it is not empty.)
            if last {
                end_all(&mut queues.takes, &mut due.wakes);
            }
        }
        return due.wakes.len() >= BATCH;
    }
}

/// Steps the value of the first who waits to put. False if nobody waits, or the transducer ended.
fn admit<Out>(
    core: &Core,
    queues: &mut Queues,
    xform: &mut Xform<Out>,
    due: &mut Due<Out>,
) -> bool {
    let Some(steps) = &mut xform.steps else {
        return false;
    };
    // SAFETY: the lock is held by whoever has `queues`.
    let Partner::Found(putter) = (unsafe { queues.puts.partner(Actor::Alone) }) else {
        return false;
    };
    // SAFETY: the putter is just out of the list, and committed to us; the senders of this channel put
    // what its transducer takes in.
    unsafe { steps.load_from(putter) };
    // Before the step: whoever finds it committed waits for the rest, so no foreign code may be in it.
    // SAFETY: it is out of the list, and its value has been moved.
    due.wakes
        .push(unsafe { waiter::commit(putter, Status::Done) });
    step(core, queues, xform, due);
    true
}

/// Steps what was loaded.
fn step<Out>(core: &Core, queues: &mut Queues, xform: &mut Xform<Out>, due: &mut Due<Out>) {
    let flow = xform.call(core, due, |steps, out| steps.step(out));
    if flow.is_break() {
        complete(core, queues, xform, due);
    }
}

/// Gives out what the transducer held back, once; nothing, if it panicked. With that it ended, and the
/// channel is closed.
fn complete<Out>(core: &Core, queues: &mut Queues, xform: &mut Xform<Out>, due: &mut Due<Out>) {
    let _ = xform.call(core, due, |steps, out| {
        steps.complete(out);
        Flow::Continue(())
    });
    xform.end(due);
    end_by_itself(core, queues, due);
}

impl<Out> Locked<'_, Out> {
    /// Publishes what has changed if that is all there is to do: nobody waits, the channel is open, and
    /// everything has its place in the buffer.
    fn is_settled(&mut self) -> bool {
        let core = &self.chan.core;
        let (queues, data) = self.parts();
        let waits = !queues.takes.is_empty() || !queues.puts.is_empty();
        if core.has(CLOSED) || waits || data.has_stash() {
            return false;
        }
        let Some(flags) = data.xform().and_then(|xform| xform.plain_flags()) else {
            return false;
        };
        core.publish(ITEMS | ROOM, flags);
        core.publish_queues(queues);
        true
    }
}

/// Restores the invariants and lets go of the lock, a batch of those who are told of the end under each hold
/// of it.
fn settle_all<'a, Out>(mut locked: Locked<'a, Out>, mut due: Due<Out>) {
    let chan: &'a Chan<Out> = locked.chan;
    if locked.is_settled() {
        drop(locked);
        std::mem::take(&mut due.wakes).fire();
        due.finish();
        return;
    }
    loop {
        let more = settle(&mut locked, &mut due);
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

/// Ends those who wait, once the channel is closed. When the receiving side closes, no parked put goes in any
/// more.
pub(super) fn end<Out>(mut locked: Locked<'_, Out>, side: Side) {
    let core = &locked.chan.core;
    let mut due = Due::new();
    let (queues, data) = locked.parts();
    if side == Side::Take
        && let Some(xform) = data.xform()
    {
        complete(core, queues, xform, &mut due);
    }
    settle_all(locked, due);
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
    if !locked.is_settled() {
        settle_all(locked, Due::new());
    }
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
        locked.publish();
        return outcome;
    }
    if !actor.win() {
        return Gave::Lost;
    }
    let steps = xform.steps.as_mut().expect("the channel is open");
    // SAFETY: promised by the caller.
    unsafe { steps.load(src) };
    let mut due = Due::new();
    step(core, queues, xform, &mut due);
    settle_all(locked, due);
    Gave::Accepted
}

pub(super) fn has_room<Out>(mut locked: Locked<'_, Out>) -> (Guard<'_, Queues>, bool) {
    let has_room = locked.parts().1.xform().is_some_and(|x| x.has_room());
    (locked.queues, has_room)
}

/// As [`put`], for a channel that has room, while the locks of other channels are held. What has to wait until
/// all are free is given out.
///
/// # Safety
/// `src` holds what the transducer takes in; it moves.
pub(super) unsafe fn put_among<Out>(
    mut locked: Locked<'_, Out>,
    src: *const (),
) -> (Guard<'_, Queues>, Rest<'_>)
where
    Out: 'static,
{
    let chan = locked.chan;
    let core = &chan.core;
    let (queues, data) = locked.parts();
    let xform = data.xform().expect("it has room");
    let steps = xform.steps.as_mut().expect("the channel is open");
    // SAFETY: promised by the caller.
    unsafe { steps.load(src) };
    let mut due = Due::new();
    step(core, queues, xform, &mut due);
    let more = settle(&mut locked, &mut due);
    let rest = move || {
        std::mem::take(&mut due.wakes).fire();
        if more {
            settle_all(chan.lock(), due);
        } else {
            due.finish();
        }
    };
    locked.publish();
    (locked.queues, Some(Box::new(rest)))
}

/// A policy panicked, or said that it holds a value and gave none. The panic is the taker's, as in a
/// channel without a transducer.
fn broken<Out>(mut locked: Locked<'_, Out>) -> Took {
    let panic = locked.policy_panic();
    // There may be room now, for those who wait for it.
    settle_all(locked, Due::new());
    match panic {
        Some(payload) => std::panic::resume_unwind(payload),
        None => panic!("a BufferPolicy that is not empty must give a value"),
    }
}
