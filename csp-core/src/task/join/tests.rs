//! Who waits for a block is somebody foreign here; blocks that wait for blocks need an executor, which has its tests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Wake, Waker},
};

use super::JoinSlot;

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn waker() -> (Arc<Wakes>, Waker) {
    let wakes = Arc::new(Wakes::default());
    (Arc::clone(&wakes), wakes.into())
}

#[test]
fn who_waited_last_is_woken_and_the_others_are_let_go() {
    let slot = JoinSlot::new();
    let ((first, first_waker), (second, second_waker)) = (waker(), waker());
    assert_eq!((slot.waiter(), slot.waits()), (None, None));
    assert!(slot.register(&first_waker));
    // It is no block of ours.
    assert_eq!((slot.waiter(), slot.waits()), (Some(0), None));
    assert!(slot.register(&second_waker));
    assert_eq!(Arc::strong_count(&first), 2);
    slot.finish().expect("somebody waits").wake();
    assert_eq!(first.0.load(Ordering::Relaxed), 0);
    assert_eq!(second.0.load(Ordering::Relaxed), 1);
    assert_eq!((slot.waiter(), slot.waits()), (None, None));
    assert!(!slot.register(&first_waker), "it has completed");
    assert_eq!(
        (Arc::strong_count(&first), Arc::strong_count(&second)),
        (2, 2)
    );
}

#[test]
fn who_goes_away_is_let_go() {
    let (count, waker) = waker();
    let slot = JoinSlot::new();
    assert!(slot.register(&waker));
    slot.clear();
    assert_eq!(Arc::strong_count(&count), 2);
    assert_eq!(slot.waiter(), None);
    assert!(slot.register(&waker));
    drop(slot);
    assert_eq!(Arc::strong_count(&count), 2);
    let slot = JoinSlot::new();
    slot.clear();
    assert!(slot.finish().is_none());
    slot.clear();
    assert!(!slot.register(&waker), "what is complete stays so");
}
