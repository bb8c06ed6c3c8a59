//! What no test reaches from outside in its time: half a billion handles.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Core, MAX_HANDLES, OTHER_SIDE_DONE, Side};
use crate::sync::atomic::Ordering;

#[test]
fn a_handle_too_many_is_refused_and_does_not_count() {
    for side in [Side::Put, Side::Take] {
        let core = Core::new(0);
        core.count(side).store(MAX_HANDLES - 1, Ordering::Relaxed);
        core.add_handle(side);
        assert_eq!(core.handles(side), MAX_HANDLES);
        assert!(catch_unwind(AssertUnwindSafe(|| core.add_handle(side))).is_err());
        assert_eq!(core.handles(side), MAX_HANDLES);
        assert!(!core.drop_handle(side));
        core.add_handle(side);
    }
}

/// The senders' count has that bit in its word.
#[test]
fn that_a_side_is_done_is_no_handle() {
    let core = Core::new(0);
    assert!(!core.leave(Side::Take));
    assert_ne!(
        core.count(Side::Put).load(Ordering::Relaxed) & OTHER_SIDE_DONE,
        0
    );
    assert_eq!(core.handles(Side::Put), 1);
    core.add_handle(Side::Put);
    assert!(!core.drop_handle(Side::Put));
    assert!(core.drop_handle(Side::Put));
    assert!(core.leave(Side::Put));
}
