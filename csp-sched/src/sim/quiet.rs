//! Panics in a simulation are told with its report, and not each time they happen.

use std::{cell::RefCell, panic};

use crate::sync::OnceLock;

std::thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps std's hook from writing of panics on simulated threads.
pub(super) fn silence() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !csp_core::context::is_simulated() {
                before(panic);
                return;
            }
            let at = panic.location().map(|at| format!(" at {at}"));
            // (A thread without locals has nobody to tell.)
            drop(LAST.try_with(|last| last.replace(at)));
        }));
    });
}

/// Where this thread panicked last.
pub(super) fn last_panic() -> Option<String> {
    LAST.try_with(RefCell::take).ok().flatten()
}
