//! `park!`: a future with its place noted.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    task::{Context, Poll},
};

use super::ParkArm;
use crate::{
    site::{ParkSite, Place},
    task,
};

/// Used by `park!`.
#[doc(hidden)]
pub fn parked<F: IntoFuture>(future: F, site: &'static ParkSite) -> Parked<F::IntoFuture> {
    Parked {
        future: future.into_future(),
        site,
    }
}

/// Used by `alt!` for a `park!` arm. The site is the arm's; the alts notes its own.
#[doc(hidden)]
pub fn park_at<F: IntoFuture>(future: F, _site: &'static ParkSite) -> ParkArm<F::IntoFuture> {
    super::park(future.into_future())
}

/// A future that notes where its task parks.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "a future does nothing until it is awaited"]
pub struct Parked<F> {
    future: F,
    site: &'static ParkSite,
}

impl<F: Future> Future for Parked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        task::parks_at(cx, Place::site(self.site), 0);
        // SAFETY: structural pinning of `future`: never moved out, no Drop.
        unsafe { self.map_unchecked_mut(|this| &mut this.future) }.poll(cx)
    }
}
