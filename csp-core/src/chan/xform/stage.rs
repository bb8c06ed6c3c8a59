//! The transducer of a channel, between its putters and its buffer.

use std::{
    any::Any,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
};

use super::{
    super::{
        core::{Core, ITEMS, ROOM},
        inner::value_of,
    },
    moves::Due,
};
use crate::{
    buffer::Kind,
    error::Panicked,
    waiter::Waiter,
    xf::{Flow, Transducer},
};

/// A transducer between the putters and the buffer of a channel.
pub(crate) struct Xform<Out> {
    pub(super) base: Kind<Out>,
    /// What the buffer has no room for yet.
    overflow: VecDeque<Out>,
    /// None once it ended.
    pub(super) steps: Option<Box<dyn Step<Out>>>,
}

/// A transducer without the type of what goes in.
pub(super) trait Step<Out>: Send {
    /// Moves in what is put: the next step is its own.
    ///
    /// # Safety
    /// `value` points to what the transducer takes in; it moves.
    unsafe fn load(&mut self, value: *const ());

    /// As [`load`](Self::load), from a waiting putter.
    ///
    /// # Safety
    /// The waiter is just out of the list, and one of a put of what the transducer takes in; its value
    /// moves.
    unsafe fn load_from(&mut self, putter: NonNull<Waiter>);

    /// Steps what was loaded.
    fn step(&mut self, out: &mut Outlet<'_, Out>) -> Flow;

    fn complete(&mut self, out: &mut Outlet<'_, Out>);
}

struct Steps<X: Transducer> {
    xf: X,
    loaded: Option<X::In>,
}

impl<X> Step<X::Out> for Steps<X>
where
    X: Transducer + Send,
    X::In: Send,
{
    unsafe fn load(&mut self, value: *const ()) {
        // SAFETY: promised by the caller.
        self.loaded = Some(unsafe { value.cast::<X::In>().read() });
    }

    unsafe fn load_from(&mut self, putter: NonNull<Waiter>) {
        // SAFETY: promised by the caller.
        let value = unsafe { value_of::<X::In>(putter) };
        // SAFETY: the value of such a put, which moves.
        unsafe { self.load(value.cast_const().cast()) };
    }

    fn step(&mut self, out: &mut Outlet<'_, X::Out>) -> Flow {
        let value = self.loaded.take().expect("it was loaded");
        self.xf.step(value, &mut |value| out.add(value))
    }

    fn complete(&mut self, out: &mut Outlet<'_, X::Out>) {
        // Nobody is left to be told that no more is wanted.
        let _ = self.xf.complete(&mut |value| out.add(value));
    }
}

/// Where a step's values go.
pub(super) struct Outlet<'a, Out> {
    base: &'a mut Kind<Out>,
    overflow: &'a mut VecDeque<Out>,
    leaving: &'a mut Vec<Out>,
}

impl<Out> Outlet<'_, Out> {
    fn add(&mut self, value: Out) -> Flow {
        if self.overflow.is_empty() && !self.base.is_full() {
            self.leaving.extend(self.base.add(value));
        } else {
            self.overflow.push_back(value);
        }
        Flow::Continue(())
    }
}

impl<Out> Xform<Out> {
    pub(super) fn new<X>(base: Kind<Out>, xf: X) -> Self
    where
        X: Transducer<Out = Out> + Send + 'static,
        X::In: Send + 'static,
    {
        Self {
            base,
            overflow: VecDeque::new(),
            steps: Some(Box::new(Steps { xf, loaded: None })),
        }
    }

    pub(crate) fn base(&self) -> &Kind<Out> {
        &self.base
    }

    pub(crate) fn base_mut(&mut self) -> &mut Kind<Out> {
        &mut self.base
    }

    pub(crate) fn len(&self) -> usize {
        self.base.len() + self.overflow.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.base.is_empty() && self.overflow.is_empty()
    }

    /// True if a put is admitted now. (A policy that is full while it is empty cannot hold everything
    /// up: what finds no room goes to the overflow, which takers reach then.)
    pub(crate) fn has_room(&self) -> bool {
        self.overflow.is_empty() && (!self.base.is_full() || self.base.is_empty())
    }

    /// The hints, if the buffer is a plain one and nothing stands behind it.
    #[inline]
    pub(super) fn plain_flags(&self) -> Option<u32> {
        let Kind::Ring { .. } = &self.base else {
            return None;
        };
        if !self.overflow.is_empty() {
            return None;
        }
        let items = if self.base.is_empty() { 0 } else { ITEMS };
        let room = if self.base.is_full() { 0 } else { ROOM };
        Some(items | room)
    }

    pub(crate) fn remove(&mut self) -> Option<Out> {
        self.base.remove().or_else(|| self.overflow.pop_front())
    }

    /// Gives up all values, to be dropped without the lock. The ends of the channel are over: no step
    /// follows.
    pub(crate) fn empty(&mut self) -> Option<Self> {
        Some(Self {
            base: self.base.empty()?,
            overflow: std::mem::take(&mut self.overflow),
            steps: self.steps.take(),
        })
    }

    /// Moves from the overflow into the buffer. True if anything moved.
    pub(super) fn refill(&mut self, leaving: &mut Vec<Out>) -> bool {
        let before = self.overflow.len();
        while !self.overflow.is_empty() && !self.base.is_full() {
            leaving.extend(
                self.overflow
                    .pop_front()
                    .and_then(|value| self.base.add(value)),
            );
        }
        self.overflow.len() < before
    }

    /// Calls the transducer. `Break`: it ended, and the channel is to be closed; the panic that ended it is
    /// left in `due`.
    pub(super) fn call(
        &mut self,
        core: &Core,
        due: &mut Due<Out>,
        call: impl FnOnce(&mut dyn Step<Out>, &mut Outlet<'_, Out>) -> Flow,
    ) -> Flow {
        let Some(steps) = self.steps.as_deref_mut() else {
            return Flow::Break(());
        };
        let mut out = Outlet {
            base: &mut self.base,
            overflow: &mut self.overflow,
            leaving: &mut due.leaving,
        };
        let stepping = core.stepping();
        let result = catch_unwind(AssertUnwindSafe(|| call(steps, &mut out)));
        drop(stepping);
        result.unwrap_or_else(|payload| {
            self.fail(payload, due);
            Flow::Break(())
        })
    }

    /// The transducer, or the buffer behind it, panicked: it is not called again, nor completed.
    pub(super) fn fail(&mut self, payload: Box<dyn Any + Send>, due: &mut Due<Out>) {
        self.end(due);
        due.panics.push(Panicked::new(payload, None));
    }

    /// The transducer is over. It goes when the lock is free.
    pub(super) fn end(&mut self, due: &mut Due<Out>) {
        due.ended = self.steps.take().or(due.ended.take());
    }
}
