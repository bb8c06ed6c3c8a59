//! The one place that every panic of a block or callback passes.

use std::{
    any::Any,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Waker,
};

use crate::{
    context,
    error::Panicked,
    site::BlockSite,
    sync::plain::{Arc, Mutex, PoisonError},
};

type Hook = Arc<dyn Fn(&Panicked) + Send + Sync>;

static HOOK: Mutex<Option<Hook>> = Mutex::new(None);

/// Calls `hook` for each panic that ends a go block or a callback, after std's own hook has printed
/// it. The one set last counts.
///
/// ```
/// # fn log(_: &csp::Panicked) {}
/// csp::set_panic_hook(|panic| log(panic));
/// ```
pub fn set_panic_hook(hook: impl Fn(&Panicked) + Send + Sync + 'static) {
    let new: Hook = Arc::new(hook);
    // The old hook is dropped after the lock is free.
    let _old = HOOK
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .replace(new);
}

/// Makes a [`Panicked`] of a caught payload, and shows it to the hook.
pub(crate) fn report(payload: Box<dyn Any + Send>, site: Option<BlockSite>) -> Panicked {
    let is_end = payload.is::<context::Ended>();
    let panicked = Panicked::new(payload, site);
    if !is_end {
        show(&panicked);
        context::complain(&panicked.to_string());
    }
    panicked
}

/// Shows a panic to the hook.
pub(crate) fn show(panicked: &Panicked) {
    let hook = HOOK.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        // A hook that panics must not end a worker, or leave a block that never completes.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| hook(panicked))) {
            discard(payload);
        }
    }
}

/// Drops user data that may panic when it is dropped. What that panics with is leaked, since it might
/// do so again.
fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        let _leaked = ManuallyDrop::new(payload);
    }
}

/// Shows a panic to the hook, and drops it.
pub(crate) fn swallow(payload: Box<dyn Any + Send>) {
    discard(report(payload, None));
}

/// Calls a waker that may be foreign code. Whoever wakes is in the middle of something (a task's
/// end, a hand-over, other wake-ups), and must not be unwound by a waker that panics.
pub(crate) fn wake(waker: Waker) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
        swallow(payload);
    }
}
