//! What a transaction is made of: puts, and lists and tuples of them.

use std::pin::Pin;

use super::{super::Put, entry::Entry};

/// One put, as the transaction sees it.
#[doc(hidden)]
pub struct RawPut<'a>(pub(super) &'a dyn Entry);

impl std::fmt::Debug for RawPut<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawPut").finish_non_exhaustive()
    }
}

/// Seals [`Puts`].
pub trait Sealed {}

/// Puts that are done at one instant: see [`put_all_or_none`](crate::put_all_or_none).
///
/// A put, or an array, a `Vec`, or a tuple of up to twelve of such: `(orders.put(order), audits)`, where
/// `audits` is a `Vec` of puts.
pub trait Puts: Sealed {
    /// The values, as they come back if nothing is put: in the same shape.
    type Values;

    #[doc(hidden)]
    fn raws<'a>(self: Pin<&'a Self>, list: &mut Vec<RawPut<'a>>);

    /// Takes the values back. Nothing has been put, and nothing is queued.
    #[doc(hidden)]
    fn values(self: Pin<&mut Self>) -> Self::Values;
}

impl<T> Sealed for Put<'_, T> {}

impl<T> Puts for Put<'_, T> {
    type Values = T;

    fn raws<'a>(self: Pin<&'a Self>, list: &mut Vec<RawPut<'a>>) {
        list.push(RawPut(self.get_ref().shared()));
    }

    fn values(self: Pin<&mut Self>) -> T {
        self.withdraw().expect("it was not put")
    }
}

impl<P: Puts, const N: usize> Sealed for [P; N] {}

impl<P: Puts, const N: usize> Puts for [P; N] {
    type Values = [P::Values; N];

    fn raws<'a>(self: Pin<&'a Self>, list: &mut Vec<RawPut<'a>>) {
        for puts in self.get_ref() {
            // SAFETY: the elements are pinned with the array.
            unsafe { Pin::new_unchecked(puts) }.raws(list);
        }
    }

    fn values(self: Pin<&mut Self>) -> Self::Values {
        // SAFETY: nothing is moved.
        let mut puts = unsafe { self.get_unchecked_mut() }.iter_mut();
        std::array::from_fn(|_| {
            let puts = puts.next().expect("there are N");
            // SAFETY: as above.
            unsafe { Pin::new_unchecked(puts) }.values()
        })
    }
}

impl<P: Puts> Sealed for Vec<P> {}

impl<P: Puts> Puts for Vec<P> {
    type Values = Vec<P::Values>;

    fn raws<'a>(self: Pin<&'a Self>, list: &mut Vec<RawPut<'a>>) {
        for puts in self.get_ref() {
            // SAFETY: the list is in a pinned future that never grows it: its elements stay where they are until they
            // are dropped.
            unsafe { Pin::new_unchecked(puts) }.raws(list);
        }
    }

    fn values(self: Pin<&mut Self>) -> Self::Values {
        // SAFETY: nothing is moved.
        let puts = unsafe { self.get_unchecked_mut() }.iter_mut();
        // SAFETY: as above.
        puts.map(|puts| unsafe { Pin::new_unchecked(puts) }.values())
            .collect()
    }
}

macro_rules! tuples {
    ($(($($of:ident $index:tt),+);)+) => {$(
        impl<$($of: Puts),+> Sealed for ($($of,)+) {}

        impl<$($of: Puts),+> Puts for ($($of,)+) {
            type Values = ($($of::Values,)+);

            fn raws<'a>(self: Pin<&'a Self>, list: &mut Vec<RawPut<'a>>) {
                let puts = self.get_ref();
                // SAFETY: the tuple's fields are pinned with it.
                $(unsafe { Pin::new_unchecked(&puts.$index) }.raws(list);)+
            }

            fn values(self: Pin<&mut Self>) -> Self::Values {
                // SAFETY: nothing is moved.
                let puts = unsafe { self.get_unchecked_mut() };
                // SAFETY: as above.
                ($(unsafe { Pin::new_unchecked(&mut puts.$index) }.values(),)+)
            }
        }
    )+};
}

tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
}
