//! What no test reaches from outside in its time: half a billion handles; and a hint that only costs change by.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
};

use super::{Core, MAX_HANDLES, OTHER_SIDE_DONE, Side, WIDE};
use crate::chan;
use crate::sync::atomic::Ordering;

fn drop_handle(core: &Core, side: Side) -> bool {
    // SAFETY: it is borrowed, and nobody frees it.
    unsafe { Core::drop_handle(NonNull::from(core), side) }
}

fn leave(core: &Core, side: Side) -> bool {
    // SAFETY: as above.
    unsafe { Core::leave(NonNull::from(core), side) }
}

#[test]
fn a_handle_too_many_is_refused_and_does_not_count() {
    for side in [Side::Put, Side::Take] {
        let core = Core::new(0);
        core.count(side).store(MAX_HANDLES - 1, Ordering::Relaxed);
        core.add_handle(side);
        assert_eq!(core.handles(side), MAX_HANDLES);
        assert!(catch_unwind(AssertUnwindSafe(|| core.add_handle(side))).is_err());
        assert_eq!(core.handles(side), MAX_HANDLES);
        assert!(!drop_handle(&core, side));
        core.add_handle(side);
    }
}

/// The senders' count has that bit in its word.
#[test]
fn that_a_side_is_done_is_no_handle() {
    let core = Core::new(0);
    assert!(!leave(&core, Side::Take));
    assert_ne!(
        core.count(Side::Put).load(Ordering::Relaxed) & OTHER_SIDE_DONE,
        0
    );
    assert_eq!(core.handles(Side::Put), 1);
    core.add_handle(Side::Put);
    assert!(!drop_handle(&core, Side::Put));
    assert!(drop_handle(&core, Side::Put));
    assert!(leave(&core, Side::Put));
}

/// That there is room for many does not change by use.
#[test]
fn wide_is_who_has_room_for_many() {
    let is_wide = |rx: &crate::Receiver<u8>| rx.inner().core.is(WIDE);
    for (capacity, wide) in [
        (0, false),
        (1, false),
        (15, false),
        (16, true),
        (1024, true),
    ] {
        let (tx, rx) = chan(capacity);
        assert_eq!(is_wide(&rx), wide, "room for {capacity}");
        while tx.try_put(0).is_ok() {}
        assert_eq!(is_wide(&rx), wide, "full, with room for {capacity}");
        while rx.try_take().is_ok() {}
        drop(tx);
        assert_eq!(is_wide(&rx), wide, "closed, with room for {capacity}");
    }
}
