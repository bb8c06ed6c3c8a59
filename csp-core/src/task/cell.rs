//! The one allocation of a task: header, then the block's frame, which its outcome replaces.
//!
//! What depends on the block's type is kept small, since every block in a program has its own copy: polling
//! the frame and dropping it. What depends on the outcome's type is shared by all blocks with that type.

use std::{
    alloc::Layout,
    any::Any,
    future::Future,
    mem::{ManuallyDrop, offset_of},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use super::{
    header::{Header, Polled, VTable},
    panic_hook, reuse,
};
use crate::{
    error::Failure,
    site::{BlockSite, Origin},
    sync::plain::UnsafeCell,
};

pub(super) type Outcome<T> = Result<T, Failure>;

/// Frame or outcome; which one it is follows from the protocol in [`header`](super::header).
#[repr(C)]
union Body<F, T> {
    frame: ManuallyDrop<F>,
    outcome: ManuallyDrop<Outcome<T>>,
}

#[repr(C)]
struct Cell<F: Future, O> {
    header: Header,
    origin: O,
    // Found by its offset, so it is what it is also under loom; `Header::touch_body` is what loom sees.
    body: UnsafeCell<Body<F, F::Output>>,
}

struct Table<F, O>(std::marker::PhantomData<(F, O)>);

impl<F: Future, O: Origin> Table<F, O> {
    const VTABLE: VTable = VTable {
        poll: poll::<F, O>,
        drop_frame: drop_frame::<F>,
        write_failure: write_failure::<F::Output>,
        drop_outcome: drop_outcome::<F::Output>,
        body: offset_of!(Cell<F, O>, body),
        layout: Layout::new::<Cell<F, O>>(),
        site: site::<F, O>,
    };
}

/// Allocates a task, which has no home yet. Its run token and its handle's reference are the caller's.
#[inline]
pub(super) fn allocate<F: Future, O: Origin>(future: F, origin: O) -> NonNull<Header> {
    const {
        assert!(
            !std::mem::needs_drop::<O>(),
            "an origin is freed without being dropped"
        );
    };
    // Allocated first, so that nothing has to be dropped on the way, and the frame is moved once.
    let at = reuse::allocate(Layout::new::<Cell<F, O>>()).cast::<Cell<F, O>>();
    let cell = Cell {
        header: Header::new(&Table::<F, O>::VTABLE),
        origin,
        body: UnsafeCell::new(Body {
            frame: ManuallyDrop::new(future),
        }),
    };
    // SAFETY: the memory is of this layout, and ours alone.
    unsafe { at.write(cell) };
    at.cast()
}

/// Where the frame, and later the outcome, stands.
///
/// # Safety
/// The header is live.
unsafe fn body(header: NonNull<Header>) -> NonNull<()> {
    // SAFETY: promised by the caller.
    let task = unsafe { header.as_ref() };
    task.touch_body();
    let offset = task.vtable.body;
    // SAFETY: the offset is that of a field in the same allocation, which the pointer is good for.
    unsafe { header.byte_add(offset) }.cast()
}

/// Moves the outcome out.
///
/// # Safety
/// The task is complete, its output type is `T`, and the caller took the right to the outcome
/// (`take_outcome`).
pub(super) unsafe fn read_outcome<T>(header: NonNull<Header>) -> Outcome<T> {
    // SAFETY: the caller's handle has a reference, so the header is live.
    let at = unsafe { body(header) };
    // SAFETY: an outcome of this type is there, and nobody else may read it.
    unsafe { at.cast::<Outcome<T>>().read() }
}

/// Drops the frame and writes `Cancelled` in its place (or the panic that the drop came to).
///
/// # Safety
/// The caller owns the token, and the frame is still there.
pub(super) unsafe fn cancel(header: NonNull<Header>) {
    // SAFETY: the token keeps the header alive.
    let vtable = unsafe { header.as_ref() }.vtable;
    // SAFETY: as above.
    let body = unsafe { body(header) };
    // SAFETY: the frame is there, and is not used again.
    let failure = unsafe { end_frame(header) }.unwrap_or(Failure::Cancelled);
    // SAFETY: the body holds nothing now, and has room for an outcome.
    unsafe { (vtable.write_failure)(body, failure) };
}

/// Drops the outcome.
///
/// # Safety
/// The outcome is there, and the caller has the right to it.
pub(super) unsafe fn discard(header: NonNull<Header>) {
    // SAFETY: the caller has a reference, so the header is live.
    let vtable = unsafe { header.as_ref() }.vtable;
    // SAFETY: as above.
    let body = unsafe { body(header) };
    let drop_it = AssertUnwindSafe(|| {
        // SAFETY: promised by the caller; it is not used again.
        unsafe { (vtable.drop_outcome)(body) };
    });
    if let Err(payload) = catch_unwind(drop_it) {
        panic_hook::swallow(payload);
    }
}

/// Puts a failure in the outcome's place.
///
/// # Safety
/// As for [`discard`].
#[cold]
#[inline(never)]
unsafe fn replace_outcome(header: NonNull<Header>, failure: Failure) {
    // SAFETY: promised by the caller.
    unsafe { discard(header) };
    // SAFETY: the caller keeps the header alive.
    let vtable = unsafe { header.as_ref() }.vtable;
    // SAFETY: as above.
    let body = unsafe { body(header) };
    // SAFETY: the body holds nothing now.
    unsafe { (vtable.write_failure)(body, failure) };
}

/// Frees the allocation.
///
/// # Safety
/// Frame and outcome are gone, and the caller gave up the last reference.
pub(super) unsafe fn free(header: NonNull<Header>) {
    // SAFETY: nobody else knows the task any more.
    let task = unsafe { header.as_ref() };
    task.touch_body();
    let layout = task.vtable.layout;
    // SAFETY: as above. (The origin needs no drop: see `allocate`.)
    unsafe { header.drop_in_place() };
    // SAFETY: `allocate` got it for this layout.
    unsafe { reuse::free(header.cast(), layout) };
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
    cell.header.touch_body();
    let polled = {
        // SAFETY: the caller owns the token, so only we touch the body.
        let body = unsafe { &mut *cell.body.get() };
        // SAFETY: the task has not completed, so the frame is there.
        let frame: &mut F = unsafe { &mut body.frame };
        // SAFETY: the frame never moves: it stays in its allocation until it is dropped there.
        let frame = unsafe { Pin::new_unchecked(frame) };
        // The frame is not polled again after a panic, so nobody sees it half changed.
        catch_unwind(AssertUnwindSafe(|| frame.poll(cx)))
    };
    let outcome = match polled {
        Ok(Poll::Pending) => {
            cell.header.touch_body();
            return Polled::Pending;
        }
        Ok(Poll::Ready(value)) => Ok(value),
        Err(payload) => Err(panicked(header, payload)),
    };
    cell.header.touch_body();
    let body = NonNull::new(cell.body.get()).expect("a body is not null");
    // SAFETY: the frame is still there, and is not used again.
    let failure = unsafe { end_frame(header) };
    // SAFETY: the body holds nothing now, and only we touch it.
    unsafe { body.cast::<Outcome<F::Output>>().write(outcome) };
    if let Some(failure) = failure {
        // SAFETY: the outcome is there, and nobody else knows of it yet.
        unsafe { replace_outcome(header, failure) };
    }
    Polled::Ready
}

#[cold]
#[inline(never)]
fn panicked(header: NonNull<Header>, payload: Box<dyn Any + Send>) -> Failure {
    // SAFETY: `poll`, which calls, owns the token.
    let vtable = unsafe { header.as_ref() }.vtable;
    // SAFETY: the header belongs to this table.
    let site = unsafe { (vtable.site)(header) };
    Failure::Panicked(panic_hook::report(payload, Some(site)))
}

/// Drops the frame. A value in it whose drop panics does not stop the drop of the others: rustc's drop glue
/// goes on with them, and with our waiters among them. The panic becomes the block's failure.
///
/// # Safety
/// The caller owns the token; the frame is there, and is not used again.
#[inline(never)]
unsafe fn end_frame(header: NonNull<Header>) -> Option<Failure> {
    // SAFETY: the token keeps the header alive.
    let vtable = unsafe { header.as_ref() }.vtable;
    // SAFETY: as above.
    let body = unsafe { body(header) };
    let drop_it = AssertUnwindSafe(|| {
        // SAFETY: promised by the caller.
        unsafe { (vtable.drop_frame)(body) };
    });
    catch_unwind(drop_it)
        .err()
        .map(|payload| panicked(header, payload))
}

unsafe fn drop_frame<F>(at: NonNull<()>) {
    // SAFETY: promised by `end_frame`; it is dropped where it stands.
    unsafe { at.cast::<F>().drop_in_place() };
}

unsafe fn write_failure<T>(at: NonNull<()>, failure: Failure) {
    // SAFETY: promised by the callers.
    unsafe { at.cast::<Outcome<T>>().write(Err(failure)) };
}

unsafe fn drop_outcome<T>(at: NonNull<()>) {
    // SAFETY: promised by the callers.
    unsafe { at.cast::<Outcome<T>>().drop_in_place() };
}

unsafe fn site<F: Future, O: Origin>(header: NonNull<Header>) -> BlockSite {
    // SAFETY: as for `poll`.
    unsafe { cell_of::<F, O>(header) }.origin.site()
}
