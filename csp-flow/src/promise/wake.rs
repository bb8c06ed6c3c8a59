//! Calls of code that is not ours, from where nobody may be unwound.

use std::{
    cell::RefCell,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Waker,
};

/// Calls `f`, and stops a panic in it.
pub(super) fn contained(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        // Its drop may panic as well; what that panics with is leaked, since it might do so again.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            let _leaked = ManuallyDrop::new(again);
        }
    }
}

/// Wakes. Whoever settles must not be unwound by a foreign waker that panics.
pub(super) fn wake(waker: Waker) {
    contained(|| waker.wake());
}

/// What is called when a promise is cancelled.
pub(super) type Canceller = Box<dyn FnOnce() + Send>;

crate::sync::local! {
    static DUE: RefCell<Option<Vec<Canceller>>> = RefCell::new(None);
}

/// Drops cancellers. One may hold a promise, the drop of which comes to drop cancellers again, and so on
/// for a chain of any length: those wait for their turn here, and the stack does not grow.
pub(super) fn drop_in_turn(cancellers: Vec<Canceller>) {
    if cancellers.is_empty() {
        return;
    }
    let mut mine = Some(cancellers);
    let nested = DUE.try_with(|due| {
        let mut due = due.borrow_mut();
        if let Some(due) = &mut *due {
            due.extend(mine.take().into_iter().flatten());
        } else {
            *due = Some(Vec::new());
        }
    });
    let Some(mine) = mine else { return };
    for canceller in mine {
        contained(|| drop(canceller));
    }
    if nested.is_err() {
        // The thread's locals are gone: then on the stack.
        return;
    }
    loop {
        let next = DUE.with(|due| {
            let mut due = due.borrow_mut();
            let next = due.as_mut().and_then(Vec::pop);
            if next.is_none() {
                *due = None;
            }
            next
        });
        match next {
            Some(canceller) => contained(|| drop(canceller)),
            None => return,
        }
    }
}
