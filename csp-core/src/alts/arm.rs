//! What an alts chooses from: operations on channels, and any future.

use std::{
    future::Future,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use crate::{
    chan::{Core, Side},
    waiter::{Actor, Waiter},
};

/// Seals [`Arm`].
pub trait Sealed {}

/// An operation that alts can choose: [`Take`](crate::Take), [`Put`](crate::Put), and through
/// [`park`] any future.
pub trait Arm: Sealed {
    /// What the operation gives when it is chosen.
    type Output;

    /// Whether it has no channel that says if it is ready.
    #[doc(hidden)]
    const IS_FUTURE: bool = false;

    /// Whether there is anything to drop of an arm that was not chosen, or has given its result.
    #[doc(hidden)]
    const NEEDS_DROP: bool = true;

    /// Forgets where it stands: it is its alts that parks. (What a macro has just written is then not written at all.)
    #[doc(hidden)]
    #[must_use]
    #[inline]
    fn placed(self) -> Self
    where
        Self: Sized,
    {
        self
    }

    /// Which channel it is of: its address, or 0. (This and `is_ready` could be asked of its `RawArm`; but to make one for
    /// each arm took an alts of eight, of a thread, from 65 to 81 ns.)
    #[doc(hidden)]
    fn channel(&self) -> usize {
        0
    }

    /// Whether its channel's hint says that it can be done.
    #[doc(hidden)]
    fn is_ready(&self) -> bool {
        false
    }

    /// The arm as the choosing code sees it.
    #[doc(hidden)]
    fn raw(self: Pin<&mut Self>) -> RawArm;

    /// The result of the arm.
    ///
    /// # Safety
    /// It has been chosen, and has not given its result yet.
    #[doc(hidden)]
    unsafe fn finish(self: Pin<&mut Self>) -> Self::Output;

    /// Does the operation, if it is on and can be done now.
    ///
    /// # Safety
    /// The arm is not finished, and none of its alts is queued.
    #[doc(hidden)]
    unsafe fn at_once(mut self: Pin<&mut Self>) -> Option<Self::Output> {
        // SAFETY: promised by the caller.
        let is_done = unsafe { self.as_mut().raw().is_done_at_once() };
        // SAFETY: it is done.
        is_done.then(|| unsafe { self.finish() })
    }
}

/// What came of an attempt on a channel arm.
pub(crate) enum Attempt {
    /// It is done; its own waiter says how.
    Ready,
    NotReady,
    /// Its waiter is in the channel's queue.
    Queued,
    /// The alts has been ended through another arm.
    Lost,
}

/// The typed part of an arm behind function pointers, so that the choosing code exists once.
pub(crate) enum ArmTable {
    Channel { side: Side, attempt: AttemptFn },
    Future { poll: PollFn },
}

type AttemptFn = unsafe fn(NonNull<()>, Actor<'_>, bool) -> Attempt;
type PollFn = unsafe fn(NonNull<()>, &mut Context<'_>) -> bool;

impl ArmTable {
    pub(crate) const fn channel(side: Side, attempt: AttemptFn) -> Self {
        Self::Channel { side, attempt }
    }
}

/// An arm without its type. Valid while the arm stays pinned.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct RawArm {
    /// The channel; dangling for a future.
    core: NonNull<Core>,
    waiter: NonNull<Waiter>,
    at: NonNull<()>,
    table: &'static ArmTable,
    on: bool,
}

impl RawArm {
    pub(crate) fn channel(
        core: &Core,
        waiter: &Waiter,
        at: NonNull<()>,
        table: &'static ArmTable,
    ) -> Self {
        Self {
            core: NonNull::from(core),
            waiter: NonNull::from(waiter),
            at,
            table,
            on: true,
        }
    }

    fn future(at: NonNull<()>, table: &'static ArmTable) -> Self {
        Self {
            core: NonNull::dangling(),
            waiter: NonNull::dangling(),
            at,
            table,
            on: true,
        }
    }

    pub(super) fn off(self) -> Self {
        Self { on: false, ..self }
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    /// The channel and side, unless it is a future.
    #[inline]
    pub(super) fn port(&self) -> Option<(&Core, Side)> {
        match self.table {
            // SAFETY: `channel` was given a live core, and the arm keeps its channel alive.
            ArmTable::Channel { side, .. } => Some((unsafe { self.core.as_ref() }, *side)),
            ArmTable::Future { .. } => None,
        }
    }

    /// The waiter of a channel arm.
    #[inline]
    pub(super) fn waiter(&self) -> &Waiter {
        debug_assert!(self.port().is_some());
        // SAFETY: `channel` was given the waiter of the arm, which stays pinned.
        unsafe { self.waiter.as_ref() }
    }

    /// Tries a channel arm.
    ///
    /// # Safety
    /// The arm is pinned, not finished, and in no queue. To be queued, its owner must be set and the
    /// alts must withdraw it before it moves or dies.
    pub(super) unsafe fn attempt(&self, actor: Actor<'_>, queue: bool) -> Attempt {
        match self.table {
            // SAFETY: promised by the caller.
            ArmTable::Channel { attempt, .. } => unsafe { attempt(self.at, actor, queue) },
            ArmTable::Future { .. } => Attempt::NotReady,
        }
    }

    /// Whether it is on, and its channel's hint says that it can be done.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        self.on
            && self
                .port()
                .is_some_and(|(core, side)| core.is(side.ready()))
    }

    /// Tries a channel arm that is on and, by its channel's hint, ready. True: it is done.
    ///
    /// # Safety
    /// The arm is pinned, not finished, and none of its alts is queued.
    #[inline]
    pub(crate) unsafe fn is_done_at_once(&self) -> bool {
        self.is_ready()
            // SAFETY: promised by the caller; nothing is queued, so nobody else can end the alts.
            && matches!(unsafe { self.attempt(Actor::Alone, false) }, Attempt::Ready)
    }

    /// Polls a future arm. True if it is ready; its value waits in the arm.
    ///
    /// # Safety
    /// The arm is pinned and not finished, and nobody else uses it.
    pub(super) unsafe fn poll(&self, cx: &mut Context<'_>) -> bool {
        match self.table {
            ArmTable::Channel { .. } => false,
            // SAFETY: promised by the caller.
            ArmTable::Future { poll } => unsafe { poll(self.at, cx) },
        }
    }
}

impl std::fmt::Debug for RawArm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawArm")
            .field("on", &self.on)
            .finish_non_exhaustive()
    }
}

