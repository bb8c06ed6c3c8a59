//! Two in a row.

use super::{Flow, Transducer};

/// Two transducers in a row: see [`Transducer::then`].
#[derive(Debug, Clone)]
#[must_use = "a transducer does nothing until it is given values"]
pub struct Then<A, B> {
    first: A,
    next: B,
}

impl<A, B> Then<A, B> {
    pub(super) fn new(first: A, next: B) -> Self {
        Self { first, next }
    }
}

impl<A, B> Transducer for Then<A, B>
where
    A: Transducer,
    B: Transducer<In = A::Out>,
{
    type In = A::In;
    type Out = B::Out;

    #[inline]
    fn step(&mut self, value: A::In, emit: &mut impl FnMut(B::Out) -> Flow) -> Flow {
        let next = &mut self.next;
        self.first.step(value, &mut |value| next.step(value, emit))
    }

    fn complete(&mut self, emit: &mut impl FnMut(B::Out) -> Flow) -> Flow {
        let next = &mut self.next;
        let first = self.first.complete(&mut |value| next.step(value, emit));
        // Also if `next` has said that it wants no more: it may hold values back itself.
        let next = self.next.complete(emit);
        if first.is_break() { first } else { next }
    }
}
