//! Steps that may panic.

use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use super::{Flow, Transducer};
use crate::error::Panicked;

/// Goes on after a panic: see [`Transducer::on_panic`].
#[derive(Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct OnPanic<X, H> {
    xf: X,
    handler: H,
    /// No more is wanted. `xf` does not know if it was the handler's value that ended it.
    over: bool,
}

impl<X, H> OnPanic<X, H> {
    pub(super) fn new(xf: X, handler: H) -> Self {
        Self {
            xf,
            handler,
            over: false,
        }
    }
}

impl<X, H> OnPanic<X, H>
where
    X: Transducer,
    H: FnMut(&Panicked) -> Option<X::Out>,
{
    fn guard<E>(
        &mut self,
        emit: &mut E,
        call: impl FnOnce(&mut X, &mut dyn FnMut(X::Out) -> Flow) -> Flow,
    ) -> Flow
    where
        E: FnMut(X::Out) -> Flow,
    {
        let over = &mut self.over;
        // A panic of those who come after is not this transducer's.
        let outside = Cell::new(false);
        let mut emit = |value| {
            if !*over {
                outside.set(true);
                *over = emit(value).is_break();
                outside.set(false);
            }
            going_on(!*over)
        };
        let result = catch_unwind(AssertUnwindSafe(|| call(&mut self.xf, &mut emit)));
        match result {
            Ok(flow) => flow,
            Err(payload) if outside.get() => resume_unwind(payload),
            Err(payload) => match (self.handler)(&Panicked::new(payload, None)) {
                Some(value) => emit(value),
                None => going_on(!self.over),
            },
        }
    }
}

fn going_on(more: bool) -> Flow {
    if more {
        Flow::Continue(())
    } else {
        Flow::Break(())
    }
}

/// A closure behind a reference without its type, as `step` wants it.
fn through<T>(emit: &mut dyn FnMut(T) -> Flow) -> impl FnMut(T) -> Flow {
    |value| emit(value)
}

impl<X, H> Transducer for OnPanic<X, H>
where
    X: Transducer,
    H: FnMut(&Panicked) -> Option<X::Out>,
{
    type In = X::In;
    type Out = X::Out;

    fn step(&mut self, value: X::In, emit: &mut impl FnMut(X::Out) -> Flow) -> Flow {
        self.guard(emit, |xf, emit| xf.step(value, &mut through(emit)))
    }

    fn complete(&mut self, emit: &mut impl FnMut(X::Out) -> Flow) -> Flow {
        self.guard(emit, |xf, emit| xf.complete(&mut through(emit)))
    }
}

impl<X: fmt::Debug, H> fmt::Debug for OnPanic<X, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnPanic")
            .field("xf", &self.xf)
            .finish_non_exhaustive()
    }
}
