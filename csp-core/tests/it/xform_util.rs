//! Transducers for the tests of channels with one.

use csp_core::xf::{Flow, Transducer};

/// A transducer of two closures.
pub(crate) struct Fx<In, Out, S, C> {
    step: S,
    complete: C,
    _types: std::marker::PhantomData<fn(In) -> Out>,
}

pub(crate) type Emit<'a, Out> = &'a mut dyn FnMut(Out) -> Flow;

pub(crate) fn fx<In, Out, S, C>(step: S, complete: C) -> Fx<In, Out, S, C>
where
    S: FnMut(In, Emit<'_, Out>) -> Flow,
    C: FnMut(Emit<'_, Out>) -> Flow,
{
    Fx {
        step,
        complete,
        _types: std::marker::PhantomData,
    }
}

impl<In, Out, S, C> Transducer for Fx<In, Out, S, C>
where
    S: FnMut(In, Emit<'_, Out>) -> Flow,
    C: FnMut(Emit<'_, Out>) -> Flow,
{
    type In = In;
    type Out = Out;

    fn step(&mut self, value: In, emit: &mut impl FnMut(Out) -> Flow) -> Flow {
        (self.step)(value, emit)
    }

    fn complete(&mut self, emit: &mut impl FnMut(Out) -> Flow) -> Flow {
        (self.complete)(emit)
    }
}

pub(crate) fn go_on<Out>(_: Emit<'_, Out>) -> Flow {
    Flow::Continue(())
}

/// Each value so many times.
pub(crate) fn copies<T: Clone>(n: usize) -> impl Transducer<In = T, Out = T> + Send {
    fx(
        move |value: T, emit: Emit<'_, T>| {
            for _ in 0..n {
                emit(value.clone())?;
            }
            Flow::Continue(())
        },
        go_on,
    )
}

/// All values of each vector.
pub(crate) fn cat<T: Send>() -> impl Transducer<In = Vec<T>, Out = T> + Send {
    fx(
        |values: Vec<T>, emit: Emit<'_, T>| values.into_iter().try_for_each(emit),
        go_on,
    )
}

pub(crate) fn keep_if<T>(
    mut wanted: impl FnMut(&T) -> bool + Send,
) -> impl Transducer<In = T, Out = T> + Send {
    fx(
        move |value: T, emit: Emit<'_, T>| {
            if wanted(&value) {
                emit(value)
            } else {
                Flow::Continue(())
            }
        },
        go_on,
    )
}

/// The first n.
pub(crate) fn first<T: Send>(n: usize) -> impl Transducer<In = T, Out = T> + Send {
    let mut left = n;
    fx(
        move |value: T, emit: Emit<'_, T>| {
            left -= 1;
            emit(value)?;
            if left == 0 {
                Flow::Break(())
            } else {
                Flow::Continue(())
            }
        },
        go_on,
    )
}

/// Vectors of n, and of what is left at the end.
pub(crate) struct Groups<T> {
    pub(crate) n: usize,
    pub(crate) held: Vec<T>,
}

impl<T> Transducer for Groups<T> {
    type In = T;
    type Out = Vec<T>;

    fn step(&mut self, value: T, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        self.held.push(value);
        if self.held.len() == self.n {
            emit(std::mem::take(&mut self.held))
        } else {
            Flow::Continue(())
        }
    }

    fn complete(&mut self, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        if self.held.is_empty() {
            return Flow::Continue(());
        }
        emit(std::mem::take(&mut self.held))
    }
}
