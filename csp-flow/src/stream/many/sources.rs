//! Several channels, and a place for a value of each.

use csp_core::Receiver;

use super::slots::{Many, Slot, Slots};

/// Channels whose values are put together in rows: a pair, triple or quadruple of receivers, or a `Vec` of
/// receivers of one type.
///
/// ```
/// use csp::prelude::*;
/// let rows = csp::stream::zip((csp::to_chan(1..), csp::to_chan(["a", "b"]))).chan(0);
/// assert!(rows.into_iter().eq([(1, "a"), (2, "b")]));
/// let rows = csp::stream::zip(vec![csp::to_chan(1..), csp::to_chan(11..=12)]).chan(0);
/// assert!(rows.into_iter().eq([[1, 11], [2, 12]]));
/// ```
///
/// A `Vec` may have up to 65,536 receivers. Looking for a value among _n_ of them costs _n_ steps.
pub trait Sources: Sealed {
    /// A value of each source: `(A, B)`, or `Vec<T>`.
    type Row: Send + 'static;
    /// A value of some of them: `(Option<A>, Option<B>)`, or `Vec<Option<T>>`.
    type Rest: Send + 'static;
    #[doc(hidden)]
    type Slots: Slots<Row = Self::Row, Rest = Self::Rest>;

    #[doc(hidden)]
    fn slots(self) -> Self::Slots;
}

/// Seals [`Sources`].
pub trait Sealed {}

macro_rules! tuple {
    ($($T:ident),+) => {
        impl<$($T: Send + 'static),+> Sealed for ($(Receiver<$T>,)+) {}

        impl<$($T: Send + 'static),+> Sources for ($(Receiver<$T>,)+) {
            type Row = ($($T,)+);
            type Rest = ($(Option<$T>,)+);
            type Slots = ($(Slot<$T>,)+);

            #[expect(non_snake_case, reason = "the types' names serve for the values")]
            fn slots(self) -> Self::Slots {
                let ($($T,)+) = self;
                ($(Slot::new($T),)+)
            }
        }
    };
}

tuple!(A, B);
tuple!(A, B, C);
tuple!(A, B, C, D);

impl<T: Send + 'static> Sealed for Vec<Receiver<T>> {}

impl<T: Send + 'static> Sources for Vec<Receiver<T>> {
    type Row = Vec<T>;
    type Rest = Vec<Option<T>>;
    type Slots = Many<T>;

    #[track_caller]
    fn slots(self) -> Many<T> {
        Many::new(self)
    }
}
