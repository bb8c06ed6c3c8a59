//! The one allocation of a task: header, then the block's frame, which its outcome replaces.

use std::{
    future::Future,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use super::{
    header::{Header, Polled, VTable},
    home::Home,
    panic_hook,
};
use crate::{
    error::Failure,
    site::{BlockSite, Origin},
    sync::UnsafeCell,
};

pub(super) type Outcome<T> = Result<T, Failure>;

/// Frame or outcome; which one it is follows from the protocol in [`header`](super::header).
union Body<F, T> {
    frame: ManuallyDrop<F>,
    outcome: ManuallyDrop<Outcome<T>>,
}

#[repr(C)]
struct Cell<F: Future, O> {
    header: Header,
    origin: O,
    body: UnsafeCell<Body<F, F::Output>>,
}

struct Table<F, O>(std::marker::PhantomData<(F, O)>);

impl<F: Future, O: Origin> Table<F, O> {
    const VTABLE: VTable = VTable {
        poll: poll::<F, O>,
        cancel: cancel::<F, O>,
        outcome: outcome::<F, O>,
        drop_outcome: drop_outcome::<F, O>,
        dealloc: dealloc::<F, O>,
        size: size_of::<Cell<F, O>>(),
        site: site::<F, O>,
    };
}

/// Allocates a task. Its run token and its handle's reference are the caller's.
pub(super) fn allocate<F: Future, O: Origin>(
    future: F,
    origin: O,
    home: NonNull<Home>,
    id: u64,
) -> NonNull<Header> {
    let cell = Box::new(Cell {
        header: Header::new(&Table::<F, O>::VTABLE, home, id),
        origin,
        body: UnsafeCell::new(Body {
            frame: ManuallyDrop::new(future),
        }),
    });
    NonNull::from(Box::leak(cell)).cast()
}

/// Moves the outcome out.
///
/// # Safety
/// The task is complete, its output type is `T`, and the caller took the right to the outcome
/// (`take_outcome`).
pub(super) unsafe fn read_outcome<T>(header: NonNull<Header>) -> Outcome<T> {
    // SAFETY: the caller's handle has a reference, so the header is live.
    let vtable = unsafe { header.as_ref() }.vtable;
    // SAFETY: the header belongs to this table.
    let at = unsafe { (vtable.outcome)(header) };
    // SAFETY: an outcome of this type is there, and nobody else may read it.
    unsafe { at.cast::<Outcome<T>>().read() }
}

/// The typed cell behind a header.
///
/// # Safety
/// The header is live, and was allocated with these types.
unsafe fn cell_of<'a, F: Future, O>(header: NonNull<Header>) -> &'a Cell<F, O> {
    // SAFETY: the header is the first field of a repr(C) struct, and its pointer comes from the
    // whole allocation.
    unsafe { header.cast::<Cell<F, O>>().as_ref() }
}

unsafe fn poll<F: Future, O: Origin>(header: NonNull<Header>, cx: &mut Context<'_>) -> Polled {
    // SAFETY: the functions of a table are called with their own headers, while they are live.
    let cell = unsafe { cell_of::<F, O>(header) };
    let polled = cell.body.with_mut(|body| {
        // SAFETY: the caller owns the token, so only we touch the body.
        let body = unsafe { &mut *body };
        // SAFETY: the task has not completed, so the frame is there.
        let frame: &mut F = unsafe { &mut body.frame };
        // SAFETY: the frame never moves: it stays in its allocation until it is dropped there.
        let frame = unsafe { Pin::new_unchecked(frame) };
        // The frame is not polled again after a panic, so nobody sees it half changed.
        catch_unwind(AssertUnwindSafe(|| frame.poll(cx)))
    });
    let outcome = match polled {
        Ok(Poll::Pending) => return Polled::Pending,
        Ok(Poll::Ready(value)) => Ok(value),
        Err(payload) => Err(Failure::Panicked(panic_hook::report(
            payload,
            Some(cell.origin.site()),
        ))),
    };
    // SAFETY: as for `cell_of`; we own the token, and the frame has not been dropped yet.
    unsafe { settle::<F, O>(header, outcome) };
    Polled::Ready
}

unsafe fn cancel<F: Future, O: Origin>(header: NonNull<Header>) {
    // SAFETY: as for `poll`.
    unsafe { settle::<F, O>(header, Err(Failure::Cancelled)) };
}

/// Drops the frame and puts the outcome in its place.
///
/// # Safety
/// As for `cell_of`; the caller owns the token and the frame is still there.
unsafe fn settle<F: Future, O>(header: NonNull<Header>, outcome: Outcome<F::Output>) {
    // SAFETY: promised by the caller.
    let cell = unsafe { cell_of::<F, O>(header) };
    cell.body.with_mut(|body| {
        // SAFETY: the caller owns the token, so only we touch the body.
        let body = unsafe { &mut *body };
        // SAFETY: the frame is there.
        let frame = unsafe { &mut body.frame };
        // SAFETY: it is not touched again. It is dropped where it stands.
        let drop_frame = AssertUnwindSafe(|| unsafe { ManuallyDrop::drop(frame) });
        let dropped = catch_unwind(drop_frame);
        if dropped.is_err() {
            // Half a frame cannot be dropped again, nor its waiters be known to be unlinked.
            abort("a value held by a go block panicked while it was being dropped");
        }
        // The body holds nothing now.
        body.outcome = ManuallyDrop::new(outcome);
    });
}

unsafe fn outcome<F: Future, O>(header: NonNull<Header>) -> NonNull<()> {
    // SAFETY: as for `poll`.
    let cell = unsafe { cell_of::<F, O>(header) };
    cell.body
        .with_mut(|body| NonNull::new(body).expect("a body is not null").cast())
}

unsafe fn drop_outcome<F: Future, O>(header: NonNull<Header>) {
    // SAFETY: as for `poll`.
    let cell = unsafe { cell_of::<F, O>(header) };
    cell.body.with_mut(|body| {
        // SAFETY: the caller has the right to the outcome, so only we touch the body.
        let body = unsafe { &mut *body };
        // SAFETY: the outcome is there.
        let outcome = unsafe { &mut body.outcome };
        // SAFETY: it is not touched again.
        let drop_outcome = AssertUnwindSafe(|| unsafe { ManuallyDrop::drop(outcome) });
        if let Err(payload) = catch_unwind(drop_outcome) {
            panic_hook::swallow(payload);
        }
    });
}

unsafe fn dealloc<F: Future, O>(header: NonNull<Header>) {
    // SAFETY: the last reference is gone, and `allocate` made this box.
    drop(unsafe { Box::from_raw(header.cast::<Cell<F, O>>().as_ptr()) });
}

unsafe fn site<F: Future, O: Origin>(header: NonNull<Header>) -> BlockSite {
    // SAFETY: as for `poll`.
    unsafe { cell_of::<F, O>(header) }.origin.site()
}

fn abort(why: &str) -> ! {
    use std::io::Write;
    // A failed write changes nothing about the abort.
    let _unwritten = writeln!(std::io::stderr(), "csp: {why}; the process is aborted");
    std::process::abort()
}
