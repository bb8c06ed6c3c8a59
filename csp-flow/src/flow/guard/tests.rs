use std::{panic::resume_unwind, sync::Arc, thread};

use super::dispose;

/// Panics with what it holds when it is dropped.
struct Bomb(Arc<()>);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            resume_unwind(Box::new(Arc::clone(&self.0)));
        }
    }
}

/// Panics with another when it is dropped, and so on.
struct Endless;

impl Drop for Endless {
    fn drop(&mut self) {
        if !thread::panicking() {
            resume_unwind(Box::new(Endless));
        }
    }
}

#[test]
fn what_a_drop_panics_with_is_dropped_as_well() {
    let alive = Arc::new(());
    dispose(Bomb(Arc::clone(&alive)));
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn payloads_that_panic_when_they_are_dropped_unwind_nobody() {
    dispose(Endless);
}
