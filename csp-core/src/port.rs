//! What `take!` and `put!` accept.

use std::fmt;

use crate::{
    alts::{Arm, RawArm, Sealed},
    chan::{Put, Receiver, Sender, Take},
    site::ParkSite,
};

/// Something that can be taken from: a [`Receiver`], a timeout.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a port that can be taken from",
    label = "`take!` needs a `Receiver` or a `Timeout`",
    note = "to park on a future or a `Go`, write `fut.await`, or `park!(fut)` in an `alt!`"
)]
pub trait ReadPort {
    /// What a take gives.
    type Item;
    /// A take under way.
    type Take<'a>: Arm<Output = Option<Self::Item>> + Future<Output = Option<Self::Item>>
    where
        Self: 'a;

    /// Takes, with the site of the macro.
    #[doc(hidden)]
    fn take_from(&self, site: &'static ParkSite) -> Self::Take<'_>;
}

impl<T> ReadPort for Receiver<T> {
    type Item = T;
    type Take<'a>
        = Take<'a, T>
    where
        Self: 'a;

    #[inline]
    fn take_from(&self, site: &'static ParkSite) -> Take<'_, T> {
        self.take_at(site)
    }
}

impl<P: ReadPort + ?Sized> ReadPort for &P {
    type Item = P::Item;
    type Take<'a>
        = P::Take<'a>
    where
        Self: 'a;

    #[inline]
    fn take_from(&self, site: &'static ParkSite) -> P::Take<'_> {
        (**self).take_from(site)
    }
}

impl<P: ReadPort + ?Sized> ReadPort for &mut P {
    type Item = P::Item;
    type Take<'a>
        = P::Take<'a>
    where
        Self: 'a;

    #[inline]
    fn take_from(&self, site: &'static ParkSite) -> P::Take<'_> {
        (**self).take_from(site)
    }
}

/// Something that values can be put into: a [`Sender`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a port that can be put into",
    label = "`put!` needs a `Sender`"
)]
pub trait WritePort {
    /// What is put.
    type Item;

    /// Puts, with the site of the macro.
    #[doc(hidden)]
    fn put_into(&self, value: Self::Item, site: &'static ParkSite) -> Put<'_, Self::Item>;
}

impl<T> WritePort for Sender<T> {
    type Item = T;

    #[inline]
    fn put_into(&self, value: T, site: &'static ParkSite) -> Put<'_, T> {
        self.put_at(value, site)
    }
}

impl<P: WritePort + ?Sized> WritePort for &P {
    type Item = P::Item;

    #[inline]
    fn put_into(&self, value: P::Item, site: &'static ParkSite) -> Put<'_, P::Item> {
        (**self).put_into(value, site)
    }
}

impl<P: WritePort + ?Sized> WritePort for &mut P {
    type Item = P::Item;

    #[inline]
    fn put_into(&self, value: P::Item, site: &'static ParkSite) -> Put<'_, P::Item> {
        (**self).put_into(value, site)
    }
}

/// Used by `take!`.
#[doc(hidden)]
#[inline]
pub fn take_at<'a, P: ReadPort + ?Sized>(port: &'a P, site: &'static ParkSite) -> P::Take<'a> {
    port.take_from(site)
}

/// Used by `put!`.
#[doc(hidden)]
#[inline]
pub fn put_at<'a, P: WritePort + ?Sized>(
    port: &'a P,
    value: P::Item,
    site: &'static ParkSite,
) -> Put<'a, P::Item> {
    port.put_into(value, site)
}

/// Used by `alt!` for a put of a plain variable, which gets its value back if the arm is not chosen.
#[doc(hidden)]
pub fn put_back<'a, P: WritePort + ?Sized>(
    port: &'a P,
    value: P::Item,
    back: &'a mut Option<P::Item>,
    site: &'static ParkSite,
) -> PutBack<'a, P::Item> {
    PutBack {
        put: put_at(port, value, site),
        back,
    }
}

/// A put that leaves its value behind when it is dropped undone.
#[doc(hidden)]
pub struct PutBack<'a, T> {
    put: Put<'a, T>,
    back: &'a mut Option<T>,
}

impl<'a, T> PutBack<'a, T> {
    fn put(self: std::pin::Pin<&mut Self>) -> std::pin::Pin<&mut Put<'a, T>> {
        // SAFETY: structural pinning of `put`: never moved out, also not by `drop`.
        unsafe { self.map_unchecked_mut(|this| &mut this.put) }
    }
}

impl<T> Sealed for PutBack<'_, T> {}

impl<T> Arm for PutBack<'_, T> {
    type Output = Result<(), crate::Closed<T>>;

    #[inline]
    fn channel(&self) -> usize {
        self.put.channel()
    }

    #[inline]
    fn is_ready(&self) -> bool {
        self.put.is_ready()
    }

    #[inline]
    fn placed(self) -> Self {
        // (Its parts cannot be moved out of what has a `drop`.)
        self.put.unplace();
        self
    }

    fn raw(self: std::pin::Pin<&mut Self>) -> RawArm {
        self.put().raw()
    }

    unsafe fn finish(self: std::pin::Pin<&mut Self>) -> Self::Output {
        // SAFETY: as for this call.
        unsafe { self.put().finish() }
    }
}

impl<T> Drop for PutBack<'_, T> {
    fn drop(&mut self) {
        // SAFETY: `put` stays where it is until it is dropped, right after this.
        let put = unsafe { std::pin::Pin::new_unchecked(&mut self.put) };
        *self.back = put.withdraw();
    }
}

impl<T> fmt::Debug for PutBack<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.put.fmt(f)
    }
}

/// Used by `alt!`: the value of a put that was not chosen.
#[doc(hidden)]
#[track_caller]
pub fn given_back<T>(back: Option<T>) -> T {
    back.expect("an arm that was not chosen gives its value back")
}
