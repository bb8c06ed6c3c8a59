//! One in, one out.

use std::marker::PhantomData;

use super::{Flow, Transducer};

/// Calls `f` on each value: see [`map`].
#[derive(Debug, Clone)]
pub struct Map<In, F> {
    f: F,
    _in: PhantomData<fn(In)>,
}

/// Calls `f` on each value.
pub fn map<In, Out, F: FnMut(In) -> Out>(f: F) -> Map<In, F> {
    Map {
        f,
        _in: PhantomData,
    }
}

impl<In, Out, F: FnMut(In) -> Out> Transducer for Map<In, F> {
    type In = In;
    type Out = Out;

    #[inline]
    fn step(&mut self, value: In, emit: &mut impl FnMut(Out) -> Flow) -> Flow {
        emit((self.f)(value))
    }
}