/// Any future as an arm of alts: `alts!(rx.take(), park(fut))`. In `alt!` write `p = park!(fut) => …`.
///
/// The future is dropped when another arm is chosen; give `&mut fut` (of an `Unpin` or pinned future)
/// to go on with it later. It is polled only while no channel arm can be committed, so a value that it
/// has ready is never lost against one.
pub fn park<F: Future>(future: F) -> ParkArm<F> {
    ParkArm {
        future: Some(future),
        value: None,
    }
}

/// See [`park`].
#[must_use = "an arm does nothing until an alts chooses"]
#[derive(Debug)]
pub struct ParkArm<F: Future> {
    future: Option<F>,
    value: Option<F::Output>,
}

impl<F: Future> Sealed for ParkArm<F> {}

impl<F: Future> Arm for ParkArm<F> {
    type Output = F::Output;
    const IS_FUTURE: bool = true;

    fn raw(self: Pin<&mut Self>) -> RawArm {
        // SAFETY: the pointer is used only by `poll_arm`, which keeps the future pinned.
        let at = unsafe { self.get_unchecked_mut() };
        RawArm::future(
            NonNull::from(at).cast(),
            const {
                &ArmTable::Future {
                    poll: poll_arm::<F>,
                }
            },
        )
    }

    unsafe fn finish(self: Pin<&mut Self>) -> F::Output {
        // SAFETY: `value` is not structurally pinned, and the future is not touched.
        unsafe { self.get_unchecked_mut() }
            .value
            .take()
            .expect("a future that was chosen has its value")
    }
}

/// # Safety
/// `at` is a pinned `ParkArm<F>` that nobody else uses.
unsafe fn poll_arm<F: Future>(at: NonNull<()>, cx: &mut Context<'_>) -> bool {
    // SAFETY: promised by the caller.
    let arm = unsafe { at.cast::<ParkArm<F>>().as_mut() };
    let Some(future) = &mut arm.future else {
        return arm.value.is_some();
    };
    // SAFETY: the arm is pinned, and the future is never moved out of it.
    match unsafe { Pin::new_unchecked(future) }.poll(cx) {
        Poll::Ready(value) => {
            arm.value = Some(value);
            // Dropped where it stands; an arm is asked again only if it was not chosen, and then
            // must not poll a finished future.
            arm.future = None;
            true
        }
        Poll::Pending => false,
    }
}

/// An arm with a guard.
#[doc(hidden)]
#[derive(Debug)]
pub struct When<A> {
    arm: A,
    on: bool,
}

/// Switches an arm off when `on` is false.
#[doc(hidden)]
pub fn when<A: Arm>(arm: A, on: bool) -> When<A> {
    When { arm, on }
}

impl<A> When<A> {
    fn arm(self: Pin<&mut Self>) -> Pin<&mut A> {
        // SAFETY: structural pinning; When has no Drop and is Unpin only if the arm is.
        unsafe { self.map_unchecked_mut(|when| &mut when.arm) }
    }
}

impl<A: Arm> Sealed for When<A> {}

impl<A: Arm> Arm for When<A> {
    type Output = A::Output;
    const IS_FUTURE: bool = A::IS_FUTURE;
    const NEEDS_DROP: bool = A::NEEDS_DROP;

    #[inline]
    fn channel(&self) -> usize {
        self.arm.channel()
    }

    #[inline]
    fn is_ready(&self) -> bool {
        self.on && self.arm.is_ready()
    }

    #[inline]
    fn placed(self) -> Self {
        Self {
            arm: self.arm.placed(),
            ..self
        }
    }

    fn raw(self: Pin<&mut Self>) -> RawArm {
        if self.on {
            self.arm().raw()
        } else {
            self.arm().raw().off()
        }
    }

    unsafe fn finish(self: Pin<&mut Self>) -> A::Output {
        // SAFETY: as for this call.
        unsafe { self.arm().finish() }
    }

    unsafe fn at_once(self: Pin<&mut Self>) -> Option<A::Output> {
        // SAFETY: promised by the caller.
        (self.on).then(|| unsafe { self.arm().at_once() })?
    }
}
