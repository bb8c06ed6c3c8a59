//! How long a thread has waited for locks of ours that others held: what a scheduler has to know to keep those who
//! use one channel on one core.

use std::{cell::Cell, time::Duration};

use crate::sync::local;

local! {
    static WAITED: Cell<u32> = Cell::new(0);
}

/// What one try costs, about: a pause, or the thread's yielding.
const SPIN: u32 = 40;
const YIELD: u32 = 300;

/// This thread makes so many pauses before it tries a taken lock again.
pub(crate) fn spins(pauses: u32) {
    add(pauses * SPIN);
}

/// This thread yields before it tries a taken lock again.
pub(crate) fn yields() {
    add(YIELD);
}

/// This thread sleeps for so long before it tries a taken lock again.
#[cfg_attr(
    any(csp_loom, csp_shuttle),
    expect(dead_code, reason = "models wait as their checker does")
)]
pub(crate) fn sleeps(time: Duration) {
    add(time.subsec_nanos());
}

fn add(nanos: u32) {
    // (A thread that ends is nobody's worker.)
    let _ = WAITED.try_with(|waited| waited.set(waited.get().saturating_add(nanos)));
}

/// How long, by estimate, this thread has waited for locks since the last call.
pub fn take_waited() -> Duration {
    let nanos = WAITED.try_with(|waited| waited.replace(0)).unwrap_or(0);
    Duration::from_nanos(u64::from(nanos))
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::*;
    use crate::sync::lock::Lock;

    #[test]
    fn who_meets_a_taken_lock_has_waited() {
        assert_eq!(take_waited(), Duration::ZERO);
        let lock = Lock::new(());
        drop(lock.lock());
        assert_eq!(take_waited(), Duration::ZERO, "it was free");
        let held = lock.lock();
        assert!(lock.lock_soon().is_none());
        drop(held);
        assert!(take_waited() > Duration::ZERO);
        assert_eq!(take_waited(), Duration::ZERO, "it was told");
    }
}
