//! Transducers: steps between values, composed once and used on channels, iterators and reductions.
//!
//! A transducer takes values in and gives none, one or many out for each. What it does is independent
//! of where the values come from and go to, so one and the same value works on a channel
//! ([`chan_with`](crate::chan_with)) and on an iterator ([`Transducer::iter`]).

mod map;

use std::ops::ControlFlow;

pub use self::map::{Map, map};

/// Whether more is wanted: `Break` ends it.
pub type Flow = ControlFlow<()>;

/// A step between values, with its state: for each value in, it gives none, one or many out.
///
/// An implementation keeps three rules, and may rely on its caller for the fourth:
/// 1. Once `emit` says `Break`, it emits no more, and says `Break` itself.
/// 2. Once it said `Break`, [`step`](Self::step) is not called again; [`complete`](Self::complete) is.
/// 3. `complete` gives what is still held back, and is called once.
/// 4. A step that panics is not called again, nor completed.
pub trait Transducer {
    /// What goes in.
    type In;
    /// What comes out.
    type Out;

    /// Takes a value in, and calls `emit` for each that comes of it. `Break`: no more is wanted.
    fn step(&mut self, value: Self::In, emit: &mut impl FnMut(Self::Out) -> Flow) -> Flow;

    /// No more values come: gives what was held back.
    fn complete(&mut self, emit: &mut impl FnMut(Self::Out) -> Flow) -> Flow {
        let _ = emit;
        Flow::Continue(())
    }

    /// Calls `f` on what comes out.
    fn map<B, F>(self, f: F) -> Then<Self, Map<Self::Out, F>>
    where
        Self: Sized,
        F: FnMut(Self::Out) -> B,
    {
        self.then(map(f))
    }

    /// This first, then `next` on what comes out of it.
    fn then<N>(self, next: N) -> Then<Self, N>
    where
        Self: Sized,
        N: Transducer<In = Self::Out>,
    {
        Then { first: self, next }
    }
}

/// Two transducers in a row: see [`Transducer::then`].
#[derive(Debug, Clone)]
pub struct Then<A, B> {
    first: A,
    next: B,
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
        // `next` is completed even if it wants no more: it may hold values back itself.
        let _ = self.first.complete(&mut |value| next.step(value, emit));
        next.complete(emit)
    }
}
