//! The transducer of a channel, between its putters and its buffer.

use std::{
    any::Any,
    collections::VecDeque,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
};

use super::{
    super::{core::Core, inner::value_of},
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
    /// # Safety
    /// `value` points to what the transducer takes in; it moves.
    unsafe fn step(&mut self, value: *const (), out: &mut Outlet<'_, Out>) -> Flow;

    fn complete(&mut self, out: &mut Outlet<'_, Out>);

    /// Where the value of a waiting putter stands.
    ///
    /// # Safety
    /// The waiter is one of a put of what the transducer takes in.
    unsafe fn value_of(&self, putter: NonNull<Waiter>) -> *const ();
}

struct Steps<X: Transducer> {
    xf: X,
    _types: PhantomData<fn(X::In)>,
}

impl<X: Transducer + Send> Step<X::Out> for Steps<X> {
    unsafe fn step(&mut self, value: *const (), out: &mut Outlet<'_, X::Out>) -> Flow {
        // SAFETY: promised by the caller.
        let value = unsafe { value.cast::<X::In>().read() };
        self.xf.step(value, &mut |value| out.add(value))
    }

    fn complete(&mut self, out: &mut Outlet<'_, X::Out>) {
        // Nobody is left to be told that no more is wanted.
        let _ = self.xf.complete(&mut |value| out.add(value));
    }

    unsafe fn value_of(&self, putter: NonNull<Waiter>) -> *const () {
        // SAFETY: promised by the caller.
        unsafe { value_of::<X::In>(putter) }
            .cast_const()
            .cast::<()>()
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
        X::In: 'static,
    {
        Self {
            base,
            overflow: VecDeque::new(),
            steps: Some(Box::new(Steps {
                xf,
                _types: PhantomData,
            })),
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
        let payload = match (result, self.base.take_panic()) {
            (Err(payload), _) | (Ok(_), Some(payload)) => payload,
            (Ok(flow), None) => return flow,
        };
        self.fail(payload, due);
        Flow::Break(())
    }

    /// A transducer that panicked is not called again, nor completed.
    pub(super) fn fail(&mut self, payload: Box<dyn Any + Send>, due: &mut Due<Out>) {
        due.ended = self.steps.take();
        due.panic.get_or_insert(Panicked::new(payload, None));
    }
}
